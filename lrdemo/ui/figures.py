"""Figures of the draw and lesson pages: charts under a title, pictures side by side, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from lrdemo import pictures
from lrdemo.arrays import Bytes, Float32s
from lrdemo.stroke_pictures import signed_inputs
from lrdemo.ui.charts import Chart, Option
from lrdemo.ui.scripts import read

NUMBERS_STYLE = Path(__file__).with_name("numbers_table.css")
SIGNED_WORDS = "Red adds, blue takes away, white is zero."
MIDDLE_GREY = 118
"""On this paper black and white can be read equally well."""
WORDS = {"color": "#6b6f7e"}
"""A grey for a chart's words on white; should the theme change under it, it can still be read on black."""


def show_chart(chart: Chart, height: int, key: str | None = None) -> None:
    """Show a chart under a title that wraps on a narrow screen; as SVG it stays sharp when a projector enlarges it."""
    option = chart.option if st.context.theme.type == "dark" else darker_words(chart.option)
    with st.container():
        st.markdown(f"**{chart.title}**")
        st.echarts_chart(option, height=height, alt=chart.alt, key=key, renderer="svg")


def darker_words(option: Option) -> Option:
    """Return an ECharts option with words for a white page, where Streamlit's own grey is too light to be read."""
    parts = {"xAxis": ("nameTextStyle", "axisLabel"), "yAxis": ("nameTextStyle", "axisLabel"), "legend": ("textStyle",)}
    return option | {
        part: option[part] | {style: option[part].get(style, {}) | WORDS for style in styles}
        for part, styles in parts.items()
        if part in option
    }


def ink_pictures(
    images: Float32s, captions: Sequence[str], width: int = 80, alt: Sequence[str] | None = None
) -> None:
    """Show images [N, 28, 28] in [0, 1] as black ink on white paper, side by side as far as there is room."""
    _row(list(pictures.ink(images)), captions, width, alt or captions)


def signed_pictures(
    values: Float32s, captions: Sequence[str], alt: str, limit: float | None = None, width: int = 80
) -> None:
    """Show values of pixels [N, 28, 28] or edges [N, 8, 10, 10] as red, white and blue, all to the same limit."""
    top = float(np.abs(values).max()) if limit is None else limit
    _row(list(signed_inputs(values, top)), captions, width, [f"{alt} {caption}" for caption in captions])


def _row(images: Sequence[Bytes], captions: Sequence[str], width: int, alt: Sequence[str]) -> None:
    row = st.container(horizontal=True, gap="xsmall")
    for image, caption, words in zip(images, captions, alt, strict=True):
        row.image(pictures.data_url(image), caption=caption, width=width, alt=words)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 0) -> None:
    """Show rows of text as a table that scrolls sideways on a narrow screen, its first `left` columns left-aligned."""
    marks = [":---" if column < left else "---:" for column in range(len(heads))]
    st.markdown("\n".join("| " + " | ".join(cells) + " |" for cells in (heads, marks, *rows)))


def numbers_table(pixels: Bytes, scaled: bool, caption: str) -> None:
    """Show the pixels [28, 28] as a table of numbers, each on its own grey; scaled means 0 … 1."""
    rows = []
    for row in pixels.tolist():
        cells = []
        for value in row:
            paper = 255 - value
            ink = "#fff" if paper < MIDDLE_GREY else "#000" if value else "#6b6b6b"
            text = f"{value / 255:.2f}".removeprefix("0") if scaled and value % 255 else value // (255 if scaled else 1)
            cells.append(f'<td style="background:rgb({paper},{paper},{paper});color:{ink}">{text}</td>')
        rows.append(f"<tr>{''.join(cells)}</tr>")
    st.html(
        f"<style>{read(NUMBERS_STYLE)}</style>"
        f'<div class="pixels" tabindex="0" role="region" aria-label="{caption}"><table>{"".join(rows)}</table></div>',
        width="content",
    )
