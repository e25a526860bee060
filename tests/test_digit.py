"""From the canvas to the digit: any background, place, size and pen; and what is odd about a drawing."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import ndimage

from lrdemo.data import load_mnist
from lrdemo.digit import (
    Finding,
    _component_boxes,
    _grown,
    digit_from_rgba,
    draw_strokes,
    even_stroke,
    findings,
    ink_from_rgba,
    redraw,
    stroke_width,
)
from lrdemo.features import FEATURES, Bytes, Features

SEVEN = [np.array([[-40.0, -50.0], [35.0, -50.0], [20.0, -10.0], [-10.0, 55.0]])]
CURVE = [np.array([[40 * np.cos(a) * (1 + a / 9), 55 * np.sin(a)] for a in np.linspace(0.3, 5.2, 60)])]


def white_on_black(ink: Bytes) -> Bytes:
    return np.dstack([ink, ink, ink, np.full_like(ink, 255)])


def drawn(
    strokes: list[np.ndarray], brush: float = 14, at: tuple[float, float] = (140, 140), scale: float = 1
) -> Bytes:
    return white_on_black(draw_strokes([stroke * scale + at for stroke in strokes], brush * scale))


def digit(rgba: Bytes, features: Features = "normalised") -> np.ndarray:
    image = digit_from_rgba(rgba, features)
    assert image is not None
    return image


def test_a_brush_dot_is_a_disc() -> None:
    ink = draw_strokes([np.array([[50.0, 40.0]])], brush=20, size=100)
    assert abs(ink.sum() / 255 - np.pi * 100) < 2
    rows, columns = np.nonzero(ink)
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == pytest.approx((40, 50))


def test_a_line_is_a_bar_with_round_ends_and_may_leave_the_canvas() -> None:
    ink = draw_strokes([np.array([[20.0, 30.0], [80.0, 30.0]])], brush=10, size=100)
    assert abs(ink.sum() / 255 - (60 * 10 + np.pi * 25)) < 2
    assert draw_strokes([np.array([[-50.0, -50.0], [-20.0, -60.0]])], brush=10).max() == 0
    assert draw_strokes([np.array([[-50.0, 50.0], [400.0, 50.0]])], brush=10)[50].min() == 255
    assert draw_strokes([np.array([[50.0, -50.0], [50.0, 400.0]])], brush=10)[:, 50].min() == 255


def test_a_brush_is_soft_by_one_pixel_around_the_nearest_point_of_its_path() -> None:
    """The distance to the path is measured to 4,000 points on it; half the brush away ink is one half."""
    path = np.array([[12.3, 9.0], [30.0, 41.5], [55.2, 22.1], [55.2, 22.1], [20.0, 22.1], [19.4, 22.1]])
    steps = np.linspace(0, len(path) - 1, 4_000)
    dense = np.stack([np.interp(steps, np.arange(len(path)), path[:, axis]) for axis in (0, 1)], axis=1)
    centres = np.stack(np.meshgrid(np.arange(64) + 0.5, np.arange(64) + 0.5), axis=-1)
    away = np.sqrt(((centres[:, :, None] - dense[None, None]) ** 2).sum(axis=-1).min(axis=-1))
    found = draw_strokes([path], brush=7, size=64)
    assert found.shape == (64, 64) and found.dtype == np.uint8
    assert np.abs(found - 255 * np.clip(3.5 + 0.5 - away, 0, 1)).max() < 3
    both = draw_strokes([path[:2], path[1:]], brush=7, size=64)
    assert np.array_equal(both, found)


@pytest.mark.parametrize(
    ("colour", "background", "ink"),
    [
        ((255, 255, 255, 255), (0, 0, 0, 255), 255), ((0, 0, 0, 255), (200, 200, 200, 255), 200),
        ((10, 90, 30, 255), (0, 0, 0, 255), 90), ((0, 0, 120, 255), (0, 50, 0, 255), 120),
        ((255, 255, 255, 100), (0, 0, 0, 0), 100), ((0, 0, 0, 100), (0, 0, 0, 0), 100),
        ((255, 0, 0, 254), (0, 0, 0, 255), 254),
        ((200, 0, 0, 128), (0, 0, 0, 255), 127), ((200, 0, 0, 255), (255, 0, 0, 128), 127),
        ((17, 0, 0, 255), (0, 0, 0, 255), 17), ((16, 16, 16, 255), (0, 0, 0, 255), 0),
    ],
)  # fmt: skip
def test_ink_is_the_largest_difference_from_the_border_alpha_included(
    colour: tuple[int, ...], background: tuple[int, ...], ink: int
) -> None:
    rgba = np.full((20, 30, 4), background, np.uint8)
    rgba[5:9, 11:20] = colour
    expected = np.zeros((20, 30), np.uint8)
    expected[5:9, 11:20] = ink
    found = ink_from_rgba(rgba)
    assert found.dtype == np.uint8 and np.array_equal(found, expected)


@pytest.mark.parametrize("side", ["top", "bottom", "left", "right"])
def test_ink_may_cover_one_side_of_the_border(side: str) -> None:
    covered = {"top": np.s_[:2], "bottom": np.s_[-2:], "left": np.s_[:, :2], "right": np.s_[:, -2:]}[side]
    ink = np.zeros((40, 40), np.uint8)
    ink[covered] = 255
    assert np.array_equal(ink_from_rgba(white_on_black(ink)), ink)


def test_the_width_of_strokes_is_twice_their_area_by_the_length_of_their_outline() -> None:
    """The outline is the summed slope, here by NumPy's own central differences."""
    ink = draw_strokes(CURVE[0][None] + 140, 14) / np.float32(255)
    slopes = np.hypot(*np.gradient(np.pad(ink, 1)))[1:-1, 1:-1]
    assert stroke_width(ink) == pytest.approx(2 * ink.sum() / slopes.sum(), rel=1e-5)
    bar = np.zeros((60, 220), np.float32)
    bar[25:35, 10:210] = 1
    assert stroke_width(bar) == pytest.approx(2 * 2_000 / 420, rel=0.01)
    dot = np.zeros((5, 5), np.float32)
    assert stroke_width(dot) == 0
    for dot[2, 2] in (1, 0.01):
        assert stroke_width(dot) == pytest.approx(1)


