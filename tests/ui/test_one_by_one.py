"""Turns of scripts: one at a time, in the order of coming, and nobody is kept waiting for ever."""

import threading
import time

from lrdemo.ui.one_by_one import OneByOne, Place

LONG = 60


def nothing():
    pass


class Away(Exception):
    pass


class Visitor(threading.Thread):
    """Wait for a turn, keep it until told to end it, and note what happens."""

    def __init__(self, turns, log, name, place=None, look=nothing):
        super().__init__(daemon=True)
        self.place, self.end, self.log = place or Place(), threading.Event(), log
        self._turns, self._look, self._name = turns, look, name
        self.start()

    def run(self):
        try:
            self._turns.enter(self.place, self._look)
        except Away:
            self.log.append(f"{self._name} goes away")
            return
        self.log.append(f"{self._name} in")
        assert self.end.wait(LONG)
        self.log.append(f"{self._name} out")
        self._turns.leave(self.place)


def until(true):
    deadline = time.monotonic() + LONG
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def waiting(turns, many):
    until(lambda: len(turns._waiting) == many)


def test_one_goes_after_the_other_in_the_order_of_coming():
    turns, log = OneByOne(LONG), []
    visitors = []
    for number, name in enumerate("abc"):
        visitors.append(Visitor(turns, log, name))
        until(lambda: turns.busy)
        waiting(turns, number)
    for one in visitors:
        one.end.set()
        one.join(LONG)

    assert log == ["a in", "a out", "b in", "b out", "c in", "c out"]
    assert not turns.busy and turns.late == 0


def test_who_takes_long_keeps_nobody_waiting():
    turns, log = OneByOne(0.02), []
    first = Visitor(turns, log, "first")
    until(lambda: log)
    second = Visitor(turns, log, "second")
    until(lambda: len(log) == 2)
    # The turn is the second one's now: the first one's end leaves it that.
    first.end.set()
    first.join(LONG)

    assert turns.busy
    second.end.set()
    second.join(LONG)
    assert log == ["first in", "second in", "first out", "second out"] and not turns.busy


def test_who_is_called_off_and_comes_again_has_kept_the_place():
    turns, log = OneByOne(LONG), []
    gone = threading.Event()

    def look():
        if gone.is_set():
            raise Away

    first = Visitor(turns, log, "first")
    until(lambda: log)
    second = Visitor(turns, log, "second", look=look)
    waiting(turns, 1)
    third = Visitor(turns, log, "third")
    waiting(turns, 2)
    turns.call(second.place)
    gone.set()
    turns.call(second.place)
    second.join(LONG)
    again = Visitor(turns, log, "second", second.place)
    waiting(turns, 2)
    for one in (first, again, third):
        one.end.set()
        one.join(LONG)

    assert log == [
        "first in", "second goes away", "first out", "second in", "second out", "third in", "third out",
    ]  # fmt: skip


def test_who_is_called_off_in_the_moment_of_being_let_in_leaves_the_turn_to_others():
    turns, first, log = OneByOne(LONG), Place(), []

    def look():
        turns.leave(first)
        raise Away

    turns.enter(first, nothing)
    second = Visitor(turns, log, "second", look=look)
    waiting(turns, 1)
    turns.call(second.place)
    second.join(LONG)

    assert log == ["second goes away"] and not turns.busy


def test_who_has_a_turn_keeps_it():
    turns, place, log = OneByOne(10 * LONG), Place(), []
    turns.enter(place, nothing)
    again = Visitor(turns, log, "again", place)
    until(lambda: log)
    again.end.set()
    again.join(LONG)
    assert log == ["again in", "again out"] and not turns.busy

    turns.enter(place, nothing)
    assert turns.busy
    turns.leave(place)
    turns.leave(place)
    assert not turns.busy


def test_how_late_the_next_one_is():
    turns, log = OneByOne(LONG), []
    first = Visitor(turns, log, "first")
    until(lambda: log)
    assert turns.late == 0
    began = time.monotonic()
    second = Visitor(turns, log, "second")
    waiting(turns, 1)
    until(lambda: turns.late > 0.02)

    assert time.monotonic() - began > 0.02
    for one in (first, second):
        one.end.set()
        one.join(LONG)


def test_calling_one_who_does_not_wait_does_nothing():
    turns = OneByOne()
    turns.call(Place())

    assert not turns.busy
