"""The largest eigenvalue of the Hessian, against the whole Hessian and against SciPy with autograd's products."""

import math

import numpy as np
import pytest
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.nn import functional as F

from lrdemo.curvature import largest_eigenvalue
from lrdemo.model import build_model
from lrdemo.settings import Settings
from lrdemo.shapes import layers
from lrdemo.trainer import Trainer


def found(at, parts, *rest, **details):
    """Return what is found, and how many pieces it took."""
    work, pieces = largest_eigenvalue(at, parts, *rest, **details), 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value, pieces
        pieces += 1


def in_parts(images, labels, size):
    return [lambda part=part: part for part in zip(images.split(size), labels.split(size), strict=True)]


def tensors(model):
    vector = torch.nn.utils.parameters_to_vector(model.parameters()).detach().numpy().copy()
    return [(torch.from_numpy(weight), torch.from_numpy(bias)) for weight, bias in layers(vector)]


def by_scipy(model, images, labels, which="LA"):
    """Return the largest eigenvalue of the Hessian of a model's mean cross-entropy, dropout off."""
    model.eval()
    parameters = list(model.parameters())
    loss = F.cross_entropy(model(images), labels)
    gradient = torch.nn.utils.parameters_to_vector(torch.autograd.grad(loss, parameters, create_graph=True))

    def product(vector):
        slope = gradient @ torch.from_numpy(np.asarray(vector, np.float32).reshape(-1))
        parts = torch.autograd.grad(slope, parameters, retain_graph=True)
        return torch.cat([part.reshape(-1) for part in parts]).numpy()

    size = len(gradient)
    operator = LinearOperator((size, size), matvec=product, dtype=np.float32)
    return float(eigsh(operator, k=1, which=which, return_eigenvectors=False, tol=1e-4, v0=np.ones(size))[0])


@pytest.fixture(scope="module")
def tiny():
    """Return softmax regression on 12 pixels: weight [10, 12], bias [10], 40 images and labels."""
    generator = torch.Generator().manual_seed(3)
    images = torch.rand(40, 12, generator=generator, dtype=torch.float64)
    labels = torch.randint(10, (40,), generator=generator)
    weight = torch.randn(10, 12, generator=generator, dtype=torch.float64)
    return weight, torch.linspace(-1, 1, 10, dtype=torch.float64), images, labels


def test_on_twelve_pixels_it_is_that_of_the_whole_hessian(tiny):
    weight, bias, images, labels = tiny

    def loss(parameters):
        return F.cross_entropy(images @ parameters[:120].view(10, 12).T + parameters[120:], labels)

    hessian = torch.autograd.functional.hessian(loss, torch.cat([weight.reshape(-1), bias]))
    wanted = float(torch.linalg.eigvalsh(hessian)[-1])
    one, pieces = found([(weight, bias)], in_parts(images, labels, 16), tolerance=1e-6)

    assert one.converged and one.eigenvalue == pytest.approx(wanted, rel=1e-9)
    assert pieces == 3 * one.products


@pytest.mark.parametrize(("trained", "model"), [(0, "softmax"), (200, "softmax"), (0, "mlp"), (100, "mlp")])
def test_on_mnist_it_is_what_scipy_finds(digits, trained, model):
    gradient = "by-hand" if model == "softmax" else "autograd"
    trainer = Trainer(Settings(model=model, gradient=gradient), digits, tests=False)
    trainer.advance(trained)
    index = trainer.peek()
    images, labels = trainer.tensors.train_images[index.long()], trainer.tensors.train_labels[index.long()]
    one, _ = found(tensors(trainer.model), in_parts(images, labels, 40))

    assert one.converged and one.products <= 20
    assert one.eigenvalue == pytest.approx(by_scipy(trainer.model, images, labels), rel=0.01)


def test_weight_decay_is_added(tiny):
    weight, bias, *images = tiny
    at, parts = [(weight, bias)], in_parts(*images, 40)

    assert found(at, parts, 0.1)[0].eigenvalue == pytest.approx(found(at, parts)[0].eigenvalue + 0.1)


def test_it_ends_where_products_run_out_or_the_model_has_diverged(tiny):
    weight, bias, *images = tiny
    few, _ = found([(weight, bias)], in_parts(*images, 40), tolerance=0.0, most=3)
    lost, _ = found([(weight * math.nan, bias)], in_parts(*images, 40))

    assert (few.products, few.converged) == (3, False)
    assert math.isnan(lost.eigenvalue) and not lost.converged


def test_a_negative_eigenvalue_of_larger_size_does_not_count(digits):
    # One image far from its class, seen through layers that all count: the network curves downwards more than upwards.
    model = build_model("mlp", "normal", 0)
    with torch.no_grad():
        model.layers[-1].bias[3] = 12.0
    images = torch.from_numpy(digits.test_images[:20].reshape(20, 784) / np.float32(255))
    labels = torch.zeros(20).long()

    largest, lowest = (by_scipy(model, images, labels, which) for which in ("LA", "SA"))
    one, _ = found(tensors(model), in_parts(images, labels, 20), tolerance=1e-3)

    assert -lowest > largest > 0
    assert one.eigenvalue == pytest.approx(largest, rel=0.01)