@pytest.mark.parametrize("by", [0.0, 0.4, 1.0, 2.7])
def test_growing_is_dilation_with_a_cone(by: float) -> None:
    ink = np.zeros((14, 17), np.float32)
    ink[4, 5], ink[5:8, 9:12], ink[9, 3] = 1, 0.8, 0.1
    expected = ink.copy()
    for y, x in np.ndindex(ink.shape):
        for source_y, source_x in np.argwhere(ink > 0):
            value = ink[source_y, source_x]
            gain = by - np.hypot(source_y - y, source_x - x)
            expected[y, x] = max(expected[y, x], min(value + gain, 4 * value))
    np.testing.assert_allclose(_grown(ink, by), np.minimum(expected, 1), atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_pieces_are_those_of_scipy(seed: int) -> None:
    mask = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(40, 50)), 1 + seed / 3) > 0.05
    labels, _ = ndimage.label(mask, structure=np.ones((3, 3)))
    expected = {(rows.start, rows.stop, columns.start, columns.stop) for rows, columns in ndimage.find_objects(labels)}
    assert set(_component_boxes(mask)) == expected
    assert len(_component_boxes(mask)) == labels.max()


def test_strokes_are_brought_half_the_way_to_one_width() -> None:
    """Digits have the size 16 there; a width of 0.26 of that stays, others lose about half of what is too much."""
    aim, parts = 0.26 * 16, []
    for brush in (6, 8, 14, 22, 26, 30):
        ink = drawn(CURVE, brush=brush)[:, :, 0]
        axes = np.mgrid[: ink.shape[0], : ink.shape[1]]
        size = np.sqrt(sum(np.average((axis - np.average(axis, weights=ink)) ** 2, weights=ink) for axis in axes))
        before = stroke_width(ink / np.float32(255)) * 16 / size
        found = even_stroke(ink)
        assert found.shape == (88, 88) and found.dtype == np.float32
        if brush == 14:
            assert before == pytest.approx(aim, abs=0.2) and stroke_width(found) == pytest.approx(before, abs=0.15)
        else:
            parts.append((stroke_width(found) - before) / (aim - before))
        rows, columns = np.mgrid[:88, :88]
        assert np.average(rows, weights=found) == pytest.approx(43.5, abs=0.5)
        assert np.average(columns, weights=found) == pytest.approx(43.5, abs=0.5)
    assert np.mean(parts) == pytest.approx(0.475, abs=0.04)


