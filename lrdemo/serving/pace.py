"""How many iterations are due at a pace, and how fast a run has been. No clock of its own: the moment is handed in."""

from __future__ import annotations

from lrdemo.settings import FULL_SPEED

SPEED_SECONDS = 0.5


class Pace:
    """Deal out iterations at `value` per second, or as many as can be done where it is 0."""

    def __init__(self, value: int) -> None:
        self.value = value
        self.begin(0.0, 0)

    def begin(self, now: float, iteration: int) -> None:
        """Count from this moment and this iteration on."""
        self._since, self._from = now, iteration
        self._speed, self._speed_since, self._speed_from = 0.0, now, iteration

    def due(self, now: float, iteration: int, most: int) -> int:
        """Return how many iterations may be done now, `most` or fewer."""
        if self.value == FULL_SPEED:
            return most
        allowed = int((now - self._since) * self.value) - (iteration - self._from)
        if allowed > self.value:
            # It fell behind by more than a second: forget the rest instead of racing to catch up.
            self.begin(now, iteration)
            return 1
        return max(0, min(most, allowed))

    def wait(self, now: float, iteration: int) -> float:
        """Return in how many seconds the next iteration is due."""
        if self.value == FULL_SPEED:
            return 0.0
        return max(0.0, self._since + (iteration - self._from + 1) / self.value - now)

    def speed(self, now: float, iteration: int, running: bool) -> float:
        """Return the iterations per second of late; 0 for a run that has stood still."""
        if not running and iteration == self._speed_from:
            return 0.0
        elapsed = now - self._speed_since
        if elapsed >= SPEED_SECONDS or not running:
            self._speed = (iteration - self._speed_from) / max(elapsed, 1e-6)
            self._speed_since, self._speed_from = now, iteration
        return self._speed
