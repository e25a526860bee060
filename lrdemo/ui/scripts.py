"""Scripts and styles are files of their own; this reads them, and joins scripts into the one module of a component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lrdemo.pictures import STOPS
from lrdemo.shapes import EDGES
from lrdemo.stroke_pictures import STROKE

VIEW = Path(__file__).parent / "view"
"""The scripts and the style of the live view; its small ones serve other components, too."""
PICTURES: dict[str, Any] = {
    "STOPS": STOPS.astype(int).tolist(),
    "STROKE": {**STROKE, "black": round(EDGES.white * STROKE["black"])},
}
"""What pictures.js and strokes.js need: the colours of signed values, and how strokes are drawn (black as a byte)."""


def read(path: Path) -> str:
    """Return the text of one file."""
    return path.read_text(encoding="utf-8")


def joined(*paths: Path, **constants: Any) -> str:
    """Return the scripts as one module, after a line `const NAME = value;` for each constant.

    Raises TypeError for a constant that JSON cannot hold.
    """
    head = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*head, *map(read, paths)])