def test_a_dot_in_a_haze_is_not_lost_when_the_haze_is_thinned() -> None:
    ink = np.zeros((88, 88), np.uint8)
    ink[20:68, 20:68], ink[44, 44] = 60, 255
    assert even_stroke(ink).max() == 1


def test_redrawn_paths_are_160_pixels_in_the_middle_with_a_brush_of_16() -> None:
    """A box of 40 × 20 becomes 160 × 80 around (140, 140), and 8 pixels of brush lie around it."""
    box = np.array([[10.0, 5.0], [50.0, 5.0], [50.0, 25.0], [10.0, 25.0], [10.0, 5.0]])
    found = redraw([box]) >= 128
    rows, columns = np.flatnonzero(found.any(axis=1)), np.flatnonzero(found.any(axis=0))
    assert (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1) == (140 - 40 - 8, 140 + 40 + 8, 52, 228)
    assert found[140, 52:68].all() and not found[140, 68:212].any()
    assert redraw([box], brush=0.2)[140, 52 - 7] == 255 and found.shape == (280, 280)


def test_redrawn_paths_skip_points_nearer_than_two_pixels_but_not_the_last() -> None:
    """160 pixels long, so that nothing is scaled, only moved to the middle."""
    ragged = np.array([[0.0, 0.0], [0.5, 1.0], [100.0, 0.0], [160.0, 0.0], [160.0, 1.0]])
    kept = ragged[[0, 2, 3, 4]]
    assert np.array_equal(redraw([ragged]), draw_strokes([kept + [60, 139.5]], 16))
    apart = np.array([[0.0, 0.0], [0.0, 2.0], [100.0, 0.0], [160.0, 0.0]])
    assert np.array_equal(redraw([apart]), draw_strokes([apart + [60, 139]], 16))


@pytest.mark.parametrize("features", FEATURES)
def test_a_blank_canvas_is_none(features: Features) -> None:
    for value in ((0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255), (240, 240, 245, 255), (90, 90, 90, 0)):
        rgba = np.broadcast_to(np.array(value, np.uint8), (280, 280, 4)).copy()
        assert digit_from_rgba(rgba, features) is None
        assert digit_from_rgba(rgba, features, strokes=SEVEN) is None
        assert findings(rgba) == (Finding.BLANK,)


@pytest.mark.parametrize("features", FEATURES)
def test_backgrounds_make_no_difference(features: Features) -> None:
    ink = drawn(SEVEN)[:, :, 0]
    reference = digit(white_on_black(ink), features)
    black_on_white = white_on_black(255 - ink)
    white_on_nothing = np.dstack([np.full_like(ink, 255)] * 3 + [ink])
    black_on_nothing = np.dstack([np.zeros_like(ink)] * 3 + [ink])
    red_on_black = np.dstack([ink, np.zeros_like(ink), np.zeros_like(ink), np.full_like(ink, 255)])
    assert features != "pixels" or np.array_equal(reference, digit_from_rgba(white_on_black(ink)))
    for rgba in (black_on_white, white_on_nothing, black_on_nothing, red_on_black):
        assert np.abs(digit(rgba, features) - reference).max() < 0.01


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("strokes", [SEVEN, CURVE])
def test_place_makes_no_difference(features: Features, strokes: list[np.ndarray]) -> None:
    reference = digit(drawn(strokes), features)
    whole = digit(drawn(strokes, at=(90, 180)), features)
    assert np.abs(whole - reference).max() < 1e-3
    part = np.abs(digit(drawn(strokes, at=(90.5, 180.25)), features) - reference)
    assert part.mean() < 0.003 and part.max() < 0.1


