"""The chart with a handle: what is drawn, and what moving the handle by pointer, finger and keyboard does."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page
from stage import DARK, Scene
from vision import contrast, rgb

from lrdemo.ui.lesson.drag_chart import Axis, Band, Curve, Dots, DragChart, Handle, Line, described

PLACES = np.linspace(0, 10, 11)
WORDS = tuple(f"At {place:g} the line reaches {place / 10:g}." if place else "Flat." for place in PLACES)
LEVEL = Handle("Slope of the line", np.stack([PLACES, np.zeros(11)], axis=1), WORDS)
CHART = DragChart(
    "A line that tips over", Axis("input x", 0, 10, (0, 5, 10)), Axis("answer", -1, 1, (-1, 0, 1)), LEVEL,
    "A line whose slope can be changed.",
    curves=[
        Curve("the line", np.array([[[0, 0], [10, place / 10]] for place in PLACES]), "blue"),
        Curve("zero", np.array([[0, 0], [10, 0]]), "orange", "dashed"),
    ],
    dots=[Dots("missed", np.array([[[5, 1 if place > 5 else np.nan]] for place in PLACES]), "red", "ring")],
    bands=[Band(-1, -0.5, "too low")],
    lines=[Line(0.5, "threshold")],
)  # fmt: skip
HANDLE = "[role=slider]"


class Chart:
    """The chart on a scene, handled as a visitor would."""

    def __init__(self, scene: Scene, chart: DragChart = CHART, start: int = 2, place: int | None = None) -> None:
        self.scene, self.page = scene, scene.page
        self.give(chart, start, start if place is None else place)
        self.handle = scene.locate(HANDLE)

    def give(self, chart: DragChart, start: int, place: int) -> None:
        self.scene.component("drag", "drag", described(chart) | {"start": start, "place": place})

    @property
    def value(self) -> tuple[int, str]:
        return int(self.handle.get_attribute("aria-valuenow") or -1), self.handle.get_attribute("aria-valuetext") or ""

    @property
    def words(self) -> str:
        return self.scene.locate("[role=status]").inner_text()

    def middle(self) -> tuple[float, float]:
        return middle(self.handle)

    def drag(self, across: float, down: float = 0, drop: bool = True) -> None:
        x, y = self.middle()
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + across, y + down, steps=4)
        if drop:
            self.page.mouse.up()

    def step(self) -> float:
        """Return how many pixels lie between one place and the next."""
        return self.frame()[2] / 10

    def frame(self) -> list[float]:
        """Return left, top, width and height of what the axes enclose, in pixels of the drawing."""
        return [float(part) for part in (self.scene.locate("svg.curves").get_attribute("viewBox") or "").split()]

    def ends(self, number: int) -> list[list[float]]:
        """Return the points of a curve, in the units of the axes."""
        left, top, wide, high = self.frame()
        path = self.scene.locate("svg.curves").locator("path").nth(number).get_attribute("d") or ""
        points = [[float(part) for part in one.split()] for one in re.findall(r"[ML]([-\d. ]+)", path)]
        return [[10 * (x - left) / wide, 1 - 2 * (y - top) / high] for x, y in points]


def middle(found: Any) -> tuple[float, float]:
    box = found.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def chart(scene: Scene) -> Chart:
    return Chart(scene)


def test_a_chart_has_title_axes_legend_and_a_description(scene: Scene, chart: Chart) -> None:
    assert scene.text("figcaption") == "A line that tips over"
    assert (scene.text(".up"), scene.text(".across")) == ("answer", "input x")
    assert scene.locate(".axes text").all_text_contents() == ["−1", "0", "1", "0", "5", "10"]
    assert scene.texts(".key") == ["the line", "zero", "missed"]
    assert scene.locate(".marks text").all_text_contents() == ["too low", "threshold"]
    assert scene.locate("svg[role=img]").get_attribute("aria-label") == "A line whose slope can be changed."


def test_everything_is_where_the_axes_say(scene: Scene, chart: Chart) -> None:
    (zero, ten) = (middle(scene.locate(".axes text").nth(i)) for i in (3, 5))
    across, up = chart.middle()

    assert across == pytest.approx(zero[0] + 0.2 * (ten[0] - zero[0]), abs=1)
    assert up == pytest.approx(middle(scene.locate(".axes text").nth(1))[1], abs=1.5)
    assert np.allclose(chart.ends(0), [[0, 0], [10, 0.2]], atol=0.01)
    assert np.allclose(chart.ends(1), [[0, 0], [10, 0]], atol=0.01)


def test_while_the_handle_is_dragged_all_follows_and_nothing_is_reported(scene: Scene, chart: Chart) -> None:
    chart.drag(5 * chart.step(), drop=False)

    assert chart.value == (7, WORDS[7]) and chart.words == WORDS[7]
    assert np.allclose(chart.ends(0), [[0, 0], [10, 0.7]], atol=0.01)
    assert scene.locate(".dots .ring").count() == 1
    assert scene.reports() == []

    scene.page.mouse.up()
    assert scene.reports() == [["place", 7]]
    scene.page.mouse.move(5, 5)
    assert chart.value[0] == 7
    # The keys go on from there.
    scene.page.keyboard.press("ArrowRight")
    assert chart.value[0] == 8


def test_dots_that_are_not_there_in_a_place_are_not_drawn(scene: Scene, chart: Chart) -> None:
    assert scene.locate(".dots .ring").count() == 0


def test_the_place_nearest_to_the_pointer_is_chosen_and_none_beyond_the_last(scene: Scene, chart: Chart) -> None:
    chart.drag(0.4 * chart.step(), down=30)
    assert chart.value[0] == 2 and scene.reports() == []
    chart.drag(0.6 * chart.step())
    assert chart.value[0] == 3
    chart.drag(30 * chart.step())
    assert chart.value[0] == 10
    chart.drag(-30 * chart.step())
    assert chart.value[0] == 0
    assert scene.reports() == [["place", 3], ["place", 10], ["place", 0]]


@pytest.mark.parametrize(
    "key, place",
    [("ArrowRight", 6), ("ArrowUp", 6), ("ArrowLeft", 4), ("ArrowDown", 4), ("PageUp", 6), ("PageDown", 4),
     ("Home", 0), ("End", 10)],
)  # fmt: skip
def test_keys_move_the_handle_and_report_after_a_pause(scene: Scene, key: str, place: int) -> None:
    chart = Chart(scene, start=5)
    chart.handle.press(key)

    assert chart.value == (place, WORDS[place]) and chart.words == WORDS[place]
    assert scene.reports() == []
    scene.tick(500)
    assert scene.reports() == [["place", place]]


def test_of_keys_in_quick_succession_only_the_last_is_reported(scene: Scene, chart: Chart) -> None:
    for _ in range(3):
        chart.handle.press("ArrowRight")
        scene.tick(200)
    scene.tick(500)
    assert scene.reports() == [["place", 5]]


def test_keys_of_the_handle_do_not_turn_the_page(scene: Scene, chart: Chart) -> None:
    scene.page.evaluate("document.addEventListener('keydown', ({ key }) => window.stage.reports.push(['page', key]))")
    chart.handle.press("ArrowRight")
    chart.handle.press("f")
    assert scene.reports() == [["page", "f"]]


def test_new_data_keep_the_handle_where_it_is_and_another_start_moves_it(scene: Scene, chart: Chart) -> None:
    chart.drag(5 * chart.step())
    chart.give(CHART, 2, 7)
    assert chart.value[0] == 7
    # An answer of the server to what was reported before.
    chart.give(CHART, 2, 3)
    assert chart.value[0] == 7
    chart.give(CHART, 4, 4)
    assert chart.value[0] == 4
    chart.handle.press("ArrowRight")
    scene.tick(500)
    assert scene.reports() == [["place", 7], ["place", 5]]


def test_the_handle_is_where_it_was_put_down_on_coming_back(scene: Scene) -> None:
    chart = Chart(scene, place=9)
    assert chart.value == (9, WORDS[9])
    chart.drag(0, drop=True)
    assert scene.reports() == []


def test_nothing_else_moves_while_the_handle_does(scene: Scene) -> None:
    handle = Handle("Slope", LEVEL.points, ("short", *("word " * 100,) * 10))
    chart = Chart(scene, DragChart("", CHART.x, CHART.y, handle, ""), start=0)
    before = scene.locate("figure").bounding_box()
    chart.handle.press("End")
    assert scene.locate("figure").bounding_box() == before


def test_the_chart_is_drawn_anew_when_its_width_changes(scene: Scene, chart: Chart) -> None:
    wide = chart.step()
    scene.page.set_viewport_size({"width": 500, "height": 700})
    try:
        scene.page.wait_for_function(
            "wide => document.querySelector('#drag').shadowRoot.querySelector('svg.curves').width.baseVal.value < wide",
            arg=6 * wide,
        )
        across, _ = chart.middle()
        chart.drag(3 * chart.step())
        assert chart.value[0] == 5 and across < 500
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})


@pytest.fixture
def fine(scene: Scene) -> Chart:
    """Mount a chart with places closer together than the handle is wide, from −1 to 1."""
    places = np.linspace(-1, 1, 101)
    handle = Handle("Input", np.stack([places, 0 * places], axis=1), [f"{place:g}" for place in places])
    return Chart(scene, DragChart("", Axis("", -1, 1, (-1, 0, 1)), CHART.y, handle, ""), start=25)


def test_the_handle_does_not_jump_to_where_it_is_taken_hold_of(fine: Chart) -> None:
    x, y = fine.middle()
    fine.page.mouse.move(x + 15, y)
    fine.page.mouse.down()
    fine.page.mouse.move(x + 16, y)
    assert fine.value == (25, "-0.5")
    fine.page.mouse.up()


def test_once_let_go_the_handle_no_longer_follows(fine: Chart) -> None:
    fine.drag(40)
    place, (x, y) = fine.value, fine.middle()
    fine.page.mouse.move(x + 15, y)
    assert fine.value == place


def test_only_the_main_button_drags(fine: Chart) -> None:
    x, y = fine.middle()
    fine.page.mouse.move(x, y)
    fine.page.mouse.down(button="right")
    fine.page.mouse.move(x + 100, y)
    fine.page.mouse.up(button="right")
    assert fine.value[0] == 25


def test_an_axis_can_begin_below_0(scene: Scene, fine: Chart) -> None:
    (low, high) = (middle(scene.locate(".axes text").nth(i))[0] for i in (3, 5))
    assert fine.middle()[0] == pytest.approx(low + 0.25 * (high - low), abs=1)


def test_keys_stop_at_both_ends(scene: Scene, chart: Chart) -> None:
    for end, beyond in (("End", "ArrowRight"), ("Home", "PageDown")):
        chart.handle.press(end)
        before = chart.value
        chart.handle.press(beyond)
        assert chart.value == before


def test_an_upright_handle_is_moved_up_and_down(scene: Scene) -> None:
    handle = Handle("Height", np.stack([np.full(5, 5.0), np.linspace(-1, 1, 5)], axis=1), ("",) * 5, hint="")
    chart = Chart(scene, DragChart("", CHART.x, CHART.y, handle, ""), start=2)
    assert chart.handle.get_attribute("aria-orientation") == "vertical"

    chart.drag(0, down=-1000)
    assert chart.value[0] == 4
    chart.drag(0, down=1000)
    assert chart.value[0] == 0


def test_a_finger_drags_the_handle_and_scrolls_elsewhere(scene: Scene, chart: Chart) -> None:
    touch = "one => getComputedStyle(one).touchAction"
    assert chart.handle.evaluate(touch) == "none"
    assert {scene.locate(part).evaluate(touch) for part in ("figure", ".plot", "svg[role=img]")} == {"auto"}

    finger = Finger(scene.page)
    x, y = chart.middle()
    finger.put("touchStart", x, y)
    finger.put("touchMove", x + 3 * chart.step(), y + 40)
    assert chart.value[0] == 5
    finger.lift()
    assert scene.reports() == [["place", 5]]


class Finger:
    """One finger on the screen."""

    def __init__(self, page: Page) -> None:
        self.link = page.context.new_cdp_session(page)

    def put(self, what: str, x: float, y: float) -> None:
        self.link.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": [{"x": x, "y": y}]})

    def lift(self) -> None:
        self.link.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_the_hint_is_there_until_the_handle_is_moved(scene: Scene, chart: Chart) -> None:
    assert scene.locate(".hint").all_text_contents() == ["Drag"]
    chart.handle.press("ArrowRight")
    assert scene.locate(".hint").all_text_contents() == []


def test_arrows_point_to_where_there_is_a_place(scene: Scene, chart: Chart) -> None:
    assert scene.locate(".arrow").count() == 2
    chart.handle.press("End")
    assert scene.locate(".arrow").count() == 1


def test_guides_lead_from_the_handle_to_both_axes(scene: Scene) -> None:
    handle = Handle("Input", np.stack([PLACES, PLACES / 10], axis=1), WORDS, guides=True)
    Chart(scene, DragChart("", CHART.x, CHART.y, handle, ""), start=5)
    found = re.fullmatch(r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)", scene.locate(".guides").get_attribute("d") or "")
    left, top, wide, high = map(float, (scene.locate("svg.curves").get_attribute("viewBox") or "").split())

    assert found is not None
    assert [float(part) for part in found.groups()] == pytest.approx(
        [left, top + high / 4, left + wide / 2, top + high]
    )


def test_words_can_be_read_in_the_dark(scene: Scene, chart: Chart) -> None:
    scene.theme(DARK)
    for part in ("figcaption", ".across", "[role=status]"):
        colour = scene.locate(part).evaluate("one => getComputedStyle(one).color")
        assert contrast(rgb(colour), rgb(DARK["background-color"])) > 4.5
    ink = scene.locate(".axes text").first.evaluate("one => getComputedStyle(one).fill")
    assert contrast(rgb(ink), rgb(DARK["background-color"])) > 4.5
