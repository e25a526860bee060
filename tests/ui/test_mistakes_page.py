"""The page Mistakes: its view is of the visitor's run, and trouble with the run is said above it."""

from __future__ import annotations

import json

from reading import again, words

from lrdemo.settings import Settings

PAGE = "pages/mistakes.py"
LONG = 60.0


def test_the_view_is_of_the_visitors_own_run(open_app):
    page = open_app(PAGE)

    views = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    token = page.session_state["visitor"].run.token
    assert {"view": "mistakes", "token": token} in views
    assert "Training has gone wrong" not in words(page)
    assert "6.91" in words(page)


def test_a_run_that_has_gone_wrong_is_called_so(open_app):
    page = open_app(PAGE)
    run = page.session_state["visitor"].run
    run.start(Settings(learning_rate=10.0, momentum=0.9, iterations=300, pace=0))
    run.wait(LONG, lambda snapshot: snapshot.state in ("finished", "diverged"))

    assert "Training has gone wrong" in words(again(page))
