"""Load the server with a class of live browsers and say how it holds: `python -m lrdemo classroom`.

The server runs as a class would start it; the browsers are real Streamlit sessions in this process, over loopback.
Latency is from a click until the live channel shows its effect; refresh is frames per second of training.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lrdemo.bench.browsing import Problems, fetch
from lrdemo.bench.chromium_tabs import ChromiumTabs, check_chromium
from lrdemo.bench.served import TTL_SECONDS, Held, Served
from lrdemo.bench.student import Student
from lrdemo.errors import LrdemoError

MOST_BROWSERS = 200
MOST_SECONDS = 600.0
MOST_TABS = 20
SPACING_SECONDS = 6.0
"""Each student begins something new this often; more often in a short run, so that everything comes up once."""
OVERHEAD_SECONDS = 180.0
RELEASE_SECONDS = TTL_SECONDS + 20.0

LABELS = {
    "browsers": "browsers, all training",
    "control_p50_ms": "click → effect, median, ms",
    "control_p95_ms": "click → effect, 95 %, ms",
    "control_p99_ms": "click → effect, 99 %, ms",
    "refresh_hz": "refresh, median browser, Hz",
    "refresh_hz_least": "refresh, slowest browser, Hz",
    "steps_least_over_mean": "least / mean iterations per second",
    "open_all_s": "all pages open after, s",
    "lost_actions": "lost actions",
    "errors": "errors",
    "memory_mb_base": "memory of server and worker before, MB",
    "memory_mb_per_browser": "memory per browser, MB",
    "left_over": "left over",
    "chromium_control_p50_ms": "Chromium: click → effect, median, ms",
    "chromium_control_p95_ms": "Chromium: click → effect, 95 %, ms",
    "chromium_refresh_hz": "Chromium: refresh, median tab, Hz",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Measure a class and print the figures; return 0 when nothing was lost, wrong or left over."""
    parser = argparse.ArgumentParser(prog="lrdemo classroom", description=__doc__)
    parser.add_argument("--browsers", type=int, default=10, help=f"how many sessions train (1 … {MOST_BROWSERS})")
    parser.add_argument("--seconds", type=float, default=15.0, help=f"for how long (2 … {MOST_SECONDS:g})")
    parser.add_argument("--chromium", type=int, default=0, help="how many tabs of a real browser join them")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    chosen = parser.parse_args(argv)
    if not 1 <= chosen.browsers <= MOST_BROWSERS:
        parser.error(f"--browsers must be from 1 to {MOST_BROWSERS}")
    if not 0 <= chosen.chromium <= MOST_TABS:
        parser.error(f"--chromium must be from 0 to {MOST_TABS}")
    if not 2 <= chosen.seconds <= MOST_SECONDS:
        parser.error(f"--seconds must be from 2 to {MOST_SECONDS:g}")
    try:
        if chosen.chromium:
            check_chromium()
        figures = measure(chosen.browsers, chosen.seconds, chosen.chromium)
    except (LrdemoError, TimeoutError, OSError) as error:
        _say(f"The class could not be held: {error or type(error).__name__}")
        return 1
    except KeyboardInterrupt:
        _say("Stopped.")
        return 130
    print(json.dumps(figures) if chosen.json else _table(figures))
    return 1 if figures["lost_actions"] or figures["errors"] or any(figures["left_over"].values()) else 0


def measure(browsers: int, seconds: float, chromium: int = 0) -> dict[str, Any]:
    """Return the figures of one class; raises LrdemoError when the server does not start."""
    problems = Problems()
    with Served() as server:
        limit = seconds + OVERHEAD_SECONDS
        figures, inside = asyncio.run(asyncio.wait_for(_hold(server, browsers, seconds, chromium, problems), limit))
        server.stop()
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


