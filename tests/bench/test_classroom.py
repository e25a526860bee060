"""Short classes on the real server: the figures are all there, and nothing is lost, wrong or left over."""

import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lrdemo.bench.classroom import main

ROOT = Path(__file__).parents[2]
KEYS = [
    "browsers", "control_p50_ms", "control_p95_ms", "control_p99_ms", "refresh_hz", "refresh_hz_least",
    "steps_least_over_mean", "least_share", "open_all_s", "lost_actions", "errors", "memory_mb_base",
    "memory_mb_per_browser", "left_over", "stop_s",
]  # fmt: skip


CLASSES = {
    "no hog": ["--browsers", "3"],
    "race": ["--browsers", "3", "--hog", "race"],
    "step": ["--browsers", "3", "--hog", "step"],
    "drawing": ["--browsers", "1", "--drawing", "2", "--looking-back", "1"],
}


@pytest.fixture(scope="module")
def held():
    """Hold all classes at the same time, each with a server of its own: most of their time they wait for its end."""
    command = [sys.executable, "-m", "lrdemo", "classroom", "--seconds", "4", "--json"]
    classes = {
        name: subprocess.Popen([*command, *wanted], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for name, wanted in CLASSES.items()
    }
    with ThreadPoolExecutor(len(classes)) as readers:
        said = dict(zip(classes, readers.map(lambda one: one.communicate(), classes.values()), strict=True))
    return {name: (json.loads(output), words, classes[name].returncode) for name, (output, words) in said.items()}


@pytest.mark.parametrize("name", ["no hog", "race", "step"])
def test_a_small_class_is_held_and_leaves_nothing_behind(held, name):
    figures, words, status = held[name]

    assert list(figures) == KEYS, words
    assert figures["browsers"] == 3
    assert figures["lost_actions"] == 0, words
    assert figures["errors"] == 0, words
    assert not any(figures["left_over"].values()), figures["left_over"]
    assert figures["control_p50_ms"] <= figures["control_p95_ms"] <= figures["control_p99_ms"]
    assert 0 < figures["refresh_hz_least"] <= figures["refresh_hz"]
    assert 0 < figures["steps_least_over_mean"] <= 1
    assert figures["least_share"] > 0
    assert figures["stop_s"] > 0
    assert status == 0


def test_who_draws_is_answered_while_the_pen_moves(held):
    figures, words, status = held["drawing"]

    assert figures["drawing"] == 2
    assert 0 < figures["first_answer_p50_ms"] <= figures["first_answer_p95_ms"]
    assert 0 < figures["answers_hz_least"] <= figures["answers_hz"] < 9
    assert (figures["lost_actions"], figures["errors"], status) == (0, 0, 0), words


def test_who_looks_back_sees_each_moment(held):
    figures, words, _ = held["drawing"]

    assert figures["looking_back"] == 1
    assert 0 < figures["look_back_p50_ms"] <= figures["look_back_p95_ms"], words


@pytest.mark.parametrize(
    ("by", "shell"), [(signal.SIGTERM, []), (signal.SIGHUP, []), (signal.SIGTERM, ["env", "--ignore-signal=INT"])]
)
def test_a_class_that_is_killed_takes_its_server_along(by, shell):
    command = [*shell, sys.executable, "-m", "lrdemo", "classroom", "--browsers", "1", "--seconds", "60"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as held:
        first = held.stderr.readline()
        children = Path(f"/proc/{held.pid}/task/{held.pid}/children").read_text().split()
        held.send_signal(by)
        rest = held.stderr.read()

    assert first.startswith("One student trains alone") and rest.endswith("Stopped.\n")
    assert held.returncode == 130
    assert children and not any(Path("/proc", child).exists() for child in children)


@pytest.mark.parametrize(
    "wrong",
    [["--browsers", "0"], ["--browsers", "201"], ["--seconds", "1.9"], ["--seconds", "601"], ["--chromium", "21"],
     ["--hog", "pig"], ["--hog", ""], ["--drawing", "-1"], ["--drawing", "101"], ["--looking-back", "101"]],
)  # fmt: skip
def test_a_class_outside_the_limits_is_refused(wrong, capsys):
    with pytest.raises(SystemExit) as refused:
        main(wrong)

    assert refused.value.code == 2
    assert wrong[0] in capsys.readouterr().err
