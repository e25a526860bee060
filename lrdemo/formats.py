"""Numbers and foreign text as a visitor reads them: one way to write each, the same as in the browser.

Halves are rounded away from zero, as in JavaScript and at school. A number that is missing or not finite is a dash.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MISSING = "–"
MOST_QUOTED = 40
"""Characters of a text from outside that are shown, quotation marks aside."""

_EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
_LARGE = 1e9
_MINUS = "\N{MINUS SIGN}"
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def fixed(value: float | None, decimals: int = 2) -> str:
    """Return a number with `decimals` decimals: "1,234.50", "−0.13"; from 10⁹ on a power of ten."""
    if value is None or not math.isfinite(value):
        return MISSING
    if abs(value) >= _LARGE:
        return short(value, 3)
    text = f"{_rounded(abs(value), decimals):,f}"
    return _MINUS + text if value < 0 and text.strip("0.") else text


def count(value: float | None) -> str:
    """Return a number rounded to a whole one with thousands separated: 60000 → "60,000"."""
    return fixed(value, 0)


def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share of 1 in percent, kept on one line: 0.885 → "88.5 %"."""
    text = fixed(None if share is None else 100 * share, decimals)
    return text if text == MISSING else text + NO_BREAK_SPACE + "%"


def signed(value: float | None, decimals: int = 4) -> str:
    """Return a number with its sign: "+0.2500", "−0.2500"; what rounds to zero has none."""
    text = fixed(value, decimals)
    return "+" + text if value is not None and value > 0 and text.strip("0.–") else text


def short(value: float | None, digits: int = 6) -> str:
    """Return a number with at most `digits` significant digits: 0.0003, 2.3, "12,300", "6 · 10⁻⁸"."""
    if value is None or not math.isfinite(value):
        return MISSING
    if value == 0:
        return "0"
    rounded = _rounded(abs(value), digits - 1 - _power(abs(value)))
    power = rounded.adjusted()
    if power < -4 or power > 6:
        lead, raised = _bare(rounded.scaleb(-power, _EXACT)), str(power).translate(_RAISED)
        text = f"{lead}{NO_BREAK_SPACE}·{NO_BREAK_SPACE}10{raised}"
    else:
        text = _bare(rounded)
    return _MINUS + text if value < 0 else text


def quoted(value: object) -> str:
    """Return text from outside in quotation marks for plain display: short, and printable characters only."""
    try:
        text = value if isinstance(value, str) else repr(value)
    except (ValueError, RecursionError):
        text = type(value).__name__  # An integer of thousands of digits, or lists in lists in lists.
    shown = text if len(text) <= MOST_QUOTED else text[: MOST_QUOTED - 1] + "…"
    return "“" + "".join(one if one.isprintable() else _REPLACEMENT for one in shown) + "”"


def _rounded(value: float, decimals: int) -> Decimal:
    return Decimal(float(value)).quantize(Decimal((0, (1,), -decimals)), context=_EXACT)


def _power(value: float) -> int:
    return Decimal(float(value)).adjusted()


def _bare(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
