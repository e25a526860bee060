"""Which live views a page mounts, of which run, and what they are told."""

import json

import pytest
from reading import again

FRAME = "lrdemo/ui/main.py"


def views(app):
    return [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]


@pytest.mark.parametrize("page, view", [("train", "lab"), ("draw", "answer"), ("inside", "inside")])
def test_a_page_shows_the_visitors_own_run_in_its_own_way(open_app, page, view):
    app = again(open_app(f"pages/{page}.py"))

    own = app.session_state["visitor"].run.token
    assert (view, own) in [(one["view"], one["token"]) for one in views(app) if "view" in one]


def test_the_race_page_shows_the_race(open_app):
    app = open_app("pages/race.py")
    race = app.session_state["visitor"].race
    race.wait(60, lambda snapshot: True)

    assert views(again(app)) == [{"view": "race", "token": race.token}]


@pytest.mark.parametrize(
    "query, linear",
    [({}, True), ({"features": "deskewed"}, False), ({"model": "mlp"}, False), ({"optimiser": "adam"}, True)],
)
def test_the_strip_is_told_the_state_and_whether_the_model_is_linear_in_the_pixels(open_app, query, linear):
    app = again(open_app(FRAME, **query))

    own = app.session_state["visitor"].run.token
    assert views(app)[0] == {"view": "strip", "token": own, "state": "ready", "linear": linear}
