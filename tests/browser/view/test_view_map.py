"""The map of images: points where their coordinates say, the picked one's picture, moving, zooming and choosing."""

from __future__ import annotations

import struct
import time
from collections.abc import Sequence

import numpy as np
import pytest
from stage import DARK, LIGHT, PATIENCE, Scene
from vision import PLAIN, contrast, difference, rgb

from lrdemo import pictures
from lrdemo.lesson.pca import Projection, quantised
from lrdemo.ui.lesson.pca_map import COLOURS

CANVAS = "canvas[role]"
# (x, y, digit): the corners of the map, a few in between, and twos and sevens around their middles.
POINTS = [
    (-10, -5, 0), (10, 5, 1), (-10, 5, 3), (10, -5, 4), (5, 2, 6), (-5, -3, 6), (-6, 3, 6), (7, -2, 6), (2, -4, 5),
]  # fmt: skip
IMAGE = np.random.default_rng(2).integers(0, 256, (28, 28), dtype=np.uint8)


class Map:
    """The map on a scene; places are found from coordinates as a visitor would, by the ends of the map."""

    def __init__(self, scene: Scene, more: Sequence[tuple[float, float, int]] = ()) -> None:
        coordinates = np.asarray([(x, y) for x, y, _ in (*POINTS, *more)], np.float32)
        labels = np.asarray([digit for *_, digit in (*POINTS, *more)], np.uint8)
        none = np.zeros(0, np.float32)
        scene.component("map", "map", quantised(Projection(none, none, coordinates, none), labels))
        scene.tick(50)
        self.scene = scene
        self.canvas = scene.locate(CANVAS)
        self.width, self.height = self.canvas.evaluate("canvas => [canvas.width, canvas.height]")
        # The whole map, 20 by 10, with a little air.
        self.scale = 0.94 * min(self.width / 20, self.height / 10)

    def place(self, x: float, y: float, zoom: float = 1, middle: tuple[float, float] = (0, 0)) -> tuple[float, float]:
        scale = self.scale * zoom
        return self.width / 2 + (x - middle[0]) * scale, self.height / 2 - (y - middle[1]) * scale

    def has(self, number: int, **view: object) -> bool:
        """Return whether a point's colour is where it should be."""
        x, y, digit = POINTS[number]
        across, down = self.place(x, y, **view)  # type: ignore[arg-type]
        if not (4 < across < self.width - 4 and 4 < down < self.height - 4):
            return False
        wanted = tuple(int(COLOURS[digit][i : i + 2], 16) for i in (1, 3, 5))
        pixels = self.scene.drawn(CANVAS).pixel(across + 1, down + 1, reach=2)
        return any(pixel[:3] == wanted and pixel[3] == 255 for pixel in pixels)

    def grey(self, number: int) -> tuple[int, ...]:
        """Return the faint grey of a point, empty where it is not grey."""
        across, down = self.place(*POINTS[number][:2])
        pixels = self.scene.drawn(CANVAS).pixel(across + 1, down + 1, reach=2)
        return next((pixel for pixel in pixels if 0 < pixel[3] < 255 and len(set(pixel[:3])) == 1), ())

    def hover(self, x: float, y: float, **view: object) -> None:
        across, down = self.place(x, y, **view)  # type: ignore[arg-type]
        self.canvas.hover(position={"x": across, "y": down})


@pytest.fixture
def atlas(scene: Scene) -> Map:
    return Map(scene)


def pick(scene: Scene, index: int) -> None:
    scene.component("picked", "picked", struct.pack("<I", index) + IMAGE.tobytes())
    scene.tick(50)


def test_points_lie_where_their_coordinates_say_in_the_colour_of_their_digit(atlas: Map) -> None:
    # Points whose digit's name stands on them are hidden by it.
    assert all(atlas.has(number) for number in (5, 6, 7))
    across, down = atlas.place(-5, 2)
    assert all(pixel[3] == 0 for pixel in atlas.scene.drawn(CANVAS).pixel(across, down, reach=4))


def test_both_directions_are_named_at_the_edges_they_point_to(atlas: Map) -> None:
    frame = atlas.scene.locate(".frame").bounding_box()
    assert frame is not None
    assert atlas.scene.texts(".axis") == ["first direction →", "second direction →"]
    across, up = (axis.bounding_box() for axis in atlas.scene.locate(".axis").all())
    assert across is not None and up is not None
    assert across["width"] > across["height"] and across["x"] > frame["x"] + frame["width"] / 2
    assert up["height"] > up["width"] and up["x"] < frame["x"] + 20


def test_each_digit_s_name_stands_in_its_middle(atlas: Map) -> None:
    drawn = atlas.scene.drawn(CANVAS)

    assert drawn.place("3") == pytest.approx(atlas.place(-10, 5), abs=1)
    assert drawn.place("5") == pytest.approx(atlas.place(2, -4), abs=1)
    assert drawn.place("6") == pytest.approx(atlas.place(5, 2), abs=1)


