"""Scripts and styles are files of their own; this reads them, and joins scripts into the one module of a component."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lrdemo.pictures import STOPS

VIEW = Path(__file__).parent / "view"
"""The scripts and the style of the live view; its small ones serve other components, too."""
SCALE: list[list[int]] = STOPS.astype(int).tolist()
"""The colours of signed values, for `STOPS` in pictures.js."""


def read(path: Path) -> str:
    """Return the text of one file."""
    return path.read_text(encoding="utf-8")


def joined(*paths: Path, **constants: Any) -> str:
    """Return the scripts as one module, after a line `const NAME = value;` for each constant.

    Raises TypeError for a constant that JSON cannot hold.
    """
    head = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*head, *map(read, paths)])
