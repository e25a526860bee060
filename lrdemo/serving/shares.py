"""Share one processor's time, not turns: whoever has used least so far is next."""

from __future__ import annotations

from collections.abc import Iterable

CREDIT_SECONDS = 0.02


class Shares:
    """Keep account of the seconds that each of several takers has used.

    What was not used while there was nothing to do is not made up for later, but for a little credit: whoever comes
    back is served at once.
    """

    def __init__(self) -> None:
        self._used: dict[int, float] = {}
        self._clock = 0.0

    def next(self, waiting: Iterable[int]) -> int | None:
        """Return which of those that have something to do has used least, None when there is none."""
        floor = self._clock - CREDIT_SECONDS
        chosen, least = None, 0.0
        for taker in waiting:
            used = self._used[taker] = max(self._used.get(taker, floor), floor)
            if chosen is None or used < least:
                chosen, least = taker, used
        if chosen is not None:
            self._clock = max(self._clock, least)
        return chosen

    def charge(self, taker: int, seconds: float) -> None:
        """Note that somebody has used so many seconds."""
        self._used[taker] = max(self._used.get(taker, 0.0), self._clock - CREDIT_SECONDS) + seconds

    def forget(self, taker: int) -> None:
        """Close somebody's account."""
        self._used.pop(taker, None)