@pytest.mark.parametrize("features", FEATURES)
@pytest.mark.parametrize("strokes", [SEVEN, CURVE])
def test_size_makes_little_difference(features: Features, strokes: list[np.ndarray]) -> None:
    gap = np.abs(digit(drawn(strokes, scale=0.7), features) - digit(drawn(strokes, scale=1.7), features))
    assert gap.mean() < 0.004 and gap.max() < 0.15


@pytest.mark.parametrize("shape", [(28, 28), (100, 160), (400, 400), (601, 333)])
def test_any_canvas_size(shape: tuple[int, int]) -> None:
    scale = min(shape) / 280
    ink = draw_strokes([stroke * scale + min(shape) / 2 for stroke in SEVEN], 20 * scale, max(shape))
    image = digit(white_on_black(ink[: shape[0], : shape[1]]))
    assert image.shape == (28, 28) and image.dtype == np.float32
    assert image.max() == 1 and image.min() >= 0
    assert np.abs(image - digit(drawn(SEVEN, brush=20))).mean() < (0.05 if min(shape) >= 100 else 0.1)


def test_thin_and_thick_pens_come_out_alike() -> None:
    def ratio(brush: float) -> float:
        return stroke_width(even_stroke(drawn(CURVE, brush=brush)[:, :, 0]))

    before = stroke_width(drawn(CURVE, brush=28)[:, :, 0] / np.float32(255))
    assert before == pytest.approx(28, rel=0.1)
    assert ratio(28) / ratio(6) < 28 / 6 / 1.8
    for brush in (1, 2, 4, 30, 40):
        image = digit(drawn(CURVE, brush=brush))
        assert np.abs(image - digit(drawn(CURVE, brush=14))).mean() < 0.13


def test_strokes_drawn_again_forget_brush_place_and_size() -> None:
    moved = [stroke * 0.4 + 60 for stroke in CURVE]
    tiny = [stroke * 0.005 for stroke in CURVE]
    np.testing.assert_array_equal(redraw(CURVE) > 127, redraw(moved) > 127)
    np.testing.assert_array_equal(redraw(CURVE) > 127, redraw(tiny) > 127)
    thick = digit_from_rgba(drawn(CURVE, brush=40), "normalised", strokes=CURVE)
    thin = digit_from_rgba(drawn(CURVE, brush=3), "normalised", strokes=moved)
    assert thick is not None and thin is not None
    assert np.abs(thick - thin).max() < 0.02


def test_a_tap_and_empty_paths() -> None:
    rgba = drawn([np.array([[0.0, 0.0]])])
    tap = digit_from_rgba(rgba, "normalised", strokes=[np.array([[140.0, 140.0]]), np.zeros((0, 2))])
    assert tap is not None and np.isfinite(tap).all()
    np.testing.assert_array_equal(digit(rgba), digit_from_rgba(rgba, "normalised", strokes=[]))


def test_an_ordinary_digit_has_no_findings() -> None:
    for strokes in (SEVEN, CURVE):
        for brush in (6, 14, 26):
            assert findings(drawn(strokes, brush=brush)) == ()


