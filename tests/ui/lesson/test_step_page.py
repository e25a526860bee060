"""The page "One step by hand": all its figures against the same run trained beside it, with PyTorch's own functions."""

import inspect

import numpy as np
import pytest
import torch
from reading import again, click, latex, metrics, number, picture, pictures, table, words
from torch.nn import functional as F

from lrdemo import gradient
from lrdemo.formats import fixed
from lrdemo.lesson import step
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

PAGE = "tests/ui/lesson/step_with_transport.py"
CLASSES = [str(digit) for digit in range(10)]
LONG = 60.0


@pytest.fixture
def page(open_app):
    return again(open_app(PAGE))


@pytest.fixture
def beside(digits):
    """Train the same run in this process."""
    return Trainer(Settings(), digits)


def batch(trainer):
    """Return the next minibatch, its labels, and what PyTorch makes of it: logits, loss, gradients of W and b."""
    indices = trainer.peek()
    images, labels = trainer.tensors.train_images[indices], trainer.tensors.train_labels[indices]
    weight = trainer.model.weight.detach().clone().requires_grad_()
    bias = trainer.model.bias.detach().clone().requires_grad_()
    logits = F.linear(images, weight, bias)
    loss = F.cross_entropy(logits, labels)
    loss.backward()
    return images, labels, logits.detach(), float(loss.detach()), weight.grad, bias.grad


def run_of(app):
    return app.session_state["visitor"].run


def ratio(pixels, values):
    """Compare a red–white–blue picture with values by sign, where they are not small."""
    colours, strong = pixels[::4, ::4].astype(int), np.abs(values) > 0.2 * np.abs(values).max()
    return np.array_equal((colours[..., 0] > colours[..., 2])[strong], (values > 0)[strong])


def test_the_minibatch_is_the_runs_next_one(page, beside):
    images, labels, *_ = batch(beside)

    (sheet,) = [one for one in pictures(page) if one.alt == "100 handwritten digits"]
    for place in (0, 1, 99):
        top, left = place // 20 * 32, place % 20 * 32
        tile = 255 - sheet.pixels[top : top + 28, left : left + 28]
        assert np.array_equal(tile, np.rint(255 * images[place].numpy().reshape(28, 28)))
    assert f"Image 0 is a handwritten **{int(labels[0])}**; we follow class **{int(labels[0])}**." in words(page)
    assert "these **100** training images" in words(page) and "shape [100, 784]" in words(page)


def test_the_logit_is_spelt_out_for_the_chosen_image_and_class(page, beside):
    images, labels, logits, *_ = batch(beside)
    page.number_input(key="step_image").set_value(7)
    again(page)
    assert f"we follow class **{int(labels[7])}**." in words(page), "its own, until another is chosen"
    page.number_input(key=f"step_class_{int(labels[7])}").set_value(3)
    again(page)

    products = images[7] * beside.model.weight[3].detach()
    total, bias = fixed(float(products.sum()), 4), fixed(float(beside.model.bias[3].detach()), 4)
    assert f"Image 7 is a handwritten **{int(labels[7])}**; we follow class **3**." in words(page)
    assert rf"z_{{3}} = {total} + ({bias}) = {fixed(float(logits[7, 3]), 4)}" in latex(page)
    j = int(products.abs().argmax())
    largest = rf"&+ {fixed(float(images[7, j]))} \cdot ({fixed(float(beside.model.weight[3, j].detach()), 4)})"
    assert largest in latex(page)
    for caption, values in (("pixels x", images[7]), ("weights of class 3", beside.model.weight[3].detach()),
                            ("products", products)):  # fmt: skip
        assert ratio(picture(page, caption).pixels, values.numpy().reshape(28, 28))


def test_the_probabilities_are_those_of_pytorch(page, beside):
    *_, logits, _, _, _ = batch(beside)
    page.number_input(key="step_image").set_value(4)
    rows = table(again(page), "class", "logit z", "p by the equation", "p by PyTorch")

    assert [row[0] for row in rows] == CLASSES
    p = F.softmax(logits[4], dim=0).numpy()
    for column, expected in ((1, logits[4].numpy()), (2, p), (3, p)):
        assert [number(row[column]) for row in rows] == pytest.approx(expected, abs=6e-5)


