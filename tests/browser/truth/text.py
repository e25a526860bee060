"""Texts with numbers in them, and how near a shown number must be to the one that is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrdemo import formats

FLOAT32 = 1e-7
"""What a share may differ by when it has been a float32."""
ROUNDING = 2e-6
"""What the mean of a few hundred float32 may differ by when they are added in another order."""
TIE = 1e-9
"""What is exact may still lie half-way between two numbers as they are shown; then either is right."""
OF_A_SCORE = 2e-5
"""The same for a logit: 784 products of float32 are added."""
OF_A_SHARE = 1e-5
"""And for the probability that comes of logits."""
_RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@dataclass(frozen=True)
class Number:
    """A number as it must stand there: `form` of a value within `off` of this one, which decides where it is a tie."""

    form: Callable[[float | None], str]
    value: float | None
    off: float = 0.0

    def __str__(self) -> str:
        return self.form(self.value)

    def fits(self, text: str) -> bool:
        """Return whether the text is what the formatter makes of a value near enough."""
        if text == str(self) or self.value is None or not self.off:
            return text == str(self)
        try:
            shown = parsed(text)
        except ValueError:
            return False
        return text == self.form(min(max(shown, self.value - self.off), self.value + self.off))


@dataclass(frozen=True)
class Said:
    """A sentence with numbers in the places of its braces."""

    words: str
    numbers: tuple[Any, ...]

    def __str__(self) -> str:
        first, *rest = self.words.split("{}")
        return first + "".join(f"{number}{part}" for number, part in zip(self.numbers, rest, strict=True))

    def fits(self, text: str) -> bool:
        """Return whether the text is this sentence with numbers that fit."""
        found = re.fullmatch("(.+?)".join(map(re.escape, self.words.split("{}"))), text)
        return found is not None and all(map(fits, found.groups(), self.numbers))


def said(words: str, *numbers: Any) -> Said:
    """Return a sentence with numbers, or sentences with numbers, in the places of its braces."""
    return Said(words, numbers)


def fits(text: str, wanted: Any) -> bool:
    """Return whether a shown text is the one that is wanted: a number, a sentence with numbers, or plain text."""
    return bool(wanted.fits(text)) if hasattr(wanted, "fits") else text == wanted


def parsed(text: str) -> float:
    """Return the number that a text shows; raises ValueError where it shows none."""
    plain = text.replace(formats.NO_BREAK_SPACE, " ").replace("−", "-").replace(",", "")
    number, _, power = plain.removesuffix(" %").partition(" · 10")
    value = float(number) * 10.0 ** float(power.translate(_RAISED) or 0)
    return value / 100 if plain.endswith(" %") else value


def fixed(value: float | None, decimals: int = 2, off: float = 0.0) -> Number:
    """Return a number with so many decimals."""
    return Number(lambda one: formats.fixed(one, decimals), value, off)


def count(value: float) -> Number:
    """Return a whole number."""
    return fixed(value, 0)


def percent(share: float | None, decimals: int = 1, off: float = 0.0) -> Number:
    """Return a share in per cent."""
    return Number(lambda one: formats.percent(one, decimals), share, off)


def short(value: float | None, digits: int = 6, off: float = 0.0) -> Number:
    """Return a number with so many significant digits."""
    return Number(lambda one: formats.short(one, digits), value, off)


def signed(value: float | None, decimals: int = 4, off: float = 0.0) -> Number:
    """Return a number with its sign."""
    return Number(lambda one: formats.signed(one, decimals), value, off)
