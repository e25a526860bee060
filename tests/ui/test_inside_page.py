"""The Inside page alone, as one visitor's session without a browser."""

import json

from lrdemo.settings import Settings

PAGE = "pages/inside.py"


def again(app):
    app.run()
    assert not app.exception, app.exception
    return app


def mounted(app):
    """Return what the live view of the page was told."""
    told = [json.loads(element.proto.json) for element in app.main if element.type == "bidi_component"]
    (view,) = [data for data in told if data["view"] != "follow"]
    return view


def test_the_page_shows_the_templates_of_the_visitors_run(open_app):
    app = again(open_app(PAGE))

    assert any("one row of W" in text.value for text in app.markdown)
    assert mounted(app) == {"view": "inside", "token": app.session_state["visitor"].run.token}


def test_it_says_what_a_weight_belongs_to(open_app):
    app = again(open_app(PAGE))
    assert any("784 weights laid out as 28×28 pixels" in text.value for text in app.markdown)

    app.session_state["visitor"].change(features="directions")
    app.session_state["visitor"].run.reset(Settings(features="directions"))
    again(app)
    assert any("800 weights, for edges in 8 directions on 10×10 places" in text.value for text in app.markdown)


def test_the_templates_can_be_taken_away_untrained_and_trained(open_app):
    app = again(open_app(PAGE))
    seen = [button.proto.label for button in app.get("download_button")]

    app.session_state["visitor"].run.step(20)
    again(app)

    assert seen == [button.proto.label for button in app.get("download_button")] == ["Download as PNG"]


def test_the_run_goes_on_untouched_while_the_page_is_looked_at(open_app):
    app = again(open_app(PAGE, iterations="30000", pace="0"))
    run = app.session_state["visitor"].run
    run.start()
    revision = run.snapshot().revision

    again(app)
    again(app)

    assert (run.snapshot().state, run.snapshot().revision) == ("running", revision)
    assert app.session_state["visitor"].run is run