def test_pointing_names_the_point_and_resting_on_it_asks_for_its_image(atlas: Map) -> None:
    scene = atlas.scene
    assert not scene.locate(".tip").is_visible()
    atlas.hover(5.1, 2)
    assert scene.text(".tip") == "digit 6, image 4"
    scene.tick(179)
    assert scene.reports() == []
    scene.tick(1)
    assert scene.reports() == [["picked", 4]]

    atlas.hover(0, 0)
    assert not scene.locate(".tip").is_visible()


def test_rushing_across_points_asks_for_none(atlas: Map) -> None:
    for number in (4, 5, 6, 7):
        atlas.hover(*POINTS[number][:2])
        atlas.scene.tick(60)
    atlas.hover(0, 0)
    atlas.scene.tick(5000)

    assert atlas.scene.reports() == []


def test_the_picked_point_s_image_is_shown_and_the_point_marked(atlas: Map) -> None:
    scene = atlas.scene
    across, down = atlas.place(-6, 3)
    atlas.canvas.click(position={"x": across, "y": down})
    assert scene.reports() == [["picked", 6]]
    assert not scene.locate(".picked").is_visible()

    pick(scene, 6)

    assert scene.text(".picked span") == "digit 6, image 6"
    expected = pictures.ink(IMAGE / np.float32(255), zoom=1)[..., None].repeat(3, axis=-1)
    np.testing.assert_allclose(scene.painted(scene.locate(".picked canvas")), expected, atol=1)
    ring = [dot for dot in scene.drawn(CANVAS).dots if dot["width"] == 3]
    assert ring and all((dot["x"], dot["y"]) == pytest.approx(atlas.place(-6, 3), abs=1) for dot in ring)


def test_an_image_that_came_before_the_map_is_shown_as_well(scene: Scene) -> None:
    pick(scene, 7)
    Map(scene)

    assert scene.text(".picked span") == "digit 6, image 7"


def test_buttons_and_keys_zoom_and_nought_shows_all(atlas: Map) -> None:
    scene = atlas.scene
    scene.locate("[data-act=in]").click()
    scene.tick(50)
    assert atlas.has(5, zoom=1.6) and not atlas.has(5)
    scene.locate("[data-act=out]").click()
    scene.tick(50)
    assert atlas.has(7)

    atlas.canvas.focus()
    for key, zoom in (("+", 1.5), ("-", 1), ("+", 1.5), ("0", 1)):
        scene.page.keyboard.press(key)
        scene.tick(50)
        assert atlas.has(7, zoom=zoom)
    scene.locate("[data-act=in]").click()
    scene.locate("[data-act=all]").click()
    scene.tick(50)
    assert atlas.has(7)


@pytest.mark.parametrize(
    ("key", "across", "down"),
    [("ArrowLeft", 60, 0), ("ArrowRight", -60, 0), ("ArrowUp", 0, 60), ("ArrowDown", 0, -60)],
)
def test_arrows_move_the_view_their_way(atlas: Map, key: str, across: int, down: int) -> None:
    atlas.canvas.focus()
    atlas.scene.page.keyboard.press(key)
    atlas.scene.tick(50)

    # The view moves to the left: what is on it moves to the right.
    assert atlas.has(5, middle=(-across / atlas.scale, down / atlas.scale))


def test_enter_picks_the_point_nearest_to_the_middle(atlas: Map) -> None:
    atlas.canvas.focus()
    atlas.scene.page.keyboard.press("Enter")

    assert atlas.scene.reports() == [["picked", 8]]


def test_dragging_moves_the_map_and_picks_nothing(atlas: Map) -> None:
    page, box = atlas.scene.page, atlas.canvas.bounding_box()
    assert box is not None
    across, down = atlas.place(5, 2)
    page.mouse.move(box["x"] + across, box["y"] + down)
    page.mouse.down()
    page.mouse.move(box["x"] + across - 100, box["y"] + down + 40, steps=4)
    page.mouse.up()
    atlas.scene.tick(50)

    assert atlas.has(5, middle=(100 / atlas.scale, 40 / atlas.scale))
    assert atlas.scene.reports() == []


def test_the_wheel_zooms_about_the_pointer_but_only_once_the_map_was_clicked(atlas: Map) -> None:
    page, zoom = atlas.scene.page, np.exp(0.3)
    atlas.hover(5, 2)
    page.mouse.wheel(0, -200)
    atlas.scene.tick(50)
    assert atlas.has(5)

    atlas.canvas.focus()
    page.mouse.wheel(0, -200)
    middle = (5 - 5 / zoom, 2 - 2 / zoom)
    # The browser hands the wheel on a little later.
    deadline = time.monotonic() + PATIENCE
    while not atlas.has(5, zoom=zoom, middle=middle) and time.monotonic() < deadline:
        atlas.scene.tick(50)
    assert atlas.has(7, zoom=zoom, middle=middle) and atlas.has(6, zoom=zoom, middle=middle)


