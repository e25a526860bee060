"""What a drawer tells the server, and what is counted of the answers."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from lrdemo.bench.browsing import Problems
from lrdemo.bench.drawer import DIGITS, STROKE_SECONDS, Drawer, Pad, canvas_state, path_through
from lrdemo.ui.draw.strokes import strokes_of
from lrdemo.ui.server.pen import BRUSH, SIDE


def test_only_answers_while_the_pen_is_down_count_and_the_first_one_is_timed():
    drawer = Drawer(0, "http://127.0.0.1:1", Problems())

    drawer.see({"pen": True}, 1.0)
    drawer._down, drawer._answered = 2.0, False
    drawer.see({"pen": False}, 2.1)
    drawer.see({"pen": True}, 2.25)
    drawer.see({"pen": True}, 2.5)
    drawer.drawing_seconds = 0.5

    assert drawer.first_answers == [0.25]
    assert drawer.answers_per_second == 4


@pytest.mark.parametrize("digit", DIGITS)
def test_the_canvas_reports_a_picture_that_its_strokes_explain(digit):
    paths = [path_through(SIDE * np.array(corners)) for corners in DIGITS[digit]]

    state = json.loads(canvas_state(paths, Pad(SIDE, BRUSH)))

    png = base64.b64decode(state["drawing"]["data"].partition(",")[2])
    found = strokes_of(state["drawing"]["raw"], np.asarray(Image.open(io.BytesIO(png))))
    assert found is not None
    for stroke, path in zip(found, paths, strict=True):
        np.testing.assert_allclose(stroke, path)


def test_a_stroke_goes_through_its_corners_at_an_even_speed():
    corners = np.array([(0.0, 0.0), (30.0, 40.0), (30.0, 140.0)])

    path = path_through(corners)

    assert len(path) == round(60 * STROKE_SECONDS)
    np.testing.assert_allclose(path[[0, -1]], corners[[0, -1]])
    assert np.hypot(*(path - corners[1]).T).min() < 2
    assert np.hypot(*np.diff(path, axis=0).T).max() < 1.05 * 150 / (len(path) - 1)
