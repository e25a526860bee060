"""The path of a stroke under way: what a browser may send, and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from lrdemo.digit import draw_strokes, redraw
from lrdemo.features import prepare
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.ui.draw.strokes import strokes_of
from lrdemo.ui.server.pen import MOST_POINTS, pen_stroke, smooth
from lrdemo.ui.server.picture import BLANK, Picture, picture_of, while_drawn
from lrdemo.ui.server.visitor import Visitor

PLACES = [[60.0, 60.0], [200.0, 60.0], [200.0, 220.0]]
PATH = [["M", 60, 60], ["Q", 60, 60, 130, 60], ["Q", 200, 60, 200, 140], ["L", 200, 220]]
"""What the canvas makes of these places."""


def stroke(number: int, places: list[list[float]] = PLACES, width: float = 30):
    return pen_stroke({"stroke": number, "width": width, "path": sum(places, [])})


def rgba_of(paths: list[np.ndarray]) -> np.ndarray:
    rgba = np.full((420, 420, 4), 255, np.uint8)
    rgba[:, :, :3] = 255 - draw_strokes(paths, 30, 420)[:, :, None]
    return rgba


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    service = Service(in_process=True)
    visitor = Visitor(service, Settings())
    visitor.picture = BLANK
    yield visitor
    service.close()


def test_a_path_is_smoothed_as_the_canvas_does_it() -> None:
    found = smooth(np.array(PLACES))

    expected = strokes_of({"objects": [{"path": PATH}]}, rgba_of([found]))
    assert expected is not None
    np.testing.assert_allclose(found, expected[0])


def test_a_dot_is_a_stroke() -> None:
    assert stroke(1, [[50.0, 60.0]]).points.tolist() == [[50, 60], [50, 60]]


@pytest.mark.parametrize(
    "changed",
    ['"stroke": "1"', '"stroke": true',
     '"stroke": -1', '"stroke": 1e300', '"path": []', '"path": [1]', '"path": [1, 2, 3]',
     '"path": [1, NaN]', '"path": [1, Infinity]', '"path": [1, "2"]', '"path": [[1, 2]]', '"path": [1, true]',
     '"path": {"x": 1}', '"path": null', '"width": 0', '"width": 1e9', '"width": NaN', '"width": null',
     f'"path": [1, {"9" * 4000}]', f'"path": {[1] * (2 * MOST_POINTS + 2)}'],
)  # fmt: skip
def test_what_is_no_stroke_is_refused(changed: str) -> None:
    message = {"stroke": 1, "width": 30, "path": [1, 2]} | json.loads("{" + changed + "}")

    with pytest.raises((ValueError, TypeError)):
        pen_stroke(message)


def test_the_answer_is_about_the_strokes_on_the_canvas_and_the_one_under_way(visitor: Visitor) -> None:
    first = smooth(np.array(PLACES))
    visitor.drew({"objects": [{"path": PATH}]}, Picture("Your drawing", rgba_of([first]), (first,)))
    visitor.draw(stroke(1, [[30.0, 30.0], [40.0, 300.0]]))

    now = visitor.shown_now()
    assert visitor.drawing_now and now is not None and now.warning is None
    both = redraw([first, smooth(np.array([[30.0, 30.0], [40.0, 300.0]]))])
    assert np.array_equal(now.image, prepare(both, "pixels"))
    assert visitor.shown is not None and not np.array_equal(visitor.shown.image, now.image)


def test_a_drawing_without_known_strokes_is_drawn_upon(visitor: Visitor) -> None:
    first, second = smooth(np.array(PLACES)), smooth(np.array([[30.0, 30.0], [40.0, 300.0]]))
    visitor.picture = Picture("Your drawing", rgba_of([first]))
    visitor.draw(stroke(1, [[30.0, 30.0], [40.0, 300.0]]))

    now, then = visitor.shown_now(), Picture("Your drawing", rgba_of([first, second])).prepared("pixels")
    assert now is not None and then is not None and np.array_equal(now.image, then)


def test_the_canvas_settles_the_strokes_that_it_holds_and_no_other(visitor: Visitor) -> None:
    visitor.draw(stroke(1))
    visitor.draw(stroke(2, [[30.0, 30.0]]))
    first = smooth(np.array(PLACES))
    visitor.drew({"objects": [{"path": PATH}]}, Picture("Your drawing", rgba_of([first]), (first,)))
    assert visitor.drawing_now
    visitor.drew({"objects": [{"path": PATH}] * 2}, Picture("Your drawing", rgba_of([first]), (first,)))
    assert not visitor.drawing_now

    visitor.draw(stroke(2, [[30.0, 30.0], [90.0, 90.0]]))
    assert not visitor.drawing_now, "it came late"


def test_a_test_image_ends_the_stroke(visitor: Visitor) -> None:
    for number, ended in ((1, False), (2, True)):
        visitor.draw(replace(stroke(number), ended=ended))
        visitor.picture = picture_of(3)
        assert not visitor.drawing_now


def test_of_an_emptied_pad_what_was_drawn_before_is_gone_and_the_stroke_that_has_begun_since_is_answered(
    visitor: Visitor,
) -> None:
    first = smooth(np.array(PLACES))
    visitor.draw(replace(stroke(1), ended=True))
    visitor.draw(stroke(2, [[30.0, 30.0], [40.0, 300.0]]))
    visitor.clear()
    assert visitor.cleared is not None
    assert [one["path"][0] for one in visitor.cleared["objects"]] == [["M", *first[0]]]
    alone = while_drawn(None, [stroke(2, [[30.0, 30.0], [40.0, 300.0]])], visitor.run.settings)
    assert alone is not None
    for _ in range(2):
        now = visitor.shown_now()
        assert visitor.drawing_now and now is not None and np.array_equal(now.image, alone.image)
        # The canvas tells late that it is empty.
        visitor.drew({"objects": []}, BLANK)

    visitor.draw(replace(stroke(2, [[30.0, 30.0], [40.0, 300.0]]), ended=True))
    visitor.drew({"objects": []}, BLANK)
    assert not visitor.drawing_now, "it was taken back"


def test_a_drawing_that_comes_late_waits_behind_the_test_image(visitor: Visitor) -> None:
    first = smooth(np.array(PLACES))
    visitor.draw(stroke(1))
    visitor.picture = picture_of(3)
    visitor.drew({"objects": [{"path": PATH}]}, Picture("Your drawing", rgba_of([first]), (first,)))

    assert visitor.picture.title == "Test image 3, a 0"
    assert visitor.last_drawn.strokes == (first,) and visitor.drawing == {"objects": [{"path": PATH}]}


def test_strokes_of_a_canvas_that_is_gone_are_kept_as_the_canvas_would_have_kept_them(visitor: Visitor) -> None:
    first, second = stroke(1), stroke(2, [[30.0, 30.0], [40.0, 300.0]], width=48)
    visitor.drew({"objects": [{"path": PATH}]}, Picture("Your drawing", rgba_of([first.points]), (first.points,)))
    visitor.draw(second)
    before = visitor.shown_now()
    visitor.keep_pen()

    assert not visitor.drawing_now and visitor.drawing is not None and before is not None
    kept, added = visitor.drawing["objects"]
    assert kept == {"path": PATH} and (added["stroke"], added["strokeWidth"], added["fill"]) == ("#000000", 48, None)
    assert [command[0] for command in added["path"]] == ["M"] + ["L"] * (len(second.points) - 1)
    assert [command[1:] for command in added["path"]] == second.points.tolist()
    assert strokes_of(visitor.drawing, visitor.picture.pixels) is not None, "the picture is that of the strokes"
    assert visitor.shown is not None and np.array_equal(visitor.shown.image, before.image)

    visitor.keep_pen()
    assert len(visitor.drawing["objects"]) == 2


def test_the_first_stroke_of_a_canvas_that_is_gone_is_kept_as_well(visitor: Visitor) -> None:
    visitor.draw(stroke(1))
    visitor.keep_pen()

    assert visitor.picture.strokes is not None and len(visitor.picture.strokes) == 1
    assert visitor.drawing is not None and len(visitor.drawing["objects"]) == 1


def test_of_a_stroke_the_newest_path_counts(visitor: Visitor) -> None:
    woken: list[int] = []
    visitor.run.watchers.append(lambda: woken.append(1))
    visitor.draw(stroke(1, [[30.0, 30.0]]))
    visitor.draw(stroke(1))

    now = visitor.shown_now()
    assert len(woken) == 2
    assert now is not None and np.array_equal(now.image, prepare(redraw([smooth(np.array(PLACES))]), "pixels"))
