"""Loss and accuracy curves: points where their axes say, reference lines, legends, and the read-out."""

from __future__ import annotations

import numpy as np
import pytest
from known import asked, lane, run
from playwright.sync_api import Browser
from stage import DARK, LIGHT, Drawn, Scene, Stage, styles

from lrdemo.history import smoothed

LOSS, ACCURACY = ".chart:nth-child(1) canvas", ".chart:nth-child(2) canvas"
BLUE, ORANGE = "#1c83e1", "#d95a00"
TEXT = "#31333f"


class Axes:
    """Two axes as a visitor reads them: a value's place follows from two of the numbers that stand at each axis."""

    def __init__(self, drawn: Drawn) -> None:
        numbers = [one for one in drawn.texts if one["text"][:1].isdigit()]
        down = [one for one in numbers if one["align"] == "right"]
        across = [one for one in numbers if one["align"] == "center"]
        self.down = {float(one["text"].replace(",", "")): one["y"] for one in down}
        self.across = {float(one["text"].replace(",", "")): one["x"] for one in across}

    @staticmethod
    def _place(value: float, marks: dict[float, float]) -> float:
        (first, there), (second, here) = list(marks.items())[:2]
        return there + (value - first) / (second - first) * (here - there)

    def x(self, iteration: float) -> float:
        return self._place(iteration, self.across)

    def y(self, value: float) -> float:
        return self._place(value, self.down)

    def places(self, xs: object, ys: object) -> list[list[float]]:
        pairs = zip(np.asarray(xs).tolist(), np.asarray(ys).tolist(), strict=True)
        return [[pytest.approx(self.x(x), abs=0.5), pytest.approx(self.y(y), abs=0.5)] for x, y in pairs]


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def is_near(pixels: list[tuple[int, int, int, int]], colour: str) -> bool:
    return any(max(abs(a - b) for a, b in zip(pixel, rgb(colour), strict=False)) < 12 < pixel[3] for pixel in pixels)


def short_run(**changed: object) -> object:
    """Return a run of 4 iterations, 3 of which are done."""
    known = lane([2.0, 1.0, 0.4], [0.2, 0.6, 0.9], tests=[(0, 2.3, 0.1), (2, 0.8, 0.7)])
    return run(known, **({"iterations": 4, "iterations_per_epoch": 4} | changed))


def test_the_third_point_of_a_curve_lies_where_its_axes_say(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())

    for canvas, value in ((LOSS, 0.4), (ACCURACY, 0.9)):
        drawn = scene.drawn(canvas)
        axes = Axes(drawn)
        value *= 100 if canvas == ACCURACY else 1
        assert is_near(drawn.pixel(axes.x(3), axes.y(value), reach=1), BLUE)
        # Not where it would be with an axis turned round.
        assert not is_near(drawn.pixel(axes.x(1), axes.y(value), reach=3), BLUE)
        (left, right), (low, high) = (axes.x(0), axes.x(4)), (axes.y(0), axes.y(value))
        assert 0 < left < right < drawn.width and 0 < high < low < drawn.height


def test_the_axes_are_labelled_in_steps_that_are_easy_to_read(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())

    loss, accuracy = Axes(scene.drawn(LOSS)), Axes(scene.drawn(ACCURACY))
    assert list(loss.across) == list(accuracy.across) == [0, 1, 2, 3, 4]
    assert list(loss.down) == [0, 1, 2] or list(loss.down) == [0, 0.5, 1, 1.5, 2, 2.5]
    assert list(accuracy.down) == [25, 50, 75, 100]
    for axes in (loss, accuracy):
        for marks in (axes.down, axes.across):
            # The last number is moved in from the edge.
            gaps = np.diff(list(marks.values()))[:-1] / np.diff(list(marks))[:-1]
            assert gaps == pytest.approx(gaps[0], rel=1e-6)
    words = [one["text"] for one in scene.drawn(LOSS).texts if one["text"][0].isalpha()]
    assert words == ["iteration", "loss"]
    assert "accuracy, %" in [one["text"] for one in scene.drawn(ACCURACY).texts]


def test_a_long_run_is_labelled_in_thousands_and_ends_at_its_last_iteration(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(lane([2.0] * 1500), iterations=3000))

    drawn = scene.drawn(LOSS)
    marks = list(Axes(drawn).across)
    assert marks[0] == 0 and marks[-1] == 3000 and len(marks) >= 4
    assert "3,000" in [one["text"] for one in drawn.texts]
    thick = drawn.line(colour=BLUE, width=2.2)
    assert thick["points"][-1][0] == pytest.approx(Axes(drawn).x(1500), abs=0.5)


