"""The Race page alone, as one visitor's session without a browser."""

from pathlib import Path

import pytest

from lrdemo.settings import Settings
from lrdemo.verdict import DEFAULT_RATES

ROOT = Path(__file__).parents[2]
LONG = 60.0


@pytest.fixture
def open_race(open_app, tmp_path):
    """Open the page under its transport, as the frame draws them."""
    frame = tmp_path / "frame.py"
    page = ROOT / "pages" / "race.py"
    frame.write_text(
        "import runpy\nfrom lrdemo.ui import controls\n"
        f"controls.race_transport()\nrunpy.run_path({str(page)!r})\n"
    )
    return lambda **query: open_app(str(frame), **query)


def visitor_of(app):
    return app.session_state["visitor"]


def race_of(app):
    race = visitor_of(app).race
    race.wait(LONG, lambda snapshot: True)
    return race


def again(app):
    app.run()
    assert not app.exception, app.exception
    return app


def click(app, label):
    app.button(key=f"transport_{label}").click()
    return again(app)


def plain(sentence):
    """Return a sentence without what keeps Markdown from changing it."""
    return sentence.replace("\\", "").replace("\N{WORD JOINER}", "")


def labels(app):
    return [button.label for button in app.button]


def choose(app, rates):
    app.text_input(key="race_rates").set_value(rates)
    return again(app)


def test_a_race_of_five_rates_waits_beside_the_visitors_own_run(open_race):
    app = open_race()

    assert labels(app)[:2] == ["Start race", "Reset race"]
    assert app.text_input(key="race_rates").value == "0.001, 0.01, 0.1, 1, 10"
    lanes = race_of(app).snapshot().lanes
    assert [lane.learning_rate for lane in lanes] == list(DEFAULT_RATES)
    assert (race_of(app).snapshot().state, visitor_of(app).run.snapshot().state) == ("ready", "ready")


def test_start_pause_resume_reset(open_race):
    app = open_race(iterations="30000", pace="5")
    race_of(app)
    again(app)
    seen = []

    for label, state in (("Start", "running"), ("Pause", "paused"), ("Resume", "running"), ("Reset", "ready")):
        click(app, f"{label} race")
        race_of(app).wait(LONG, lambda snapshot, state=state: snapshot.state == state)
        again(app)
        seen.append(labels(app)[0])

    assert seen == ["Pause race", "Resume race", "Pause race", "Start race"]
    assert visitor_of(app).run.snapshot().state == "ready"


def test_the_race_ends_and_names_its_winner_and_can_be_run_again(open_race):
    app = open_race(iterations="120", pace="0")
    choose(app, "0.001, 0.1")

    click(app, "Start race")
    first = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    again(app)

    assert labels(app)[0] == "Start race again"
    assert [lane.learning_rate for lane in first.lanes] == [0.001, 0.1]
    assert first.lanes[1].tests[-1].accuracy > first.lanes[0].tests[-1].accuracy + 0.1
    click(app, "Start race again")
    second = race_of(app).wait(
        LONG, lambda snapshot: snapshot.state == "finished" and snapshot.revision > first.revision
    )
    assert second.lanes[1].loss.tolist() == first.lanes[1].loss.tolist()


def test_other_rates_open_another_race_in_place_of_the_last(open_race, lab):
    app = open_race()
    before = race_of(app)

    choose(app, "1; 0.01 0.1,0.1")

    assert race_of(app).learning_rates == (0.01, 0.1, 1.0)
    assert [lane.learning_rate for lane in race_of(app).snapshot().lanes] == [0.01, 0.1, 1.0]
    assert before not in lab.runs and race_of(app) in lab.runs


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0.1", "A race has 2 to 8 different learning rates, not 1."),
        ("", "A race has 2 to 8 different learning rates, not 0."),
        ("1 2 3 4 5 6 7 8 9", "A race has 2 to 8 different learning rates, not 9."),
        ("0.1, fast", "Learning rate: “fast” is not a number from 0.0001 to 10."),
        ("0.1, 11", "Learning rate: “11” is not a number from 0.0001 to 10."),
        ("0.1, nan", "Learning rate: “nan” is not a number from 0.0001 to 10."),
    ],
)
def test_what_is_no_race_is_explained_until_it_is_mended_and_the_last_race_stays(open_race, text, problem):
    app = open_race()
    before = race_of(app)

    choose(app, text)

    assert race_of(app) is before
    assert [plain(warning.value) for warning in app.warning] == [f"{problem} The race stays as it was."]
    assert app.text_input(key="race_rates").value == text
    assert len(again(app).warning) == 1
    assert not choose(app, "0.1 0.2").warning and race_of(app).learning_rates == (0.1, 0.2)


def test_eight_rates_are_the_most(open_race):
    app = open_race(iterations="20", pace="0")

    choose(app, "0.001 0.002 0.003 0.01 0.02 0.05 0.1 0.0005")
    click(app, "Start race")

    found = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    assert [lane.learning_rate for lane in found.lanes] == [0.0005, 0.001, 0.002, 0.003, 0.01, 0.02, 0.05, 0.1]


def test_the_race_has_the_settings_of_the_train_page_as_far_as_it_can(open_race):
    app = open_race(model="mlp", seed="5", batch_size="50", momentum="0.5", changes="9:0.5")

    used = race_of(app).settings

    assert (used.model, used.gradient, used.seed, used.batch_size, used.momentum) == ("softmax", "by-hand", 5, 50, 0.5)
    assert visitor_of(app).run.settings == Settings(
        model="mlp", gradient="autograd", seed=5, batch_size=50, momentum=0.5, changes="9:0.5"
    )
    # Each lane keeps its own rate.
    assert (used.changes, used.held_out) == ("", 5_000)
    assert race_of(open_race(held_out="2000")).settings.held_out == 2_000


@pytest.mark.parametrize("label, state", [("Reset race", "ready"), ("Start race again", "finished")])
def test_a_race_begins_again_with_the_settings_of_then(open_race, label, state):
    app = open_race(iterations="5", pace="0")
    click(app, "Start race")
    first = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    visitor_of(app).change(batch_size=50)
    click(again(app), label)

    second = race_of(app).wait(LONG, lambda snapshot: snapshot.revision > first.revision and snapshot.state == state)
    assert (first.iterations_per_epoch, second.iterations_per_epoch) == (550, 1_100)


def test_a_race_that_was_not_started_follows_the_settings_of_the_train_page(open_race):
    app = open_race(iterations="5", pace="0")
    race_of(app)
    visitor_of(app).change(iterations=7)
    again(app)
    race_of(app).wait(LONG, lambda snapshot: snapshot.iterations == 7)

    click(app, "Start race")
    ended = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    visitor_of(app).change(iterations=9)
    again(app)
    now = race_of(app).snapshot()
    assert (now.state, now.revision, now.iterations) == ("finished", ended.revision, 7)
