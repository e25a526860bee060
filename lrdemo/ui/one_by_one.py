"""Which script draws a page: one after the other, each when the one before has ended or has taken long.

Scripts that run at the same time take the interpreter lock from each other, and all of them from the event loop, which
then answers late whoever draws. All together they end no sooner.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

LONG_SECONDS = 0.5
"""A script that takes longer may itself wait for something: the next one no longer waits for it."""


class Place:
    """What one who waits is known by; who is called off and comes again with it has lost no time."""


class OneByOne:
    """Let those who wait go on one by one, in the order of coming."""

    def __init__(self, seconds: float = LONG_SECONDS) -> None:
        """Have nobody wait longer for one who has a turn."""
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: dict[Place, threading.Event] = {}
        self._came: WeakKeyDictionary[Place, float] = WeakKeyDictionary()
        self._present: Place | None = None
        self._until = 0.0

    @property
    def busy(self) -> bool:
        """Return whether somebody has a turn."""
        return self._present is not None

    @property
    def late(self) -> float:
        """Return for how long the next one has waited, in seconds."""
        with self._lock:
            return time.monotonic() - self._came[self._next()] if self._waiting else 0.0

    def enter(self, place: Place, look: Callable[[], object]) -> None:
        """Wait for a turn; who has one keeps it.

        What `look` raises, which is called after each `call` and now and then, ends the waiting.
        """
        called = threading.Event()
        with self._lock:
            if self._present is place:
                return
            self._waiting[place] = called
            self._came.setdefault(place, time.monotonic())
            self._let_in()
        try:
            while place in self._waiting:
                called.wait(self._seconds)
                called.clear()
                with self._lock:
                    self._let_in()
                if place in self._waiting:
                    look()
        except BaseException:
            with self._lock:
                self._waiting.pop(place, None)
            self.leave(place)
            raise

    def leave(self, place: Place) -> None:
        """End a turn, where there still is one."""
        with self._lock:
            if self._present is place:
                self._present = None
                self._let_in()

    def call(self, place: Place) -> None:
        """Have one who waits look whether to go on waiting."""
        with self._lock:
            if place in self._waiting:
                self._waiting[place].set()

    def _let_in(self) -> None:
        if self._waiting and (self._present is None or time.monotonic() >= self._until):
            self._present = self._next()
            self._until = time.monotonic() + self._seconds
            self._came.pop(self._present, None)
            self._waiting.pop(self._present).set()

    def _next(self) -> Place:
        return min(self._waiting, key=self._came.__getitem__)


scripts = OneByOne()
"""Those of this server."""