def test_every_minibatch_is_thin_and_the_smoothed_curve_thick(scene: Scene) -> None:
    losses = np.asarray([1 + 0.5 * (-1) ** i for i in range(40)], np.float32)
    scene.mount("lab")
    scene.show(run(lane(losses, losses / 2), iterations=50))

    drawn = scene.drawn(LOSS)
    axes, at = Axes(drawn), np.arange(1, 41)
    thin, thick = drawn.line(colour=BLUE, width=1), drawn.line(colour=BLUE, width=2.2)
    assert thin["points"] == axes.places(at, losses)
    assert thick["points"] == axes.places(at, smoothed(losses))
    assert thin["alpha"] < thick["alpha"] == 1
    drawn = scene.drawn(ACCURACY)
    only = drawn.line(colour=BLUE)
    assert only["points"] == Axes(drawn).places(at, 100 * smoothed(losses / 2))


def test_tests_are_orange_dots_on_a_line(scene: Scene) -> None:
    tests = [(0, 2.3, 0.1), (10, 1.25, 0.5), (30, 0.75, 0.8)]
    scene.mount("lab")
    scene.show(run(lane([1.0] * 30, tests=tests), iterations=40))

    for canvas, column, factor in ((LOSS, 1, 1), (ACCURACY, 2, 100)):
        drawn = scene.drawn(canvas)
        values = np.asarray(tests)
        places = Axes(drawn).places(values[:, 0], factor * values[:, column])
        assert drawn.line(colour=ORANGE)["points"] == places
        dots = [[dot["x"], dot["y"]] for dot in drawn.dots]
        assert sorted(dots) == places
        assert all(dot["filled"] and dot["colour"] == ORANGE for dot in drawn.dots)


def test_many_tests_keep_their_latest_dot(scene: Scene) -> None:
    tests = [(10 * i, 1.0, 0.5) for i in range(100)]
    scene.mount("lab")
    scene.show(run(lane([1.0] * 990, tests=tests), iterations=1000))

    drawn = scene.drawn(LOSS)
    across = [dot["x"] for dot in drawn.dots]
    assert 20 <= len(across) <= 30
    assert max(across) == pytest.approx(Axes(drawn).x(990), abs=0.5)


@pytest.mark.parametrize(("canvas", "value"), [(LOSS, np.log(10)), (ACCURACY, 10)])
def test_what_guessing_gives_is_a_dotted_line(scene: Scene, canvas: str, value: float) -> None:
    scene.mount("lab")
    scene.show(short_run())

    drawn = scene.drawn(canvas)
    axes = Axes(drawn)
    (left, there), (right, here) = drawn.line(dash=[2, 4])["points"]
    assert there == here == pytest.approx(axes.y(value), abs=0.5)
    assert left == pytest.approx(axes.x(0), abs=0.5) and right == pytest.approx(axes.x(4), abs=0.5)
    assert drawn.line(dash=[2, 4])["colour"] == TEXT


def test_legends_name_each_line_as_it_is_drawn(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())

    first, second = scene.locate(".legend").all()
    names = [" ".join(text.split()) for text in first.locator(".key").all_inner_texts()]
    assert names == ["each minibatch", "train, smoothed", "test images", "guessing: ln 10 = 2.303"]
    names = [" ".join(text.split()) for text in second.locator(".key").all_inner_texts()]
    assert names == ["train, smoothed", "test images", "guessing: 10 %"]
    line = ("borderTopColor", "borderTopStyle")
    blue, orange, text = "rgb(28, 131, 225)", "rgb(217, 90, 0)", "rgb(49, 51, 63)"
    assert styles(first.locator(".swatch"), *line) == [
        [blue, "solid"], [blue, "solid"], [orange, "solid"], [text, "dotted"]
    ]  # fmt: skip
    assert styles(second.locator(".swatch"), *line) == [[blue, "solid"], [orange, "solid"], [text, "dotted"]]
    titles = scene.texts(".chart figcaption")
    assert titles == [
        "Loss: how wrong the model is (0 = perfect, 2.3 = guessing)", "Accuracy: images classified correctly, in %"
    ]  # fmt: skip


