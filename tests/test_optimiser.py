"""Each optimiser is PyTorch's own, with the numbers of the settings, and a run trains with it."""

import pytest
import torch
from torch.nn import functional as F

from lrdemo.minibatches import Minibatches, resident
from lrdemo.model import build_model
from lrdemo.optimiser import OPTIMISERS, can_be_captured, make_optimiser
from lrdemo.settings import TABLE, Settings
from lrdemo.trainer import Trainer

THEIRS = {
    ("sgd", 0.0): lambda values: torch.optim.SGD(values, lr=0.05, weight_decay=0.01),
    ("sgd", 0.9): lambda values: torch.optim.SGD(values, lr=0.05, momentum=0.9, weight_decay=0.01),
    ("nesterov", 0.0): lambda values: torch.optim.SGD(values, lr=0.05, weight_decay=0.01),
    ("nesterov", 0.9): lambda values: torch.optim.SGD(values, lr=0.05, momentum=0.9, weight_decay=0.01, nesterov=True),
    ("adam", 0.9): lambda values: torch.optim.Adam(values, lr=0.05, weight_decay=0.01),
}


def test_every_optimiser_is_a_choice_and_is_compared_with_pytorch():
    assert TABLE["optimiser"].choices == tuple(OPTIMISERS)
    assert {name for name, _ in THEIRS} == set(OPTIMISERS)


@pytest.mark.parametrize(("name", "momentum"), THEIRS)
def test_a_run_is_the_plain_loop_with_pytorchs_optimiser(digits, name, momentum):
    run = Trainer(
        Settings(gradient="autograd", optimiser=name, momentum=momentum, weight_decay=0.01, learning_rate=0.05), digits
    )
    run.advance(6)
    tensors, model = resident(digits, "cpu"), build_model("softmax", "normal", 0)
    theirs = THEIRS[name, momentum](model.parameters())
    dealt = Minibatches(torch.arange(60_000, dtype=torch.int32), 100, False, 1)
    for _ in range(6):
        batch = dealt.take(1)[0]
        theirs.zero_grad()
        F.cross_entropy(model(tensors.train_images[batch]), tensors.train_labels[batch]).backward()
        theirs.step()

    torch.testing.assert_close(run.model.weight, model.weight, atol=2e-6, rtol=1e-4)
    torch.testing.assert_close(run.model.bias, model.bias, atol=2e-6, rtol=1e-4)


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_new_learning_rate_reaches_every_optimiser(digits, name):
    settings = Settings(gradient="autograd", optimiser=name, learning_rate=0.01)
    moves = []
    for rate in (0.01, 0.02):
        run = Trainer(settings, digits, tests=False)
        before = run.model.weight.detach().clone()
        run.set_learning_rate(rate)
        run.advance(1)
        moves.append(run.model.weight.detach() - before)

    torch.testing.assert_close(moves[1], 2 * moves[0], atol=1e-7, rtol=1e-3)


def test_only_plain_sgd_of_any_momentum_goes_into_a_captured_graph():
    assert [can_be_captured(name) for name in ("sgd", "nesterov", "adam")] == [True, True, False]


def test_the_rate_may_be_a_tensor():
    value = torch.ones(1, requires_grad=True)
    rate = torch.tensor(0.5)
    optimiser = make_optimiser("sgd", [value], rate, 0.0, 0.0)
    for _ in range(2):
        value.grad = torch.ones(1)
        optimiser.step()
        rate.fill_(0.25)

    assert value.item() == pytest.approx(1 - 0.5 - 0.25)
