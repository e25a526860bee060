"""What pages may ask of a visitor's own run: question name → function of the live Trainer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrdemo.answers.robustness import input_lab, test_answers
from lrdemo.lesson.output import read_output
from lrdemo.lesson.step import look, look_back
from lrdemo.lesson.three_ways import starts, three_ways

QUESTIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "look": look,
    "look_back": look_back,
    "three_ways": three_ways,
    "starts": starts,
    "read_output": read_output,
    "input_lab": input_lab,
    "test_answers": test_answers,
}
