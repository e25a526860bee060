"""Share one processor's time, not turns: whoever has used least so far is next."""

from __future__ import annotations

from collections.abc import Collection, Container

CREDIT_SECONDS = 0.02


class Shares:
    """Keep account of the seconds that each of several takers has used.

    What was not used while there was nothing to do is not made up for later, but for a little credit: whoever comes
    back is served at once.
    """

    def __init__(self) -> None:
        self._used: dict[int, float] = {}
        self._clock = 0.0

    def next(self, waiting: Collection[int], hurried: Container[int] = ()) -> int | None:
        """Return which of those that have something to do has used least, None when there is none.

        Who is hurried comes first while ahead of the others by less than the credit.
        """
        if not waiting:
            return None
        floor = self._clock - CREDIT_SECONDS
        used = {taker: max(self._used.get(taker, floor), floor) for taker in waiting}
        self._used |= used
        self._clock = max(self._clock, min(used.values()))
        return min(used, key=lambda taker: used[taker] - CREDIT_SECONDS * (taker in hurried))

    def charge(self, taker: int, seconds: float) -> None:
        """Note that somebody has used so many seconds."""
        self._used[taker] = max(self._used.get(taker, 0.0), self._clock - CREDIT_SECONDS) + seconds

    def forget(self, taker: int) -> None:
        """Close somebody's account."""
        self._used.pop(taker, None)
