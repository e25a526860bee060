"""A table of ten numbers with a bar for each, from a zero line to the right or to the left."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np
import streamlit as st

from lrdemo.arrays import Float32s
from lrdemo.formats import fixed
from lrdemo.ui.scripts import read

STYLE = Path(__file__).with_name("signed_bars.css")


def signed_bars(
    title: str, name: str, values: Float32s, reach: float, former: Float32s | None = None, marked: int | None = None
) -> None:
    """Show values [10], one per class, with three decimals; a bar of full length is worth `reach`.

    `former` [10] are outlined for comparison; the row of the class `marked` is bold.
    """
    rows = []
    for digit, value in enumerate(values):
        outline = "" if former is None else _bar(float(former[digit]), reach, "former")
        row = (
            f'<th scope="row">{digit}</th>'
            f'<td class="track">{_bar(float(value), reach, "below" if value < 0 else "above")}{outline}</td>'
            f"<td>{fixed(float(value), 3)}</td>"
        )
        rows.append(f'<tr class="marked">{row}</tr>' if digit == marked else f"<tr>{row}</tr>")
    heads = _heads("class", f"below 0 ← {escape(name)} → above 0", "value")
    st.html(
        f'<style>{read(STYLE)}</style><figure class="signed-bars"><figcaption>{escape(title)}</figcaption>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></figure>"
    )


def largest(values: Sequence[Float32s]) -> float:
    """Return a reach in which all these values have room; those that are not finite have none."""
    found = np.abs(np.concatenate(values))
    return float(found[np.isfinite(found)].max(initial=0.0)) or 1.0


def _heads(first: str, across: str, last: str) -> str:
    return f'<th scope="col">{first}</th><th scope="col" class="across">{across}</th><th scope="col">{last}</th>'


def _bar(value: float, reach: float, kind: str) -> str:
    share = 50 * min(abs(value) / reach, 1.0) if np.isfinite(value) else 0.0
    left = 50 - share if value < 0 else 50.0
    return f'<span class="{kind}" style="left:{left:.2f}%;width:{share:.2f}%"></span>'
