"""What a visitor reads and sees on a page that was run without a browser: words, figures, pictures, charts, tables."""

from __future__ import annotations

import base64
import io
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from streamlit.testing.v1 import AppTest

from lrdemo.formats import NO_BREAK_SPACE

WORDS = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error", "text")


@dataclass(frozen=True, eq=False)
class Picture:
    """Hold one picture: its pixels [H, W] or [H, W, 3], its caption and its description."""

    pixels: np.ndarray
    caption: str
    alt: str


def again(app: AppTest) -> AppTest:
    """Run the page once more; it must not fail."""
    app.run()
    assert not app.exception, app.exception
    return app


def words(app: AppTest) -> str:
    """Return all running text of the page, with plain spaces."""
    return "\n".join(element.value for kind in WORDS for element in app.get(kind)).replace(NO_BREAK_SPACE, " ")


def latex(app: AppTest) -> str:
    """Return all formulas of the page."""
    return "\n".join(element.value for element in app.latex)


def metrics(app: AppTest) -> dict[str, str]:
    """Return what each large figure says."""
    return {metric.label: metric.value for metric in app.metric}


def chart(app: AppTest, key: str) -> tuple[dict[str, Any], str]:
    """Return the option and the description of the chart with this key."""
    (found,) = [part.proto for part in app.get("echarts_chart") if part.proto.id.endswith(f"-{key}")]
    return json.loads(found.spec), found.alt


def pictures(app: AppTest) -> list[Picture]:
    """Return the pictures of the page from top to bottom."""
    return list(_pictures(app))


def picture(app: AppTest, caption: str) -> Picture:
    """Return the one picture with this caption."""
    (found,) = [one for one in _pictures(app) if one.caption == caption]
    return found


def table(app: AppTest, *heads: str) -> list[list[str]]:
    """Return the rows of the one table with these column names."""
    tables = [_cells(part.value) for part in app.markdown if part.value.startswith("| ")]
    (found,) = [cells for cells in tables if cells[0] == list(heads)]
    return found[2:]


def number(text: str) -> float:
    """Return the number that a text shows."""
    return float(text.strip("* ").replace("−", "-").replace(",", "").replace("+", "").split(NO_BREAK_SPACE)[0])


def click(app: AppTest, label: str) -> AppTest:
    """Click the first button whose label begins so, and run the page."""
    next(button for button in app.button if button.label.startswith(label)).click()
    return again(app)


def _cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]


def _pictures(app: AppTest) -> Iterator[Picture]:
    for element in app.get("image"):
        for one in element.proto.imgs:
            body = base64.b64decode(one.url.removeprefix("data:image/png;base64,"))
            yield Picture(np.asarray(Image.open(io.BytesIO(body))), one.caption, one.alt)


def still(app: AppTest) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of the one picture that stands still."""
    (frame,) = [found for part in app.get("bidi_component") if b'"told"' in (found := bytes(part.proto.bytes))]
    (length,) = struct.unpack_from("<I", frame)
    header, offset, arrays = json.loads(frame[4 : 4 + length]), 4 + length, {}
    for name, kind, count in header["arrays"]:
        arrays[name] = np.frombuffer(frame, kind, count, offset)
        offset += arrays[name].nbytes
    return header, arrays
