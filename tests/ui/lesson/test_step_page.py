"""The chapter "One step of training": its figures against the same run trained beside it, with PyTorch's functions."""

import html
import re

import numpy as np
import pytest
import torch
from reading import again, click, latex, metrics, number, pictures, still, table, words
from torch.nn import functional as F

from lrdemo import gradient
from lrdemo.lesson import step
from lrdemo.lesson.source import source
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PAGE = "tests/ui/lesson/step_with_transport.py"
CLASSES = [str(digit) for digit in range(10)]
LONG = 60.0
BEFORE, AFTER, ITERATION = "Loss on this minibatch, before", "Loss on this minibatch, after", "Iteration of the copy"


@pytest.fixture
def page(open_app):
    return again(open_app(PAGE))


@pytest.fixture
def beside(digits):
    """Train the same run in this process."""
    return Trainer(Settings(), digits)


def batch(trainer):
    """Return the next minibatch, its labels, and what PyTorch makes of it: scores, loss, gradients of W and b."""
    indices = trainer.peek()
    images, labels = trainer.tensors.train_images[indices], trainer.tensors.train_labels[indices]
    weight = trainer.model.weight.detach().clone().requires_grad_()
    bias = trainer.model.bias.detach().clone().requires_grad_()
    scores = F.linear(images, weight, bias)
    loss = F.cross_entropy(scores, labels)
    loss.backward()
    return images, labels, scores.detach(), float(loss.detach()), weight.grad, bias.grad


def loss_after(trainer, rate):
    """Return the loss on the next minibatch after a step of plain gradient descent."""
    images, labels, _, _, weight_gradient, bias_gradient = batch(trainer)
    weight, bias = trainer.model.weight.detach(), trainer.model.bias.detach()
    scores = F.linear(images, weight - rate * weight_gradient, bias - rate * bias_gradient)
    return float(F.cross_entropy(scores, labels))


def run_of(app):
    return app.session_state["visitor"].run


def copy_of(app):
    walk = app.session_state["step_walk"]
    return walk.taken.copy if walk.taken else walk.copy


def same(run, copy):
    """Return whether the run's parameters are the copy's to the last digit."""
    return np.array_equal(run.snapshot().lane.parameters, np.concatenate([copy.weight.reshape(-1), copy.bias]))


def stand(app, iteration):
    run_of(app).step(iteration - run_of(app).snapshot().iteration)
    run_of(app).wait(LONG, lambda snapshot: snapshot.iteration == iteration and snapshot.state != "running")


def button(app, label):
    return next(one for one in app.button if one.label == label)


def drag(app, rate):
    """Put the handle on a rate, as the chart in the browser reports it."""
    walk = app.session_state["step_walk"]
    rates = walk.rates[1:]
    start = int(np.argmin(np.abs(np.array(rates) - walk.start_rate)))
    app.session_state[f"dragged_step_rate_{len(walk.rates)}"] = start, rates.index(rate)
    return again(app)


def bars(app, title):
    """Return the numbers beside the bars under a title, and on which side of zero the bars are."""
    (found,) = [part.proto.body for part in app.get("html") if f"<figcaption>{title}" in part.proto.body]
    values = [number(text) for text in re.findall(r"</td><td>([^<]+)</td></tr>", found)]
    return values, re.findall(r'<span class="(above|below)"', html.unescape(found))


def ratio(pixels, values):
    """Compare a red–white–blue picture with values by sign, where they are not small."""
    colours, strong = pixels[::4, ::4].astype(int), np.abs(values) > 0.2 * np.abs(values).max()
    return np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])


def test_the_minibatch_is_the_runs_next_one_and_the_followed_image_is_framed(page, beside):
    images, labels, *_ = batch(beside)
    for _ in range(2):
        click(page, "▶")

    (sheet,) = [one for one in pictures(page) if one.alt == "100 handwritten digits, number 3 framed"]
    pixels = sheet.pixels[::2, ::2]
    for place in (0, 2, 99):
        top, left = place // 10 * 32 + 4, place % 10 * 32 + 4
        tile = 255 - pixels[top : top + 28, left : left + 28, 0]
        assert np.array_equal(tile, np.rint(255 * images[place].numpy().reshape(28, 28)))
        framed = pixels[top - 3, left - 3].tolist() == [217, 115, 13]
        assert framed == (place == 2)
    assert f"image *i* = 3, a handwritten **{int(labels[2])}**" in words(page)
    assert "*m* = 100 training images" in words(page)


