"""Edges drawn as strokes: where a line lies, which way it runs, how thick it is, and which of two is seen."""

import numpy as np
import pytest

from lrdemo.directions import directions
from lrdemo.pictures import signed
from lrdemo.stroke_pictures import STROKE, signed_inputs, strokes

SIDE = 200
CELL = SIDE / 10


def one(direction, row, column, value, side=SIDE):
    """Return the picture of one number, to a limit of 1."""
    values = np.zeros((8, 10, 10), np.float32)
    values[direction, row, column] = value
    return strokes(values, 1.0, side)


def middle_and_run(picture):
    """Return where the ink of a picture lies in the middle, (x, y) in pixels, and the angle at which it runs."""
    y, x = np.nonzero(picture)
    weight = np.abs(picture[y, x])
    middle = np.average([x + 0.5, y + 0.5], axis=1, weights=weight)
    _, axes = np.linalg.eigh(np.cov([x, y], aweights=weight))
    return middle, np.degrees(np.arctan2(axes[1, 1], axes[0, 1])) % 180


@pytest.mark.parametrize("direction", range(8))
def test_a_line_runs_along_the_edge_on_its_paper_side(direction):
    picture = one(direction, 3, 6, 1.0)

    # Ink grows to the right in direction 0, downwards in direction 2.
    right, down = np.cos(direction * np.pi / 4), np.sin(direction * np.pi / 4)
    middle, run = middle_and_run(picture)
    assert middle == pytest.approx(CELL * (np.array([6.5, 3.5]) - 0.25 * np.array([right, down])), abs=1)
    assert run == pytest.approx((45 * direction + 90) % 180, abs=0.5)
    assert picture.max() == 1 and picture.min() == 0


def test_a_line_reaches_its_neighbours_and_is_the_thicker_the_larger_its_number():
    for direction in (0, 1):
        beside = one(direction, 3, 6, 1.0) + one(direction, 4, 6 - direction, 1.0)
        assert (beside > 1).any(), "they meet"
    areas = [(one(0, 3, 6, value) / value).sum() / CELL for value in (0.25, 0.5, 1.0)]
    assert areas == pytest.approx(1.1 * CELL * 0.45 * np.array([0.25, 0.5, 1.0]) ** 1.5, rel=0.1)


def test_the_strongest_line_is_seen_and_signs_are_kept():
    values = np.zeros((8, 10, 10), np.float32)
    values[0, 5, 5], values[2, 5, 5], values[6, 5, 5] = 0.5, -1.0, 0.8

    picture = strokes(values, 1.0, SIDE)

    across, down = one(0, 5, 5, 0.5), one(2, 5, 5, -1.0)
    both = (across != 0) & (down != 0)
    assert both.any() and (picture[both & (down == -1)] == -1).all()
    assert picture.min() == -1 and picture.max() == pytest.approx(0.8)


def test_what_is_beyond_the_limit_counts_as_the_limit_and_what_is_faint_or_no_number_has_no_line():
    assert np.array_equal(one(3, 0, 9, 7.0), one(3, 0, 9, 1.0))
    assert not one(3, 0, 9, 0.09).any() and one(3, 0, 9, 0.11).any()
    assert not one(3, 0, 9, np.nan).any()
    assert not strokes(np.zeros((2, 8, 10, 10)), 0.0, 50).any()


@pytest.mark.parametrize("side", [10, 33, 64, 480])
def test_lines_at_the_border_are_cut_off_there_at_any_size(side):
    picture = strokes(np.ones((2, 8, 10, 10), np.float32), 1.0, side)

    assert picture.shape == (2, side, side) and picture.min() >= 0
    assert all(edge.any() for edge in (picture[:, 0], picture[:, -1], picture[:, :, 0], picture[:, :, -1]))


def test_the_edges_of_a_square_are_drawn_as_its_outline():
    image = np.zeros((1, 28, 28), np.float32)
    image[0, 7:21, 7:21] = 1

    picture = strokes(directions(image), STROKE["black"], 280)[0]

    ink = picture / picture.max()
    for outline in (ink[60:80, 110:170], ink[200:220, 110:170], ink[110:170, 60:80], ink[110:170, 200:220]):
        assert outline.max() > 0.9
    assert not ink[125:155, 125:155].any() and not ink[:20].any(), "neither inside nor outside is an edge"


def test_numbers_of_a_model_s_inputs_are_squares_or_strokes():
    numbers = np.random.default_rng(0)
    pixels, edges = numbers.normal(0, 1, (2, 28, 28)), numbers.normal(0, 1, (8, 10, 10))

    assert np.array_equal(signed_inputs(pixels, 2.0), signed(pixels, 2.0))
    assert np.array_equal(signed_inputs(edges, 2.0, 3), signed(strokes(edges, 2.0, 84), 2.0, 1))
