from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo.errors import SettingsError
from lrdemo.evaluate import evaluate
from lrdemo.gradient import Autograd, ByHand
from lrdemo.minibatches import Minibatches, resident
from lrdemo.model import build_model
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


def test_recipe_a_lands_where_it_was_published(digits):
    trainer = Trainer(Settings(), digits)

    assert trainer.advance(1_000) == 600

    assert trainer.finished
    assert 90.0 <= 100 * trainer.history.tests[-1].accuracy <= 90.6


@pytest.mark.parametrize("gradient", ["by-hand", "autograd"])
def test_a_run_is_the_loop_that_a_textbook_writes(digits, gradient):
    """Seed 3: the start from 3, the minibatches from 4; losses and accuracies are those before each update."""
    settings = Settings(
        seed=3, init="linear", batch_size=64, learning_rate=0.2, momentum=0.5, weight_decay=0.02, iterations=12,
        gradient=gradient,
    )  # fmt: skip
    tensors = resident(digits, "cpu")
    model = build_model("softmax", "linear", 3)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.2, momentum=0.5, weight_decay=0.02)
    minibatches, losses, accuracies = Minibatches(torch.arange(60_000, dtype=torch.int32), 64, False, 4), [], []
    for _ in range(12):
        batch = minibatches.take(1)[0]
        labels = tensors.train_labels[batch]
        scores = model(tensors.train_images[batch])
        losses.append(float(F.cross_entropy(scores, labels).detach()))
        accuracies.append(float((scores.argmax(dim=1) == labels).float().mean()))
        optimiser.zero_grad()
        F.cross_entropy(scores, labels).backward()
        optimiser.step()

    trainer = Trainer(settings, digits)
    trainer.advance(12)

    torch.testing.assert_close(trainer.model.weight, model.weight, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(trainer.model.bias, model.bias, atol=1e-6, rtol=1e-4)
    assert trainer.history.loss == pytest.approx(losses, abs=1e-5)
    assert trainer.history.accuracy == pytest.approx(accuracies, abs=1e-6)
    last = trainer.history.tests[-1]
    assert last.iteration == 12
    assert (last.loss, last.accuracy) == pytest.approx(
        evaluate(model, tensors.test_images, tensors.test_labels), abs=1e-5
    )


def test_minibatches_follow_the_seed_and_drop_last(digits):
    for seed in (0, 7):
        expected = Minibatches(torch.arange(60_000, dtype=torch.int32), 9_000, True, seed + 1)
        trainer = Trainer(Settings(seed=seed, batch_size=9_000, drop_last=True, iterations=8), digits, tests=False)
        for _ in range(8):
            assert torch.equal(trainer.peek(), expected.take(1)[0])
            trainer.advance(1)


def test_a_run_trains_on_the_digits_as_its_features_say(digits):
    trainer = Trainer(Settings(features="deskewed", iterations=1), digits)

    assert trainer.tensors is resident(digits, "cpu", "deskewed")
    assert Trainer(Settings(iterations=1), trainer.tensors).tensors is trainer.tensors


def test_the_perceptron_is_tested_without_dropout_and_trained_with_it(digits):
    trainer = Trainer(Settings(model="mlp", gradient="autograd", iterations=10, init="linear"), digits)
    trainer.advance(10)
    tensors = trainer.tensors

    (found,) = trainer.log_probabilities(tensors.test_images[:50])
    assert trainer.model.training
    trainer.model.eval()
    expected = F.log_softmax(trainer.model(tensors.test_images[:50]), dim=1).T
    torch.testing.assert_close(found, expected.detach())
    last = trainer.history.tests[-1]
    assert (last.loss, last.accuracy) == pytest.approx(
        evaluate(trainer.model, tensors.test_images, tensors.test_labels), abs=1e-5
    )


def test_the_same_learning_rate_again_is_no_change(digits):
    trainer = Trainer(Settings(iterations=5), digits, tests=False)
    trainer.advance(2)
    trainer.set_learning_rate(0.1)
    trainer.set_learning_rate("0.3")

    assert trainer.history.learning_rates == [(0, 0.1), (2, 0.3)]


@pytest.mark.parametrize("changes", [{}, {"gradient": "autograd"}, {"model": "mlp", "gradient": "autograd"}])
def test_the_same_seed_gives_the_same_run_in_slices_of_any_size(digits, changes):
    settings = Settings(iterations=70, **changes)
    whole, sliced = Trainer(settings, digits), Trainer(settings, digits)

    whole.advance(70)
    while not sliced.finished:
        sliced.advance(3)

    assert np.array_equal(whole.history.loss, sliced.history.loss)
    assert np.array_equal(whole.history.accuracy, sliced.history.accuracy)
    assert whole.history.tests == sliced.history.tests
    for one, two in zip(whole.model.parameters(), sliced.model.parameters(), strict=True):
        assert torch.equal(one, two)


def test_another_seed_gives_another_run(digits):
    runs = [Trainer(Settings(seed=seed, iterations=5), digits) for seed in (0, 1)]
    for run in runs:
        run.advance(5)

    assert not np.array_equal(runs[0].history.loss, runs[1].history.loss)


def test_runs_do_not_disturb_each_other(digits):
    settings = Settings(model="mlp", gradient="autograd", iterations=6)
    alone, one, two = (Trainer(settings, digits) for _ in range(3))

    alone.advance(6)
    for _ in range(6):
        one.advance(1)
        two.advance(1)

    assert np.array_equal(alone.history.loss, one.history.loss)
    assert np.array_equal(alone.history.loss, two.history.loss)


def test_tests_come_early_then_evenly_and_at_the_end(digits):
    trainer = Trainer(Settings(iterations=120), digits)
    trainer.advance(120)

    assert [point.iteration for point in trainer.history.tests] == [0, 10, 20, 30, 40, 50, 100, 120]


def test_the_short_last_minibatch_is_trained_on(digits):
    trainer = Trainer(Settings(batch_size=9_000, iterations=8), digits)
    sizes = []
    while not trainer.finished:
        sizes.append(len(trainer.peek()))
        trainer.advance(1)

    assert sizes == [9_000] * 6 + [6_000, 9_000]


@pytest.mark.parametrize("gradient", ["by-hand", "autograd"])
def test_a_new_learning_rate_holds_from_the_next_step_on(digits, gradient):
    trainer = Trainer(Settings(iterations=20, gradient=gradient), digits)
    trainer.advance(10)
    before = trainer.model.weight.detach().clone()
    steps = {}
    for rate in (0.1, 0.2):
        twin = Trainer(Settings(iterations=20, gradient=gradient), digits)
        twin.advance(10)
        twin.set_learning_rate(rate)
        twin.advance(1)
        steps[rate] = twin.model.weight.detach() - before

    torch.testing.assert_close(steps[0.2], 2 * steps[0.1], atol=1e-7, rtol=1e-4)
    assert twin.learning_rate == 0.2
    assert twin.history.learning_rates == [(0, 0.1), (10, 0.2)]


def test_a_learning_rate_out_of_bounds_is_refused(digits):
    trainer = Trainer(Settings(), digits)
    for value in (0, -1, float("nan"), 11):
        with pytest.raises(SettingsError):
            trainer.set_learning_rate(value)
    assert trainer.learning_rate == 0.1


@pytest.mark.parametrize("gradient", ["by-hand", "autograd"])
def test_a_loss_that_is_not_finite_ends_the_run_and_is_not_recorded(digits, gradient):
    trainer = Trainer(Settings(iterations=100, gradient=gradient), digits)
    trainer.advance(15)
    with torch.no_grad():
        trainer.model.weight.fill_(float("nan"))

    assert trainer.advance(50) == 0
    assert trainer.diverged and trainer.finished
    assert trainer.iteration == 15
    assert np.isfinite(trainer.history.loss).all()
    assert trainer.history.tests[-1].iteration == 10


def test_ties_count_as_guessing(digits):
    trainer = Trainer(Settings(init="zeros"), digits)
    trainer.advance(1)

    # All scores are equal, so the first class is the answer.
    assert trainer.history.tests[0].accuracy == 0.098
    assert trainer.history.accuracy[0] < 0.3


def test_without_tests_the_run_is_the_same(digits):
    settings = Settings(iterations=30)
    tested, plain = Trainer(settings, digits), Trainer(settings, digits, tests=False)
    tested.advance(30)
    plain.advance(30)

    assert np.array_equal(tested.history.loss, plain.history.loss)
    assert plain.history.tests == []


@pytest.mark.skipif(torch.cuda.is_available(), reason="has CUDA")
def test_a_device_that_is_not_there_is_named(digits):
    with pytest.raises(SettingsError, match="'cuda' is not available"):
        Trainer(Settings(device="cuda"), digits)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
@pytest.mark.parametrize("changes", [{}, {"gradient": "autograd", "momentum": 0.9}])
def test_the_captured_step_does_what_the_plain_one_does(digits, changes):
    settings = Settings(device="cuda", batch_size=700, iterations=100, **changes)
    captured, plain = Trainer(settings, digits), Trainer(settings, digits, graph=False)
    for run in (captured, plain):
        run.advance(50)
        run.set_learning_rate(0.05)
        run.advance(50)

    assert np.allclose(captured.history.loss, plain.history.loss, atol=1e-5)
    host = Trainer(replace(settings, device="cpu"), digits)
    host.advance(50)
    assert np.allclose(host.history.loss, plain.history.loss[:50], atol=1e-4)


@pytest.mark.parametrize("batch_size", [100, 6_000])
@pytest.mark.parametrize("slices", [[200], [1] * 30 + [170], [23, 2, 60, 1, 114]])
def test_planned_changes_of_the_learning_rate_are_those_made_by_hand(digits, slices, batch_size):
    settings = Settings(iterations=90, batch_size=batch_size)
    by_hand = Trainer(settings, digits)
    for until, rate in ((23, 0.5), (57, 0.02), (90, 1.0)):
        by_hand.advance(until - by_hand.iteration)
        by_hand.set_learning_rate(rate)

    planned = Trainer(replace(settings, changes="23:0.5,57:0.02,90:1,200:3"), digits)
    for count in slices:
        planned.advance(count)

    assert planned.history.loss.tolist() == by_hand.history.loss.tolist()
    assert planned.history.learning_rates == by_hand.history.learning_rates
    assert planned.learning_rate == 1.0 and planned.finished
    assert torch.equal(planned.model.weight, by_hand.model.weight)


def test_a_change_made_at_the_iteration_of_a_planned_one_comes_after_it(digits):
    trainer = Trainer(Settings(iterations=20, changes="10:0.5"), digits)
    trainer.advance(10)
    trainer.set_learning_rate(0.3)
    trainer.advance(10)

    assert trainer.learning_rate == 0.3


def test_the_gradient_that_is_chosen_is_the_one_that_trains(digits):
    tensors, weights = resident(digits, "cpu"), {}
    for gradient in ("by-hand", "autograd"):
        trainer = Trainer(Settings(gradient=gradient, init="normal"), tensors, tests=False)
        trainer.advance(20)
        model = build_model("softmax", "normal", 0)
        step = (
            ByHand(model.weight.detach(), model.bias.detach(), tensors.train_bytes, [0.1])
            if gradient == "by-hand"
            else Autograd(model, tensors.train_bytes, 0.1)
        )
        minibatches = Minibatches(torch.arange(60_000, dtype=torch.int32), 100, False, 1)
        for index in minibatches.take(20):
            step(index, tensors.train_labels[index], torch.empty(1, 10, 100))
        weights[gradient] = trainer.model.weight.detach()

        assert torch.equal(weights[gradient], model.weight.detach())
    # By their last digits, the two can be told apart.
    assert not torch.equal(*weights.values())
