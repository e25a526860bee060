"""How sharply the loss is curved: the largest eigenvalue of its Hessian on given images.

For softmax regression a product of the Hessian and a vector has a closed form; for the perceptron autograd finds it.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from lrdemo.model import Layers, Parts, scores

TOLERANCE = 0.01
"""It ends where the eigenvalue is as exact as this share of it."""
MOST_PRODUCTS = 60


@dataclass(frozen=True)
class Curvature:
    """The largest eigenvalue of a Hessian, after so many products; not `converged` where they were not enough."""

    eigenvalue: float
    products: int
    converged: bool


def largest_eigenvalue(
    layers: Layers, parts: Parts, weight_decay: float = 0.0, tolerance: float = TOLERANCE, most: int = MOST_PRODUCTS
) -> Generator[None, None, Curvature]:
    """Find the largest eigenvalue of the Hessian of the mean cross-entropy plus half the decay times ‖θ‖².

    Lanczos' iteration from one and the same random start: after k products the Hessian, seen in the k directions met
    so far, is tridiagonal, and that has the eigenvalue sooner than power iteration does. Dropout is off. Yields
    between the parts of each product.
    """
    generator = torch.Generator().manual_seed(0)
    like = layers[0][0]
    vector = torch.randn(sum(values.numel() for layer in layers for values in layer), generator=generator)
    vector = (vector / vector.norm()).to(like.device, like.dtype)
    before, beta = torch.zeros_like(vector), 0.0
    diagonal: list[float] = []
    beside: list[float] = []
    eigenvalue = 0.0
    for products in range(1, most + 1):
        product = yield from _product(layers, parts, vector)
        diagonal.append(float(product @ vector))
        product -= diagonal[-1] * vector + beta * before
        beta = float(product.norm())
        if not math.isfinite(beta):
            return Curvature(math.nan, products, False)
        tridiagonal = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
        values, vectors = np.linalg.eigh(tridiagonal)
        eigenvalue = float(values[-1])
        # There is an eigenvalue of the Hessian no further away than this.
        if beta * abs(vectors[-1, -1]) <= tolerance * abs(eigenvalue):
            return Curvature(eigenvalue + weight_decay, products, True)
        before, vector = vector, product / beta
        beside.append(beta)
    return Curvature(eigenvalue + weight_decay, most, False)


def _product(layers: Layers, parts: Parts, vector: Tensor) -> Generator[None, None, Tensor]:
    """Return the Hessian of the mean cross-entropy times a vector, all parameters in a row."""
    shapes = [values.shape for layer in layers for values in layer]
    sizes = [shape.numel() for shape in shapes]
    along = [part.view(shape) for part, shape in zip(torch.split(vector, sizes), shapes, strict=True)]
    total, size = torch.zeros_like(vector), 0
    for part in parts:
        images, labels = part()
        size += len(labels)
        if len(layers) == 1:
            made = _in_closed_form(*layers[0], images, *along)
        else:
            made = _by_autograd(layers, images, labels, along)
        total += torch.cat([values.reshape(-1) for values in made])
        yield
    return total / size


def _in_closed_form(weight: Tensor, bias: Tensor, images: Tensor, by_weight: Tensor, by_bias: Tensor) -> list[Tensor]:
    """Return the product for the summed loss of softmax regression (Böhning, 1992).

    The logits change by u = x Vᵀ + v, the probabilities by r = p ⊙ (u − p · u); the product is rᵀ x and the sum of r.
    The classes are rows, which costs half.
    """
    probabilities = torch.softmax(torch.addmm(bias[:, None], weight, images.T), dim=0)
    change = torch.addmm(by_bias[:, None], by_weight, images.T)
    change -= (probabilities * change).sum(dim=0)
    change *= probabilities
    return [change @ images, change.sum(dim=1)]


def _by_autograd(layers: Layers, images: Tensor, labels: Tensor, along: Sequence[Tensor]) -> list[Tensor]:
    """Return the product for the summed loss of any network: the gradient of (gradient · vector)."""
    parameters = [values.detach().requires_grad_() for layer in layers for values in layer]
    outputs = scores(list(zip(parameters[::2], parameters[1::2], strict=True)), images)
    loss = F.cross_entropy(outputs, labels, reduction="sum")
    gradient = torch.autograd.grad(loss, parameters, create_graph=True)
    slope = torch.stack([(one * other).sum() for one, other in zip(gradient, along, strict=True)]).sum()
    return list(torch.autograd.grad(slope, parameters))
