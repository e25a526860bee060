"""What the lesson pages share: their order, links between them, pictures, questions to open, code that ran."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.errors import StreamlitPageNotFoundError

from lrdemo import pictures

PAGES_FOLDER = Path(__file__).parents[3] / "pages"
PAGES = (
    ("line_to_probability.py", "From a line to a probability"),
    ("the_data.py", "The data"),
    ("one_step_by_hand.py", "One step by hand"),
    ("three_ways.py", "The model, three ways"),
    ("read_the_output.py", "Read the output"),
)
READING_WIDTH = 1000
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SIGNED_WORDS = "Red adds, blue takes away, white is zero."


@contextmanager
def page(file: str, promise: str) -> Iterator[None]:
    """Show a lesson page's title, place and promise above what is written inside, and the way on below it."""
    place = [name for name, _ in PAGES].index(file)
    # Long lines are hard to read on a projector.
    with st.container(width=READING_WIDTH):
        st.title(PAGES[place][1], anchor=False)
        st.caption(f"Lesson {place + 1} of {len(PAGES)}")
        st.markdown(promise)
        yield
        st.divider()
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if place > 0:
                _link(place - 1, ":material/arrow_back:", "left")
            if place + 1 < len(PAGES):
                _link(place + 1, ":material/arrow_forward:", "right")


def _link(place: int, icon: str, side: Any) -> None:
    file, title = PAGES[place]
    try:
        st.page_link(PAGES_FOLDER / file, label=title, icon=icon, icon_position=side)
    except StreamlitPageNotFoundError:
        # A page that is run on its own has no neighbours to link to.
        st.caption(title)


def question(text: str, answer: str) -> None:
    """Show a question; its answer opens on a click."""
    with st.expander(f"**Question.** {text}", icon=":material/help:"):
        st.markdown(answer)


def code(text: str, label: str = "The code that ran") -> None:
    """Show source text, folded away until it is opened."""
    with st.expander(label, icon=":material/code:"):
        st.code(text, language="python", wrap_lines=True)


def chart(title: str, option: dict[str, Any], alt: str, height: int = 340, key: str | None = None) -> None:
    """Show an ECharts option under a title that wraps on a narrow screen."""
    st.markdown(f"**{title}**")
    st.echarts_chart(option, height=height, alt=alt, key=key)


def axis(name: str, gap: int = 28, **details: Any) -> dict[str, Any]:
    """Return a value axis of a chart with its name in the middle."""
    return {"type": "value", "name": name, "nameLocation": "middle", "nameGap": gap, **details}


def ink_pictures(
    images: npt.NDArray[np.floating], captions: Sequence[str], width: int = 80, alt: Sequence[str] | None = None
) -> None:
    """Show images [N, 28, 28] in [0, 1] as black ink on white paper, side by side as far as there is room."""
    _row(list(pictures.ink(images)), captions, width, alt or captions)


def signed_pictures(
    values: npt.NDArray[np.floating], captions: Sequence[str], alt: str, limit: float | None = None, width: int = 80
) -> None:
    """Show values [N, 28, 28] on the red–white–blue scale, all to the same limit."""
    top = float(np.abs(values).max()) if limit is None else limit
    _row(list(pictures.signed(values, top)), captions, width, [f"{alt} {caption}" for caption in captions])


def _row(images: Sequence[npt.NDArray[np.uint8]], captions: Sequence[str], width: int, alt: Sequence[str]) -> None:
    row = st.container(horizontal=True, gap="xsmall")
    for image, caption, words in zip(images, captions, alt, strict=True):
        row.image(pictures.data_url(image), caption=caption, width=width, alt=words)


def tiny(value: float) -> str:
    """Write a small difference as a number times a power of ten."""
    if value == 0:
        return "0"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} · 10" + str(int(power)).translate(_RAISED)


def numbers_table(pixels: npt.NDArray[Any], scaled: bool, caption: str) -> None:
    """Show the pixels [28, 28] (uint8) as a table of numbers, each on its own grey; scaled means 0 … 1."""
    rows = []
    for row in pixels.tolist():
        cells = []
        for value in row:
            paper, ink = 255 - value, "#fff" if value > 127 else "#444" if value else "#999"
            text = f"{value / 255:.2f}".removeprefix("0") if scaled and value % 255 else value // (255 if scaled else 1)
            cells.append(f'<td style="background:rgb({paper},{paper},{paper});color:{ink}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    st.html(
        "<style>.pixels{overflow-x:auto}.pixels table{border-collapse:collapse;font:10px/1 ui-monospace,monospace;"
        "background:#fff}.pixels td{width:23px;min-width:23px;height:17px;padding:0;text-align:center;border:0}"
        ".pixels caption{caption-side:bottom;text-align:left;font:13px sans-serif;padding-top:6px;"
        "background:transparent}</style>"
        f'<div class="pixels" tabindex="0" role="region" aria-label="{caption}"><table>{"".join(rows)}</table></div>'
    )