def test_the_loss_is_that_of_pytorch_and_the_cost_that_of_the_image(page, beside):
    _, labels, logits, loss, *_ = batch(beside)
    page.number_input(key="step_image").set_value(2)
    shown = metrics(again(page))

    assert number(shown["Loss by the equation"]) == pytest.approx(loss, abs=2e-6)
    assert number(shown["Loss by PyTorch"]) == pytest.approx(loss, abs=2e-6)
    p = float(F.softmax(logits[2], dim=0)[labels[2]])
    right = f"Image 2 is a {int(labels[2])} and got probability {p:.4f} for it"
    assert f"{right}: it costs −log {p:.4f} = **{-np.log(p):.4f}**" in words(page)
    assert f"({p:.4f} − 1) / 100 = **−{(1 - p) / 100:.6f}**" in words(page)


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
        return [number(row[2]) for row in rows]

    assert now("backward() once") == pytest.approx(bias_gradient.numpy(), abs=2e-6)
    for words_now, times in (("backward() twice: doubled", 2), ("backward() three times: tripled", 3)):
        click(page, "backward() again")
        assert now(words_now) == pytest.approx(times * bias_gradient.numpy(), abs=5e-6)
    click(page, "zero_grad()")
    assert now("zeroed") == [0] * 10


def test_the_update_is_the_step_that_the_run_takes(page, beside):
    images, labels, _, loss, _, bias_gradient = batch(beside)
    rows = table(page, "class", "bias b", "gradient g", "b − 0.1 · g")
    for column, expected in ((1, np.zeros(10)), (2, bias_gradient.numpy()), (3, -0.1 * bias_gradient.numpy())):
        assert [number(row[column]) for row in rows] == pytest.approx(expected, abs=2e-6)
    assert "each is **exactly −0.1 · g**" in words(page)
    assert metrics(page)["Loss on this minibatch, after"] == "–"

    click(page, "Take the step")
    beside.advance(1)

    after = float(F.cross_entropy(F.linear(images, beside.model.weight, beside.model.bias), labels).detach())
    rows = table(page, "class", "bias b", "gradient g", "b − 0.1 · g", "b of the run now")
    assert [number(row[4]) for row in rows] == pytest.approx(beside.model.bias.detach().numpy(), abs=2e-6)
    shown = metrics(page)
    assert shown["Iteration of the run"] == "1" and run_of(page).snapshot().iteration == 1
    assert number(shown["Loss on this minibatch, before"]) == pytest.approx(loss, abs=6e-5)
    assert number(shown["Loss on this minibatch, after"]) == pytest.approx(after, abs=6e-5)
    assert f"**{loss:.6f}** before, **{after:.6f}** after this step; the run, which has taken it, has" in words(page)


def test_the_buttons_lead_from_one_minibatch_to_the_next_and_back_to_the_start(page, beside):
    def usable():
        buttons = [button for button in page.button if (button.key or "").startswith("transport_")]
        return [button.label for button in buttons if not button.disabled]

    first = metrics(page)["Loss on this minibatch, before"]
    assert usable() == ["Take the step", "Start over"]
    click(page, "Take the step")
    assert usable() == ["Next minibatch", "Start over"]
    click(page, "Next minibatch")
    beside.advance(1)
    assert metrics(page)["Iteration of the run"] == "1"
    assert number(metrics(page)["Loss on this minibatch, before"]) == pytest.approx(batch(beside)[3], abs=6e-5)
    assert usable() == ["Take the step", "Start over"]
    click(page, "Start over")
    assert (metrics(page)["Iteration of the run"], metrics(page)["Loss on this minibatch, before"]) == ("0", first)


