"""Load the server with a class of live browsers and say how it holds: `python -m lrdemo classroom`.

The server runs as a class would start it; the browsers are real Streamlit sessions in this process, over loopback.
Latency is from a click until the live channel shows its effect; refresh is frames per second of training. The least
share is what the slowest student trained, by what an equal share of the time would give: with N students and a hog on
K training processes K / (N + 1) of what one student trains alone, at most 1; see lrdemo.bench.shares.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lrdemo.bench.browsing import Problems
from lrdemo.bench.chromium_tabs import check_chromium
from lrdemo.bench.hog import HOGS
from lrdemo.bench.hold_class import Plan, hold_class
from lrdemo.bench.served import Served
from lrdemo.errors import LrdemoError
from lrdemo.formats import fixed, short

MOST_BROWSERS = 200
MOST_SECONDS = 600.0
MOST_TABS = 20
MOST_DRAWING = MOST_LOOKING_BACK = 100
OVERHEAD_SECONDS = 300.0

LABELS = {
    "browsers": "browsers, all training",
    "control_p50_ms": "click → effect, median, ms",
    "control_p95_ms": "click → effect, 95 %, ms",
    "control_p99_ms": "click → effect, 99 %, ms",
    "refresh_hz": "refresh, median browser, Hz",
    "refresh_hz_least": "refresh, slowest browser, Hz",
    "steps_least_over_mean": "least / mean iterations per second",
    "least_share": "least share of the training time / equal share",
    "open_all_s": "all pages open after, s",
    "lost_actions": "lost actions",
    "errors": "errors",
    "memory_mb_base": "memory of server and training processes before, MB",
    "memory_mb_per_browser": "memory per browser, MB",
    "left_over": "left over",
    "stop_s": "server ended after, s",
    "drawing": "more visitors, drawing",
    "first_answer_p50_ms": "pen down → first answer, median, ms",
    "first_answer_p95_ms": "pen down → first answer, 95 %, ms",
    "answers_hz": "answers while the pen moves, median, Hz",
    "answers_hz_least": "answers while the pen moves, slowest, Hz",
    "looking_back": "more visitors, who train and look back",
    "look_back_p50_ms": "handle moved → moment shown, median, ms",
    "look_back_p95_ms": "handle moved → moment shown, 95 %, ms",
    "chromium_control_p50_ms": "Chromium: click → effect, median, ms",
    "chromium_control_p95_ms": "Chromium: click → effect, 95 %, ms",
    "chromium_refresh_hz": "Chromium: refresh, median tab, Hz",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure a class and print the figures; return 0 when nothing was lost, wrong or left over."""
    parser = argparse.ArgumentParser(prog="lrdemo classroom", description=__doc__)
    parser.add_argument("--browsers", type=int, default=10, help=f"how many sessions train (1 … {MOST_BROWSERS})")
    parser.add_argument("--seconds", type=float, default=15.0, help=f"for how long (2 … {short(MOST_SECONDS)})")
    parser.add_argument("--chromium", type=int, default=0, help="how many tabs of a real browser join them")
    parser.add_argument("--hog", choices=list(HOGS), help="one visitor more, with the costliest settings of this kind")
    parser.add_argument("--drawing", type=int, default=0, help="how many more visitors draw on the Draw page")
    parser.add_argument("--looking-back", type=int, default=0, help="how many more train and look back at it")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args(argv)
    if not 1 <= chosen.browsers <= MOST_BROWSERS:
        parser.error(f"--browsers must be from 1 to {MOST_BROWSERS}")
    if not 0 <= chosen.chromium <= MOST_TABS:
        parser.error(f"--chromium must be from 0 to {MOST_TABS}")
    if not 0 <= chosen.drawing <= MOST_DRAWING:
        parser.error(f"--drawing must be from 0 to {MOST_DRAWING}")
    if not 0 <= chosen.looking_back <= MOST_LOOKING_BACK:
        parser.error(f"--looking-back must be from 0 to {MOST_LOOKING_BACK}")
    if not 2 <= chosen.seconds <= MOST_SECONDS:
        parser.error(f"--seconds must be from 2 to {short(MOST_SECONDS)}")
    try:
        if chosen.chromium:
            check_chromium()
        with _ended_as_by_ctrl_c():
            figures = measure(
                Plan(
                    chosen.browsers, chosen.seconds, chosen.chromium, chosen.hog, chosen.drawing, chosen.looking_back
                )
            )  # fmt: skip
    except (LrdemoError, TimeoutError, OSError) as error:
        _say(f"The class could not be held: {error or type(error).__name__}")
        return 1
    except KeyboardInterrupt:
        _say("Stopped.")
        return 130
    print(json.dumps(figures) if chosen.json else _table(figures))
    return 1 if figures["lost_actions"] or figures["errors"] or any(figures["left_over"].values()) else 0


@contextmanager
def _ended_as_by_ctrl_c() -> Iterator[None]:
    """Let a kill, or the end of the terminal, end the server as well, which is in a process group of its own."""

    def stop(*_signal: object) -> None:
        # Not KeyboardInterrupt itself: on this signal, asyncio ends its tasks in order.
        signal.raise_signal(signal.SIGINT)

    # What a shell starts in the background ignores Ctrl+C, and asyncio would as well.
    handlers: dict[int, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: stop, signal.SIGHUP: stop}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def measure(plan: Plan) -> dict[str, Any]:
    """Return the figures of one class; raises LrdemoError when the server does not start."""
    problems = Problems()
    with Served() as server:
        held = hold_class(server, plan, problems, _say)
        figures, inside = asyncio.run(asyncio.wait_for(held, plan.seconds + OVERHEAD_SECONDS))
        figures["stop_s"] = round(server.stop(), 2)
        after = server.held()
        for line in server.log():
            problems.add(f"log: {line}")
    for sentence in problems.sentences:
        _say(f"error: {sentence}")
    figures["errors"] = len(problems.sentences)
    figures["left_over"] = {
        "processes": after.processes,
        "threads": inside.threads,
        "shared_memory_files": inside.shared_memory_files,
        "shared_memory_folders": after.shared_memory_folders,
    }
    return {name: figures[name] for name in LABELS if name in figures}


def _table(figures: dict[str, Any]) -> str:
    width = max(len(LABELS[name]) for name in figures)
    return "\n".join(f"{LABELS[name]:<{width}}  {_shown(value)}" for name, value in figures.items())


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in value.items())
    return str(value) if isinstance(value, int) else fixed(value)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
