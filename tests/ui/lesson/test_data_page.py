"""The page "The data": every picture pixel by pixel, every figure counted again."""

import inspect
import json
import re
import struct

import numpy as np
import pytest
from reading import again, chart, click, picture, pictures, words

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


def shown_pixels(app):
    return json.loads(app.get("bidi_component")[0].proto.json)


def test_the_sizes_of_the_two_sets(page, digits):
    assert "There are 60,000 training images" in words(page) and "the other 10,000, the **test images**" in words(page)
    assert "28 rows of 28 squares" in words(page) and "784 numbers" in words(page)
    assert (len(digits.train_images), len(digits.test_images)) == (60_000, 10_000)
    assert digits.train_images[0].shape == (28, 28)


def test_no_step_has_more_than_60_words(page):
    told = [part.value for part in page.markdown]
    assert len(told) >= 10 and [one for one in told if len(one.split()) > 60] == []


@pytest.mark.parametrize("kind, index, label", [("training", 0, 5), ("training", 3, 1), ("test", 1, 2), ("test", 0, 7)])
def test_an_image_is_shown_as_picture_and_as_its_label(page, digits, kind, index, label):
    page.number_input(key="image_index").set_value(index)
    page.segmented_control(key="image_set").set_value(kind)
    again(page)

    images = digits.train_images if kind == "training" else digits.test_images
    seen = shown_pixels(page)
    assert seen == {"pixels": images[index].reshape(-1).tolist(), "name": f"{kind.capitalize()} image {index}",
                    "label": label}  # fmt: skip
    assert f"image of shape [1, 28, 28], label **{label}**" in words(page)


def test_the_arrows_go_to_the_neighbours_and_round_the_ends(page, digits):
    for arrow, index in (("Next", 1), ("Next", 2), ("◀", 1), ("◀", 0), ("◀", 59_999), ("Next", 0)):
        click(page, arrow)
        assert shown_pixels(page)["pixels"] == digits.train_images[index].reshape(-1).tolist()
        assert page.number_input(key="image_index").value == index


def test_a_number_beyond_the_test_images_is_the_last_of_them(page):
    page.number_input(key="image_index").set_value(20_000)
    page.segmented_control(key="image_set").set_value("test")
    again(page)

    assert shown_pixels(page)["name"] == "Test image 9,999" and shown_pixels(page)["label"] == 6
    assert page.number_input(key="image_index").value == 9_999


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
    for colour, background in zip(colours, paper, strict=True):
        assert contrast(int(colour[1:3].ljust(2, colour[1]), 16), background) >= 4.5

    page.toggle(key="image_scaled").set_value(False)
    assert [int(number) for number in cells(again(page))[2]] == flat.tolist()


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
    assert [bar["value"] for bar in bars["data"]] == np.bincount(digits.train_labels).tolist()
    for digit in (0, 3, 9):
        mean = digits.train_images[digits.train_labels == digit].mean(axis=0)
        seen = picture(page, f"average {digit}")
        assert np.abs(ink(seen.pixels, 4) - mean).max() <= 0.51


def test_the_answer_to_the_prediction_comes_with_the_averages(page):
    assert "make a blurred 3" in words(page)

    page.session_state["predicted_average"] = "a grey smudge"
    assert "You predicted “a grey smudge”. About 6,000 handwritten 3s" in words(again(page))


def test_always_answering_the_most_common_digit_is_right_for_its_share(page, digits):
    counted = np.bincount(digits.train_labels)
    said = f"The {counted.argmin()} is the rarest, the {counted.argmax()} the most common."
    assert said in words(page)
    assert f"answers {counted.argmax()} is correct for {100 * counted.max() / 60_000:.1f} %" in words(page)


def test_the_67_pixels_without_ink_are_blue_and_lie_at_the_rim(page, digits):
    empty = digits.train_images.max(axis=0) == 0

    seen = picture(page, "67 pixels")
    assert "67 of the 784 pixels (blue)" in words(page)
    assert np.array_equal((seen.pixels[::4, ::4] == BLUE).all(axis=2), empty)
    assert np.array_equal((seen.pixels[::4, ::4] == WHITE).all(axis=2), ~empty)
    assert seen.alt == "Blue: never inked, 67 pixels"
    assert not empty[4:24, 4:24].any()


def test_the_minibatch_is_a_hundred_marked_on_the_wall_and_another_hundred_are_others(page, digits):
    for draw in (0, 1):
        chosen = data_facts.random_indices(2_400, 100, draw)
        seen = picture(page, "2,400 of the 60,000 training images; 100 are picked out").pixels.astype(int)
        assert seen.shape == (30 * 14, 80 * 14, 3)
        for place in range(2_400):
            top, left = place // 80 * 14, place % 80 * 14
            orange = seen[top, left, 0] - seen[top, left, 2] > 100
            assert orange == (place in chosen), place

        sheet = picture(page, "The minibatch: these 100 images").pixels
        assert sheet.shape == (4 * 32 - 4, 25 * 32 - 4)
        for place in (0, 1, 25, 99):
            top, left = place // 25 * 32, place % 25 * 32
            assert np.array_equal(255 - sheet[top : top + 28, left : left + 28], digits.train_images[chosen[place]])
        row = picture(page, "Its first image, flattened: one row of 784 pixels").pixels
        assert np.array_equal(255 - row[0, ::2], digits.train_images[chosen[0]].reshape(-1))
        click(page, "Another 100")


def test_the_shapes_of_a_minibatch_and_the_code_that_made_it(page):
    assert "of shape [100, 1, 28, 28]" in words(page) and "labels have shape [100]" in words(page)
    assert "gives [100, 784]" in words(page)
    shown = "\n".join(block.value for block in page.code)
    assert all(inspect.getsource(part).rstrip() in shown for part in (data_facts.minibatch, data_facts.flattened))


def test_the_map_gets_all_points_and_the_picked_image(page, digits):
    found = cached_projection(digits.train_images)

    points, first = (part.proto.bytes for part in page.get("bidi_component")[1:])
    assert points == quantised(found, digits.train_labels)
    assert first == struct.pack("<I", 0) + digits.train_images[0].tobytes()
    assert f"keep {100 * found.shares.sum():.0f} % of the differences" in words(page)

    page.session_state["map_picked"] = 59_999
    _, picked = (part.proto.bytes for part in again(page).get("bidi_component")[1:])
    assert picked == struct.pack("<I", 59_999) + digits.train_images[59_999].tobytes()


def test_the_two_directions_of_the_map_are_red_where_ink_moves_an_image_right_or_up(page, digits):
    directions = cached_projection(digits.train_images).directions.reshape(2, 28, 28)

    for direction, caption in zip(directions, ("across →", "up ↑"), strict=True):
        colours = picture(page, caption).pixels[::4, ::4].astype(int)
        strong = np.abs(direction) > 0.02
        assert np.array_equal((colours[..., 0] > colours[..., 2])[strong], (direction > 0)[strong])


def test_the_test_images_are_said_to_be_kept_apart_and_the_drawer_is_locked(page):
    assert "**never trained on** the other 10,000" in words(page)
    (drawers,) = [part.proto.body for part in page.get("html") if part.proto.body.startswith("<figure")]
    assert "10,000 test images" in drawers and "padlock" in drawers


def test_the_chapter_ends_with_a_question_for_the_next(page):
    assert page.markdown[-1].value.startswith("**Before you go on.** For each of the ten digits the model will")