def test_the_arrows_lead_round_the_minibatch(page):
    click(page, "◀")
    assert "Image 100 of 100" in [one.caption.split(":")[0] for one in pictures(page)]
    click(page, "▶")
    assert "image *i* = 1," in words(page)


def test_scores_and_probabilities_are_those_of_pytorch(page, beside):
    _, labels, scores, loss, *_ = batch(beside)
    click(page, "▶")
    p = F.softmax(scores[1], dim=0).numpy()

    header, shown = still(page)
    assert header["label"] == int(labels[1])
    assert header["told"]["title"] == f"Image 2, a handwritten {labels[1]}, and the copy of your run"
    assert shown["logits"] == pytest.approx(scores[1].numpy(), abs=1e-5)
    assert shown["probabilities"] == pytest.approx(p, abs=1e-6)
    rows = table(page, "class", "p by the equation", "p by PyTorch")
    for column in (1, 2):
        assert [number(row[column]) for row in rows] == pytest.approx(p, abs=6e-7)
    right = float(p[labels[1]])
    assert f"gets {right:.3f} and costs −log {right:.3f} = **{-np.log(right):.3f}**" in words(page)
    assert f"Loss by the equation **{loss:.6f}**, by PyTorch **{loss:.6f}**" in words(page)
    assert f"({right:.3f} − 1)/100 = **−{(1 - right) / 100:.3g}**" in words(page)


def test_probability_minus_target_is_drawn_with_its_sign(page, beside):
    _, labels, scores, *_ = batch(beside)
    expected = (F.softmax(scores[0], dim=0) - F.one_hot(labels[0], 10)).numpy()

    values, sides = bars(page, "Image 1: probability minus target")
    assert values == pytest.approx(expected, abs=6e-4)
    assert sides == ["below" if value < 0 else "above" for value in expected]


@pytest.mark.parametrize("digit", [3, 8])
def test_the_images_of_a_class_are_weighed_by_minus_d_and_add_up_to_its_gradient(page, beside, digit):
    images, labels, scores, _, weight_gradient, _ = batch(beside)
    page.pills(key="step_class").set_value(str(digit))
    again(page)
    d = ((F.softmax(scores, dim=1) - F.one_hot(labels, 10)) / 100)[:, digit].numpy()

    *tiles, total = [one for one in pictures(page) if one.alt.startswith(f"For class {digit}:")]
    assert total.caption == "all 100 added" and ratio(total.pixels, -weight_gradient[digit].numpy().reshape(28, 28))
    own = min(5, int((labels == digit).sum()))
    order = np.argsort(d, kind="stable")
    assert len(tiles) == 9
    for tile, place in zip(tiles[:own], order[:own], strict=True):
        assert tile.caption == f"a {int(labels[place])} × +{-d[place]:.3f}"
        assert ratio(tile.pixels, images[place].numpy().reshape(28, 28))
    for tile, place in zip(tiles[own:], order[own - 9 :], strict=True):
        assert tile.caption == f"a {int(labels[place])} × −{d[place]:.3f}" and int(labels[place]) != digit


def test_the_gradient_pictures_show_minus_the_gradient(page, beside):
    *_, weight_gradient, _ = batch(beside)

    shown = [one for one in pictures(page) if one.alt.startswith("Minus the gradient,")]
    assert [one.caption for one in shown] == [f"class {digit}" for digit in range(10)]
    for one, gradient_of_class in zip(shown, weight_gradient.numpy(), strict=True):
        # All ten share one scale, so a weak class has pale colours only.
        if np.abs(gradient_of_class).max() > 0.3 * float(weight_gradient.abs().max()):
            assert ratio(one.pixels, -gradient_of_class.reshape(28, 28))


def test_gradients_add_up_until_they_are_zeroed(page, beside):
    *_, bias_gradient = batch(beside)

    def now(words_now):
        rows = table(page, "class", "gradient of b", f"b.grad now ({words_now})")
        assert [number(row[1]) for row in rows] == pytest.approx(bias_gradient.numpy(), abs=2e-6)
        found = [number(row[2]) for row in rows]
        assert bars(page, "Gradients of the ten biases")[0] == pytest.approx(found, abs=6e-4)
        return found

    assert now("backward() once") == pytest.approx(bias_gradient.numpy(), abs=2e-6)
    for words_now, times in (("backward() twice: doubled", 2), ("backward() three times: tripled", 3)):
        click(page, "backward() again")
        assert now(words_now) == pytest.approx(times * bias_gradient.numpy(), abs=5e-6)
    click(page, "zero_grad()")
    assert now("zeroed") == [0] * 10


