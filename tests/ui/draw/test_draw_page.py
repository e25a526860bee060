"""The Draw page alone: the canvas, test images, the preparation, and what a run without training is called."""

from __future__ import annotations

import json

import numpy as np
import pytest
from drawing import FOUR, drawn, put, section, trained, visitor
from reading import again, click, words

from lrdemo.answers.confidence import FROM_STROKES
from lrdemo.answers.predict import logits
from lrdemo.answers.strangers import READ_OF_100
from lrdemo.digit import digit_from_rgba
from lrdemo.settings import Settings
from lrdemo.ui.server.choice import take
from lrdemo.ui.server.picture import picture_of

PAGE = "pages/draw.py"


@pytest.fixture
def page(open_app):
    return again(open_app(PAGE))


def test_the_live_answer_is_that_of_the_visitors_run(page):
    views = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]

    (answer,) = [view for view in views if view.get("view") == "answer"]
    assert answer["token"] == visitor(page).run.token
    for view in ("pad", "images"):
        assert {"view": view, "token": visitor(page).run.token} in views
    assert [tab.label for tab in page.tabs] == ["How sure?", "Teach it my handwriting"]


def test_a_drawing_becomes_the_picture_in_question_with_its_strokes(page):
    drawn(page, FOUR)

    picture = visitor(page).picture
    assert picture.drawn and picture.title == "Your drawing"
    assert picture.strokes is not None and all(map(np.array_equal, picture.strokes, FOUR))
    shown = visitor(page).shown
    assert shown is not None and shown.factor == FROM_STROKES["pixels", False]
    assert np.array_equal(shown.image, digit_from_rgba(picture.pixels, strokes=picture.strokes))


def test_a_new_visitor_finds_an_empty_pad_that_answers_nothing(page):
    assert visitor(page).shown is None


def test_an_emptied_pad_answers_nothing(page):
    drawn(trained(page), FOUR)
    drawn(page, [])

    assert visitor(page).shown is None


def test_the_canvas_stays_below_a_test_image(page):
    drawn(page, FOUR)
    visitor(page).picture = picture_of(17)
    again(page)

    assert begins_with(page) == [] and "canvas_1" not in page.session_state, "the same canvas, with the drawing on it"
    assert len(visitor(page).drawing["objects"]) == len(FOUR)
    assert visitor(page).picture.index == 17


def test_the_image_that_it_misreads_is_one_that_the_run_classifies_wrongly_as_it_is_now(page, digits):
    trained(page)
    images = np.asarray(digits.test_images.reshape(-1, 784) / 255, np.float32)
    for _ in range(5):
        index = visitor(click(page, "One it misreads")).picture.index
        scores = logits(visitor(page).run.snapshot().lane.parameters, images[[index]])
        assert scores.argmax() != digits.test_labels[index]


def test_an_untrained_model_has_no_image_that_it_misreads(page):
    click(page, "One it misreads")

    assert visitor(page).shown is None
    assert [warning.value for warning in page.warning] == [
        "Train the model first: untrained, it misreads about 9 images in 10."
    ]


def test_a_model_that_misreads_nothing_says_so(page, monkeypatch):
    trained(page, iterations=20)
    # No run classifies them all: this is what the training process would answer of one that did.
    found = {"right": np.ones(10_000, bool), "confidence": np.ones(10_000, np.float32), "iteration": 20}
    monkeypatch.setattr("lrdemo.ui.state.ask", lambda question: found)
    click(page, "One it misreads")

    assert visitor(page).shown is None
    assert [warning.value for warning in page.warning] == ["It classifies all 10,000 test images correctly."]


def test_a_stroke_and_a_click_that_come_in_one_rerun_both_count(page):
    trained(page, iterations=20)
    put(page, FOUR)
    click(page, "One it misreads")
    assert not visitor(page).picture.drawn

    take(visitor(page), "drawing")
    assert len(visitor(page).drawing["objects"]) == len(FOUR)
    assert visitor(page).shown is not None and visitor(page).shown.title == "Your drawing"


def begins_with(page):
    told = [json.loads(part.proto.json) for part in page.get("bidi_component") if part.proto.json]
    return next(one["initialDrawing"]["objects"] for one in told if "initialDrawing" in one)


def test_who_comes_back_to_the_page_finds_the_last_drawing(page):
    drawn(page, FOUR)
    assert begins_with(page) == []
    del page.session_state["canvas_0"]
    again(page)
    assert len(begins_with(page)) == len(FOUR) and begins_with(page) == visitor(page).drawing["objects"]


def test_no_figure_is_claimed_that_was_not_measured(open_app):
    page = again(open_app(PAGE, model="mlp", features="deskewed"))

    text = next(part.value for part in page.markdown if part.value.startswith("**Preparation"))
    assert "**Preparation: deskewed**" in text and "of 100" not in text


@pytest.mark.parametrize("model, features, styles", READ_OF_100)
def test_the_preparation_is_named_with_what_it_reads_and_what_reads_more(open_app, model, features, styles):
    page = again(open_app(PAGE, model=model, features=features, styles=str(styles).lower()))
    count, most = READ_OF_100[model, features, styles], READ_OF_100["softmax", "directions", True]

    text = next(part.value for part in page.markdown if part.value.startswith("**Preparation"))
    assert text.startswith(f"**Preparation: {features}**")
    assert f"classifies about **{count} of 100** strangers' drawings correctly" in text
    better = f"with *directions* and *other ways to write* it would be **{most} of 100**: *Retrain to read drawings*"
    assert (better in text) == (model == "softmax" and count < most)
    assert ("other ways to write are among the training images" in text) == styles


def test_retraining_to_read_drawings_starts_what_reads_most_at_full_speed(open_app):
    """Whatever else was chosen, the seed alone is kept."""
    page = again(open_app(PAGE, seed="3", model="mlp", gradient="autograd", iterations="20", learning_rate="5"))
    click(page, "Retrain to read drawings")

    done = visitor(page).run.wait(60, lambda snapshot: snapshot.state == "finished")
    used = visitor(page).run.settings
    assert used == Settings(features="directions", styles=True, iterations=3_000, pace=0, seed=3)
    assert done.lane.tests[-1].accuracy > 0.99
    assert "**Preparation: directions**" in words(again(page))


def test_a_longer_run_stays_as_long_when_it_is_retrained(open_app):
    page = again(open_app(PAGE, iterations="4000"))
    click(page, "Retrain to read drawings")

    assert visitor(page).run.settings.iterations == 4_000


def test_a_run_that_does_not_answer_is_a_sentence_in_its_section(page):
    trained(page, iterations=20)
    visitor(page).run.close()

    section(page, "How sure?")

    (sentence,) = page.warning
    assert sentence.value.endswith(".") and not page.metric
