"""Bounded pieces of work: however a run is sliced, its numbers are the same to the last bit."""

import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from lrdemo import run as run_module
from lrdemo import schedule
from lrdemo.data import Digits
from lrdemo.drawings.teach import teach
from lrdemo.evaluate import evaluate, log_probabilities
from lrdemo.minibatches import Minibatches, resident
from lrdemo.model import build_model
from lrdemo.probability import fit_temperature
from lrdemo.race import Race
from lrdemo.run import images_at_once
from lrdemo.settings import Settings
from lrdemo.symptoms import exploded
from lrdemo.trainer import Trainer

MLP = Settings(model="mlp", gradient="autograd", init="linear", learning_rate=0.01, momentum=0.9)
RUNS = {
    "by hand": Settings(iterations=60),
    "by hand, large": Settings(iterations=12, batch_size=2_300, momentum=0.5, weight_decay=0.01),
    "by hand, large and plain": Settings(iterations=27, batch_size=2_300),
    "autograd, large": Settings(iterations=12, batch_size=1_700, gradient="autograd", momentum=0.9),
    "mlp": replace(MLP, iterations=12),
    "mlp, large": replace(MLP, iterations=11, batch_size=300),
}
RATES = {3: 0.05, 7: 0.2}


def made(settings, digits, rates=()):
    return Race(settings, rates, digits) if rates else Trainer(settings, digits)


def numbers(run):
    """Return everything that a run has computed, as bytes."""
    if isinstance(run, Race):
        parameters = [run.weight(lane) for lane in range(len(run.histories))] + [run.bias(0), run.bias(1)]
    else:
        parameters = list(run.model.parameters())
    found = [value.detach().numpy().tobytes() for value in parameters]
    for history in run.histories:
        found += [history.loss.tobytes(), history.accuracy.tobytes(), repr(history.tests).encode()]
    return found


def sliced(run, seed, rates=None):
    """Train to the end in pieces of random size; set learning rates, and now and then abandon a half-done step."""
    chance = random.Random(seed)
    rates = dict(rates or {})
    while not run.finished:
        if run.iteration in rates:
            run.set_learning_rate(rates.pop(run.iteration))
        stops = [at for at in rates if at > run.iteration] + [run.settings.iterations]
        run.work(min(chance.choice((1, 1, 2, 3, 20)), min(stops) - run.iteration))
        if chance.random() < 0.05:
            run.abandon_step()
        if chance.random() < 0.1:
            run.peek()
    return run


