"""Every setting that defines a run: its name, type, limits, default, and when a change of it applies.

One table drives the widgets, the URL and the command line. It knows nothing of models or of training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from lrdemo.errors import SettingsError
from lrdemo.formats import quoted
from lrdemo.optimiser import OPTIMISERS
from lrdemo.styles import MADE_UP

TRAIN_SIZE, TEST_SIZE = 60_000, 10_000
MOST_HELD_OUT = 10_000
FULL_SPEED = 0
MOST_CHANGES = 100
"""Changes of the learning rate that a run can have planned: a link of 1,000 characters."""
_NO_STYLES = "Other ways to write go with normalised images and with directions only."
STYLED_FEATURES = ("normalised", "directions")
BY_HAND = {"model": "softmax", "optimiser": "sgd"}
"""What the gradient by hand is written for."""


@dataclass(frozen=True)
class Setting:
    """Describe one setting: what it may be, when a change applies, and how it is called on screen."""

    label: str
    help: str
    applies: Literal["now", "at next start"] = "at next start"
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    example: str = ""

    @property
    def limits(self) -> str:
        """Return what is allowed in a few characters: an example, the choices, or the lowest and the highest value."""
        return self.example or "|".join(self.choices) or f"{_text(self.low)}…{_text(self.high)}"


def _setting(default: Any, label: str, help: str, **details: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, help, **details)})


@dataclass(frozen=True)
class Settings:
    """Define one training run completely: the same settings give the same run on the same device.

    Raises SettingsError when a value is outside its limits.
    """

    learning_rate: float = _setting(
        0.1, "Learning rate", "How far each step moves the weights against the gradient.",
        applies="now", low=1e-4, high=10.0,
    )
    iterations: int = _setting(
        600, "Iterations", "How many minibatches to train on. 600 minibatches of 100 are one epoch.",
        low=1, high=30_000,
    )
    pace: int = _setting(
        100, "Pace", "Iterations per second while you watch; 0 means as fast as it goes.",
        applies="now", low=0, high=10_000,
    )
    model: str = _setting(
        "softmax", "Model", "Softmax regression is linear; the multilayer perceptron has two hidden layers.",
        choices=("softmax", "mlp"),
    )
    gradient: str = _setting(
        "by-hand", "Gradient", "By hand uses the formula (p − onehot)/m; autograd lets PyTorch find it.",
        choices=("by-hand", "autograd"),
    )
    optimiser: str = _setting(
        "sgd", "Optimiser", "How a gradient becomes a step. Plain SGD also goes with the gradient by hand.",
        choices=tuple(OPTIMISERS),
    )
    features: str = _setting(
        "pixels", "Features", "How each image is prepared before the model sees it.",
        choices=("pixels", "deskewed", "normalised", "directions"),
    )
    styles: bool = _setting(
        False, "Other ways to write", "Mix made-up digits into the training images, such as curled 9s and barred 7s; "
        "for normalised images and directions.",
    )
    batch_size: int = _setting(
        100, "Batch size", "How many images are in one minibatch.", low=1, high=10_000,
    )
    momentum: float = _setting(
        0.0, "Momentum", "How much of the last step the next one keeps; Adam does without.", low=0.0, high=0.99,
    )
    weight_decay: float = _setting(
        0.0, "Weight decay", "How strongly all weights are pulled towards zero.", low=0.0, high=0.1,
    )
    init: str = _setting(
        "normal", "Initial weights", "Where training starts from.",
        choices=("normal", "linear", "xavier", "zeros"),
    )
    seed: int = _setting(
        0, "Seed", "The same seed gives the same run; a new seed gives a new one.", low=0, high=2**31 - 1,
    )
    device: str = _setting(
        "cpu", "Device", "Where the training is computed.", choices=("cpu", "cuda", "mps"),
    )
    drop_last: bool = _setting(
        False, "Drop the last short minibatch", "Skip the images left over when they do not fill a minibatch.",
    )
    held_out: int = _setting(
        0, "Held-out images", "Train without the last so many training images and judge on them, not on the test set.",
        low=0, high=MOST_HELD_OUT,
    )
    changes: str = _setting(
        "", "Changes of the learning rate", "Where the run changes it by itself: 240:0.5 is 0.5 from iteration 240 on.",
        example="240:0.5,300:0.1",
    )

    def __post_init__(self) -> None:
        for name, setting in TABLE.items():
            object.__setattr__(self, name, check(name, setting, getattr(self, name)))
        if self.gradient == "by-hand" and not self.by_hand_possible:
            raise SettingsError(
                "The gradient by hand is written for softmax regression with plain SGD. "
                "Choose autograd for another model or optimiser."
            )
        if self.styles and not self.styles_possible:
            raise SettingsError(_NO_STYLES)

    @property
    def styles_possible(self) -> bool:
        """Return whether other ways to write can be mixed in: pixels placed as in MNIST are read worse with them."""
        return self.features in STYLED_FEATURES

    @property
    def by_hand_possible(self) -> bool:
        """Return whether the gradient by hand goes with the model and the optimiser."""
        return all(getattr(self, name) == value for name, value in BY_HAND.items())

    @property
    def train_size(self) -> int:
        """Count the images to train on: 60,000 less those held out, and those with other ways to write."""
        return TRAIN_SIZE - self.held_out + (MADE_UP if self.styles else 0)

    @property
    def iterations_per_epoch(self) -> int:
        """Count the minibatches of one pass over the training images."""
        whole, rest = divmod(self.train_size, self.batch_size)
        return whole + (1 if rest and not self.drop_last else 0)

    def to_url(self) -> dict[str, str]:
        """Return the settings that differ from their defaults, as text for a query string."""
        return {
            f.name: _text(getattr(self, f.name)) for f in fields(self) if getattr(self, f.name) != f.default
        }


TABLE: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(Settings)}
DEFAULTS: dict[str, Any] = {f.name: f.default for f in fields(Settings)}


def check(name: str, setting: Setting, value: Any) -> Any:
    """Return the value in the setting's own type, or raise SettingsError naming the limits."""
    kind = type(DEFAULTS[name])
    try:
        found = _converted(kind, value)
        if setting.example:
            found = planned_text(planned(found))
        allowed = found in setting.choices if setting.choices else _within(setting, found)
    except (KeyError, TypeError, ValueError, OverflowError):
        allowed = False
    if not allowed:
        raise SettingsError(f"{setting.label}: {quoted(value)} is not {_expected(setting, kind)}.")
    return found


