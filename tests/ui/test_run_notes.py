"""What pages say of a run that cannot be relied on, on the real service."""

import pytest
from reading import again, words

from lrdemo.settings import Settings
from lrdemo.ui.run_notes import moment

LONG = 60.0
WRONG = "Training has gone wrong: the loss has stayed above its start."
ADVICE = "Choose a lower learning rate or a lower momentum, then press Reset."


@pytest.mark.parametrize(
    "iteration, taught, text",
    [
        (0, 0, "iteration 0"), (1_200, 0, "iteration 1,200"), (0, 1, "iteration 0, taught once"),
        (50, 2, "iteration 50, taught twice"), (50, 3, "iteration 50, taught 3 times"),
    ],
)  # fmt: skip
def test_the_moment_of_a_run_names_its_teachings(iteration, taught, text):
    assert moment(iteration, taught) == text


def exploded(app):
    """Train the visitor's run with steps that are much too large."""
    run = app.session_state["visitor"].run
    run.start(Settings(learning_rate=10.0, momentum=0.9, iterations=300, pace=0))
    snapshot = run.wait(LONG, lambda snapshot: snapshot.state in ("finished", "diverged"))
    assert snapshot.exploded
    return again(app)


@pytest.mark.parametrize("page", ["inside", "one_step", "the_answer"])
def test_an_exploded_run_is_called_so_with_what_to_do(open_app, page):
    app = exploded(open_app(f"pages/{page}.py"))

    assert WRONG in words(app) and ADVICE in words(app)
    assert "can only guess" not in words(app)


@pytest.mark.parametrize("page", ["draw", "inside", "what_breaks_it", "one_step", "the_answer"])
def test_a_run_that_learns_is_not(open_app, page):
    app = open_app(f"pages/{page}.py")
    app.session_state["visitor"].run.step(150)
    app.session_state["visitor"].run.wait(LONG, lambda snapshot: snapshot.iteration == 150)

    assert WRONG not in words(again(app))
