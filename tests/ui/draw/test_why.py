"""Why this answer: evidence, duel and smallest change, each figure against NumPy in double precision."""

from __future__ import annotations

import numpy as np
import pytest
import streamlit as st
from drawing import FOUR, drawn, trained, visitor
from reading import again, number, picture, pictures, table, words

from lrdemo.settings import Settings
from lrdemo.shapes import layers

PAGE = "pages/draw.py"


@pytest.fixture
def page(open_app):
    return drawn(trained(open_app(PAGE)), FOUR)


def model(app):
    """Return the picture [784] in question, and weight [10, 784] and bias [10] of the run, as doubles."""
    weight, bias = layers(visitor(app).run.snapshot().lane.parameters)[0]
    return visitor(app).shown.image.reshape(-1).astype(float), weight.astype(float), bias.astype(float)


def ranked(app):
    image, weight, bias = model(app)
    return [int(digit) for digit in np.argsort(-(weight @ image + bias))]


def addition(app, name):
    """Return the addition that ends in this logit."""
    (text,) = [part.value for part in app.markdown if part.value.startswith("| ink") and f"**{name}**" in part.value]
    rows = [[cell.strip(" *") for cell in line.strip("|").split("|")] for line in text.splitlines()]
    assert rows[0] == ["ink × weight", "logit"]
    return {row[0]: number(row[1]) for row in rows[2:]}


def agrees(pixels, values):
    colours, strong = pixels[::6, ::6].astype(int), np.abs(values) > 0.2 * np.abs(values).max()
    return np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])


@pytest.mark.parametrize("choice", [None, "8"])
def test_the_evidence_on_screen_adds_up_to_the_logit(page, choice):
    if choice:
        page.segmented_control(key="why_class").set_value(choice)
        again(page)
    digit = int(choice) if choice else ranked(page)[0]
    image, weight, bias = model(page)

    found, each = addition(page, f"logit of {digit}"), image * weight[digit]
    assert found == pytest.approx({
        "pixels in favour": each[each > 0].sum(), "pixels against": each[each < 0].sum(),
        "sum of the evidence": each.sum(), "bias": bias[digit], f"logit of {digit}": each.sum() + bias[digit],
    }, abs=6e-5)  # fmt: skip
    limit = np.abs(image * weight).max()
    (seen,) = [one for one in pictures(page) if one.caption.startswith(f"Evidence for {digit}, ±")]
    assert number(seen.caption.split("±")[1]) == pytest.approx(limit, rel=0.06)
    assert agrees(seen.pixels, each.reshape(28, 28))
    (template,) = [one for one in pictures(page) if one.caption.startswith(f"Template of {digit}, ±")]
    assert agrees(template.pixels, weight[digit].reshape(28, 28))
    assert template.alt == f"Weights of class {digit}. Red adds, blue takes away, white is zero."


def test_the_picture_is_the_one_in_question_at_the_iteration_that_is_said(page):
    image, *_ = model(page)

    seen = picture(page, "The picture x")
    assert np.array_equal(255 - seen.pixels[::6, ::6], np.rint(255 * image.reshape(28, 28)))
    assert "Your drawing, at iteration 600." in words(page)


def test_the_ten_additions_are_the_ten_logits_and_the_largest_is_the_answer(page):
    image, weight, bias = model(page)

    rows = table(page, "class", "evidence", "bias", "logit")
    assert [row[0] for row in rows] == [str(digit) for digit in range(10)]
    assert [number(row[1]) for row in rows] == pytest.approx(weight @ image, abs=6e-5)
    assert [number(row[2]) for row in rows] == pytest.approx(bias, abs=6e-5)
    assert [number(row[3].split()[0]) for row in rows] == pytest.approx(weight @ image + bias, abs=6e-5)
    assert [digit for digit, row in enumerate(rows) if "← answer" in row[3]] == ranked(page)[:1]