def from_mapping(values: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """Read settings from URL parameters; a bad value keeps its default and is reported in a sentence."""
    good: dict[str, Any] = {}
    problems = []
    for name, value in values.items():
        if name not in TABLE:
            continue
        try:
            good[name] = check(name, TABLE[name], value)
        except SettingsError as error:
            problems.append(f"{error} The default is used instead.")
    found = changed(Settings(), **good)
    if good.get("styles") and not found.styles:
        problems.append(f"{_NO_STYLES} They are left out.")
    return found, problems


def changed(settings: Settings, **values: Any) -> Settings:
    """Return the settings with some values replaced and checked.

    The gradient becomes autograd where the model or the optimiser asks for it, and other ways to write are left out
    where the features do not go with them.
    """
    if values.get("features", settings.features) not in STYLED_FEATURES:
        values["styles"] = False
    if any(values.get(name, getattr(settings, name)) != value for name, value in BY_HAND.items()):
        values["gradient"] = "autograd"
    return replace(settings, **values)


def planned(changes: str) -> dict[int, float]:
    """Return the learning rate by the iteration from which it holds: "240:0.5" is {240: 0.5}.

    Raises ValueError where the text is no list of such pairs, or one lies outside the limits.
    """
    pairs = [pair.split(":") for pair in changes.split(",")] if changes else []
    if len(pairs) > MOST_CHANGES:
        raise ValueError
    return {
        check("iterations", TABLE["iterations"], at): check("learning_rate", TABLE["learning_rate"], rate)
        for at, rate in pairs
    }


def planned_text(changes: Mapping[int, float]) -> str:
    """Return the text that `planned` reads, in the order of the iterations."""
    return ",".join(f"{at}:{_text(rate)}" for at, rate in sorted(changes.items()))


def _converted(kind: type, value: Any) -> Any:
    if kind is bool and isinstance(value, str):
        return {"true": True, "1": True, "false": False, "0": False}[value.lower()]
    if kind is int and not isinstance(value, str) and int(value) != value:
        raise ValueError
    return kind(value)


def _within(setting: Setting, value: Any) -> bool:
    # Written so that nan, which compares false with everything, is refused.
    return setting.low is None or setting.high is None or setting.low <= value <= setting.high


def _expected(setting: Setting, kind: type) -> str:
    if setting.choices:
        return "one of " + ", ".join(setting.choices)
    if setting.example:
        return f"a list such as {setting.example} (at most {MOST_CHANGES})"
    if kind is bool:
        return "true or false"
    number = "a whole number" if kind is int else "a number"
    return f"{number} from {_text(setting.low)} to {_text(setting.high)}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)
