"""What a session is told when the digits or the training process do not come."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from lrdemo.errors import DataError
from lrdemo.ui import state
from lrdemo.ui.server import picture

ROOT = Path(__file__).parents[2]


@pytest.fixture
def forgotten_digits():
    picture.mnist.cache_clear()
    yield
    picture.mnist.cache_clear()


@pytest.mark.parametrize("page", ["the_data", "the_answer"])
def test_digits_that_cannot_be_read_end_the_page_with_a_sentence(lab, forgotten_digits, monkeypatch, page):
    def fail():
        raise DataError("There is no room for the images.")

    monkeypatch.setattr(picture, "load_mnist", fail)

    app = AppTest.from_file(str(ROOT / f"pages/{page}.py"), default_timeout=30).run()

    assert not app.exception
    assert "There is no room for the images." in [part.value for part in (*app.error, *app.warning)]


def test_a_page_that_has_waited_long_for_the_training_process_reads_the_digits_by_itself(lab, open_app, monkeypatch):
    monkeypatch.setattr(state, "READY_SECONDS", 0.01)
    lab.ready.clear()
    try:
        app = open_app("pages/the_data.py")
    finally:
        lab.ready.set()

    assert app.header[-1].value == "The test images stay locked away"


def test_a_device_is_not_called_missing_before_it_is_known_which_there_are(lab, monkeypatch):
    missing = next(device for device in ("mps", "cuda") if device not in lab.devices)
    monkeypatch.setattr(state, "READY_SECONDS", 0.01)
    app = AppTest.from_file(str(ROOT / "pages/train.py"), default_timeout=30)
    app.query_params["device"] = missing
    lab.ready.clear()
    try:
        app.run()
    finally:
        lab.ready.set()

    visitor = app.session_state["visitor"]
    assert not app.warning and visitor.draft.device == missing
    deadline = time.monotonic() + 60
    while visitor.run.problem is None and time.monotonic() < deadline:
        time.sleep(0.01)
    visitor.run.close()
    assert f"The device '{missing}' is not available on this machine." in visitor.run.problem
