"""From the canvas to the digit: any background, place, size and pen; and what is odd about a drawing."""

from __future__ import annotations

import subprocess
import sys
import time

import numpy as np
import pytest

from lrdemo.data import load_mnist
from lrdemo.digit import Finding, digit_from_rgba, draw_strokes, even_stroke, findings, redraw, stroke_width
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
    np.testing.assert_array_equal(redraw(CURVE) > 127, redraw(moved) > 127)
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
    body = np.array([[0.0, -50], [-30, -50], [-30, 0], [20, 10], [10, 50], [-30, 50]])
    apart = np.array([[25.0, -50], [60, -50]])
    assert findings(drawn([body, apart])) == ()


def test_mnist_digits_are_ordinary() -> None:
    images = load_mnist().test_images[:300]
    odd = [findings(white_on_black(np.pad(image.repeat(8, 0).repeat(8, 1), 20))) for image in images]
    assert sum(bool(found) for found in odd) <= 3


def test_a_drawing_takes_milliseconds() -> None:
    rgba = drawn(CURVE)
    for strokes in (None, CURVE):
        best = float("inf")
        for _ in range(10):
            start = time.perf_counter()
            digit_from_rgba(rgba, "normalised", strokes=strokes)
            best = min(best, time.perf_counter() - start)
        assert best < 0.015


def test_reading_a_drawing_imports_no_torch() -> None:
    code = "import sys, lrdemo.digit, lrdemo.answers.confidence; print({'torch', 'streamlit'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"
