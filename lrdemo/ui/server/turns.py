"""Whose picture is next: those that only follow the training go one by one, in the order in which they fell due.

In a class many fall due at once. Sent one after the other without a break they would keep the event loop from all who
click or draw; so there is one in each turn of the loop, and whatever a visitor has caused is sent out of turn.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Turns:
    """Call those who wait, one in each turn of the event loop."""

    def __init__(self) -> None:
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
            asyncio.get_running_loop().call_soon(self._next)
