"""Own drawings: which variations are taught, in which precision they are kept, and the limits of their file."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lrdemo.digit import digit_from_rgba, draw_strokes
from lrdemo.directions import directions
from lrdemo.drawings.own import MOST_BYTES, DrawingsError, OwnDrawing, from_json, own_drawing, to_json
from lrdemo.features import FEATURES, Features, moments, prepare

HOOK = np.array([[70.0, 60.0], [190.0, 75.0], [140.0, 220.0]])
NOTHING = np.zeros((1, 1), np.uint8)


def content(**values: object) -> bytes:
    entry = {"label": 7, "held_back": False, "strokes": [[[0, 0], [10, 20]]]} | values
    return json.dumps({"format": "lrdemo drawings", "version": 1, "drawings": [entry]}).encode()


def picture(drawing: OwnDrawing, features: Features = "pixels") -> np.ndarray:
    image = drawing.prepared(features)
    if features == "directions":
        return np.rint(100 * directions(image[None])).astype(np.uint8).reshape(-1)
    return np.rint(255 * image).astype(np.uint8).reshape(-1)


@pytest.mark.parametrize("features", FEATURES)
def test_variations_are_turned_and_slanted_both_ways_and_stretched(features: Features) -> None:
    """As complex numbers x + iy: turning by 8° is a product, slanting adds 0.12 y to x, stretching is by 1.12."""
    z = HOOK @ [1, 1j]
    turn = np.exp(1j * np.pi * 8 / 180)
    moved = [
        z, z * turn, z / turn, z + 0.12 * z.imag, z - 0.12 * z.imag, z + 0.12 * z.real, z + 0.12j * z.imag,
    ]  # fmt: skip
    expected = [picture(OwnDrawing(7, (np.stack([w.real, w.imag], axis=1),)), features) for w in moved]

    found = own_drawing(7, [HOOK], NOTHING).variations(features)

    assert found.shape == (7, 800 if features == "directions" else 784) and found.dtype == np.uint8
    assert np.abs(found.astype(int) - np.stack(expected)).max() <= 1


def test_no_two_variations_are_the_same() -> None:
    found = own_drawing(7, [HOOK], NOTHING).variations("pixels").astype(int)
    apart = [np.abs(one - other).mean() for index, one in enumerate(found) for other in found[:index]]
    assert min(apart) > 1


def test_a_level_stroke_is_turned_up_once_and_down_once() -> None:
    drawing = own_drawing(1, [np.array([[40.0, 140.0], [240.0, 140.0]])], NOTHING)
    images = drawing.variations("pixels").reshape(-1, 28, 28).astype(np.float32)
    m = moments(images)
    assert np.degrees(np.arctan2(2 * m.c, m.vx - m.vy) / 2)[:3] == pytest.approx([0, 8, -8], abs=0.5)


def test_a_picture_without_strokes_is_moved_by_a_pixel_each_way() -> None:
    ink = draw_strokes([HOOK], 20)
    drawing = own_drawing(7, None, ink)
    image = picture(drawing).reshape(28, 28)
    assert image[-1].any()  # What leaves the picture at the bottom must not come in at the top.

    found = drawing.variations("pixels").reshape(-1, 28, 28)

    wide = np.pad(image, 1)
    corners = [(1, 1), (1, 0), (1, 2), (0, 1), (2, 1)]
    expected = [wide[top : top + 28, left : left + 28] for top, left in corners]
    assert np.array_equal(found, np.stack(expected))


@pytest.mark.parametrize("features", FEATURES)
def test_it_is_prepared_as_it_was_read_from_the_canvas(features: Features) -> None:
    ink = draw_strokes([HOOK], 20)
    rgba = np.dstack([ink, ink, ink, np.full_like(ink, 255)])
    with_strokes = digit_from_rgba(rgba, features, strokes=[HOOK])
    without = digit_from_rgba(rgba, features)
    assert with_strokes is not None and without is not None
    assert np.array_equal(own_drawing(7, [HOOK], ink).prepared(features), with_strokes)
    assert np.abs(own_drawing(7, None, ink).prepared(features) - without).mean() < 0.02


def test_strokes_are_kept_to_a_tenth_of_a_pixel() -> None:
    found = own_drawing(3, [np.array([[1.24, -7.06], [2.96, 100.0]]), np.zeros((0, 2))], NOTHING, held_back=True)
    assert [stroke.tolist() for stroke in found.strokes] == [[[1.2, -7.1], [3.0, 100.0]]]
    assert (found.label, found.ink, found.held_back) == (3, None, True)
    assert not own_drawing(3, [HOOK], NOTHING).held_back


@pytest.mark.parametrize(("points", "kept"), [(1_480, 1_480), (1_481, 741), (2_960, 1_480), (2_961, 987)])
def test_long_paths_lose_every_other_point_every_third(points: int, kept: int) -> None:
    path = np.stack([np.arange(points), np.zeros(points)], axis=1)
    (found,) = own_drawing(3, [path], NOTHING).strokes
    assert len(found) == kept
    assert set(np.diff(found[:, 0])) == {-(-points // 1_480)}


def test_many_strokes_are_kept_as_a_picture() -> None:
    ink = draw_strokes([HOOK], 20)
    assert len(own_drawing(7, [HOOK] * 20, ink).strokes) == 20
    many = own_drawing(7, [HOOK] * 21, ink)
    assert many.strokes == () and many.ink is not None and many.ink.shape == (70, 70)


def test_a_picture_is_averaged_down_in_the_middle_of_a_square() -> None:
    """139 × 71 of ink in blocks of 2: rows 0 to 69, the last one half, and columns 17 to 52, each from 34 of 140."""
    ink = np.zeros((200, 300), np.uint8)
    ink[20:159, 100:171] = 200
    found = own_drawing(1, None, ink).ink
    assert found is not None and found.dtype == np.uint8
    assert found[:69, 17:52].min() == found.max() == 200
    assert found[69, 17:52].tolist() == [100] * 35 and found[:69, 52].tolist() == [100] * 69
    assert not found[:, :17].any() and not found[:, 53:].any()
    small = own_drawing(1, None, ink[20:40, 100:110]).ink
    assert small is not None and small.sum() == 20 * 10 * 200 and small[25:45, 30:40].min() == 200


def test_ink_and_strokes_come_back_from_their_file() -> None:
    ink = np.random.default_rng(0).integers(0, 256, (70, 70)).astype(np.uint8)
    drawings = [OwnDrawing(0, (), ink), own_drawing(9, [HOOK, HOOK + 1], NOTHING, held_back=True)]
    first, second = from_json(to_json(drawings).encode())
    assert first.ink is not None and np.array_equal(first.ink, ink) and first.strokes == ()
    assert [stroke.tolist() for stroke in second.strokes] == [HOOK.tolist(), (HOOK + 1).tolist()]
    assert (first.label, second.label, first.held_back, second.held_back) == (0, 9, False, True)
    written = json.loads(to_json(drawings))
    assert (written["format"], written["version"]) == ("lrdemo drawings", 1)
    assert set(written["drawings"][0]) == {"label", "held_back", "ink"}


@pytest.mark.parametrize(
    "values",
    [
        {"label": 0}, {"label": 9}, {"held_back": True}, {"strokes": [[[0, 0]]] * 20},
        {"strokes": [[[0, 0.5]] * 1_500]}, {"strokes": [[[-1_000, 1_000.0]]]},
    ],
)  # fmt: skip
def test_a_file_may_hold_as_much_as_this(values: dict[str, object]) -> None:
    (found,) = from_json(content(**values))
    assert found.label == values.get("label", 7) and found.held_back == values.get("held_back", False)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"label": -1}, "0 to 9"), ({"label": 10}, "0 to 9"), ({"strokes": [[[0, 0]]] * 21}, "1 to 20"),
        ({"strokes": [[[0, 0]] * 750, [[0, 0]] * 751]}, "1,500"), ({"strokes": [[[0, 1_000.1]]]}, "1,000"),
        ({"strokes": [[[-1_000.1, 0]]]}, "1,000"), ({"strokes": [[[True, 0]]]}, "two numbers"),
        ({"strokes": [[[0]]]}, "two numbers"), ({"strokes": ["ab"]}, "list of points"),
        ({"strokes": {"0": 1}}, "1 to 20"), ({"strokes": [[[0, 0], 3]]}, "two numbers"),
    ],
)  # fmt: skip
def test_and_not_more(values: dict[str, object], words: str) -> None:
    with pytest.raises(DrawingsError, match=f"^Drawing 1: .*{words}"):
        from_json(content(**values))


@pytest.mark.parametrize(
    "rows",
    [
        ["01" * 70] * 69, ["01" * 70] * 71, ["01" * 69] * 70, ["01" * 71] * 70, ["0A" * 70] * 70, [["01"] * 70] * 70,
        "01",
    ],
)  # fmt: skip
def test_ink_of_another_shape_or_spelling_is_refused(rows: object) -> None:
    entry = {"label": 1, "held_back": False, "ink": rows}
    text = json.dumps({"format": "lrdemo drawings", "version": 1, "drawings": [entry]})
    with pytest.raises(DrawingsError, match="70 rows of 140 hex digits"):
        from_json(text.encode())


def test_sixty_drawings_are_read_and_the_bad_one_is_named() -> None:
    drawings = [own_drawing(number % 10, [HOOK], NOTHING) for number in range(60)]
    assert [one.label for one in from_json(to_json(drawings).encode())] == [number % 10 for number in range(60)]
    found = json.loads(to_json(drawings))
    found["drawings"][58]["label"] = None
    with pytest.raises(DrawingsError, match="Drawing 59"):
        from_json(json.dumps(found).encode())


def test_two_megabytes_are_read_and_not_a_byte_more() -> None:
    largest = content().ljust(2 * 2**20)
    assert len(largest) == MOST_BYTES and len(from_json(largest)) == 1
    with pytest.raises(DrawingsError, match="2 MB"):
        from_json(largest + b" ")


def test_the_reading_does_not_depend_on_where_and_how_large_it_was_drawn() -> None:
    here, there = own_drawing(7, [HOOK], NOTHING), own_drawing(7, [HOOK * 0.5 + 30], NOTHING)
    assert np.abs(here.prepared("normalised") - there.prepared("normalised")).max() < 0.05
    assert prepare(np.zeros((2, 2)), "pixels") is None
