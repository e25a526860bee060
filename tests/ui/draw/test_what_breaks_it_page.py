"""The Input lab alone: each way of giving an image, its picture, its answer and its figures, against the core's."""

from __future__ import annotations

import re

import numpy as np
import pytest
from drawing import trained, visitor
from reading import again, chart, click, number, pictures, words

from lrdemo.answers.robustness import VARIANTS, given, input_lab
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.trainer import Trainer
from lrdemo.ui.server.picture import Picture

PAGE = "pages/what_breaks_it.py"
SHORT = ("as trained", "inverted", "×255", "standardised", "shifted 2 px")


@pytest.fixture(scope="module")
def beside(digits):
    trainer = Trainer(Settings(iterations=600, pace=0), digits)
    trainer.advance(600)
    return trainer


@pytest.fixture
def page(open_app):
    return trained(open_app(PAGE))


def test_every_way_is_measured_and_drawn(page, beside):
    bars = chart(page, "input_lab_chart")[0]
    shown = dict(zip(bars["xAxis"]["data"], bars["series"][0]["data"], strict=True))
    figures = [part.value for part in page.markdown if part.value.startswith("accuracy **")]
    assert list(shown) == [variant.name for variant in VARIANTS] and len(figures) == len(VARIANTS)

    for variant, text in zip(VARIANTS, figures, strict=True):
        if variant.name not in SHORT:
            continue
        found = input_lab(beside, variant.name)
        accuracy, loss, confidence = (number(value) for value in re.findall(r"\*\*(.+?)\*\*", text))
        assert accuracy == pytest.approx(100 * found["accuracy"], abs=0.051)
        assert loss == pytest.approx(found["loss"], abs=0.0051)
        assert confidence == pytest.approx(100 * found["confidence"], abs=0.051)
        assert shown[variant.name] == pytest.approx(100 * found["accuracy"], abs=0.051)


def test_each_card_shows_the_picture_as_the_model_gets_it_and_its_answer(page):
    weight, bias = layers(visitor(page).run.snapshot().lane.parameters)[0]
    shown, cards = visitor(page).shown, pictures(page)

    assert [one.alt for one in cards] == [f"{shown.title}, {variant.name}" for variant in VARIANTS]
    for variant, one in zip(VARIANTS, cards, strict=True):
        image = given(shown.image, visitor(page).picture.ink(), variant.name)
        grey = (image - image.min()) / (image.max() - image.min())
        assert np.abs(255 - one.pixels[::5, ::5].astype(float) - 255 * grey).max() < 1
        logits = weight @ image.reshape(-1) + bias
        powers = np.exp(logits.astype(float) - logits.max())
        said = re.search(r"^(.+) … (.+): read as (\d) \((\d+)", one.caption)
        assert said is not None
        assert number(said[1]) == pytest.approx(float(image.min()), abs=6e-3)
        assert number(said[2]) == pytest.approx(float(image.max()), abs=6e-3)
        assert int(said[3]) == logits.argmax()
        assert int(said[4]) == pytest.approx(100 * powers.max() / powers.sum(), abs=0.51)
    headings = [part.value for part in page.markdown]
    assert all(f"**{variant.name.capitalize()}**" in headings for variant in VARIANTS)
    assert all(variant.does in [caption.value for caption in page.caption] for variant in VARIANTS)


def test_the_figures_belong_to_the_moment_that_is_said_and_are_measured_again_when_it_has_passed(page):
    assert "At iteration 600." in words(page)
    assert "images prepared as **pixels**" in words(page)
    before = chart(page, "input_lab_chart")

    trained(page, iterations=20)

    assert "At iteration 20." in words(page)
    assert chart(page, "input_lab_chart") != before


def test_the_figures_are_measured_again_after_a_teaching(page):
    before = chart(page, "input_lab_chart")
    run = visitor(page).run
    run.teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
    run.wait(60, lambda _snapshot: run.taught == 1)

    assert "At iteration 600, taught once." in words(again(page))
    assert chart(page, "input_lab_chart") != before


def test_the_preparation_that_is_named_is_that_of_the_run_not_of_the_draft(page):
    visitor(page).change(features="deskewed")

    assert "images prepared as **pixels**" in words(again(page))


def test_an_untrained_model_is_said_to_guess_and_an_empty_canvas_to_be_empty(open_app):
    app = again(open_app(PAGE))
    assert "The model is untrained and can only guess." in words(app)

    visitor(app).picture = Picture("Your drawing", np.full((280, 280, 4), 255, np.uint8))
    click(app, "Refresh")

    assert "The canvas is empty." in words(app) and not pictures(app)
