"""When the pointer's paths tell what is on the canvas, and when only the picture does."""

import numpy as np
import pytest
from drawing import FOUR, SEVEN, rgba_of

from lrdemo.ui.draw.strokes import strokes_of


def objects(strokes):
    return {"objects": [{"path": [["L", *point] for point in stroke.tolist()]} for stroke in strokes]}


@pytest.mark.parametrize("strokes", [SEVEN, FOUR])
def test_strokes_where_they_were_drawn_are_used(strokes):
    found = strokes_of(objects(strokes), rgba_of(strokes))

    assert found is not None and all(map(np.array_equal, found, strokes))


def test_strokes_that_leave_the_canvas_are_used_too():
    outside = [np.array([[-30.0, 210.0], [450.0, 210.0]]), np.array([[210.0, -9.0], [210.0, 440.0]])]

    assert strokes_of(objects(outside), rgba_of(outside)) is not None


@pytest.mark.parametrize("moved", [(45, 0), (0, -38), (-22, 22)])
def test_strokes_that_were_moved_afterwards_are_not_used(moved):
    assert strokes_of(objects(SEVEN), rgba_of([stroke + np.array(moved) for stroke in SEVEN])) is None


def test_a_picture_of_twice_the_size_is_compared_in_canvas_pixels():
    large = rgba_of(SEVEN).repeat(2, axis=0).repeat(2, axis=1)

    assert strokes_of(objects(SEVEN), large) is not None


@pytest.mark.parametrize("drawing", [{}, {"objects": []}, {"objects": [{"type": "rect"}]}])
def test_without_strokes_there_are_none(drawing):
    assert strokes_of(drawing, rgba_of(SEVEN)) is None


def test_an_empty_picture_has_none():
    assert strokes_of(objects(SEVEN), np.full((420, 420, 4), 255, np.uint8)) is None


def test_a_curve_is_followed_as_the_canvas_draws_it():
    curves = {"objects": [{"path": [["M", 60.0, 60.0], ["Q", 130.0, 0.0, 200.0, 60.0], ["L", 200.0, 220.0]]}]}
    at = np.linspace(0, 1, 41)[:, None]
    dense = (1 - at) ** 2 * [60.0, 60.0] + 2 * at * (1 - at) * [130.0, 0.0] + at**2 * [200.0, 60.0]

    found = strokes_of(curves, rgba_of([np.concatenate([dense, [[200.0, 220.0]]])]))

    # Half-way along the curve: a quarter of each end and half of the control point.
    assert found is not None
    assert found[0].tolist() == [
        [60.0, 60.0], [95.0, 37.5], [130.0, 30.0], [165.0, 37.5], [200.0, 60.0], [200.0, 220.0],
    ]  # fmt: skip


def test_strokes_of_the_drawing_before_are_not_used_for_this_one():
    seven = np.array([[60.0, 60.0], [200.0, 60.0], [110.0, 220.0]])
    four = [np.array([[120.0, 60.0], [60.0, 160.0], [200.0, 160.0]]), np.array([[160.0, 110.0], [158.0, 220.0]])]
    stale = {"objects": [{"path": [["M", *path[0]], *(["L", *end] for end in path[1:])]} for path in (seven, *four)]}

    # Both fill the same box; only the picture tells them apart.
    assert strokes_of(stale, rgba_of(four)) is None


@pytest.mark.parametrize("width", [18, 48])
def test_strokes_of_another_brush_are_used(width):
    drawing = objects(FOUR)
    for part in drawing["objects"]:
        part["strokeWidth"] = width

    assert strokes_of(drawing, rgba_of(FOUR, width)) is not None


def test_a_drawing_that_was_partly_erased_is_known_by_its_picture_only():
    drawing = objects(FOUR)
    drawing["objects"].append({"path": [["M", 400.0, 400.0], ["L", 410.0, 400.0]], "stroke": "#ffffff"})

    assert strokes_of(drawing, rgba_of(FOUR)) is None


def test_a_pointer_far_outside_stays_where_a_file_of_drawings_may_hold_it():
    far = [np.array([[210.0, 210.0], [5000.0, 210.0]])]

    found = strokes_of(objects(far), rgba_of(far))

    assert found is not None and found[0].tolist() == [[210, 210], [840, 210]]
