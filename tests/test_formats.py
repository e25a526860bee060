"""Numbers as a visitor reads them, by the examples that the browser's formatter is tested with as well."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from lrdemo import formats
from lrdemo.formats import MOST_QUOTED, count, fixed, percent, quoted, short, signed

EXAMPLES = json.loads((Path(__file__).parent / "formats.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: f"{one['format']}-{one['value']}")
def test_the_examples_that_python_and_the_browser_share(example):
    written = getattr(formats, example["format"])(example["value"], *example["arguments"])

    assert written == example["text"]


@pytest.mark.parametrize("write", [fixed, count, percent, signed, short])
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, None])
def test_what_is_no_number_is_a_dash(write, value):
    assert write(value) == "–"


def test_numbers_of_numpy_are_written_like_any_other():
    assert [count(np.int64(60_000)), fixed(np.float32(0.5)), short(np.int8(-3))] == ["60,000", "0.50", "−3"]


def test_a_percentage_never_breaks_and_a_minus_is_no_hyphen():
    assert percent(-0.5) == "\N{MINUS SIGN}50.0\N{NO-BREAK SPACE}%"


def test_short_text_is_quoted_as_it_is():
    assert quoted("seven") == "“seven”"
    assert quoted(99) == "“99”"


def test_long_text_is_shortened_wherever_it_comes_from():
    for value in ("a" * 2_000_000, ["a"] * 1_000, 10**5_000):
        assert len(quoted(value)) <= MOST_QUOTED + 2
    assert quoted("a" * MOST_QUOTED) == "“" + "a" * MOST_QUOTED + "”"
    assert quoted("a" * (MOST_QUOTED + 1)) == "“" + "a" * (MOST_QUOTED - 1) + "…”"


def test_what_cannot_be_written_out_is_named_by_its_kind():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert quoted(deep) == "“list”"
    assert quoted(10**5_000) == "“int”"


@pytest.mark.parametrize("hidden", ["\x00", "\x1b", "\n", "\u202e", "\u2066", "\u200b", "\ud800", "\u2028", "\ue000"])
def test_nothing_invisible_is_quoted(hidden):
    assert quoted(f"a{hidden}b") == "“a\N{REPLACEMENT CHARACTER}b”"
