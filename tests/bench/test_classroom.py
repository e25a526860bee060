"""One short class on the real server: the figures are all there, and nothing is lost, wrong or left over."""

import json

import pytest

from lrdemo.bench.browsing import Problems
from lrdemo.bench.classroom import main
from lrdemo.bench.student import Student

KEYS = [
    "browsers", "control_p50_ms", "control_p95_ms", "control_p99_ms", "refresh_hz", "refresh_hz_least",
    "steps_least_over_mean", "open_all_s", "lost_actions", "errors", "memory_mb_base", "memory_mb_per_browser",
    "left_over",
]  # fmt: skip


def test_a_small_class_is_held_and_leaves_nothing_behind(capsys):
    status = main(["--browsers", "3", "--seconds", "5", "--json"])

    output = capsys.readouterr()
    figures = json.loads(output.out)
    assert list(figures) == KEYS, output.err
    assert figures["browsers"] == 3
    assert figures["lost_actions"] == 0, output.err
    assert figures["errors"] == 0, output.err
    assert not any(figures["left_over"].values()), figures["left_over"]
    assert figures["control_p50_ms"] <= figures["control_p95_ms"] <= figures["control_p99_ms"]
    assert 0 < figures["refresh_hz_least"] <= figures["refresh_hz"]
    assert 0 < figures["steps_least_over_mean"] <= 1
    assert status == 0


@pytest.mark.parametrize("wrong", [["--browsers", "0"], ["--browsers", "9999"], ["--seconds", "0.5"]])
def test_a_class_that_cannot_be_held_is_refused(wrong, capsys):
    with pytest.raises(SystemExit) as refused:
        main(wrong)

    assert refused.value.code == 2
    assert wrong[0] in capsys.readouterr().err


def test_only_training_is_counted():
    student = Student(0, "http://127.0.0.1:1", Problems())
    frame = {"revision": 1, "pace": 0, "iterations": 100}
    student.count(True)

    for state, iteration, now in [("ready", 0, 0.0), ("running", 0, 1.0), ("running", 30, 2.0), ("paused", 50, 2.5)]:
        student.see({**frame, "state": state, "iteration": iteration}, now)
    student.see({**frame, "state": "running", "iteration": 50}, 9.0)

    assert (student.frames, student.iterations, student.training_seconds) == (2, 50, 1.5)
