"""Where the numbers of each page stand: a selector, or a selector and an attribute."""

from __future__ import annotations

Places = dict[str, tuple[str, str | None]]

STRIP: Places = {
    "button": (".st-key-transport button[kind=primary] p", None),
    "place": (".strip .place", None),
    "score": (".strip .score", None),
    "judged": (".strip .headline .long:last-child", None),
    "state": (".strip .state", None),
    "note": (".strip .note", None),
    "done": (".strip .bar", "aria-valuenow"),
    "figures": (".strip .cell:not(.speed) .value", None),
}
ANSWER: Places = {
    "asked": ("figure.answer .asked canvas", "aria-label"),
    "large": ("figure.answer .large", None),
    "words": ("figure.answer .words", None),
    "means": ("figure.answer .means", None),
    "warning": ("figure.answer .warning", None),
    "probabilities": ("figure.answer .number:not(.logit)", None),
    "logits": ("figure.answer .number.logit", None),
    "best": ("figure.answer tr.best th", None),
    "tempered": ("figure.answer .softmax", None),
}
TEMPLATES: Places = {
    "templates": (".templates .grid", "aria-label"),
    "scale": (".templates .scale span:not(.ramp)", None),
    "biases": (".templates .bias", None),
}
CHARTS: Places = {"charts": (".chart canvas", "aria-label"), "readouts": (".chart .readout", None)}
TRAIN: Places = {
    "advice": (".advice:not([hidden]) p", None),
    "remedy": (".advice:not([hidden]) button:not([hidden])", None),
    "guessed": (".chart .told", None),
    "held": (".recipe:not([hidden]) .held td", None),
    "sliders": (".st-key-choices [data-testid=stSliderThumbValue] p", None),
    "recipe": (".st-key-recipe .stTooltipHoverTarget button p", None),
    "length": (".st-key-choices_said .stMarkdown p", None),
}
DRAW: Places = {
    "outcome": (".st-key-correction_outcome .stMarkdown p", None),
    "why": (".why h2", None),
    "sum names": (".why .sums th", None),
    "sums": (".why .sums .number", None),
    "explained": (".why .text", None),
    "more": (".why .more p", None),
    "metrics": ("[data-testid=stMetricValue] p", None),
    "moment": (".stTabs [data-testid=stCaptionContainer] p", None),
    "figure": (".stEChartsChart", "aria-label"),
}
BREAKING: Places = {
    "broken": (".breaking .score .accuracy", None),
    "unbroken": (".breaking .unchanged", None),
    "told": (".breaking .rest", None),
}
MISTAKES: Places = {
    "at": (".mistakes .where", None),
    "matrix": (".confusion [role=gridcell] button", None),
    "rates": (".confusion .rate", None),
    "counted": (".confusion .counted", None),
    "surest": (".mistakes .card:not([hidden]) .told-of p:nth-child(2)", None),
}
RACE: Places = {
    "winner": (".winner", None),
    "correct": (".lanes tr:first-child th:nth-child(2)", None),
    "lanes": (".lanes td.accuracy", None),
    "verdicts": (".lanes td.judged", None),
    "race scale": (".view.race .scale .limit", None),
}
LESSON: Places = {
    "strong": (".stMain .stMarkdown strong", None),
    "formulas": ("annotation", None),
}
ONLY = {"strong": r"\d", "formulas": r"\d\.\d"}
"""What counts there: the other words and formulas are the same whatever the run does."""
STEP: Places = {"metrics": ("[data-testid=stMetricValue] p", None), "cells": (".stMain td:not(.track)", None)}
MACHINE: Places = {
    "at": ("figure.machine figcaption", None),
    "asked": ("figure.machine .digit canvas", "aria-label"),
    "z": ("figure.machine td:nth-child(5)", None),
    "p": ("figure.machine td:nth-child(8)", None),
    "best": ("figure.machine tr.best th", None),
    "price": ("figure.machine .amount", None),
    "label": ("figure.machine .sum", None),
}
PRODUCT: Places = {"addition": ("figure.machine .addition", None)}
FIGURES: Places = {"figure": (".stEChartsChart", "aria-label")}
OUTPUT: Places = {"accuracy": (".st-key-step_accuracy p", None)} | FIGURES
MEAN: Places = {"mean": (".st-key-step_mean p", None)} | FIGURES

PAGES: dict[str, Places] = {
    "Train": STRIP | ANSWER | TEMPLATES | CHARTS | TRAIN,
    "Draw": STRIP | ANSWER | DRAW,
    "Race": STRIP | CHARTS | RACE,
    "Inside": STRIP | TEMPLATES,
    "Mistakes": STRIP | MISTAKES,
    "What breaks it": STRIP | ANSWER | BREAKING,
    "6 One step": STRIP | MACHINE | LESSON | STEP,
    "3 Scores": STRIP | MACHINE | PRODUCT,
    "4 The answer": STRIP | MACHINE | LESSON | OUTPUT,
    "5 The cost": STRIP | MACHINE | MEAN,
}
"""By the page's title in the navigation."""
OF_THE_PICTURE = ("3 Scores", "4 The answer", "5 The cost")
"""The chapters around the one picture."""
MOMENTS = {"Draw": "moment", "Mistakes": "at", "What breaks it": "told", "4 The answer": "strong", "5 The cost": "mean"}
"""The place whose first text says of which iteration the page's own sections are."""