@pytest.mark.parametrize("choice", [None, ("2", "9"), ("9", "2")])
def test_the_duel_compares_two_logits_and_names_the_winner(page, choice):
    first, second = map(int, choice) if choice else ranked(page)[:2]
    if choice:
        page.selectbox(key="duel_first").set_value(choice[0])
        page.selectbox(key="duel_second").set_value(choice[1])
        again(page)
    image, weight, bias = model(page)
    each = image * (weight[first] - weight[second])
    lead = each.sum() + bias[first] - bias[second]

    found = addition(page, f"logit of {first} − logit of {second}")
    assert found["sum of the evidence"] == pytest.approx(each.sum(), abs=6e-5)
    assert found["bias"] == pytest.approx(bias[first] - bias[second], abs=6e-5)
    assert found[f"logit of {first} − logit of {second}"] == pytest.approx(lead, abs=1.1e-4)
    assert agrees(picture(page, f"For {first} (red) or {second} (blue)").pixels, each.reshape(28, 28))
    winner, loser = (first, second) if lead > 0 else (second, first)
    # A drawing's logits are divided by its temperature, so the ratio of the probabilities is, too.
    times = f"{np.exp(abs(lead) / 1.1):,.1f} times"
    said = f"**{winner}** wins: e^(difference / temperature 1.1) makes it {times} as probable as {loser}."
    assert said in words(page)


def test_two_equal_digits_are_no_duel(page):
    page.selectbox(key="duel_first").set_value("3")
    page.selectbox(key="duel_second").set_value("3")

    assert "Choose two different digits." in words(again(page))


def test_the_smallest_change_makes_two_logits_equal(page):
    image, weight, bias = model(page)
    answer = ranked(page)[0]
    target = next(digit for digit in range(10) if digit != answer)
    page.segmented_control(key="flip_to").set_value(str(target))
    again(page)

    difference = weight[answer] - weight[target]
    margin = difference @ image + bias[answer] - bias[target]
    assert f"in which **{target}** gains most on **{answer}**" in words(page)
    size = np.abs(margin) / np.linalg.norm(difference)
    share = 100 * size / np.linalg.norm(image)
    assert f"is **{size:.3f}**, {share:.0f} % of the size of the picture." in words(page)
    change = next(one for one in pictures(page) if one.caption.startswith("Change δ"))
    assert agrees(change.pixels, -margin * difference.reshape(28, 28))
    assert change.alt.startswith(f"The change that makes {target} of it")
    assert picture(page, f"Before: {answer}").alt == f"Your drawing, read as {answer}"
    moved = np.clip(image - (margin + 1e-4) * difference / (difference @ difference), 0, 1)
    after = picture(page, "After, limited to 0 … 1").pixels[::6, ::6]
    assert np.abs((255 - after.astype(int)) - 255 * moved.reshape(28, 28)).max() < 1


def test_where_real_pixels_do_not_suffice_the_nearest_real_picture_is_shown_beside(page):
    image, weight, bias = model(page)
    answer, undone = ranked(page)[0], []
    for target in ranked(page)[1:]:
        page.segmented_control(key="flip_to").set_value(str(target))
        again(page)
        difference = weight[answer] - weight[target]
        margin = difference @ image + bias[answer] - bias[target]
        clipped = np.clip(image - (margin + 1e-4) * difference / (difference @ difference), 0, 1)
        flips = difference @ clipped + bias[answer] < bias[target]

        assert ("the changed picture still flips the answer. ✓" in words(page)) == flips
        real = [one for one in pictures(page) if one.caption == f"Real pixels: {target}"]
        assert len(real) == ("finds the nearest real picture that flips" in words(page)) <= (not flips)
        for one in real:
            nearest = 1 - one.pixels[::6, ::6].reshape(-1) / 255
            # A grey of the picture is off by half of 1/255 at most.
            assert difference @ nearest + bias[answer] - bias[target] < np.abs(difference).sum() / 510
        undone.append(len(real))
    assert any(undone)


def test_the_answer_cannot_be_flipped_to_itself(page):
    answer = ranked(page)[0]
    page.segmented_control(key="flip_to").set_value(str(answer))

    assert f"The answer is {answer} already." in words(again(page))


def test_the_multilayer_perceptron_is_not_explained_by_evidence(open_app):
    page = trained(open_app(PAGE), model="mlp", gradient="autograd", iterations=20)

    assert "holds for softmax regression only" in words(page)
    assert "Evidence" not in words(page)


def test_while_the_training_is_not_followed_the_explanation_stands_still(page, monkeypatch):
    asked, fragment = [], st.fragment

    def noted(function=None, *, run_every=None):
        asked.append(run_every)
        return fragment(function, run_every=run_every)

    visitor(page).run.start(Settings(iterations=30_000, pace=5))
    visitor(page).run.wait(60, lambda snapshot: snapshot.state == "running")
    monkeypatch.setattr(st, "fragment", noted)
    again(page)
    assert 2.0 in asked

    asked.clear()
    page.toggle(key="why_follow").set_value(False)
    again(page)
    assert asked and not any(asked)