def test_a_spike_is_cut_and_how_far_it_goes_is_said(scene: Scene) -> None:
    losses = [2.0] * 99 + [np.nan, 30.0, np.inf] + [1.0] * 98
    scene.mount("lab")
    scene.show(run(lane(losses, [0.5] * 200, tests=[(0, 2.3, 0.1), (100, 1.0, 0.5)]), iterations=400))

    drawn = scene.drawn(LOSS)
    axes = Axes(drawn)
    assert max(axes.down) <= 2.6 and axes.y(2.6) > 0
    thin = drawn.line(colour=BLUE, width=1)["points"]
    assert thin[100] == [pytest.approx(axes.x(101), abs=0.5), pytest.approx(axes.y(2.6), abs=0.5)]
    assert thin[150] == [pytest.approx(axes.x(151), abs=0.5), pytest.approx(axes.y(1.0), abs=0.5)]
    (said,) = [one for one in drawn.texts if "up to" in one["text"]]
    assert said["text"] == "▲ up to 30" and said["x"] == pytest.approx(axes.x(101), abs=8)


@pytest.mark.parametrize("usual, end", [(2.3, 2.6), (2.5, 4), (5, 6), (9, 10), (20, 25), (120_000, 25)])
def test_the_axis_of_the_loss_ends_where_nearly_all_of_it_is_seen(scene: Scene, usual: float, end: float) -> None:
    scene.mount("lab")
    scene.show(run(lane([usual] * 60, [0.5] * 60, tests=[(0, 2.3, 0.1)]), iterations=60))

    drawn = scene.drawn(LOSS)
    axes = Axes(drawn)
    # The grid's lines end with the axis, the guessing line is always within it.
    assert end / 3 < max(axes.down) <= end < 2 * max(axes.down)
    assert axes.y(end) == pytest.approx(0.5 * 16, abs=0.5)
    assert [one["text"] for one in drawn.texts if "up to" in one["text"]] == (
        ["▲ up to 120,000"] if usual == 120_000 else []
    )


def test_the_accuracy_starts_a_little_below_guessing(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(lane([1.0] * 9, [0.8] * 9, tests=[(0, 2.3, 0.11)]), iterations=10))
    axes, height = Axes(scene.drawn(ACCURACY)), scene.drawn(ACCURACY).height
    assert axes.y(6) == pytest.approx(height - 2.2 * 16, abs=0.5)

    scene.show(run(lane([1.0] * 9, [0.8] * 9, tests=[(0, 2.3, 0.05)]), iterations=10))
    assert Axes(scene.drawn(ACCURACY)).y(1) == pytest.approx(height - 2.2 * 16, abs=0.5)


