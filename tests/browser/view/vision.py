"""How colours are seen: their contrast, and how different they are, also to those who see two kinds of colour."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

PLAIN = 20
"""A difference in CIE Lab that is plain to see."""
LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
# Machado, Oliveira and Fernandes (2009), severity 1.
DEUTERANOPIA = np.array(
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
)


def rgb(colour: str) -> list[int]:
    """Return red, green and blue, 0 … 255, of "#rrggbb" or "rgb(r, g, b)"."""
    if colour.startswith("#"):
        return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return [int(part) for part in re.findall(r"\d+", colour)]


def contrast(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the contrast of two colours as WCAG has it, 1 … 21."""
    darker, lighter = sorted(linear(colour) @ LUMINANCE + 0.05 for colour in (one, other))
    return float(lighter / darker)


def difference(one: Sequence[float], other: Sequence[float]) -> float:
    """Return how different two colours are in CIE Lab, with all cones or with deuteranopia, whichever is less."""
    first, second = linear(one), linear(other)
    return float(min(np.linalg.norm(lab(see @ first) - lab(see @ second)) for see in (np.eye(3), DEUTERANOPIA)))


def linear(colour: Sequence[float]) -> np.ndarray:
    """Return a colour [3] as linear light, 0 … 1 (IEC 61966-2-1)."""
    value = np.asarray(colour) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """Return linear light [3] in CIE Lab under D65."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], LUMINANCE, [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1, 1.089]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