async def _hold(
    server: Served, browsers: int, seconds: float, chromium: int, problems: Problems
) -> tuple[dict[str, Any], Held]:
    quiet = await _warm_up(server, problems)
    base = server.memories_mb()
    students = [Student(number, server.base, problems) for number in range(browsers)]
    _say(f"{browsers} browsers open the page …")
    began = time.perf_counter()
    await asyncio.gather(*(student.arrive() for student in students))
    open_all = time.perf_counter() - began
    _say(f"… open after {open_all:.1f} s; they press Start one after the other")
    spacing = min(SPACING_SECONDS, max(0.7, seconds / 5))
    await asyncio.gather(*(_begin(student, number * spacing / browsers) for number, student in enumerate(students)))
    _say(f"… all train; {seconds:g} s of clicks")
    for student in students:
        student.count(True)
    busy = server.busy_seconds()
    start = time.perf_counter()
    tabs = ChromiumTabs(server.base, problems)
    async with asyncio.TaskGroup() as group:
        for student in students:
            group.create_task(student.follow(start, seconds, spacing))
        if chromium:
            group.create_task(tabs.follow(chromium, seconds))
    for student in students:
        student.count(False)
    memory = server.memories_mb()
    _say(f"… memory of server and worker before and now: {base}, {memory} MB")
    elapsed = time.perf_counter() - start
    shares = [100 * (after - before) / elapsed for before, after in zip(busy, server.busy_seconds(), strict=False)]
    _say(f"… server and worker used {' % and '.join(f'{share:.0f}' for share in shares)} % of a core; all leave")
    await asyncio.gather(*(student.leave() for student in students))
    left = await _released(server, quiet)
    lost = [name for student in students for name in student.lost] + tabs.lost
    for name in lost:
        _say(f"lost: {name}")
    figures = _figures(students, open_all)
    figures["lost_actions"] = len(lost)
    if chromium:
        figures["chromium_control_p50_ms"] = _percentile(tabs.latencies, 50)
        figures["chromium_control_p95_ms"] = _percentile(tabs.latencies, 95)
        figures["chromium_refresh_hz"] = _rounded(np.median(tabs.refresh) if tabs.refresh else None)
    figures["browsers"] = browsers
    figures["memory_mb_base"] = round(sum(base), 1) if base else None
    figures["memory_mb_per_browser"] = round((sum(memory) - sum(base)) / browsers, 2) if base and memory else None
    return figures, replace(left, threads=max(0, left.threads - quiet.threads))


async def _warm_up(server: Served, problems: Problems) -> Held:
    """Let one student do everything once: what is loaded at the first visit is no browser's share."""
    student = Student(0, server.base, problems)
    await student.arrive()
    await _begin(student, 0)
    for scene in (student.change_learning_rate, student.pause_step_resume, student.switch_pages):
        await scene()
    await student.leave()
    return await _released(server, Held(0, 10**6, 0, 1))


async def _begin(student: Student, wait: float) -> None:
    await asyncio.sleep(wait)
    await student.start()


async def _released(server: Served, before: Held) -> Held:
    """Wait until the sessions of those who left have ended; return what is held beyond `before`."""
    deadline = time.perf_counter() + RELEASE_SECONDS
    while True:
        held = server.held()
        if held.shared_memory_files == 0 and held.threads <= before.threads or time.perf_counter() > deadline:
            return held
        await asyncio.sleep(1)
        # The web server ends the threads with which it reads files, idle for ten seconds, only when it reads another.
        await fetch(server.base, ["/"])


def _figures(students: Sequence[Student], open_all: float) -> dict[str, Any]:
    latencies = [1000 * latency for student in students for latency in student.latencies]
    trained = [student for student in students if student.training_seconds > 0]
    refresh = [student.frames / student.training_seconds for student in trained]
    steps = [student.iterations / student.training_seconds for student in trained]
    _say(f"{len(latencies)} actions; {sum(steps):,.0f} iterations per second in all")
    return {
        "control_p50_ms": _percentile(latencies, 50),
        "control_p95_ms": _percentile(latencies, 95),
        "control_p99_ms": _percentile(latencies, 99),
        "refresh_hz": _rounded(np.median(refresh) if refresh else None),
        "refresh_hz_least": _rounded(min(refresh, default=None)),
        "steps_least_over_mean": _rounded(min(steps) / np.mean(steps) if steps else None, 3),
        "open_all_s": round(open_all, 2),
    }


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return _rounded(np.percentile(values, percent) if values else None)


def _rounded(value: Any, digits: int = 1) -> float | None:
    return None if value is None else round(float(value), digits)


def _table(figures: dict[str, Any]) -> str:
    width = max(len(LABELS[name]) for name in figures)
    return "\n".join(f"{LABELS[name]:<{width}}  {_shown(value)}" for name, value in figures.items())


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in value.items())
    return "–" if value is None else f"{value:,}"


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
