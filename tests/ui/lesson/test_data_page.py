"""The page "The data": every picture pixel by pixel, every figure counted again."""

import inspect
import re
import struct

import numpy as np
import pytest
from reading import again, chart, click, metrics, picture, pictures, words

from lrdemo.lesson import data_facts
from lrdemo.lesson.pca import cached_projection, quantised

WHITE, BLUE = [247, 247, 247], [33, 102, 172]


@pytest.fixture
def page(open_app):
    return again(open_app("pages/the_data.py"))


def ink(pixels, zoom):
    """Return the image behind a picture of ink on paper."""
    assert (pixels == pixels[::zoom, ::zoom].repeat(zoom, 0).repeat(zoom, 1)).all()
    return 255 - pixels[::zoom, ::zoom]


def cells(app):
    body = next(part.proto.body for part in app.get("html") if "<table>" in part.proto.body)
    found = re.findall(r'<td style="background:rgb\((\d+),\1,\1\);color:(#\w+)">([\d.]+)</td>', body)
    assert len(found) == 784
    return [int(paper) for paper, _, _ in found], [colour for _, colour, _ in found], [text for _, _, text in found]


def test_the_sizes_of_the_two_sets(page, digits):
    assert metrics(page) == {"Training images": "60,000", "Test images": "10,000", "Pixels in each": "28 × 28 = 784"}
    assert (len(digits.train_images), len(digits.test_images)) == (60_000, 10_000)


@pytest.mark.parametrize("kind, index, label", [("training", 0, 5), ("training", 3, 1), ("test", 1, 2), ("test", 0, 7)])
def test_an_image_is_shown_as_picture_and_as_its_label(page, digits, kind, index, label):
    page.number_input(key="image_index").set_value(index)
    page.segmented_control(key="image_set").set_value(kind)
    again(page)

    seen = picture(page, f"{kind.capitalize()} image {index}, label {label}")
    images = digits.train_images if kind == "training" else digits.test_images
    assert np.array_equal(ink(seen.pixels, 8), images[index])
    assert seen.alt == f"Handwritten {kind} image {index}, label {label}"
    assert f"image of shape [1, 28, 28], label **{label}**" in words(page)


def test_a_number_beyond_the_test_images_is_the_last_of_them(page):
    page.number_input(key="image_index").set_value(20_000)
    page.segmented_control(key="image_set").set_value("test")

    assert picture(again(page), "Test image 9,999, label 6")


def luminance(grey):
    """Return the relative luminance of a grey, 0 … 255, as WCAG 2.1 defines it."""
    share = grey / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_table_holds_the_pixels_scaled_or_as_bytes_on_their_own_grey(page, digits):
    flat = digits.train_images[0].reshape(-1)

    paper, colours, numbers = cells(page)
    assert paper == (255 - flat.astype(int)).tolist()
    assert [float(number) for number in numbers] == pytest.approx(flat / 255, abs=0.0051)
    assert {numbers[at] for at in np.flatnonzero(flat == 0)} == {"0"}
    assert numbers[int(flat.argmax())] == "1"
    assert "0 is paper, 1 is full ink" in words(page)
    for colour, background in zip(colours, paper, strict=True):
        assert contrast(int(colour[1:3].ljust(2, colour[1]), 16), background) >= 4.5

    page.toggle(key="image_scaled").set_value(False)
    assert [int(number) for number in cells(again(page))[2]] == flat.tolist()
    assert "0 is paper, 255 is full ink" in words(page)


def test_eight_at_random_have_their_own_labels_and_another_eight_are_others(page, digits):
    for draw in (0, 1, 2):
        chosen = data_facts.random_indices(60_000, 8, draw)
        eight = [one for one in pictures(page) if one.alt.startswith("Training image")]
        assert len(eight) == 8
        for seen, index in zip(eight, chosen, strict=True):
            assert np.array_equal(ink(seen.pixels, 4), digits.train_images[index])
            assert seen.caption == f"label {digits.train_labels[index]}"
            assert seen.alt == f"Training image {index:,}, a handwritten {digits.train_labels[index]}"
        click(page, "Another eight")


def test_counts_and_averages_are_those_of_the_training_images(page, digits):
    (bars,) = chart(page, "counts_chart")[0]["series"]
    assert bars["data"] == np.bincount(digits.train_labels).tolist()
    for digit in (0, 3, 9):
        mean = digits.train_images[digits.train_labels == digit].mean(axis=0)
        seen = picture(page, f"average {digit}")
        assert np.abs(ink(seen.pixels, 4) - mean).max() <= 0.51


def test_the_67_pixels_without_ink_are_blue(page, digits):
    empty = digits.train_images.max(axis=0) == 0

    seen = picture(page, "67 pixels")
    assert "**67 of the 784 pixels are never inked**" in words(page)
    assert np.array_equal((seen.pixels[::4, ::4] == BLUE).all(axis=2), empty)
    assert np.array_equal((seen.pixels[::4, ::4] == WHITE).all(axis=2), ~empty)
    assert seen.alt == "Blue: never inked, 67 pixels"


def test_the_minibatch_is_the_first_hundred_and_its_row_the_first_image(page, digits):
    (sheet,) = [one for one in pictures(page) if one.alt == "100 handwritten digits in five rows"]
    (row,) = [one for one in pictures(page) if one.alt == "One row of 784 grey values"]

    assert sheet.pixels.shape == (5 * 32 - 4, 20 * 32 - 4)
    for place in (0, 1, 20, 99):
        top, left = place // 20 * 32, place % 20 * 32
        assert np.array_equal(255 - sheet.pixels[top : top + 28, left : left + 28], digits.train_images[place])
    assert np.array_equal(255 - row.pixels[0, ::2], digits.train_images[0].reshape(-1))
    assert "images [100, 1, 28, 28], labels [100]" in words(page) and "gives [100, 784]" in words(page)
    shown = "\n".join(block.value for block in page.code)
    assert all(inspect.getsource(part).rstrip() in shown for part in (data_facts.minibatch, data_facts.flattened))


def test_the_map_gets_all_points_and_the_picked_image(page, digits):
    found = cached_projection(digits.train_images)

    points, first = (part.proto.bytes for part in page.get("bidi_component"))
    assert points == quantised(found, digits.train_labels)
    assert first == struct.pack("<I", 0) + digits.train_images[0].tobytes()
    assert f"keep {100 * found.shares.sum():.0f} % of the differences" in words(page)

    page.session_state["map_picked"] = 59_999
    _, picked = (part.proto.bytes for part in again(page).get("bidi_component"))
    assert picked == struct.pack("<I", 59_999) + digits.train_images[59_999].tobytes()


def test_the_two_directions_of_the_map_are_red_where_ink_moves_an_image_right_or_up(page, digits):
    directions = cached_projection(digits.train_images).directions.reshape(2, 28, 28)

    for direction, caption in zip(directions, ("across →", "up ↑"), strict=True):
        colours = picture(page, caption).pixels[::4, ::4].astype(int)
        strong = np.abs(direction) > 0.02
        assert np.array_equal((colours[..., 0] > colours[..., 2])[strong], (direction > 0)[strong])


def test_the_test_images_are_said_to_be_kept_apart(page):
    assert "**never trained on** the 10,000 test images" in words(page)
