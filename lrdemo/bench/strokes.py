"""Drawings to be read: real ones from a file, and made-up ones that are no digits."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lrdemo.arrays import Bytes, Float64s
from lrdemo.digit import draw_strokes

CANVAS = 280
BRUSH = 20.0


@dataclass(frozen=True)
class Drawing:
    """One drawing: its pointer paths [n, 2] in canvas pixels, the brush width, and what it shows."""

    label: str
    kind: str
    """Of a digit how it was placed, of another thing what it is."""
    brush: float
    strokes: list[Float64s]

    def rgba(self) -> Bytes:
        """Return the canvas [280, 280, 4], white on black."""
        rgba = np.full((CANVAS, CANVAS, 4), 255, np.uint8)
        rgba[:, :, :3] = draw_strokes(self.strokes, self.brush, CANVAS)[:, :, None]
        return rgba


def load_drawings(path: Path) -> list[Drawing]:
    """Return the drawings in a JSON file, digits by their `tier` and other things by their `kind`."""
    return [
        Drawing(str(one["label"]), one.get("kind") or one["tier"], one["brush"], list(map(np.array, one["strokes"])))
        for one in json.loads(path.read_text(encoding="utf-8"))
    ]


def scribbles(count: int, seed: int = 0) -> list[Drawing]:
    """Return scribbles 80 to 220 pixels across: one to three lines that wander and curl."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        strokes = []
        for _ in range(random.integers(1, 4)):
            steps = random.integers(25, 80)
            turns = np.cumsum(random.normal(0, 0.25, steps)) + random.normal(0, 0.1)
            heading = random.uniform(0, 2 * np.pi) + np.cumsum(turns * random.uniform(0.2, 0.8))
            start = random.uniform(-40, 40, 2)
            steps_taken = np.stack([np.cos(heading), np.sin(heading)], axis=1)
            strokes.append(start + 8 * np.cumsum(steps_taken, axis=0))
        points = np.concatenate(strokes)
        low, high = points.min(axis=0), points.max(axis=0)
        scale = random.uniform(80, 220) / (high - low).max()
        placed = [(stroke - (low + high) / 2) * scale + CANVAS / 2 for stroke in strokes]
        drawn.append(Drawing("scribble", "scribble", BRUSH, placed))
    return drawn


def pairs(drawings: Sequence[Drawing], count: int, seed: int = 0) -> list[Drawing]:
    """Return two of the drawings side by side, each in 105 x 180 pixels."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        strokes = []
        for centre in (75, 205):
            digit = drawings[int(random.integers(len(drawings)))].strokes
            points = np.concatenate(digit)
            low, high = points.min(axis=0), points.max(axis=0)
            scale = (np.array([105, 180]) / np.maximum(high - low, 1)).min()
            strokes += [(stroke - (low + high) / 2) * scale + np.array([centre, 140]) for stroke in digit]
        drawn.append(Drawing("pair", "pair", BRUSH, strokes))
    return drawn


def spirals(count: int, seed: int = 0) -> list[Drawing]:
    """Return spirals of 1.6 to 4 turns, either way round, from the inside out."""

    def spiral(random: np.random.Generator) -> Float64s:
        turns = random.uniform(1.6, 4)
        angle = np.linspace(0, 2 * np.pi * turns, 120)
        radius = (angle / angle[-1]) ** random.uniform(0.7, 1.3)
        return _around(radius, random.choice([-1, 1]) * angle + random.uniform(0, 2 * np.pi))

    return _jittered("spiral", spiral, count, seed)


def hearts(count: int, seed: int = 0) -> list[Drawing]:
    """Return hearts, in one line from the dent round to it again."""

    def heart(random: np.random.Generator) -> Float64s:
        t = np.linspace(0, 2 * np.pi, 90)
        x = 16 * np.sin(t) ** 3
        y = 13 * np.cos(t) - random.uniform(3, 6) * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
        return np.stack([x, -y], axis=1)

    return _jittered("heart", heart, count, seed)


def waves(count: int, seed: int = 0) -> list[Drawing]:
    """Return waves of 1.5 to 4.5 periods from left to right."""

    def wave(random: np.random.Generator) -> Float64s:
        along = np.linspace(0, 1, 100)
        height = random.uniform(0.08, 0.3) * np.sin(2 * np.pi * (random.uniform(1.5, 4.5) * along + random.uniform()))
        return np.stack([along, height], axis=1)

    return _jittered("wave", wave, count, seed)


def _around(radius: Float64s, angle: Float64s) -> Float64s:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _jittered(
    kind: str, line: Callable[[np.random.Generator], Float64s], count: int, seed: int
) -> list[Drawing]:
    """Return lines as hands would draw them: a little uneven, turned and stretched, 80 to 220 pixels across."""
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(count):
        path = line(random)
        path = (path - path.mean(axis=0)) / np.ptp(path, axis=0).max()
        path = path + 0.02 * np.cumsum(random.normal(0, 0.3, path.shape), axis=0) / np.sqrt(len(path) / 60)
        turn, stretch = random.normal(0, 0.12), np.exp(random.normal(0, 0.12))
        path = path @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * [stretch, 1 / stretch]
        low, high = path.min(axis=0), path.max(axis=0)
        scale = random.uniform(80, 220) / (high - low).max()
        drawn.append(Drawing(kind, kind, BRUSH, [(path - (low + high) / 2) * scale + CANVAS / 2]))
    return drawn
