"""The two models and the ways to initialise them: softmax regression and a multilayer perceptron.

They map inputs [N, D], flattened images (D = 784) or their edges (D = 800), to logits [N, 10].
All randomness comes from a generator that is handed in, so that many runs in one process do not disturb each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from lrdemo.shapes import CLASSES, HIDDEN, PIXELS

DROPOUT = 0.25


class SoftmaxRegression(nn.Module):
    """Compute logits y = x Wᵀ + b with weight [10, D] and bias [10]: of 784 pixels 7,850 parameters."""

    def __init__(self, inputs: int = PIXELS) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, CLASSES)

    @property
    def weight(self) -> Tensor:
        """Return the ten templates, [10, D]."""
        return self.linear.weight

    @property
    def bias(self) -> Tensor:
        """Return the ten biases, [10]."""
        return self.linear.bias

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [N, 10] for inputs [N, D]."""
        logits: Tensor = self.linear(images)
        return logits


class Dropout(nn.Module):
    """Zero each input with probability 0.25 while training and scale the rest by 1/0.75 (Srivastava et al., 2014).

    Unlike `nn.Dropout` it draws from the run's own generator: the same seed gives the same run.
    """

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, inputs: Tensor) -> Tensor:
        """Return the inputs with some zeroed, same shape."""
        if not self.training:
            return inputs
        kept = torch.empty_like(inputs).bernoulli_(1 - DROPOUT, generator=self.generator)
        return inputs * kept.div_(1 - DROPOUT)


class MultilayerPerceptron(nn.Module):
    """Compute logits through two hidden layers with ReLU and dropout: D–256–100–10."""

    def __init__(self, generator: torch.Generator, inputs: int = PIXELS) -> None:
        super().__init__()
        first, second = HIDDEN
        self.layers = nn.Sequential(
            nn.Linear(inputs, first), nn.ReLU(), Dropout(generator),
            nn.Linear(first, second), nn.ReLU(), Dropout(generator),
            nn.Linear(second, CLASSES),
        )  # fmt: skip

    def forward(self, images: Tensor) -> Tensor:
        """Return logits [N, 10] for inputs [N, D]."""
        logits: Tensor = self.layers(images)
        return logits


Model = SoftmaxRegression | MultilayerPerceptron
Layers = Sequence[tuple[Tensor, Tensor]]
"""Weight [out, in] and bias [out] of each layer, in order."""

Parts = Sequence[Callable[[], tuple[Tensor, Tensor]]]
"""Images part by part, each made when it is asked for: inputs [n, D] and labels [n]."""


def scores(layers: Layers, images: Tensor) -> Tensor:
    """Return the logits [n, 10] of either model for inputs [n, D], with dropout off."""
    *hidden, (weight, bias) = layers
    for one, other in hidden:
        images = torch.relu(images @ one.T + other)
    return images @ weight.T + bias


def build_model(
    kind: str, init: str, seed: int, device: torch.device | str = "cpu", inputs: int = PIXELS
) -> Model:
    """Return a freshly initialised model of the kind `softmax` or `mlp`, for so many inputs, on the device.

    The start is drawn on the CPU, so that it is the same on every device.
    """
    with torch.random.fork_rng(devices=[]):
        # nn.Linear draws a start of its own from the global generator; it is overwritten below.
        model: Model
        if kind == "softmax":
            model = SoftmaxRegression(inputs)
        else:
            model = MultilayerPerceptron(torch.Generator(device=device).manual_seed(seed + 2), inputs)
    initialise(model, init, torch.Generator().manual_seed(seed))
    return model.to(device)


def initialise(model: nn.Module, init: str, generator: torch.Generator) -> None:
    """Draw the parameters of all linear layers anew.

    `normal`: N(0, 1)/√fan_in, zero bias. `linear`: PyTorch's default for `nn.Linear`, uniform in
    ±1/√fan_in for weights and biases. `xavier`: uniform in ±√(6/(fan_in + fan_out)), zero bias
    (Glorot and Bengio, 2010). `zeros`: all zero.
    """
    for layer in _linear_layers(model):
        fan_in = layer.in_features
        with torch.no_grad():
            layer.bias.zero_()
            if init == "normal":
                layer.weight.normal_(0.0, 1.0 / math.sqrt(fan_in), generator=generator)
            elif init == "linear":
                bound = 1.0 / math.sqrt(fan_in)
                layer.weight.uniform_(-bound, bound, generator=generator)
                layer.bias.uniform_(-bound, bound, generator=generator)
            elif init == "xavier":
                nn.init.xavier_uniform_(layer.weight, generator=generator)
            else:
                layer.weight.zero_()


def _linear_layers(model: nn.Module) -> Iterator[nn.Linear]:
    return (module for module in model.modules() if isinstance(module, nn.Linear))


def available_devices() -> tuple[str, ...]:
    """Return the devices that PyTorch can compute on here, `cpu` first."""
    devices = ["cpu"]
    if torch.cuda.is_available():
        devices.append("cuda")
    if torch.backends.mps.is_available():
        devices.append("mps")
    return tuple(devices)
