"""Drawings given to the canvas as the browser would give them, and runs trained before a page is looked at."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image
from reading import again
from streamlit.testing.v1 import AppTest

from lrdemo.digit import draw_strokes
from lrdemo.settings import Settings, changed
from lrdemo.ui.server.visitor import Visitor

LONG = 60.0
SEVEN = [
    1.5 * np.array([[70, 70], [140, 62], [200, 66], [170, 130], [120, 215], [80, 240]], np.float64),
    1.5 * np.array([[80, 240], [140, 235], [215, 240]], np.float64),
]
FOUR = [
    1.5 * np.array([[110, 50], [80, 150], [200, 150]], np.float64),
    1.5 * np.array([[170, 60], [165, 240]], np.float64),
]


def visitor(page: AppTest) -> Visitor:
    """Return whose page it is."""
    found: Visitor = page.session_state["visitor"]
    return found


def trained(page: AppTest, **values: Any) -> AppTest:
    """Train the visitor's run to its end, with these settings beside the usual ones, and run the page again."""
    settings = changed(Settings(), **{"pace": 0, "iterations": 600, **values})
    visitor(page).run.start(settings)
    visitor(page).run.wait(LONG, lambda snapshot: snapshot.state in ("finished", "diverged"))
    return again(page)


def rgba_of(strokes: list[np.ndarray], brush: float = 30) -> np.ndarray:
    """Return the canvas [420, 420, 4] with these strokes on it."""
    rgba = np.full((420, 420, 4), 255, np.uint8)
    rgba[:, :, :3] = 255 - draw_strokes(strokes, brush, 420)[:, :, None]
    return rgba


def drawn(page: AppTest, strokes: list[np.ndarray]) -> AppTest:
    """Put these strokes on the canvas and run the page again."""
    put(page, strokes)
    return again(page)


def put(page: AppTest, strokes: list[np.ndarray]) -> None:
    """Have these strokes, and nothing else, on the canvas at the next run."""
    file = io.BytesIO()
    Image.fromarray(rgba_of(strokes)).save(file, "png")
    paths = [[["M" if at == 0 else "L", *point] for at, point in enumerate(stroke.tolist())] for stroke in strokes]
    number = page.session_state["canvas_number"] if "canvas_number" in page.session_state else 0
    page.session_state[f"canvas_{number}"] = {
        "drawing": {
            "raw": {"objects": [{"type": "path", "path": path} for path in paths]},
            "data": "data:image/png;base64," + base64.b64encode(file.getvalue()).decode(),
        },
        "backgroundFit": None,
    }


def section(page: AppTest, name: str) -> AppTest:
    """Open one of the tabs below the canvas."""
    page.session_state["draw_sections"] = name
    return again(page)
