"""The Landscape page alone, as one visitor's session without a browser."""

import pytest
from reading import again, words

from lrdemo.edge import trial

PAGE = "pages/landscape.py"
LONG = 120.0


def stands(app, iteration):
    run = app.session_state["visitor"].run
    run.wait(LONG, lambda found: found.iteration == iteration and found.state in ("paused", "finished"))
    return again(app)


def test_at_the_start_there_is_no_line_and_the_next_act_is_named(open_app):
    app = again(open_app(PAGE))

    assert "There is no line yet: the run is still at its start. Press Start." in words(app)
    assert [button.label for button in app.button] == ["0.9 × the edge", "1.1 × the edge", "1.5 × the edge"]


@pytest.mark.parametrize(("model", "said"), [("softmax", "as with every softmax regression"), ("mlp", "hidden layers")])
def test_the_line_is_drawn_and_said_to_be_convex_or_not(open_app, model, said):
    app = open_app(PAGE, model=model)
    app.session_state["visitor"].run.step(30)
    stands(app, 30)

    assert "The loss on the straight line from the start to iteration 30" in words(app)
    assert said in words(app)


def test_a_trial_starts_a_run_and_keeps_the_present_one(open_app):
    app = open_app(PAGE, seed="3")
    visitor = app.session_state["visitor"]
    visitor.run.step(20)
    stands(app, 20)
    app.button(key="trial_1.1").click()
    again(app)

    assert visitor.run.settings == visitor.draft == trial(1.1, 3)
    assert [one.run.iteration for one in visitor.kept] == [20]
    assert visitor.run.snapshot().state == "running"
