"""The appendix "The model, three ways": shapes, logits, four starts and the claims about the rim."""

import inspect

import numpy as np
import pytest
from reading import again, number, pictures, table, words

from lrdemo.formats import short
from lrdemo.lesson import three_ways
from lrdemo.lesson.source import source
from lrdemo.pictures import signed
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

NAMES = ["All zero", "Normal / √784, bias\u00a00", "nn.Linear's default", "Xavier uniform, bias\u00a00"]
WHITE = [247, 247, 247]


def finished(pieces):
    """Return what a question asked in pieces comes to."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


@pytest.fixture
def page(open_app):
    return again(open_app("pages/three_ways.py"))


@pytest.fixture(scope="module")
def found(digits):
    """Return what the core says of a run with the page's settings."""
    trainer = Trainer(Settings(), digits)
    return three_ways.three_ways(trainer), finished(three_ways.starts(trainer))


def test_each_way_shows_its_own_code_and_its_own_parameters(page):
    assert [tab.label for tab in page.tabs] == ["Two tensors", "A class of our own", "An nn.Module"]
    ways = (
        (three_ways.with_tensors, "weight [784, 10], bias [10]"),
        (three_ways.OwnModel, "weight [784, 10], bias [10]"),
        (three_ways.LinearModel, "linear.weight [10, 784], linear.bias [10]"),
    )
    for tab, (part, shapes) in zip(page.tabs, ways, strict=True):
        assert tab.code[0].value == source(part)
        assert inspect.getsource(part).rstrip() in tab.code[0].value
        assert f"Parameters: **{shapes}**, together **7,850** numbers." in [text.value for text in tab.markdown]
    assert page.code[3].value == str(three_ways.LinearModel())


def test_the_three_agree_and_the_logits_of_test_image_0_are_folded_away(page, found):
    (folded,) = [part for part in page.expander if part.label == "The ten logits of test image 0, a 7"]
    rows = table(folded, "digit", "Two tensors", "A class of our own", "An nn.Module")

    assert [row[0] for row in rows] == [str(digit) for digit in range(10)]
    for way in range(3):
        assert [number(row[1 + way]) for row in rows] == pytest.approx(found[0]["outputs"][way][0], abs=2e-6)
    assert "not those of your run" in words(page)
    difference = found[0]["largest_difference"]
    assert (
        f"**the same to {short(difference, 1)}**".replace("\u00a0", " ") if difference else "**exactly the same**"
    ) in words(page)


def test_losses_and_accuracies_in_the_words_are_those_of_the_table(page, found):
    said = words(page)

    assert f"{found[1]['loss_before'][0]:.3f}" == f"{np.log(10):.3f}" == "2.303" and "log 10 = 2.303" in said
    assert f"{max(found[1]['loss_before']):.3f} at most" in said
    right = sorted(found[1]["accuracy_after"])
    assert f"between {100 * right[0]:.2f} % and {100 * right[-1]:.2f} % of the test images" in said


def test_every_step_is_one_thought_of_at_most_60_words(page):
    headings = [head.value for head in page.header]
    texts = [text.value for text in page.markdown if not text.value.startswith(("|", "**At", "**After", "Parameters"))]

    assert headings == [
        "One model, written three ways", "Two shapes of W", "What training may change", "The same ten logits",
        "Four ways to start", "It hardly matters here", "The speckled rim",
    ]  # fmt: skip
    assert [text for text in texts if len(text.split()) > 60] == []


def test_the_four_starts_are_measured_before_and_after_one_epoch(page, found):
    rows = table(page, "start", "test loss at the start", "test accuracy after one epoch")

    assert [row[0] for row in rows] == NAMES
    assert any(part.value.splitlines()[1:2] == ["| :--- | ---: | ---: |"] for part in page.markdown)
    assert [number(row[1]) for row in rows] == pytest.approx(found[1]["loss_before"], abs=6e-4)
    assert [number(row[2]) / 100 for row in rows] == pytest.approx(found[1]["accuracy_after"], abs=6e-5)


@pytest.mark.parametrize("digit", [0, 7])
def test_the_weights_of_the_chosen_class_are_shown_before_and_after_on_one_scale(page, found, digit):
    page.segmented_control(key="starts_class").set_value(digit)
    again(page)

    for title, part in (("at the start", "before"), ("after one epoch", "after")):
        shown = [one for one in pictures(page) if one.alt.startswith(f"Weights of digit {digit}, {title}:")]
        assert [one.caption for one in shown] == NAMES
        for one, weights in zip(shown, found[1][part], strict=True):
            values = weights[digit].reshape(28, 28)
            colours, strong = one.pixels[::4, ::4].astype(int), np.abs(values) > 0.02
            assert np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])
            assert np.array_equal(one.pixels, signed(values, 0.25))
    assert "from −0.25 (blue) through 0 (white) to 0.25 (red)" in words(page)


def test_from_zero_the_rim_stays_white_and_after_a_random_start_it_is_speckled(page, digits):
    empty = digits.train_images.max(axis=0) == 0
    after = [one.pixels[::4, ::4] for one in pictures(page) if "after one epoch" in one.alt]

    assert (after[0][empty] == WHITE).all()
    assert all(not (pixels[empty] == WHITE).all() for pixels in after[1:])
    assert f"{empty.sum()} pixels are blank in all training images" in words(page)


def test_one_test_image_has_ink_where_no_training_image_has(page, digits):
    empty = digits.train_images.max(axis=0) == 0

    assert (digits.test_images[:, empty].max(axis=1) > 0).sum() == 1
    assert "1 of the 10,000 test images has some" in words(page)
