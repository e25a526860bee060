"""A visitor's own labelled drawings: small variations to train on, and a JSON file to keep them in.

Reading the file checks every value and executes nothing. NumPy only.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lrdemo.arrays import Bytes, Float32s, Float64s
from lrdemo.digit import Stroke, even_stroke, redraw
from lrdemo.errors import DrawingsError
from lrdemo.features import Features, inputs, prepare
from lrdemo.formats import count, quoted
from lrdemo.shapes import form_of
from lrdemo.strict_json import parsed

FORMAT, VERSION = "lrdemo drawings", 1
MOST_DRAWINGS = 60
MOST_STROKES = 20
MOST_POINTS = 1_500
MOST_BYTES = 2 * 2**20
FARTHEST = 1_000.0
"""Largest coordinate, in canvas pixels: strokes may leave the canvas of 280."""
INK_SIDE = 70
"""Side of the picture kept where the strokes are not known."""

_ANOTHER = "This is not a drawings file. Choose a .json file that was downloaded here."
_TURN, _SLANT, _WIDEN = math.radians(8), 0.12, 1.12
_VARIATIONS: tuple[tuple[tuple[float, float], tuple[float, float]], ...] = (
    ((1, 0), (0, 1)),
    ((math.cos(_TURN), -math.sin(_TURN)), (math.sin(_TURN), math.cos(_TURN))),
    ((math.cos(_TURN), math.sin(_TURN)), (-math.sin(_TURN), math.cos(_TURN))),
    ((1, _SLANT), (0, 1)),
    ((1, -_SLANT), (0, 1)),
    ((_WIDEN, 0), (0, 1)),
    ((1, 0), (0, _WIDEN)),
)
"""As drawn, turned both ways, slanted both ways, wider, taller: matrices on (x, y)."""
_SHIFTS = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))


@dataclass(frozen=True, eq=False)
class OwnDrawing:
    """One labelled drawing: its pointer paths [n, 2] in canvas pixels, or where unknown its ink [70, 70].

    One that is held back is never taught, only asked about.
    """

    label: int
    strokes: tuple[Float64s, ...]
    ink: Bytes | None = None
    held_back: bool = False

    def prepared(self, features: Features) -> Float32s:
        """Return it put in its place as these features do it, [28, 28] in 0 … 1."""
        found = prepare(redraw(self.strokes) if self.strokes else even_stroke(self._ink()), features)
        assert found is not None
        return found

    def variations(self, features: Features) -> Bytes:
        """Return it and small variations, as a model with these features gets it, uint8 [V, D].

        Strokes are turned by 8°, slanted by 0.12 and stretched by 1.12; a picture is moved by a pixel.
        """
        if self.strokes:
            moved = [tuple(stroke @ np.array(matrix).T for stroke in self.strokes) for matrix in _VARIATIONS]
            images = [OwnDrawing(self.label, strokes).prepared(features) for strokes in moved]
        else:
            image = np.pad(self.prepared(features), 1)
            images = [image[1 - down : 29 - down, 1 - right : 29 - right] for down, right in _SHIFTS]
        return form_of(features).packed(inputs(np.stack(images), features))

    def _ink(self) -> Bytes:
        assert self.ink is not None
        return self.ink


def own_drawing(label: int, strokes: Sequence[Stroke] | None, ink: Bytes, held_back: bool = False) -> OwnDrawing:
    """Return a drawing (ink [H, W], not blank) in the precision in which it is also kept in a file.

    Strokes are rounded to a tenth of a pixel and thinned to 1,500 points in all.
    """
    if strokes is None or len(strokes) > MOST_STROKES:
        return OwnDrawing(label, (), _shrunk(ink), held_back)
    every = -(-sum(len(stroke) for stroke in strokes) // (MOST_POINTS - MOST_STROKES))
    paths = (np.round(np.asarray(stroke, np.float64)[:: max(1, every)], 1) for stroke in strokes)
    return OwnDrawing(label, tuple(path for path in paths if len(path)), None, held_back)


def to_json(drawings: Sequence[OwnDrawing]) -> str:
    """Return the drawings as the text of a file."""
    return json.dumps({"format": FORMAT, "version": VERSION, "drawings": [_entry(drawing) for drawing in drawings]})


def from_json(content: bytes) -> list[OwnDrawing]:
    """Return the drawings in a file's content; raises DrawingsError with one sentence when anything is wrong."""
    if len(content) > MOST_BYTES:
        raise DrawingsError(f"This file is too large: at most {MOST_BYTES // 2**20} MB of drawings can be read.")
    try:
        found = parsed(content)
    except ValueError:
        raise DrawingsError(_ANOTHER) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise DrawingsError(_ANOTHER)
    version = found.get("version")
    if type(version) is not int or version != VERSION:
        raise DrawingsError(f"This file has version {quoted(version)}; version {VERSION} can be read.")
    entries = found.get("drawings")
    if not isinstance(entries, list) or not 1 <= len(entries) <= MOST_DRAWINGS:
        raise DrawingsError(f"A drawings file holds 1 to {MOST_DRAWINGS} drawings; this one does not.")
    return [_drawing(entry, number) for number, entry in enumerate(entries, start=1)]