def test_a_step_moves_the_copy_and_leaves_the_run_alone(page, beside):
    images, labels, _, loss, _, bias_gradient = batch(beside)
    rows = table(page, "class", "bias b", "gradient g", "b − 0.1 · g")
    for column, expected in ((1, np.zeros(10)), (2, bias_gradient.numpy()), (3, -0.1 * bias_gradient.numpy())):
        assert [number(row[column]) for row in rows] == pytest.approx(expected, abs=2e-6)
    assert "each is **exactly −0.1 · g**" in words(page)
    assert (metrics(page)[ITERATION], metrics(page)[AFTER]) == ("0", "–")

    click(page, "Take the step")
    after = loss_after(beside, 0.1)
    beside.advance(1)

    rows = table(page, "class", "bias b", "gradient g", "b − 0.1 · g", "b of the copy now")
    assert [number(row[4]) for row in rows] == pytest.approx(beside.model.bias.detach().numpy(), abs=2e-6)
    shown = metrics(page)
    assert shown[ITERATION] == "1" and run_of(page).snapshot().iteration == 0
    assert number(shown[BEFORE]) == pytest.approx(loss, abs=6e-4)
    assert number(shown[AFTER]) == pytest.approx(after, abs=6e-4)
    assert f"goes from **{loss:.3f}** to **{after:.3f}**" in words(page)
    assert np.array_equal(copy_of(page).weight, beside.model.weight.detach())


def test_the_copy_goes_on_to_the_minibatches_that_follow(page, beside):
    for done in (1, 2, 3):
        click(page, "Take the step")
        click(page, "Next minibatch")
        beside.advance(1)
        assert metrics(page)[ITERATION] == str(done)
        assert number(metrics(page)[BEFORE]) == pytest.approx(batch(beside)[3], abs=6e-4)
    assert "iteration 0**, 3 steps further on" in words(page)
    assert button(page, "Take it for real").disabled
    assert "This copy has taken steps that your run has not. Copy the run again." in words(page)
    click(page, "Copy the run again")
    assert metrics(page)[ITERATION] == "0" and not button(page, "Take it for real").disabled


@pytest.mark.parametrize("rate", [0.6, 3.5])
def test_the_handle_chooses_the_rate_of_the_step(page, beside, rate):
    after = loss_after(beside, rate)
    drag(page, rate)
    assert f"moves the copy with η = {rate}: its loss on these images goes from" in words(page)
    assert f"to **{after:.3f}**" in words(page)

    click(page, "Take the step")

    assert number(metrics(page)[AFTER]) == pytest.approx(after, abs=6e-4)
    assert (after < number(metrics(page)[BEFORE])) == (rate < 1)
    assert run_of(page).snapshot().iteration == 0


def test_the_prediction_of_the_chapter_before_is_answered_at_the_curve(page):
    page.session_state["predicted_step"] = "it falls"
    assert "You predicted “it falls”. A small step lowers the loss, a very large one raises it" in words(again(page))
    walk = page.session_state["step_walk"]
    best = walk.rates[int(np.argmin(walk.losses))]
    assert f"the loss is lowest near η = {best:g}; from η = " in words(page)


@pytest.mark.parametrize("extra", [{}, {"gradient": "autograd"}, {"batch_size": "5000"}])
def test_taken_for_real_the_runs_parameters_are_the_copys_to_the_last_digit(open_app, extra):
    app = open_app(PAGE, **extra)
    stand(app, 7)
    again(app)
    click(app, "Copy the run again")

    for done in (8, 9):
        click(app, "Take it for real")
        assert run_of(app).snapshot().iteration == done and metrics(app)[ITERATION] == str(done)
        assert same(run_of(app), copy_of(app))
        assert "Largest difference between its 7,850 numbers and the copy's: **0**." in words(app)
        assert button(app, "Take it for real").disabled
        click(app, "Next minibatch")
    assert "steps further on" not in words(app)


def test_a_step_that_the_copy_has_taken_can_be_taken_for_real_afterwards(page):
    click(page, "Take the step")
    click(page, "Take it for real")

    assert run_of(page).snapshot().iteration == 1 and same(run_of(page), copy_of(page))
    assert "at **iteration 0**. Your run has taken this step, too, and is now at iteration 1." in words(page)