def test_a_numbered_button_picks_out_one_digit_from_grey_and_again_shows_all(atlas: Map) -> None:
    scene = atlas.scene
    buttons = scene.locate(".legend button")
    assert scene.texts(".legend button") == [str(digit) for digit in range(10)]
    shade = "all => all.map((one) => getComputedStyle(one).backgroundColor)"
    expected = ["rgb({}, {}, {})".format(*bytes.fromhex(colour[1:])) for colour in COLOURS]
    assert scene.locate(".legend i").evaluate_all(shade) == expected

    buttons.nth(5).click()
    scene.tick(50)
    assert not atlas.has(7) and not atlas.has(6) and atlas.grey(7) and atlas.grey(6)
    assert [one["text"] for one in scene.drawn(CANVAS).texts] == ["5"]
    pressed = [one.get_attribute("aria-pressed") for one in buttons.all()]
    assert pressed == [str(digit == 5).lower() for digit in range(10)]
    atlas.hover(5, 2)
    assert not scene.locate(".tip").is_visible()

    buttons.nth(5).click()
    scene.tick(50)
    assert atlas.has(7) and atlas.has(6) and not atlas.grey(6)
    assert buttons.nth(5).get_attribute("aria-pressed") == "false"


def test_the_digit_picked_out_lies_over_the_others(scene: Scene) -> None:
    """A five after the six at the very place: of two points the later one hides the other."""
    x, y, _ = POINTS[5]
    atlas = Map(scene, [(x, y, 5)])
    assert not atlas.has(5)

    scene.locate(".legend button").nth(6).click()
    scene.tick(50)
    assert atlas.has(5)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_what_is_picked_out_is_plain_with_deuteranopia_and_every_colour_on_the_paper(
    scene: Scene, theme: dict[str, str]
) -> None:
    paper = np.asarray(rgb(theme["background-color"]))
    atlas = Map(scene)
    scene.locate(".legend button").nth(5).click()
    scene.tick(50)
    *shade, alpha = atlas.grey(6)
    others = np.asarray(shade) * alpha / 255 + paper * (1 - alpha / 255)

    for colour in map(rgb, COLOURS):
        assert contrast(colour, paper) >= 3
        assert difference(colour, others) >= PLAIN


def test_close_up_every_point_is_its_digit(atlas: Map) -> None:
    scene, zoom = atlas.scene, 1.5**2
    atlas.canvas.focus()
    for key in ("+", "+", *["ArrowRight"] * 5):
        scene.page.keyboard.press(key)
        scene.tick(50)

    middle = (5 * 60 / (zoom * atlas.scale), 0.0)
    expected = set()
    for x, y, digit in POINTS:
        across, down = atlas.place(x, y, zoom, middle)
        if 0 < across < atlas.width and 0 < down < atlas.height:
            expected.add((str(digit), round(across), round(down)))
    drawn = scene.drawn(CANVAS)
    assert {(one["text"], round(one["x"]), round(one["y"])) for one in drawn.texts} == expected
    assert len(expected) >= 2 and {one["colour"] for one in drawn.texts} == {COLOURS[6]}

    scene.locate(".legend button").nth(5).click()
    scene.tick(50)
    assert {one["colour"] for one in scene.drawn(CANVAS).texts} == {"rgba(128, 128, 128, 0.3)"}


def test_where_points_are_too_many_for_digits_they_stay_dots(scene: Scene) -> None:
    """So many that each has less than 0.9 root font sizes squared."""
    atlas = Map(scene)
    most = int(atlas.width * atlas.height / 14.4**2)
    for number, digits in ((most - 50, True), (most + 50, False)):
        scene.unmount("map")
        crowd = [(0.001 * at % 1, 0.5, 2) for at in range(number)]
        atlas = Map(scene, crowd)
        atlas.canvas.focus()
        for _ in range(2):
            scene.page.keyboard.press("+")
            scene.tick(50)
        assert (len(scene.drawn(CANVAS).texts) > 100) is digits


def test_a_map_that_was_taken_away_listens_no_more(atlas: Map) -> None:
    scene = atlas.scene
    atlas.hover(5, 2)
    scene.unmount("map")
    pick(scene, 3)
    scene.tick(5000)

    assert scene.reports() == []


def test_a_map_whose_script_came_late_still_listens(scene: Scene) -> None:
    Map(scene)
    Map(scene)
    scene.page.evaluate("window.stage.stopTheFormer('map')")
    pick(scene, 3)

    assert scene.locate(".picked span").is_visible()