def _entry(drawing: OwnDrawing) -> dict[str, Any]:
    entry: dict[str, Any] = {"label": drawing.label, "held_back": drawing.held_back}
    if drawing.strokes:
        entry["strokes"] = [stroke.tolist() for stroke in drawing.strokes]
    else:
        assert drawing.ink is not None
        entry["ink"] = [row.tobytes().hex() for row in drawing.ink]
    return entry


def _drawing(entry: Any, number: int) -> OwnDrawing:
    try:
        label, held_back = entry["label"], entry["held_back"]
        if type(label) is not int or not 0 <= label <= 9:
            raise DrawingsError(f"Drawing {number}: the label must be a whole number from 0 to 9.")
        if type(held_back) is not bool:
            raise DrawingsError(f"Drawing {number}: held_back must be true or false.")
        if set(entry) == {"label", "held_back", "strokes"}:
            return OwnDrawing(label, _strokes(entry["strokes"], number), None, held_back)
        if set(entry) == {"label", "held_back", "ink"}:
            return OwnDrawing(label, (), _ink(entry["ink"], number), held_back)
    except (KeyError, TypeError, IndexError):
        pass
    raise DrawingsError(f"Drawing {number}: it needs a label, held_back, and strokes or ink, and nothing else.")


def _strokes(strokes: Any, number: int) -> tuple[Float64s, ...]:
    if not isinstance(strokes, list) or not 1 <= len(strokes) <= MOST_STROKES:
        raise DrawingsError(f"Drawing {number}: it must have 1 to {MOST_STROKES} strokes.")
    if not all(isinstance(stroke, list) and stroke for stroke in strokes):
        raise DrawingsError(f"Drawing {number}: a stroke must be a list of points.")
    if sum(len(stroke) for stroke in strokes) > MOST_POINTS:
        raise DrawingsError(f"Drawing {number}: it has more than {count(MOST_POINTS)} points.")
    for stroke in strokes:
        for point in stroke:
            if not isinstance(point, list) or len(point) != 2 or not all(map(_coordinate, point)):
                raise DrawingsError(f"Drawing {number}: a point must be two numbers from −1,000 to 1,000.")
    return tuple(np.array(stroke, np.float64) for stroke in strokes)


def _coordinate(value: Any) -> bool:
    # Written so that nan, which compares false with everything, is refused; bool is an int in Python.
    return type(value) in (int, float) and -FARTHEST <= value <= FARTHEST


def _ink(rows: Any, number: int) -> Bytes:
    shaped = isinstance(rows, list) and len(rows) == INK_SIDE and all(isinstance(row, str) for row in rows)
    if shaped and all(len(row) == 2 * INK_SIDE and set(row) <= set("0123456789abcdef") for row in rows):
        ink = np.frombuffer(bytes.fromhex("".join(rows)), np.uint8)
        if ink.any():
            return ink.reshape(INK_SIDE, INK_SIDE)
    raise DrawingsError(f"Drawing {number}: the ink must be {INK_SIDE} rows of {2 * INK_SIDE} hex digits, not all 0.")


def _shrunk(ink: Bytes) -> Bytes:
    """Return ink [H, W] in a square around it, averaged down to [70, 70]."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    cut = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    block = -(-max(cut.shape) // INK_SIDE)
    square = np.zeros((INK_SIDE * block, INK_SIDE * block), np.float32)
    top, left = (len(square) - cut.shape[0]) // 2, (len(square) - cut.shape[1]) // 2
    square[top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    averages: Float32s = square.reshape(INK_SIDE, block, INK_SIDE, block).mean(axis=(1, 3))
    return np.rint(averages).astype(np.uint8)
