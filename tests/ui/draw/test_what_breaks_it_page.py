"""What breaks it: what the page hands to its view, and all ways to prepare the images, against the core's figures."""

from __future__ import annotations

import numpy as np
import pytest
from drawing import trained, visitor
from reading import again, chart, click, number, table, words

from lrdemo.answers.breaking import LIMITS, PRESETS
from lrdemo.answers.robustness import VARIANTS, input_lab
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.ui.breaking import REASONS, view_data
from lrdemo.ui.server.picture import Picture

PAGE = "pages/what_breaks_it.py"
HEADS = ("prepared", "accuracy", "loss", "mean confidence", "what it is")


@pytest.fixture(scope="module")
def beside(digits):
    trainer = Trainer(Settings(iterations=600, pace=0), digits)
    trainer.advance(600)
    return trainer


def test_every_way_is_measured_and_drawn_when_asked_for(open_app, beside):
    page = trained(open_app(PAGE))
    assert not page.get("echarts_chart")

    click(page, "Measure all")

    assert "At iteration 600, on all 10,000 test images." in words(page)
    bars = chart(page, "prepared_chart")[0]
    values = [bar["value"] for bar in bars["series"][0]["data"]]
    drawn = dict(zip(bars["yAxis"]["data"], values, strict=True))
    rows = table(page, *HEADS)
    assert list(drawn) == [row[0] for row in rows] == [variant.name for variant in VARIANTS]
    assert [row[4] for row in rows] == [variant.does for variant in VARIANTS]
    for name, accuracy, loss, confidence, _ in rows:
        if name in ("as trained", "inverted", "×255", "standardised", "shifted 2 px"):
            found = input_lab(beside, name)
            assert number(accuracy) == pytest.approx(100 * found["accuracy"], abs=0.051)
            assert drawn[name] == pytest.approx(100 * found["accuracy"], abs=0.051)
            assert number(loss) == pytest.approx(found["loss"], abs=0.0051)
            assert number(confidence) == pytest.approx(100 * found["confidence"], abs=0.051)


def test_what_was_measured_keeps_its_moment_until_it_is_measured_again(open_app):
    page = click(trained(open_app(PAGE), iterations=20), "Measure all")
    before = chart(page, "prepared_chart")
    run = visitor(page).run
    run.teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
    run.wait(60, lambda _snapshot: run.taught == 1)

    assert "At iteration 20, on all" in words(again(page))
    click(page, "Measure all")

    assert "At iteration 20, taught once, on all" in words(page)
    assert chart(page, "prepared_chart") != before


def test_what_was_measured_on_one_run_is_not_shown_with_the_next(open_app):
    page = click(trained(open_app(PAGE), iterations=20), "Measure all")
    assert "on all 10,000 test images" in words(page)
    trained(page, iterations=30)

    assert "on all 10,000 test images" not in words(page)
    assert not page.get("echarts_chart")


def test_another_picture_can_be_chosen_and_an_empty_canvas_gives_way_to_one(open_app):
    page = open_app(PAGE)
    seen = {visitor(page).shown.title}
    for _ in range(3):
        seen.add(visitor(click(page, "Another test image")).shown.title)
    assert len(seen) > 1

    visitor(page).picture = Picture("Your drawing", np.full((280, 280, 4), 255, np.uint8))
    assert visitor(again(page)).shown.title == "Test image 0, a 7"


@pytest.mark.parametrize("features", ["pixels", "deskewed", "normalised"])
def test_each_change_has_its_control_its_reason_and_no_gap_in_it(features):
    data = view_data(features)

    assert [control["name"] for control in data["controls"]] == list(LIMITS)
    for control in data["controls"]:
        assert (control["low"], control["high"]) == LIMITS[control["name"]]
        steps = (control["start"] - control["low"]) / control["step"]
        assert steps == pytest.approx(round(steps)), "a slider can stand where nothing is changed"
    assert data["presets"] == [preset.name for preset in PRESETS]
    reached = {"", "invert", *LIMITS, *data["presets"]} - {"as trained"}
    assert set(data["reasons"]) == set(REASONS) == reached
    assert all("{" not in reason and reason.endswith(".") for reason in data["reasons"].values())


def test_a_model_trained_on_plain_pixels_is_said_to_be_why_normalised_images_are_foreign():
    assert "was trained on plain pixels" in view_data("pixels")["reasons"]["normalised"]
    assert "was trained on normalised images" in view_data("normalised")["reasons"]["normalised"]