def test_on_a_busy_machine_the_page_waits_for_the_step(open_app, lab):
    others = [lab.open_run(Settings(batch_size=10_000, iterations=30_000, pace=0)) for _ in range(3)]
    for other in others:
        other.start()
    app = again(open_app(PAGE, batch_size="10000"))

    click(app, "Take the step")

    for other in others:
        other.close()
    assert metrics(app)["Iteration of the run"] == "1"
    assert metrics(app)["Loss on this minibatch, after"] != "–"


def test_a_run_that_went_on_by_itself_is_looked_at_where_it_is(page):
    run_of(page).step(10)
    run_of(page).wait(LONG, lambda snapshot: snapshot.iteration == 10)

    assert metrics(again(page))["Iteration of the run"] == "10"
    assert "exactly −0.1" not in words(page)


def test_a_run_that_was_taught_or_began_again_is_looked_at_anew(page):
    """The iteration is the same, and the weights are others."""
    run = run_of(page)
    run.step(3)
    run.wait(LONG, lambda snapshot: snapshot.iteration == 3)
    before = metrics(again(page))["Loss on this minibatch, before"]
    run.teach(np.full((1, 784), 255, np.uint8), np.array([3]), 20, 20)
    taught = metrics(again(page))["Loss on this minibatch, before"]
    assert taught != before

    click(page, "Take the step")
    assert "The step has been taken." in words(page)
    run.reset()
    run.step(4)
    run.wait(LONG, lambda snapshot: snapshot.iteration == 4)
    assert metrics(again(page))["Loss on this minibatch, after"] == "–"


def test_the_step_of_a_run_that_trains_is_that_of_the_minibatch_where_it_is_stopped(page, beside):
    run = run_of(page)
    run.start(Settings(iterations=30_000, pace=50))
    run.wait(LONG, lambda snapshot: snapshot.state == "running" and snapshot.iteration > 5)
    click(again(page), "Take the step")

    there = run.snapshot()
    assert there.state == "paused"
    beside.advance(there.iteration - 1)
    shown = metrics(page)
    assert shown["Iteration of the run"] == str(there.iteration)
    assert number(shown["Loss on this minibatch, before"]) == pytest.approx(batch(beside)[3], abs=6e-5)
    assert shown["Loss on this minibatch, after"] != "–"


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
        assert np.abs(255.0 - picture(page, f"average {digit}").pixels[::4, ::4] - average).max() <= 0.51


def test_the_code_on_the_page_is_the_code_that_ran(page):
    functions = (gradient.logits, gradient.softmax, gradient.cross_entropy, gradient.gradient_by_hand,
                 gradient.gradient_by_autograd, gradient.updated, step.backward_again)  # fmt: skip

    shown = [block.value for block in page.code]
    assert shown == [inspect.getsource(part).rstrip() for part in (*functions[:5], functions[6], functions[5])]


@pytest.mark.parametrize("extra", [{"momentum": "0.9"}, {"weight_decay": "0.01"}])
def test_momentum_and_weight_decay_are_said_to_be_left_out(open_app, extra):
    assert "also uses momentum, weight decay or another optimiser" in words(again(open_app(PAGE, **extra)))


def test_a_large_minibatch_shows_its_first_hundred(open_app):
    app = again(open_app(PAGE, batch_size="1000"))

    assert "these **1,000** training images (the first 100 are shown)" in words(app)
    assert "[1000, 784] · [784, 10] + [10] → **[1000, 10]**" in words(app)


def test_another_model_is_refused_in_a_sentence(open_app):
    app = again(open_app(PAGE, model="mlp", gradient="autograd"))

    assert "this run trains another model" in words(app)
    assert not app.metric


def test_a_finished_run_says_so_and_can_be_started_over(open_app):
    app = open_app(PAGE, iterations="5", pace="0")
    run_of(app).start()
    run_of(app).wait(LONG, lambda snapshot: snapshot.state == "finished")

    assert "The run has finished. Start over to take steps by hand." in words(again(app))
    assert next(button for button in app.button if button.label == "Take the step").disabled


