"""The page Features alone, as one visitor's session without a browser."""

from pathlib import Path

import pytest
from reading import again, table, words

from lrdemo.answers.strangers import READ_OF_100
from lrdemo.candidates import DEEP, LINEAR
from lrdemo.settings import Settings
from lrdemo.ui import comparison
from lrdemo.ui.server.picture import picture_of

ROOT = Path(__file__).parents[2]
LONG = 120.0


@pytest.fixture
def open_features(open_app, tmp_path):
    """Open the page under its transport, as the frame draws them."""
    frame = tmp_path / "frame.py"
    page = ROOT / "pages" / "features.py"
    frame.write_text(
        "import runpy\nfrom lrdemo.ui import controls\n"
        f"controls.comparison_transport()\nrunpy.run_path({str(page)!r})\n"
    )
    return lambda **query: open_app(str(frame), **query)


def comparison_of(app):
    found = app.session_state["visitor"].comparison
    found.wait(LONG, lambda snapshot: True)
    return found


def finished(app):
    app.button(key="transport_Start").click()
    again(app)
    found = comparison_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    return found, again(app)


def test_the_linear_models_wait_beside_the_visitors_own_run(open_features):
    app = open_features(model="mlp", learning_rate="0.5", momentum="0.9", seed="7")
    run = comparison_of(app)

    assert [button.label for button in app.button][:2] == ["Start", "Reset"]
    assert run.candidates == LINEAR
    # Only the seed is the visitor's own; with another rate or model it would be another comparison.
    assert run.settings == Settings(iterations=3_000, pace=0, seed=7)
    assert comparison_of(open_features(iterations="200", pace="50")).settings == Settings(iterations=200, pace=50)


def test_what_it_has_shown_is_told_in_its_own_numbers_when_it_has_finished(open_features):
    app = open_features(iterations="120")
    comparison_of(app)
    assert "What do you expect?" in words(again(app)) and "press Start" in words(app)

    found, app = finished(app)
    text = words(app)
    accuracies = [f"{100 * lane.tests[-1].accuracy:.1f} %" for lane in found.lanes]
    assert f"On pixels it classifies {accuracies[0]} of the test images correctly" in text
    assert f"on directions {accuracies[4]}. Of 100 strangers' drawings it reads 79 and 92." in text
    assert f"{accuracies[4]} without them, {accuracies[5]} with them" in text
    assert "Tick the box above" in text
    heads = ("read by the linear model on", "without them", "trained with them")
    rows = [[one.replace("\N{NO-BREAK SPACE}", " ") for one in row] for row in table(app, *heads)]
    asked = comparison_of(app).ask("lrdemo.answers.other_ways:read")["shares"]
    shares = [f"{100 * share:.0f} %" for share in asked[2:]]
    assert rows == [["normalised", *shares[:2]], ["directions", *shares[2:]]]
    assert app.button(key="transport_Start again").label == "Start again"


def test_the_box_puts_the_perceptrons_beside_them_and_takes_them_away(open_features, lab):
    app = open_features(iterations="3")
    before = comparison_of(app)
    app.checkbox[0].check()
    again(app)
    run = comparison_of(app)

    assert run.candidates == (*LINEAR, *DEEP) and run in lab.runs and before not in lab.runs
    found, app = finished(app)
    assert "Tick the box" not in words(app) and "On pixels, depth lifts" in words(app)
    assert [len(lane.parameters) for lane in found.lanes][-2:] == [227_670, 231_766]
    app.checkbox[0].uncheck()
    assert comparison_of(again(app)).candidates == LINEAR


def test_a_picture_is_prepared_once_for_each_kind_of_features(open_features, monkeypatch):
    app = open_features()
    visitor, prepared = app.session_state["visitor"], []
    picture = picture_of(3)
    visitor.picture = picture
    monkeypatch.setattr(type(picture), "given", lambda self, features: prepared.append(features))
    for _ in range(2):
        for candidate in LINEAR:
            visitor.given(candidate.features)

    assert prepared == ["pixels", "deskewed", "normalised", "directions"]
    visitor.picture = picture_of(4)
    visitor.given("pixels")
    assert prepared[4:] == ["pixels"]


def test_every_row_says_what_its_model_gets_and_how_many_strangers_drawings_it_reads():
    rows = [comparison.row(candidate) for candidate in (*LINEAR, *DEEP)]

    assert [row["strangers"] for row in rows] == [79, 83, 87, 90, 92, 95, 89, 95]
    assert [row["parameters"] for row in rows] == [7_850] * 4 + [8_010] * 2 + [227_670, 231_766]
    assert all(row["words"] for row in rows) and len({row["short"] for row in rows}) == len(rows)
    assert len(READ_OF_100) == 9
