"""The page "The model, three ways": shapes, logits, four starts and the claims about the rim."""

import inspect

import numpy as np
import pytest
from reading import again, number, pictures, table, words

from lrdemo.lesson import three_ways
from lrdemo.model import SoftmaxRegression
from lrdemo.pictures import signed
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

NAMES = ["All zero", "Normal / √784, bias 0", "nn.Linear's default", "Xavier uniform, bias 0"]
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
    assert [tab.label for tab in page.tabs] == ["Two loose tensors", "A class of our own", "An nn.Module"]
    ways = (
        (three_ways.with_tensors, "W [784, 10], b [10]"),
        (three_ways.OwnModel, "W [784, 10], b [10]"),
        (SoftmaxRegression, "linear.weight [10, 784], linear.bias [10]"),
    )
    for tab, (part, shapes) in zip(page.tabs, ways, strict=True):
        assert tab.code[0].value == inspect.getsource(part).rstrip()
        assert f"Parameters: **{shapes}**, together **7,850** numbers." in [text.value for text in tab.markdown]
    assert "Linear(in_features=784, out_features=10, bias=True)" in page.tabs[2].code[1].value


def test_the_three_give_the_logits_of_test_image_0_and_agree(page, found):
    rows = table(page, "class", "tensors", "class of our own", "nn.Module")

    assert [row[0] for row in rows] == [str(digit) for digit in range(10)]
    for way in range(3):
        assert [number(row[1 + way]) for row in rows] == pytest.approx(found[0]["outputs"][way][0], abs=2e-6)
    assert "not those of your run" in words(page)


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
        shown = [one for one in pictures(page) if one.alt.startswith(f"Weights of class {digit}, {title}:")]
        assert [one.caption for one in shown] == NAMES
        for one, weights in zip(shown, found[1][part], strict=True):
            values = weights[digit].reshape(28, 28)
            colours, strong = one.pixels[::4, ::4].astype(int), np.abs(values) > 0.02
            assert np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])
            assert np.array_equal(one.pixels, signed(values, 0.25))
    assert "from −0.25 (blue) over 0 (white) to 0.25 (red)" in words(page)


def test_from_zero_the_rim_stays_white_and_after_a_random_start_it_is_speckled(page, digits):
    empty = digits.train_images.max(axis=0) == 0
    after = [one.pixels[::4, ::4] for one in pictures(page) if "after one epoch" in one.alt]

    assert (after[0][empty] == WHITE).all()
    assert all(not (pixels[empty] == WHITE).all() for pixels in after[1:])
    assert f"{empty.sum()} pixels are never inked" in words(page)


def test_one_test_image_has_ink_where_no_training_image_has(page, digits):
    empty = digits.train_images.max(axis=0) == 0

    assert (digits.test_images[:, empty].max(axis=1) > 0).sum() == 1
    assert "1 of the 10,000 test images has some" in words(page)