@pytest.mark.parametrize("name", RUNS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_does_not_depend_on_how_it_is_sliced(digits, name, seed):
    whole = made(RUNS[name], digits)
    for stop, rate in RATES.items():
        whole.advance(stop - whole.iteration)
        whole.set_learning_rate(rate)
    whole.advance(100)

    assert numbers(sliced(made(RUNS[name], digits), seed, RATES)) == numbers(whole)
    assert whole.finished and whole.iteration == RUNS[name].iterations


@pytest.mark.parametrize("batch_size", [100, 2_000])
def test_a_race_does_not_depend_on_how_it_is_sliced(digits, batch_size):
    settings = Settings(iterations=12, batch_size=batch_size, momentum=0.3)
    whole = made(settings, digits, (0.01, 0.1, 1.0))
    whole.advance(12)

    for seed in (4, 5):
        assert numbers(sliced(made(settings, digits, (0.01, 0.1, 1.0)), seed)) == numbers(whole)


def test_a_rate_changed_in_the_middle_of_a_step_holds_for_that_step(digits):
    settings = Settings(iterations=3, batch_size=2_500)
    before, within = made(settings, digits), made(settings, digits)
    for run in (before, within):
        run.advance(1)
    before.set_learning_rate(0.7)
    assert within.work(1) == 0 and within.busy
    within.set_learning_rate(0.7)
    for run in (before, within):
        run.advance(2)

    assert numbers(before) == numbers(within)
    assert within.history.learning_rates == [(0, 0.1), (1, 0.7)]


@pytest.mark.parametrize(
    "settings", [Settings(batch_size=2_500), Settings(batch_size=2_500, gradient="autograd"),
                 Settings(batch_size=2_500, momentum=0.9, weight_decay=0.1), replace(MLP, batch_size=400)],
)  # fmt: skip
def test_abandoning_a_step_in_any_of_its_parts_changes_nothing(digits, settings):
    settings = replace(settings, iterations=2)
    whole, abandoned = made(settings, digits), made(settings, digits)
    whole.advance(2)
    abandoned.advance(0)
    for pieces in (0, 1, 2, 3):
        for _ in range(pieces):
            assert abandoned.work(1) == 0
        abandoned.abandon_step()
        assert not abandoned.busy
    abandoned.advance(1)
    abandoned.work(1)
    abandoned.abandon_step()
    abandoned.advance(1)

    assert numbers(abandoned) == numbers(whole)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_parts_of_a_large_minibatch_add_up_to_the_whole(digits, momentum):
    """PyTorch on the whole minibatch at once is the oracle."""
    settings = Settings(iterations=4, batch_size=9_000, momentum=momentum, weight_decay=0.01)
    model = build_model("softmax", "normal", 0)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=momentum, weight_decay=0.01)
    tensors = resident(digits, "cpu")
    dealt, losses = Minibatches(torch.arange(60_000, dtype=torch.int32), 9_000, False, 1), []
    for _ in range(4):
        batch = dealt.take(1)[0]
        loss = F.cross_entropy(model(tensors.train_images[batch]), tensors.train_labels[batch])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())

    for run in (made(settings, digits), made(replace(settings, gradient="autograd"), digits)):
        run.advance(4)
        torch.testing.assert_close(run.model.weight, model.weight, atol=1e-6, rtol=1e-4)
        torch.testing.assert_close(run.model.bias, model.bias, atol=1e-6, rtol=1e-4)
        assert run.history.loss == pytest.approx(losses, abs=1e-5)
    race = made(settings, digits, (0.1, 0.3))
    race.advance(4)
    torch.testing.assert_close(race.weight(0), model.weight.detach(), atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("settings", [Settings(), Settings(gradient="autograd"), replace(MLP, batch_size=64)])
def test_a_minibatch_that_fits_one_part_is_one_plain_step(digits, settings):
    """The loop that anyone would write with the run's own step gives the same bits."""
    run, plain = made(replace(settings, iterations=7), digits), made(settings, digits)
    run.advance(7)
    dealt = Minibatches(torch.arange(60_000, dtype=torch.int32), settings.batch_size, False, 1)
    for _ in range(7):
        index = dealt.take(1)[0]
        log_p = torch.empty(1, 10, len(index))
        plain._step(index, plain.tensors.train_labels[index], log_p)

    for one, other in zip(run.model.parameters(), plain.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_a_short_last_minibatch_that_fits_one_part_needs_no_parts(digits):
    run = made(Settings(iterations=9, batch_size=7_400, drop_last=False), digits)
    run.advance(8)

    assert len(run.peek()) == 60_000 - 8 * 7_400
    assert run.work(1) == 1


def test_large_minibatches_and_tests_are_worked_off_in_parts(digits):
    settings = replace(MLP, batch_size=1_000, iterations=2)
    run = made(settings, digits)
    part = images_at_once(settings)
    test_pieces = -(-10_000 // (run_module.TEST_PARTS * part))

    pieces = 0
    while run.busy:
        assert run.work(5) == 0
        pieces += 1
    assert pieces == test_pieces and [point.iteration for point in run.history.tests] == [0]
    pieces = 1
    while run.work(5) == 0:
        assert run.busy
        pieces += 1
    assert pieces == -(-1_000 // part) + 1 and run.iteration == 1


@pytest.mark.parametrize(
    ("settings", "lanes", "most"),
    [(Settings(), 1, 1_000), (Settings(), 16, 210), (Settings(gradient="autograd"), 1, 500),
     (Settings(gradient="autograd"), 16, 210), (replace(MLP, batch_size=10_000), 1, 128)],
)
def test_parts_are_smaller_where_an_image_costs_more(settings, lanes, most):
    assert images_at_once(settings, lanes) == most
    assert images_at_once(replace(settings, device="cuda"), lanes) >= settings.batch_size


def test_a_test_asked_for_is_done_before_the_next_step(digits):
    run = made(Settings(iterations=20), digits)
    run.advance(5)
    run.test()
    assert run.busy
    assert run.advance(0) == 0
    assert not run.busy
    assert [point.iteration for point in run.history.tests] == [0, 5]

    run.test()
    run.work(1)
    run.test()
    run.advance(1)
    assert [point.iteration for point in run.history.tests] == [0, 5, 5]


def test_a_look_at_a_run_is_seen_until_it_goes_on_and_leaves_no_trace(digits):
    run = made(Settings(iterations=20), digits)
    run.advance(5)
    assert not run.tested
    while not run.tested:
        run.look()
    loss, accuracy = evaluate(run.model, run.tensors.test_images, run.tensors.test_labels)

    ((first, seen),) = run.tests
    assert (first.iteration, seen.iteration, seen.accuracy) == (0, 5, accuracy)
    assert seen.loss == pytest.approx(loss) and run.history.tests == [first]
    run.advance(1)
    assert not run.tested and run.tests == [[first]]


@pytest.mark.parametrize("values", [{}, {"model": "mlp", "gradient": "autograd"}, {"held_out": 2_000}])
def test_each_test_of_a_model_gives_the_temperature_that_its_answers_ask_for(digits, values):
    """Also one that only looks, and the test before it is still known when the run goes on."""
    run = made(Settings(iterations=20, **values), digits)

    def expected():
        images, labels = run.tensors.judged_on(run.settings.held_out)
        log_p = log_probabilities(run.model, images)[0].numpy().T
        return pytest.approx(fit_temperature(log_p[::4], labels.numpy()[::4]))

    run.advance(10)
    at_ten = expected()
    run.advance(3)
    while not run.tested:
        run.look()
    assert [point.temperature for point in run.tests[0][-2:]] == [at_ten, expected()]
    run.advance(1)
    assert run.tests[0][-1].temperature == at_ten != 1


def test_few_held_out_images_and_a_race_ask_for_no_temperature(digits):
    for run in (made(Settings(held_out=900), digits), made(Settings(), digits, (0.1, 1.0))):
        run.advance(10)
        assert [tests[-1].temperature for tests in run.tests] == [1] * len(run.histories)


def test_a_model_that_is_to_be_tested_again_is_not_tested_yet(digits):
    run = made(Settings(iterations=20), digits)
    run.advance(10)
    assert run.tested
    run.test()
    assert not run.tested
    run.advance(0)
    assert run.tested


@pytest.mark.parametrize(
    ("values", "rates"),
    [({}, ()), ({"model": "mlp", "gradient": "autograd"}, ()), ({"batch_size": 2_300}, ()), ({}, (0.1, 1.0))],
    ids=["by hand", "mlp", "large", "race"],
)
def test_held_out_images_are_judged_on_and_never_trained_on(digits, values, rates):
    """The oracle is a run on a data set whose last 5,000 training images are its test images."""
    cut = len(digits.train_images) - 5_000
    smaller = Digits(
        digits.train_images[:cut], digits.train_labels[:cut], digits.train_images[cut:], digits.train_labels[cut:]
    )
    values = {"iterations": 30, "seed": 3, **values}
    held_out, other = made(Settings(held_out=5_000, **values), digits, rates), made(Settings(**values), smaller, rates)
    held_out.advance(30)
    other.advance(30)
    if not rates:
        for run in (held_out, other):
            teach(run, np.full((1, 784), 200, np.uint8), np.array([7]), 5, 3)
            run.test()
            run.advance(0)

    assert numbers(held_out) == numbers(other)
    assert held_out.settings.iterations_per_epoch == -(-cut // held_out.settings.batch_size)


def test_a_run_is_finished_only_when_its_last_test_is_done(digits):
    run = made(Settings(iterations=3), digits)
    run.advance(0)
    assert run.work(10) == 3
    assert run.busy and not run.finished
    run.advance(0)
    assert run.finished and run.work(1) == 0
    assert run.history.tests[-1].iteration == 3


def test_a_block_never_goes_beyond_what_was_asked_for_or_the_next_test(digits):
    run = made(Settings(iterations=60), digits)
    run.advance(0)
    done = []
    while not run.finished:
        done.append(run.work(7))
    assert sum(done) == 60 and max(done) == 7
    assert [point.iteration for point in run.history.tests] == list(schedule.tests_at(run.settings))


def test_a_race_is_exploded_only_when_all_its_lanes_are(digits):
    race = made(Settings(iterations=150, momentum=0.99), digits, (0.1, 10.0))
    race.advance(150)

    assert [exploded(history.loss) for history in race.histories] == [False, True]
    assert not race.exploded


@pytest.mark.parametrize("changes", [{"momentum": 0.99}, {"model": "mlp", "gradient": "autograd"}])
def test_a_run_that_explodes_says_so_without_a_warning(digits, changes):
    run = made(Settings(learning_rate=10, iterations=150, **changes), digits)
    run.advance(60)
    assert not run.exploded
    run.advance(90)
    assert run.exploded and not run.diverged


def test_a_run_that_diverges_has_exploded(digits):
    run = made(Settings(iterations=9), digits)
    with torch.no_grad():
        run.model.bias.fill_(float("inf"))
    run.advance(9)

    assert run.diverged and run.exploded and run.finished and not np.isnan(run.history.loss).any()
