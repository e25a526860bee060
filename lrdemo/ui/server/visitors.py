"""Who is there: the visitors of this server by the tokens of their runs, and the training service that they share."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from collections.abc import Sequence

from lrdemo.candidates import Candidate
from lrdemo.serving.handle import RunHandle
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.ui.server.visitor import Visitor

REAP_SECONDS = 0.5
WHOLE_SECONDS, WHOLE_SECONDS_AFTER_END = 60.0, 5.0
"""So often garbage is looked for among all objects, which stops a class of sixty for 0.2 s; else among the new ones."""

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_service: Service | None = None
_visitors: dict[str, tuple[Visitor, RunHandle]] = {}


def service() -> Service:
    """Return the one training service of this server, started at the first call."""
    global _service
    with _lock:
        if _service is None:
            _service = Service()
        return _service


def arrive(settings: Settings) -> Visitor:
    """Return a new visitor with an untrained run."""
    visitor = Visitor(service(), settings)
    _register(visitor, visitor.run)
    return visitor


def find(token: str) -> tuple[Visitor, RunHandle] | None:
    """Return the visitor whose run has this token, and the run; None where there is none."""
    return _visitors.get(token)


def open_race(visitor: Visitor, settings: Settings, learning_rates: Sequence[float]) -> RunHandle:
    """Open a race for the visitor in place of the last one."""
    race = service().open_run(settings, learning_rates)
    close_race(visitor)
    visitor.race = race
    _register(visitor, race)
    return race


def close_race(visitor: Visitor) -> None:
    """End the visitor's race, if there is one."""
    race, visitor.race = visitor.race, None
    if race is not None:
        _end(race)


def open_comparison(visitor: Visitor, settings: Settings, candidates: Sequence[Candidate]) -> RunHandle:
    """Open a comparison for the visitor in place of the last one."""
    comparison = service().open_run(settings, candidates=candidates)
    close_comparison(visitor)
    visitor.comparison = comparison
    _register(visitor, comparison)
    return comparison


def close_comparison(visitor: Visitor) -> None:
    """End the visitor's comparison, if there is one."""
    comparison, visitor.comparison = visitor.comparison, None
    if comparison is not None:
        _end(comparison)


def close_service() -> None:
    """End the training service and all runs."""
    global _service
    with _lock:
        closing, _service = _service, None
        _visitors.clear()
    # Outside the lock: nobody who asks for the service has to wait for the end of this one.
    if closing is not None:
        closing.close()


async def reap(longest_seconds: float) -> None:
    """Every half second, end the runs of visitors who have been away for longer, and collect everybody's garbage.

    A failure is logged once and does not end it.
    """
    logged: set[str] = set()
    whole, ended = time.monotonic(), False
    while True:
        await asyncio.sleep(REAP_SECONDS)
        try:
            ended, now = end_left(longest_seconds) or ended, time.monotonic()
            if ended or _visitors:
                if not _visitors or now - whole >= (WHOLE_SECONDS_AFTER_END if ended else WHOLE_SECONDS):
                    gc.unfreeze()
                    whole, ended = now, False
                gc.collect()
                # What is still in use need not be looked at again so soon.
                gc.freeze()
        except Exception as error:
            if repr(error) not in logged:
                logged.add(repr(error))
                _log.exception("Runs of visitors who have left could not be ended; trying again.")


def end_left(longest_seconds: float) -> bool:
    """End the runs of visitors who have been away for longer; return whether there were any."""
    left = [run for visitor, run in list(_visitors.values()) if visitor.away_seconds > longest_seconds]
    for run in left:
        _end(run)
    return bool(left)


def _register(visitor: Visitor, run: RunHandle) -> None:
    with _lock:
        _visitors[run.token] = (visitor, run)


def _end(run: RunHandle) -> None:
    with _lock:
        _visitors.pop(run.token, None)
    run.close()
