"""What to warn of before a drawing's answer is believed: odd drawings, and drawings far from all digits."""

from __future__ import annotations

import numpy as np

from lrdemo.arrays import Bytes
from lrdemo.digit import Finding, findings, ink_from_rgba

WORDS = {
    Finding.BLANK: "The canvas is empty. Draw a digit.",
    Finding.TOO_SMALL: "Very small: there is hardly anything to read. Draw the digit larger.",
    Finding.FILLED: "This looks like a filled shape, not like a digit drawn with a pen.",
    Finding.SEVERAL: "These look like several digits. The model reads one at a time.",
}
HALF = 127
FAR = "This is unlike the digits the model was trained on. Do not rely on the answer."


OFF_THE_PAD = "Part of it is off the pad. Draw the whole digit inside."
SMALL = "Small: a larger digit keeps more of its shape."
_SMALL = 0.25
"""Of the pad's side, the longest side of a drawing that is called small."""


def advice(rgba: Bytes) -> str | None:
    """Return how to draw better on a canvas [H, W, 4]: inside the pad, and large; None where both are so."""
    inked = ink_from_rgba(rgba) >= HALF
    if not inked.any():
        return None
    if inked[0].any() or inked[-1].any() or inked[:, 0].any() or inked[:, -1].any():
        return OFF_THE_PAD
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    longest = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    return SMALL if longest < _SMALL * min(inked.shape) else None


def doubt(rgba: Bytes) -> str | None:
    """Return a sentence where a drawing on a canvas [H, W, 4] is odd, so that no answer for it should be relied on."""
    found = findings(rgba)
    return WORDS[found[0]] if found else None
