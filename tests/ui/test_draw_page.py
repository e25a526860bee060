"""The Draw page and the Input lab alone, with a drawing given to the canvas as the browser would give it."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from lrdemo.digit import draw_strokes
from lrdemo.drawings.own import own_drawing, to_json
from lrdemo.serving.service import Service
from lrdemo.settings import Settings, changed
from lrdemo.ui.server import visitors
from lrdemo.ui.server.visitor import Visitor

PAGES = Path(__file__).parents[2] / "pages"
SEVEN = [
    np.array([[70, 70], [140, 62], [200, 66], [170, 130], [120, 215], [80, 240]], np.float64),
    np.array([[80, 240], [140, 235], [215, 240]], np.float64),
]
FOUR = [np.array([[110, 50], [80, 150], [200, 150]], np.float64), np.array([[170, 60], [165, 240]], np.float64)]


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    service = Service(in_process=True)
    yield service
    service.close()


@pytest.fixture
def page(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    st.cache_resource.clear()
    monkeypatch.setattr(visitors, "_service", service)
    yield run(AppTest.from_file(str(PAGES / "draw.py"), default_timeout=60))
    st.cache_resource.clear()


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def visitor(page: AppTest) -> Visitor:
    found: Visitor = page.session_state["visitor"]
    return found


def trained(page: AppTest, **values: Any) -> AppTest:
    settings = changed(Settings(), **{"pace": 0, "iterations": 600, **values})
    visitor(page).run.start(settings)
    visitor(page).run.wait(60, lambda snapshot: snapshot.state == "finished")
    return run(page)


def drawn(page: AppTest, strokes: list[np.ndarray]) -> AppTest:
    rgba = np.full((280, 280, 4), 255, np.uint8)
    rgba[:, :, :3] = 255 - draw_strokes(strokes, 20)[:, :, None]
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "png")
    paths = [[["M" if at == 0 else "L", *point] for at, point in enumerate(stroke.tolist())] for stroke in strokes]
    page.session_state["canvas_0"] = {
        "drawing": {
            "raw": {"objects": [{"type": "path", "path": path} for path in paths]},
            "data": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(),
        },
        "backgroundFit": None,
    }
    return run(page)


def section(page: AppTest, name: str) -> AppTest:
    page.session_state["draw_sections"] = name
    return run(page)


def text(page: AppTest) -> str:
    parts = [*page.markdown, *page.caption, *page.info, *page.warning]
    return "\n".join(part.value for part in parts)


def click(page: AppTest, label: str) -> AppTest:
    next(button for button in page.button if button.label.startswith(label)).click()
    return run(page)


def test_the_evidence_on_screen_adds_up(page: AppTest) -> None:
    drawn(trained(page), FOUR)
    table = next(part.value for part in page.markdown if "**logit of 4**" in part.value)
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    numbers = {name.strip(" *"): float(value.strip(" *").replace("−", "-")) for name, value in rows}
    assert numbers["logit of 4"] == pytest.approx(numbers["sum of the evidence"] + numbers["bias"], abs=2e-4)
    shown = visitor(page).shown
    assert shown is not None and shown.temperature > 1 and shown.warning is None
    assert "The smallest change" in "\n".join(part.value for part in page.subheader)


def test_a_test_image_keeps_temperature_one_and_a_blank_canvas_says_what_to_do(page: AppTest) -> None:
    shown = visitor(trained(page)).shown
    assert shown is not None and shown.temperature == 1
    click(page, "Clear")
    assert visitor(page).shown is None
    assert "canvas is empty" in text(page)


def test_the_mlp_is_not_explained_by_evidence(page: AppTest) -> None:
    trained(page, model="mlp", iterations=20)
    assert "softmax regression only" in text(page)


def test_odd_drawings_are_warned_of(page: AppTest) -> None:
    dot = [np.array([[140, 140], [141, 140]], np.float64)]
    shown = visitor(drawn(page, dot)).shown
    assert shown is not None and shown.warning is not None and "small" in shown.warning


def test_the_threshold_trades_coverage_for_accuracy(page: AppTest) -> None:
    section(trained(page), "How sure?")
    before = [metric.value for metric in page.metric]
    assert before[0] == "100.0\N{NO-BREAK SPACE}%" and before[1] == before[2]
    page.slider(key="threshold").set_value(90)
    run(page)
    answered, right, without = (float(metric.value.split()[0]) for metric in page.metric)
    assert answered < 90 and right > without > 88
    shown = visitor(page).shown
    assert shown is not None and shown.threshold == 0.9


def test_train_for_drawings_starts_normalised_features(page: AppTest) -> None:
    click(page, "Retrain to read drawings")
    done = visitor(page).run.wait(60, lambda snapshot: snapshot.state == "finished")
    assert visitor(page).run.settings.features == "normalised"
    assert done.lane.tests[-1].accuracy > 0.965
    assert "normalised" in text(run(page))


def test_three_odd_sevens_are_taught_the_fourth_is_read_and_undo_takes_it_back(page: AppTest) -> None:
    section(drawn(trained(page), SEVEN), "Teach it my handwriting")
    before = visitor(page).run.snapshot()
    assert before is not None
    for place in range(4):
        drawn(page, [stroke + np.array([3.0 * place, -4.0 * place]) for stroke in SEVEN])
        page.button_group(key="own_label").set_value(7)
        run(page)
        click(page, "Add for teaching" if place < 3 else "Keep for testing")
    assert len(page.session_state["own_drawings"]) == 4
    click(page, "Teach")
    assert "| my drawings for testing, classified correctly | 0 of 1 | 1 of 1 |" in text(page)
    click(page, "Undo the last teaching")
    after = visitor(page).run.snapshot()
    assert after is not None and np.array_equal(after.lane.parameters, before.lane.parameters)
    click(page, "Delete")
    assert len(page.session_state["own_drawings"]) == 3


def test_a_file_of_drawings_comes_back_and_a_wrong_one_is_told(page: AppTest) -> None:
    section(trained(page), "Teach it my handwriting")
    content = to_json([own_drawing(7, SEVEN, np.zeros((280, 280), np.uint8))]).encode()
    page.file_uploader(key="own_upload_0").set_value(("mine.json", content, "application/json"))
    run(page)
    assert len(page.session_state["own_drawings"]) == 1
    page.file_uploader(key="own_upload_1").set_value(("mine.json", b"{}", "application/json"))
    run(page)
    assert "not a drawings file" in text(page)
    assert len(page.session_state["own_drawings"]) == 1


def test_the_input_lab_shows_every_variant(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    st.cache_resource.clear()
    monkeypatch.setattr(visitors, "_service", service)
    page = run(AppTest.from_file(str(PAGES / "input_lab.py"), default_timeout=60))
    trained(page)
    shown = text(page)
    for name in ("Inverted", "×255", "Shifted 4 px", "Box centred", "Normalised"):
        assert f"**{name}**" in shown
    st.cache_resource.clear()
