"""The page "Read the output": scores, answers, matches and accuracy against the same run trained beside it."""

import numpy as np
import pytest
from reading import again, chart, latex, picture, words

from lrdemo.lesson.output import read_output
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PAGE = "pages/read_the_output.py"
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


@pytest.mark.parametrize("batch, row", [(0, 0), (0, 1), (0, 8), (99, 7)])
def test_one_row_is_read_as_it_is(page, beside, digits, batch, row):
    page.number_input(key="output_batch").set_value(batch)
    page.number_input(key="output_row").set_value(row)
    again(page)

    seen, index = read_output(beside, batch), 100 * batch + row
    answer, label = int(seen["answers"][row]), int(digits.test_labels[index])
    verdict = "✓ a match." if answer == label else "✗ no match."
    assert f"the answer: **{answer}**. The label is **{label}**: {verdict}" in words(page)
    assert f"Row {row} belongs to test image {index:,}:" in words(page)
    shown = picture(page, f"Test image {index:,}, label {label}")
    assert np.array_equal(255 - shown.pixels[::6, ::6], digits.test_images[index])
    assert shown.alt == shown.caption
    option, alt = chart(page, "output_chart")
    values = [bar["value"] for bar in option["series"][0]["data"]]
    top = np.abs(seen["scores"][row]).max()
    assert values == pytest.approx(seen["scores"][row], abs=6e-3 if top < 10 else 6e-2)
    assert alt == f"The largest score is that of {answer}."


def test_the_table_holds_the_whole_batch(page, beside):
    page.number_input(key="output_batch").set_value(3)
    again(page)
    seen, (frame,) = read_output(beside, 3), [part.value for part in page.dataframe]

    assert frame["image"].tolist() == list(range(300, 400))
    for digit in range(10):
        assert frame[f"score {digit}"].tolist() == pytest.approx(seen["scores"][:, digit], abs=6e-3)
    assert frame["argmax"].tolist() == seen["scores"].argmax(axis=1).tolist()
    assert frame["label"].tolist() == seen["labels"].tolist()
    matches = ["✓" if one == other else "✗" for one, other in zip(seen["answers"], seen["labels"], strict=True)]
    assert frame["match"].tolist() == matches
    assert f"Matches in this batch: **{matches.count('✓')} of 100**." in words(page)


def test_all_batches_add_up_to_the_runs_test_accuracy(page, beside):
    page.number_input(key="output_batch").set_value(5)
    again(page)
    total = round(beside.history.tests[-1].accuracy * 10_000)

    assert rf"\frac{{{total}}}{{10000}} = {total / 100:.2f}\,\%" in latex(page)
    option, _ = chart(page, "matches_chart")
    dots, chosen = option["series"]
    assert [y for _, y in dots["data"]] == read_output(beside)["matches"].tolist()
    assert chosen["data"] == [dots["data"][5]]
    assert "This is the **test accuracy** at iteration 600." in words(page)


def test_an_untrained_model_is_said_to_guess(open_app):
    app = again(open_app(PAGE))

    assert "Your run, at **iteration 0**" in words(app)
    assert "The model is untrained and can only guess." in words(app)


def test_a_trained_model_is_not(page):
    assert "guess" not in words(page)
