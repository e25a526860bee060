"""The Compare page alone, as one visitor's session without a browser."""

import pytest

from lrdemo.settings import Settings
from lrdemo.verdict import DEFAULT_RATES

PAGE = "pages/race.py"
LONG = 60.0


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
    app.button(key=f"race_{label}").click()
    return again(app)


def labels(app):
    return [button.label for button in app.button]


def choose(app, rates):
    app.multiselect(key="race_rates").set_value(rates)
    return again(app)


def test_a_race_of_eight_rates_waits_beside_the_visitors_own_run(open_app):
    app = open_app(PAGE)

    assert labels(app) == ["Start race", "Reset race"]
    assert app.multiselect(key="race_rates").value == list(DEFAULT_RATES)
    lanes = race_of(app).snapshot().lanes
    assert [lane.learning_rate for lane in lanes] == list(DEFAULT_RATES)
    assert (race_of(app).snapshot().state, visitor_of(app).run.snapshot().state) == ("ready", "ready")


def test_start_pause_resume_reset(open_app):
    app = open_app(PAGE, iterations="30000", pace="5")
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


def test_the_race_ends_and_names_its_winner_and_can_be_run_again(open_app):
    app = open_app(PAGE, iterations="120", pace="0")
    choose(app, [0.001, 0.1])

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


def test_other_rates_open_another_race_in_place_of_the_last(open_app, lab):
    app = open_app(PAGE)
    before = race_of(app)

    choose(app, [1.0, 0.01, 0.1])

    assert race_of(app).learning_rates == (0.01, 0.1, 1.0)
    assert [lane.learning_rate for lane in race_of(app).snapshot().lanes] == [0.01, 0.1, 1.0]
    assert before not in lab.runs and race_of(app) in lab.runs


@pytest.mark.parametrize("rates", [[0.1], []])
def test_too_few_rates_are_explained_and_the_last_race_stays(open_app, rates):
    app = open_app(PAGE)
    before = race_of(app)

    choose(app, rates)

    assert race_of(app) is before
    assert [warning.value for warning in app.warning] == ["A race needs at least 2 learning rates. Choose another one."]
    assert not again(app).warning


def test_sixteen_rates_are_the_most(open_app):
    app = open_app(PAGE, iterations="20", pace="0")
    most = sorted(DEFAULT_RATES + (0.001, 0.002, 0.003, 0.01, 0.02, 0.05, 0.1, 1.0))

    choose(app, most)
    click(app, "Start race")

    found = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    assert [lane.learning_rate for lane in found.lanes] == most


def test_the_race_has_the_settings_of_the_train_page_as_far_as_it_can(open_app):
    app = open_app(PAGE, model="mlp", seed="5", batch_size="50", momentum="0.5", changes="9:0.5")

    used = race_of(app).settings

    assert (used.model, used.gradient, used.seed, used.batch_size, used.momentum) == ("softmax", "by-hand", 5, 50, 0.5)
    assert visitor_of(app).run.settings == Settings(
        model="mlp", gradient="autograd", seed=5, batch_size=50, momentum=0.5, changes="9:0.5"
    )
    # Each lane keeps its own rate.
    assert used.changes == ""


@pytest.mark.parametrize("label, state", [("Reset race", "ready"), ("Start race again", "finished")])
def test_a_race_begins_again_with_the_settings_of_then(open_app, label, state):
    app = open_app(PAGE, iterations="5", pace="0")
    click(app, "Start race")
    first = race_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    visitor_of(app).change(batch_size=50)
    click(again(app), label)

    second = race_of(app).wait(LONG, lambda snapshot: snapshot.revision > first.revision and snapshot.state == state)
    assert (first.iterations_per_epoch, second.iterations_per_epoch) == (600, 1_200)