def test_the_axes_type_grows_with_the_root_s(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    gap = -np.diff(list(Axes(scene.drawn(LOSS)).across.values())[:2])[0]
    try:
        scene.page.evaluate("document.documentElement.style.fontSize = '29px'")
        scene.show(short_run())
        drawn = scene.drawn(LOSS)
        assert drawn.place("iteration")[1] == pytest.approx(drawn.height - 0.85 * 29, abs=0.5)
        assert -np.diff(list(Axes(drawn).across.values())[:2])[0] != gap
    finally:
        scene.page.evaluate("document.documentElement.style.fontSize = ''")


def test_the_read_out_works_by_keyboard(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    canvas, readout = scene.locate(LOSS), scene.locate(".readout").first
    canvas.focus()

    for key, iteration, value in (("ArrowLeft", 2, "1.000"), ("Home", 1, "2.000"), ("End", 3, "0.400")):
        canvas.press(key)
        assert readout.inner_text().startswith(f"each minibatch at {iteration}: {value} ·")
    assert readout.get_attribute("aria-live") == "polite"
    canvas.press("ArrowRight")
    assert readout.inner_text().startswith("each minibatch at 3:")
    canvas.blur()
    assert readout.inner_text() == ""


def test_what_a_finger_pointed_at_stays_to_be_read(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    across = Axes(scene.drawn(LOSS)).x(2)
    events = (
        "(canvas, [kind, x]) => canvas.dispatchEvent(new PointerEvent(kind,"
        " { clientX: x + canvas.getBoundingClientRect().x, pointerType: 'touch' }))"
    )
    for kind in ("pointerdown", "pointerleave"):
        scene.locate(LOSS).evaluate(events, [kind, across])
    assert scene.texts(".readout")[0].startswith("each minibatch at 2: 1.000 ·")


def test_the_read_out_names_the_nearest_points_under_the_pointer(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    axes, canvas = Axes(scene.drawn(LOSS)), scene.locate(LOSS)
    assert scene.texts(".readout") == ["", ""]

    canvas.hover(position={"x": axes.x(3) - 20, "y": 30})
    expected = "each minibatch at 3: 0.400 · train, smoothed: 0.400 · test images at 2: 0.800"
    assert scene.texts(".readout") == [expected, ""]
    assert scene.drawn(LOSS).line(alpha=0.5)["points"][0][0] == pytest.approx(axes.x(3), abs=0.5)

    canvas.hover(position={"x": axes.x(1), "y": 30})
    assert scene.texts(".readout")[0].startswith("each minibatch at 1: 2.000 ·")
    scene.locate(ACCURACY).hover(position={"x": axes.x(0), "y": 30})
    assert scene.texts(".readout") == ["", "train, smoothed at 1: 20.00 % · test images at 0: 10.00 %"]


def test_charts_are_described_for_those_who_do_not_see_them(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run(iterations=1234))

    loss = scene.locate(LOSS).get_attribute("aria-label")
    now = "Train, smoothed: 0.400. On the test images at 2: 0.800. Guessing gives 2.303."
    assert loss == f"Loss over 3 of 1,234 iterations. {now}"
    accuracy = scene.locate(ACCURACY).get_attribute("aria-label")
    assert accuracy is not None
    expected = "Accuracy over 3 of 1,234 iterations. On the test images at 2: 70.00 %. Guessing gives 10 %."
    assert " ".join(accuracy.split()) == expected


def test_pictures_have_a_description_before_the_first_frame(scene: Scene) -> None:
    scene.mount("lab")

    assert scene.locate('[role="img"]').evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))") == [
        "No picture yet",
        "Loss: how wrong the model is (0 = perfect, 2.3 = guessing). No data yet.",
        "Accuracy: images classified correctly, in %. No data yet.",
    ]


def test_a_run_that_is_judged_on_held_out_images_names_them(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    scene.show(short_run(held_out=5000))

    names = [text for text in scene.texts(".key") if "images" in text]
    assert names == ["held-out images", "held-out images"]
    scene.locate(LOSS).hover(position={"x": Axes(scene.drawn(LOSS)).x(3), "y": 30})
    assert scene.texts(".readout")[0].endswith(" · held-out images at 2: 0.800")
    for canvas, value in ((LOSS, "0.800"), (ACCURACY, "70.00\u00a0%")):
        assert f" On the held-out images at 2: {value}. " in (scene.locate(canvas).get_attribute("aria-label") or "")

    scene.page.mouse.move(0, 0)
    scene.show(short_run())
    assert [text for text in scene.texts(".key") if "images" in text] == ["test images", "test images"]


def test_a_change_of_theme_repaints(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    scene.tick(500)
    assert {one["colour"] for one in scene.drawn(LOSS).texts} == {LIGHT["text-color"]}

    scene.theme(DARK)
    scene.tick(500)

    assert {one["colour"] for one in scene.drawn(LOSS).texts} == {DARK["text-color"]}


def test_a_change_of_width_repaints(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(short_run())
    before = scene.drawn(LOSS)
    try:
        scene.page.set_viewport_size({"width": 1000, "height": 768})
        scene.page.wait_for_function(
            "before => { const canvas = document.querySelector('#view').shadowRoot.querySelector('.chart canvas');"
            " return canvas.clientWidth < before && canvas.width === canvas.clientWidth; }",
            arg=before.width,
        )
        drawn = scene.drawn(LOSS)
        axes = Axes(drawn)
        assert is_near(drawn.pixel(axes.x(3), axes.y(0.4), reach=1), BLUE)
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_charts_are_as_sharp_as_the_screen(browser: Browser, stage: Stage) -> None:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, device_scale_factor=2)
    scene = Scene(context.new_page(), stage)
    scene.mount("lab")
    scene.show(short_run())

    canvas = scene.locate(LOSS)
    assert canvas.evaluate("canvas => canvas.width / canvas.clientWidth") == pytest.approx(2, abs=0.01)
    axes = Axes(scene.drawn(LOSS))
    assert is_near(scene.drawn(LOSS).pixel(2 * axes.x(3), 2 * axes.y(0.4), reach=2), BLUE)
    context.close()


def test_a_frame_with_less_in_it_does_no_harm(scene: Scene) -> None:
    connection = scene.mount("lab")
    scene.show(short_run(), asked())
    before = len(scene.drawn(LOSS).lines)
    wanted = connection.parts
    for parts in ([], ["answer"], ["templates"], ["curves"]):
        connection.messages.append({"parts": parts})
        scene.show(short_run())
    connection.messages.append({"parts": sorted(wanted)})
    scene.show(None)
    assert len(scene.drawn(LOSS).lines) == before

    scene.show(run(lane([1.0]), iteration=1), asked())
    assert scene.text(".words").startswith("Unsure")
