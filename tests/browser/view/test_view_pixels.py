"""The picture of one image: every pixel's grey and number, and the one that is pointed at, read out and enlarged."""

from __future__ import annotations

import numpy as np
import pytest
from stage import DARK, LIGHT, Scene, styles
from vision import contrast, rgb

IMAGE = np.random.default_rng(3).integers(0, 256, (28, 28), dtype=np.uint8)
IMAGE[7, 14], IMAGE[27, 27], IMAGE[0, 0], IMAGE[0, 1], IMAGE[1, 0] = 253, 255, 0, 254, 1
CANVAS = ".grid canvas"


def show(scene: Scene, image: np.ndarray = IMAGE, name: str = "Training image 0", label: int = 5) -> None:
    scene.component("pixels", "pixels", {"pixels": image.reshape(-1).tolist(), "name": name, "label": label})
    scene.tick(50)


def said(scene: Scene) -> list[str]:
    return scene.texts(".said > *")


def written(value: int) -> str:
    """Return a pixel's number as it stands in the picture: 0, .07, 1."""
    return {0: "0", 255: "1"}.get(value, f"{value / 255:.2f}".removeprefix("0"))


def middle(scene: Scene, row: int, column: int) -> dict[str, float]:
    """Return the middle of a cell, counted from 1, in the canvas."""
    side = scene.drawn(CANVAS).width
    return {"x": side * (column - 0.5) / 28, "y": side * (row - 0.5) / 28}


@pytest.fixture
def shown(scene: Scene) -> Scene:
    show(scene)
    return scene


def test_every_cell_has_its_pixel_s_grey_and_its_number(shown: Scene) -> None:
    drawn = shown.drawn(CANVAS)
    assert [one["text"] for one in drawn.texts] == [written(int(value)) for value in IMAGE.reshape(-1)]
    for index in (0, 1, 28, 783):
        place = middle(shown, index // 28 + 1, index % 28 + 1)
        assert (drawn.texts[index]["x"], drawn.texts[index]["y"]) == pytest.approx((place["x"], place["y"]), abs=0.1)
    cell = drawn.width / 28
    for row, column in ((0, 0), (0, 1), (20, 5), (27, 27), (13, 2)):
        # Near its corner a cell has no figure.
        (corner,) = drawn.pixel((column + 0.12) * cell, (row + 0.12) * cell)
        assert corner[:3] == (255 - int(IMAGE[row, column]),) * 3


def test_it_begins_at_an_inked_pixel_and_says_the_image_s_name(shown: Scene) -> None:
    assert (shown.text(".name"), shown.text(".label")) == ("Training image 0", "label 5")
    assert said(shown) == ["row 8, column 15", "253 ÷ 255 = 0.99", "pixel 211 of 784"]


@pytest.mark.parametrize("row, column", [(1, 1), (3, 20), (28, 28)])
def test_pointing_at_a_pixel_reads_it_out(shown: Scene, row: int, column: int) -> None:
    shown.locate(CANVAS).hover(position=middle(shown, row, column))

    value = int(IMAGE[row - 1, column - 1])
    assert said(shown) == [
        f"row {row}, column {column}", f"{value} ÷ 255 = {value / 255:.2f}", f"pixel {28 * (row - 1) + column} of 784",
    ]  # fmt: skip


def test_the_pixels_around_it_are_enlarged_and_beyond_the_rim_there_are_none(shown: Scene) -> None:
    expected = [written(int(value)) for value in IMAGE[5:10, 12:17].reshape(-1)]
    assert shown.texts(".near span") == expected
    assert shown.texts(".near .chosen") == [expected[12]]

    shown.locate(CANVAS).hover(position=middle(shown, 1, 1))
    cells = np.asarray(shown.texts(".near span")).reshape(5, 5)
    assert cells[2:, 2:].reshape(-1).tolist() == [written(int(value)) for value in IMAGE[:3, :3].reshape(-1)]
    assert set(cells[:2].reshape(-1)) | set(cells[:, :2].reshape(-1)) == {""}
    assert shown.locate(".near .outside").count() == 16


def test_every_enlarged_number_can_be_read_on_its_grey(scene: Scene) -> None:
    """All 256 greys, 25 at a time."""
    image = np.zeros((28, 28), np.uint8)
    for start in range(0, 256, 25):
        image[5:10, 12:17] = np.minimum(np.arange(start, start + 25), 255).reshape(5, 5)
        show(scene, image)
        for colour, background in styles(scene.locate(".near span"), "color", "backgroundColor"):
            assert contrast(rgb(colour), rgb(background)) >= 4.5


@pytest.mark.parametrize(
    "keys, place",
    [("Right", "row 8, column 16"), ("Left", "row 8, column 14"), ("Up", "row 7, column 15"),
     ("Down", "row 9, column 15")],
)  # fmt: skip
def test_the_arrow_keys_move_from_pixel_to_pixel(shown: Scene, keys: str, place: str) -> None:
    shown.locate(".grid").press(f"Arrow{keys}")

    assert said(shown)[0] == place


def test_the_arrow_keys_stop_at_the_rim_and_are_the_picture_s_own(shown: Scene) -> None:
    shown.page.evaluate("window.heard = []; addEventListener('keydown', (event) => window.heard.push(event.key))")
    for _ in range(15):
        shown.locate(".grid").press("ArrowUp")
    assert said(shown)[0] == "row 1, column 15"

    shown.locate(".grid").press("f")
    assert shown.page.evaluate("window.heard") == ["f"]


def test_another_image_keeps_the_place(shown: Scene) -> None:
    shown.locate(".grid").press("ArrowDown")
    show(shown, 255 - IMAGE, "Test image 3", 0)

    value = 255 - int(IMAGE[8, 14])
    assert (shown.text(".name"), shown.text(".label")) == ("Test image 3", "label 0")
    assert said(shown)[:2] == ["row 9, column 15", f"{value} ÷ 255 = {value / 255:.2f}"]
    assert shown.drawn(CANVAS).texts[0]["text"] == "1"


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_chosen_pixel_is_framed_plainly_on_paper_and_on_ink(scene: Scene, theme: dict[str, str]) -> None:
    """A frame of white and of blue: one of them is plain on any grey."""
    scene.theme(theme)
    for value in (0, 128, 255):
        show(scene, np.full((28, 28), value, np.uint8))
        drawn = scene.drawn(CANVAS)
        cell = drawn.width / 28
        around = [pixel[:3] for pixel in drawn.pixel(14 * cell, 7.5 * cell, reach=4)]
        paper = (255 - value,) * 3
        assert max(contrast(pixel, paper) for pixel in around) >= 3


def test_where_cells_are_too_small_for_numbers_they_are_plain_greys(scene: Scene) -> None:
    scene.page.set_viewport_size({"width": 390, "height": 844})
    try:
        show(scene)
        drawn = scene.drawn(CANVAS)
        assert drawn.texts == [] and 300 < drawn.width <= 390
        assert scene.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_the_picture_grows_with_the_window(shown: Scene) -> None:
    before = shown.drawn(CANVAS).width
    shown.page.set_viewport_size({"width": 1366, "height": 1080})
    try:
        shown.page.wait_for_function(
            "before => document.querySelector('#pixels').shadowRoot.querySelector('canvas').width > before", arg=before
        )
        drawn = shown.drawn(CANVAS)
        assert drawn.texts[-1]["x"] == pytest.approx(drawn.width * 27.5 / 28, abs=0.1)
    finally:
        shown.page.set_viewport_size({"width": 1366, "height": 768})