def test_taken_for_real_at_another_rate_the_run_gets_that_rate(page):
    stand(page, 3)
    click(again(page), "Copy the run again")
    drag(page, 0.6)
    assert "This also sets your run's learning rate to 0.6; it is 0.1 now." in words(page)

    click(page, "Take it for real")

    assert run_of(page).snapshot().lane.learning_rate == pytest.approx(0.6)
    assert page.session_state["visitor"].draft.learning_rate == 0.6
    assert run_of(page).snapshot().iteration == 4 and same(run_of(page), copy_of(page))


def test_an_untrained_run_takes_its_first_step_at_another_rate(page):
    drag(page, 0.6)
    click(page, "Take it for real")

    assert run_of(page).snapshot().iteration == 1 and same(run_of(page), copy_of(page))
    assert not page.warning


def test_a_run_that_knows_only_drawings_does_not_forget_them_for_another_rate(page):
    run_of(page).teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
    click(again(page), "Copy the run again")
    drag(page, 0.6)
    click(page, "Take it for real")

    assert "it would forget your drawings. Put the handle on its own rate, 0.1." in words(page)
    assert run_of(page).taught == 1 and run_of(page).snapshot().iteration == 0


@pytest.mark.parametrize("extra", [{"momentum": "0.9"}, {"weight_decay": "0.01"}])
def test_momentum_and_weight_decay_are_said_to_be_left_out(open_app, extra):
    app = open_app(PAGE, **extra)
    stand(app, 3)
    click(again(app), "Copy the run again")
    assert "also uses momentum, weight decay or another optimiser" in words(app)
    click(app, "Take it for real")
    assert "the copy's: **0**" not in words(app) and run_of(app).snapshot().iteration == 4
    click(app, "Next minibatch")
    assert same(run_of(app), copy_of(app)), "copied anew from the run"


def test_the_copy_stays_when_the_run_goes_on(page):
    before = metrics(page)
    stand(page, 10)

    assert metrics(again(page)) == before
    assert "**copy** of your run at **iteration 0**; your run is now at iteration 10." in words(page)
    assert button(page, "Take it for real").disabled
    assert "Your run is no longer where this copy was made." in words(page)

    click(page, "Copy the run again")
    assert metrics(page)[ITERATION] == "10" and "exactly −0.1" not in words(page)
    assert not button(page, "Take it for real").disabled


def test_the_copy_stays_when_the_run_is_taught_or_begins_again(page):
    stand(page, 3)
    click(again(page), "Copy the run again")
    before = metrics(page)
    run_of(page).teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
    assert metrics(again(page)) == before
    assert "iteration 3**; your run is now at iteration 3, taught once." in words(page)

    run_of(page).reset()
    stand(page, 3)
    assert metrics(again(page)) == before
    assert "your run has begun again and is now at iteration 3." in words(page)
    click(page, "Take the step")
    assert metrics(page)[ITERATION] == "4"


def test_a_copy_of_a_run_that_trains_can_be_stepped(page, beside):
    run = run_of(page)
    run.start(Settings(iterations=30_000, pace=50))
    run.wait(LONG, lambda snapshot: snapshot.state == "running" and snapshot.iteration > 5)
    click(again(page), "Copy the run again")
    at = int(metrics(page)[ITERATION])
    click(page, "Take the step")
    assert "Your run is training. Pause it on Train, then copy it again." in words(page)
    run.pause()
    beside.advance(at)

    assert at > 5 and number(metrics(page)[BEFORE]) == pytest.approx(batch(beside)[3], abs=6e-4)
    assert np.array_equal(page.session_state["step_walk"].copy.weight, beside.model.weight.detach())


def test_a_finished_run_is_copied_with_the_minibatch_that_would_have_come_next(open_app, digits):
    app = open_app(PAGE, iterations="5", pace="0")
    run_of(app).start()
    run_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")
    click(again(app), "Copy the run again")
    longer = Trainer(Settings(), digits)
    longer.advance(5)

    assert number(metrics(app)[BEFORE]) == pytest.approx(batch(longer)[3], abs=6e-4)
    assert "Your run has finished, so it takes no more steps." in words(app)
    assert button(app, "Take it for real").disabled
    click(app, "Take the step")
    assert number(metrics(app)[AFTER]) == pytest.approx(loss_after(longer, 0.1), abs=6e-4)


