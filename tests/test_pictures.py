import numpy as np
import pytest

from lrdemo.pictures import ink, limit_of, mosaic, signed


def test_ink_is_black_on_white_and_zoomed_without_blur() -> None:
    assert ink(np.array([[[0.0, 1.0]]]), zoom=2).tolist() == [[[255, 255, 0, 0], [255, 255, 0, 0]]]


def test_the_signed_scale_is_symmetric_white_at_zero_and_clipped() -> None:
    colours = signed(np.array([[2.0, 1.0, 0.0, -1.0]]), limit=1.0, zoom=1)[0]
    red, blue, white = [178, 24, 43], [33, 102, 172], [247, 247, 247]
    assert colours.tolist() == [red, red, white, blue]
    assert (signed(np.zeros((2, 2))) == 247).all()


def test_a_mosaic_puts_each_picture_in_its_place() -> None:
    sheet = mosaic(np.arange(3, dtype=np.uint8).repeat(4).reshape(3, 2, 2), columns=2, gap=1)
    assert sheet.shape == (5, 5)
    assert [sheet[0, 0], sheet[0, 3], sheet[3, 0], sheet[3, 3], sheet[0, 2]] == [0, 1, 2, 255, 255]


def test_what_is_no_number_is_white_paper_and_infinity_full_colour() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 3e38]], np.float32)
    white, red, blue = [247, 247, 247], [178, 24, 43], [33, 102, 172]
    assert signed(values, limit=1.0, zoom=1)[0].tolist() == [white, red, blue, red]
    assert signed(values, zoom=1)[0, 0].tolist() == white
    assert ink(values, zoom=1).tolist() == [[255, 0, 255, 0]]


@pytest.mark.parametrize(
    ("largest", "limit"), [(0.0, 0.1), (0.0999, 0.1), (0.101, 0.101), (0.25, 0.25), (-0.25, 0.25), (71.0, 71.0)]
)
def test_the_colour_scale_ends_where_the_weights_do(largest, limit):
    assert limit_of(np.full(7840, largest, np.float32)) == pytest.approx(limit)


def test_the_limit_moves_as_smoothly_as_the_weights():
    rng = np.random.default_rng(0)
    weights, step = rng.normal(0, 0.1, 7840).astype(np.float32), rng.normal(0, 0.001, 7840).astype(np.float32)
    limits = np.array([limit_of(weights + at * step) for at in range(100)])

    # No weight moves farther in one step than this.
    assert 0 < np.abs(np.diff(limits)).max() <= np.abs(step).max()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e30])
def test_weights_that_are_out_of_range_leave_the_lowest_limit(bad):
    assert limit_of(np.full(7840, bad, np.float32)) == 0.1


def test_a_handful_of_large_weights_does_not_pale_the_others():
    weights = np.full(7840, 0.12, np.float32)
    weights[:30] = 50.0
    assert limit_of(weights) == pytest.approx(0.12)

    weights[:60] = 50.0
    assert limit_of(weights) == pytest.approx(50.0)