def test_findings() -> None:
    assert findings(drawn(SEVEN, scale=0.15)) == (Finding.TOO_SMALL,)
    disc = [np.array([[0.0, 0.0]])]
    assert findings(drawn(disc, brush=120)) == (Finding.FILLED,)
    pair = [SEVEN[0] + [-60, 0], CURVE[0] + [60, 0]]
    assert findings(drawn(pair, brush=10)) == (Finding.SEVERAL,)
    # Both pieces have to be half as high as the whole, and stand clear of each other sideways.
    low = [SEVEN[0] + [-60, 0], 0.4 * SEVEN[0] + [60, 0]]
    assert findings(drawn(low, brush=10)) == ()
    above = [0.5 * SEVEN[0] + [0, -60], 0.5 * SEVEN[0] + [0, 60]]
    assert findings(drawn(above, brush=10)) == ()
    body = np.array([[0.0, -50], [-30, -50], [-30, 0], [20, 10], [10, 50], [-30, 50]])
    apart = np.array([[25.0, -50], [60, -50]])
    assert findings(drawn([body, apart])) == ()


@pytest.mark.parametrize(("side", "small"), [(33, True), (34, False)])
def test_small_is_less_than_an_eighth_of_the_canvas_or_so(side: int, small: bool) -> None:
    """0.12 of the shorter side of 280 × 400 is 33.6 pixels, for the longer side of the drawing."""
    ink = np.zeros((280, 400), np.uint8)
    ink[100 : 100 + side, 200:206] = 255
    assert (Finding.TOO_SMALL in findings(white_on_black(ink))) is small
    assert (Finding.TOO_SMALL in findings(white_on_black(ink.T.copy()))) is small


@pytest.mark.parametrize(("width", "filled"), [(20, False), (24, True)])
def test_a_bar_a_quarter_as_wide_as_high_is_filled(width: int, filled: bool) -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[90:190, 100 : 100 + width] = 255
    assert (Finding.FILLED in findings(white_on_black(ink))) is filled


@pytest.mark.parametrize(("gap", "several"), [(2, False), (3, True)])
def test_a_gap_of_a_seventieth_of_the_drawing_makes_two_digits(gap: int, several: bool) -> None:
    ink = np.zeros((280, 280), np.uint8)
    ink[30:240, 100:112] = ink[30:240, 112 + gap : 124 + gap] = 255
    assert (Finding.SEVERAL in findings(white_on_black(ink))) is several


@pytest.mark.parametrize("lower", [0, 1])
@pytest.mark.parametrize(("foot", "several"), [(5, True), (6, False)])
def test_pieces_stand_side_by_side_where_no_column_holds_both(foot: int, several: bool, lower: int) -> None:
    """Two hooks: the foot of the left one ends just before the right one's arm, or reaches under it."""
    ink = np.zeros((28, 28), np.uint8)
    ink[5 + lower : 15, 5] = ink[14, 5 : 5 + foot] = 255
    ink[5:13, 14] = ink[5, 10:15] = 255
    assert (Finding.SEVERAL in findings(white_on_black(ink))) is several


@pytest.mark.parametrize(("height", "several"), [(4, False), (5, True)])
def test_a_piece_of_half_the_height_is_a_digit_of_its_own(height: int, several: bool) -> None:
    ink = np.zeros((28, 28), np.uint8)
    ink[5:15, 5] = ink[5 : 5 + height, 8] = 255
    assert (Finding.SEVERAL in findings(white_on_black(ink))) is several


def test_what_is_fainter_than_half_the_ink_is_not_looked_at() -> None:
    ink = drawn(SEVEN, brush=40)[:, :, 0] // 3
    ink[130:150, 130:140] = 255
    assert Finding.TOO_SMALL in findings(white_on_black(ink))
    assert Finding.TOO_SMALL not in findings(white_on_black(np.maximum(ink, drawn(SEVEN, brush=40)[:, :, 0] // 2 + 1)))


def test_mnist_digits_are_ordinary() -> None:
    images = load_mnist().test_images[:300]
    odd = [findings(white_on_black(np.pad(image.repeat(8, 0).repeat(8, 1), 20))) for image in images]
    assert sum(bool(found) for found in odd) <= 3


def test_reading_a_drawing_imports_no_torch() -> None:
    code = "import sys, lrdemo.digit, lrdemo.answers.confidence; print({'torch', 'streamlit'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
