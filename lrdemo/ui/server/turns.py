"""Whose picture is next: those that only follow the training go one by one, in the order in which they fell due.

In a class many fall due at once. Sent one after the other without a break they would keep the event loop from all who
click or draw; so there is one in each turn of the loop, and whatever a visitor has caused is sent out of turn. While
pages are drawn there are breaks, or these would come late.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

BREAK_SECONDS = 0.01
"""As long as a picture takes, about."""


class Turns:
    """Call those who wait, one in each turn of the event loop, with a break after each while others are `busy`."""

    def __init__(self, busy: Callable[[], bool]) -> None:
        self._busy = busy
        self._waiting: deque[asyncio.Event] = deque()
        self._calling = False

    async def wait(self, call: asyncio.Event) -> None:
        """Wait for the next turn, or until somebody else sets `call`."""
        self._waiting.append(call)
        if not self._calling:
            self._calling = True
            asyncio.get_running_loop().call_soon(self._next)
        try:
            await call.wait()
        finally:
            if call in self._waiting:
                self._waiting.remove(call)

    def _next(self) -> None:
        self._calling = bool(self._waiting)
        if self._waiting:
            self._waiting.popleft().set()
            loop = asyncio.get_running_loop()
            if self._busy():
                loop.call_later(BREAK_SECONDS, self._next)
            else:
                loop.call_soon(self._next)
