"""What a student counts, and what he calls lost."""

import asyncio

from lrdemo.bench.browsing import Problems
from lrdemo.bench.student import Student

FRAME = {"revision": 1, "pace": 0, "iterations": 100}


def test_only_training_is_counted():
    student = Student(0, "http://127.0.0.1:1", Problems())
    student.count(True)

    for state, iteration, now in [("ready", 0, 0.0), ("running", 0, 1.0), ("running", 30, 2.0), ("paused", 50, 2.5)]:
        student.see({**FRAME, "state": state, "iteration": iteration}, now)
    student.see({**FRAME, "state": "running", "iteration": 50}, 9.0)
    student.see({**FRAME, "state": "running", "iteration": 5, "revision": 2}, 10.0)

    assert (student.frames, student.iterations, student.training_seconds) == (2, 50, 1.5)
    assert student.stretches == [(0, 30), (30, 50)]


async def act(student, **how):
    """Let the student press something whose effect would be a paused run, and see that the run has ended."""

    async def press():
        asyncio.get_running_loop().call_soon(student.see, {**FRAME, "state": "finished", "iteration": 100}, 1.0)

    return await student._act("press", press, lambda frame: frame["state"] == "paused", **how)


def test_a_run_that_ends_before_it_can_be_paused_is_no_lost_action():
    student = Student(0, "http://127.0.0.1:1", Problems())

    assert asyncio.run(act(student)) is False
    assert (student.lost, student.latencies) == ([], [])


def test_a_start_that_nothing_follows_is_lost_although_the_run_before_has_ended(monkeypatch):
    monkeypatch.setattr("lrdemo.bench.student.LOST_SECONDS", 0.05)
    student = Student(0, "http://127.0.0.1:1", Problems())

    assert asyncio.run(act(student, while_it_trains=False)) is False
    assert student.lost == ["press (None)"]
