"""The chapter on the answer: softmax by hand, scores, answers and matches against the same run trained beside it."""

import numpy as np
import pytest
import torch
from reading import again, chart, latex, picture, words

from lrdemo.lesson.output import read_output
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PAGE = "pages/the_answer.py"
LONG = 60.0
QUERY = {"iterations": "600", "pace": "0"}


@pytest.fixture(scope="module")
def beside(digits):
    """Train the same run in this process."""
    trainer = Trainer(Settings(iterations=600, pace=0), digits)
    trainer.advance(600)
    return trainer


@pytest.fixture
def page(open_app):
    app = open_app(PAGE, **QUERY)
    run = app.session_state["visitor"].run
    run.start()
    run.wait(LONG, lambda snapshot: snapshot.state == "finished")
    return again(app)


def choose(app, batch, row):
    app.session_state["output_batch"], app.session_state["output_row"] = batch, row
    return again(app)


@pytest.mark.parametrize("batch, row", [(0, 0), (0, 1), (0, 8), (99, 7)])
def test_one_row_is_read_as_it_is(page, beside, digits, batch, row):
    choose(page, batch, row)

    seen, index = read_output(beside, batch), 100 * batch + row
    answer, label = int(seen["answers"][row]), int(digits.test_labels[index])
    verdict = "✓ a match." if answer == label else "✗ no match."
    assert f"the **argmax**, is **{answer}**; the image's label is **{label}**: {verdict}" in words(page)
    assert f"The framed row is that of test image {index:,}." in words(page)
    shown = picture(page, f"Test image {index:,}, label {label}")
    assert np.array_equal(255 - shown.pixels[::6, ::6], digits.test_images[index])
    assert shown.alt == shown.caption
    option, alt = chart(page, "output_chart")
    bars = option["series"][0]["data"]
    assert [bar["value"] for bar in bars] == pytest.approx(seen["scores"][row])
    decimals = 2 if np.abs(seen["scores"][row]).max() < 10 else 1
    said = [bar["label"]["formatter"].removeprefix("argmax\n") for bar in bars]
    assert said == [f"{z:.{decimals}f}".replace("-", "−") for z in seen["scores"][row]]
    assert [digit for digit, bar in enumerate(bars) if "argmax" in bar["label"]["formatter"]] == [answer]
    assert alt == f"The largest score is that of {answer}."


def test_the_arrows_go_through_rows_and_batches_and_begin_again_after_the_last(page):
    page.button(key="output_row_previous").click()
    again(page)
    assert "The framed row is that of test image 99." in words(page)

    page.button(key="output_row_next").click()
    page.button(key="output_batch_next").click()
    again(page)
    assert "The framed row is that of test image 100." in words(page)


def test_the_table_holds_the_whole_batch(page, beside):
    choose(page, 3, 0)
    seen, (frame,) = read_output(beside, 3), [part.value for part in page.dataframe]

    assert frame["image"].tolist() == list(range(300, 400))
    for digit in range(10):
        assert frame[f"z of {digit}"].tolist() == pytest.approx(seen["scores"][:, digit], abs=6e-3)
    assert frame["argmax"].tolist() == seen["scores"].argmax(axis=1).tolist()
    assert frame["label"].tolist() == seen["labels"].tolist()
    matches = ["✓" if one == other else "✗" for one, other in zip(seen["answers"], seen["labels"], strict=True)]
    assert frame["match"].tolist() == matches
    assert f"**{matches.count('✓')} of 100** in this batch" in words(page)


def test_the_picture_of_the_batch_has_a_field_for_each_score_and_a_frame_around_the_row(page, beside):
    choose(page, 0, 40)
    scores = read_output(beside, 0)["scores"]
    fields = picture(page, "red: above zero").pixels.astype(int)

    assert fields.shape == (400, 160, 3)
    middle = fields[1::4, 8::16]
    far = np.abs(scores) > 1
    far[39:42] = False  # The frame is there.
    assert ((middle[..., 0] > middle[..., 2]) == (scores > 0))[far].all()
    black = (fields == 0).all(axis=(1, 2))
    assert np.flatnonzero(black).tolist() == [158, 159, 164, 165]


def test_all_batches_add_up_to_the_runs_test_accuracy(page, beside):
    choose(page, 5, 0)
    total = round(beside.history.tests[-1].accuracy * 10_000)

    assert f"**{total:,} of 10,000** in all" in words(page)
    assert f"Their share is the **test accuracy**, {total / 100:.2f} % at iteration 600." in words(page)
    option, _ = chart(page, "matches_chart")
    dots, chosen = option["series"]
    assert [y for _, y in dots["data"]] == read_output(beside)["matches"].tolist()
    assert chosen["data"] == [dots["data"][5]]


def test_softmax_of_the_scores_that_are_typed(open_app):
    app = again(open_app(PAGE))
    option, _ = chart(app, "softmax_chart")
    assert [bar["value"] for bar in option["series"][0]["data"]] == [0.017, 0.015, 0.412, 0.556]
    assert "0.017 + 0.015 + 0.412 + 0.556 = 1.000" in latex(app)

    app.number_input(key="softmax_1").set_value(2.3)
    again(app)

    option, _ = chart(app, "softmax_chart")
    expected = torch.softmax(torch.tensor([2.3, 1.2, 4.5, 4.8], dtype=torch.float64), 0)
    assert [bar["value"] for bar in option["series"][0]["data"]] == pytest.approx(expected.tolist(), abs=6e-4)
    # As the step says: a little less than e = 2.718 times as much as before.
    assert 2.6 < float(expected[0]) / 0.0166 < 2.718


def test_softmax_for_two_classes_is_the_s_curve(open_app):
    first = float(torch.sigmoid(torch.tensor(1.0)))
    assert f"become {first:.4f} and {1 - first:.4f}." in words(again(open_app(PAGE)))


def test_an_untrained_model_is_said_to_guess(open_app):
    app = again(open_app(PAGE))

    assert "Your run, at **iteration 0**" in words(app)
    assert "The model is untrained and can only guess." in words(app)


def test_a_trained_model_is_not(page):
    assert "can only guess" not in words(page)


def test_what_was_predicted_is_said_again_before_it_is_answered(open_app):
    app = open_app(PAGE)
    assert "You predicted" not in words(app)

    app.session_state["predicted_softmax"] = "keep only the largest"
    again(app)

    assert "You predicted “keep only the largest”. First make all ten scores positive" in words(app)