def test_an_exploded_run_can_be_copied_and_one_without_numbers_too(open_app):
    app = open_app(PAGE, learning_rate="10", momentum="0.9", iterations="300", pace="0")
    run_of(app).start()
    run_of(app).wait(LONG, lambda snapshot: snapshot.state in ("finished", "diverged"))
    click(again(app), "Copy the run again")
    assert "Training has gone wrong" in words(app)
    assert number(metrics(app)[BEFORE]) > 2.3

    copy_of(app).weight[:] = np.nan
    click(app, "Take the step")
    click(app, "Next minibatch")
    assert metrics(app)[BEFORE] == "–"
    assert "no step can be drawn" in words(app)


def test_on_a_busy_machine_the_page_waits_for_the_step(open_app, lab):
    others = [lab.open_run(Settings(batch_size=10_000, iterations=30_000, pace=0)) for _ in range(3)]
    for other in others:
        other.start()
    app = again(open_app(PAGE, batch_size="10000"))

    click(app, "Take it for real")

    for other in others:
        other.close()
    assert run_of(app).snapshot().iteration == 1 and same(run_of(app), copy_of(app))


def test_the_first_step_from_zero_looks_like_class_average_minus_overall_average(page, digits, beside):
    images, labels, *_ = batch(beside)
    one_hot = F.one_hot(labels, 10).float()
    step_from_zero = -0.1 * ((torch.full((100, 10), 0.1) - one_hot).T @ images / 100).numpy()
    overall = digits.train_images.mean(axis=0)

    for digit in (0, 1):
        first = next(one for one in pictures(page) if one.alt == f"First step from zero, class {digit}")
        away = next(one for one in pictures(page) if one.alt == f"Average minus overall average, class {digit}")
        assert ratio(first.pixels, step_from_zero[digit].reshape(28, 28))
        average = digits.train_images[digits.train_labels == digit].mean(axis=0)
        assert ratio(away.pixels, average - overall)
    assert r"W_k = \eta" in latex(page)


def test_the_code_on_the_page_is_the_code_that_ran(page):
    shown = (
        (gradient.logits, gradient.softmax, gradient.cross_entropy), (gradient.gradient_by_hand,),
        (gradient.gradient_by_autograd,), (step.backward_again,), (gradient.updated,),
    )  # fmt: skip

    assert [block.value for block in page.code] == [source(*parts) for parts in shown]


def test_a_large_minibatch_shows_its_first_hundred(open_app):
    app = again(open_app(PAGE, batch_size="1000"))

    assert "1,000 training images** (the first 100 are shown)" in words(app)
    assert "[1000, 784] · [784, 10] + [10] → [1000, 10]" in words(app)
    assert "all 1,000 added" in [one.caption for one in pictures(app)]


def test_a_single_image_is_a_minibatch_too(open_app):
    app = again(open_app(PAGE, batch_size="1"))

    assert "Image 1 of 1:" in " ".join(one.caption for one in pictures(app))
    click(app, "Take the step")
    assert number(metrics(app)[AFTER]) < number(metrics(app)[BEFORE])


def test_another_model_is_refused_in_a_sentence_that_says_what_to_do(open_app):
    app = again(open_app(PAGE, model="mlp", gradient="autograd"))

    (refusal,) = app.warning
    assert "your run trains another model. On Train, choose the model “softmax regression”" in refusal.value
    assert not app.metric and button(app, "Take the step").disabled and button(app, "Take it for real").disabled


def test_a_copy_outlives_that_the_run_becomes_another_model(page):
    before = metrics(page)
    run_of(page).reset(Settings(model="mlp", gradient="autograd"))
    run_of(page).wait(LONG, lambda snapshot: snapshot.revision > 1)

    assert metrics(again(page)) == before
    click(page, "Take the step")
    assert metrics(page)[ITERATION] == "1"
    click(page, "Copy the run again")
    assert "your run trains another model" in words(page) and metrics(page)[ITERATION] == "1"


def test_no_step_of_the_page_has_more_than_sixty_words(page):
    page.session_state["predicted_step"] = "that depends on the size of the step"
    again(page)
    texts = [part.value for part in page.markdown if not part.value.startswith(("|", "*", "<"))]
    for text in texts:
        plain = re.sub(r":\w+\[|\$\$.*?\$\$|[*\]]", "", text)
        assert len(plain.split()) <= 60, plain
