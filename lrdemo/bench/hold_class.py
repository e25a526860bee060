"""Hold one class on the server: its browsers arrive, train, click and leave; return the figures."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lrdemo.bench.browsing import Problems, fetch
from lrdemo.bench.chromium_tabs import ChromiumTabs
from lrdemo.bench.drawer import Drawer
from lrdemo.bench.hog import Hog
from lrdemo.bench.live_link import Frame, LiveLink
from lrdemo.bench.looker import Looker
from lrdemo.bench.served import TTL_SECONDS, Held, Served
from lrdemo.bench.shares import Alone, least_share
from lrdemo.bench.streamlit_client import VIEW_PARTS
from lrdemo.bench.student import ENDED, Student
from lrdemo.errors import LrdemoError
from lrdemo.formats import count, fixed, percent, short

SPACING_SECONDS = 6.0
"""Each student begins something new this often; more often in a short run, so that everything comes up once."""
RELEASE_SECONDS = TTL_SECONDS + 20.0


@dataclass(frozen=True)
class Plan:
    """Who comes, and for how long all train and click."""

    browsers: int
    seconds: float
    chromium: int = 0
    hog: str | None = None
    drawing: int = 0
    looking_back: int = 0


async def hold_class(
    server: Served, plan: Plan, problems: Problems, say: Callable[[str], object]
) -> tuple[dict[str, Any], Held]:
    """Return the figures of one class, and what the server still holds when everybody has left."""
    quiet = await _warm_up(server, plan, problems)
    base = server.memories_mb()
    say("One student trains alone, watched by as many browsers as will come …")
    alone = await _train_alone(server, plan, problems)
    await _released(server, quiet)
    say(f"… {count(alone.iterations_per_second)} iterations per second. {plan.browsers} browsers open the page …")
    students = [Student(number, server.base, problems) for number in range(plan.browsers)]
    began = time.perf_counter()
    await asyncio.gather(*(student.arrive() for student in students))
    open_all = time.perf_counter() - began
    say(f"… open after {fixed(open_all, 1)} s; they press Start one after the other")
    spacing = min(SPACING_SECONDS, max(0.7, plan.seconds / 5))
    wait = spacing / plan.browsers
    await asyncio.gather(*(_begin(student, number * wait) for number, student in enumerate(students)))
    hogs = [Hog(plan.hog, server.base, problems)] if plan.hog else []
    for hog in hogs:
        await hog.arrive()
        hog.begin()
    drawers = [Drawer(number, server.base, problems) for number in range(plan.drawing)]
    await asyncio.gather(*(drawer.arrive() for drawer in drawers))
    lookers = [Looker(number, server.base, problems) for number in range(plan.looking_back)]
    await asyncio.gather(*(looker.arrive() for looker in lookers))
    tabs = ChromiumTabs(server.base, problems)
    say(f"… all train; {short(plan.seconds)} s of clicks")
    seen = await _train_and_click(server, plan, students, [*drawers, *lookers], tabs, spacing)
    memory = server.memories_mb()
    say(f"… memory of server and training processes before and now: {base}, {memory} MB")
    used = [percent(seconds / seen.elapsed, 0) for seconds in seen.used]
    say(f"… they used {' and '.join(used)} of a core; all leave")
    leaving = [*(one.leave() for one in students), *(one.leave() for one in hogs), *(one.leave() for one in drawers)]
    await asyncio.gather(*leaving, *(one.leave() for one in lookers))
    left = await _released(server, quiet)
    lost = [name for student in students for name in student.lost] + tabs.lost
    lost += [name for drawer in drawers for name in drawer.lost]
    lost += [name for looker in lookers for name in looker.lost]
    for name in lost:
        say(f"lost: {name}")
    trained = [(student.stretches, student.training_seconds) for student in students]
    share = least_share(alone, trained, plan.chromium + len(hogs) + len(lookers), seen.elapsed, seen.waited)
    figures = {
        "browsers": plan.browsers,
        **_control_and_refresh(students),
        "steps_least_over_mean": _least_over_mean(students, say),
        "least_share": rounded(share, 3),
        "open_all_s": round(open_all, 2),
        "lost_actions": len(lost),
        "memory_mb_base": round(sum(base), 1) if base else None,
        "memory_mb_per_browser": round((sum(memory) - sum(base)) / plan.browsers, 2) if base and memory else None,
    }
    if drawers:
        figures |= _answers(drawers)
    if lookers:
        waits = [1000 * wait for looker in lookers for wait in looker.waits]
        figures |= {"looking_back": len(lookers), "look_back_p50_ms": _percentile(waits, 50)}
        figures["look_back_p95_ms"] = _percentile(waits, 95)
    if plan.chromium:
        figures["chromium_control_p50_ms"] = _percentile(tabs.latencies, 50)
        figures["chromium_control_p95_ms"] = _percentile(tabs.latencies, 95)
        figures["chromium_refresh_hz"] = rounded(np.median(tabs.refresh) if tabs.refresh else None)
    return figures, replace(left, threads=max(0, left.threads - quiet.threads))


@dataclass(frozen=True)
class _Seen:
    """How long the class trained, and what the processes did meanwhile, in seconds."""

    elapsed: float
    waited: list[float]
    used: list[float]


async def _train_and_click(
    server: Served,
    plan: Plan,
    students: Sequence[Student],
    others: Sequence[Drawer | Looker],
    tabs: ChromiumTabs,
    spacing: float,
) -> _Seen:
    """Let all train, click, draw and look back for as long as planned, and count."""
    used, waited = server.busy_seconds(), server.training_waits()
    for student in students:
        student.count(True)
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for student in students:
            group.create_task(student.follow(start, plan.seconds, spacing))
        for one in others:
            group.create_task(one.follow(start, plan.seconds))
        if plan.chromium:
            group.create_task(tabs.follow(plan.chromium, plan.seconds))
    for student in students:
        student.count(False)
    elapsed = time.perf_counter() - start
    return _Seen(elapsed, _added(waited, server.training_waits()), _added(used, server.busy_seconds()))


async def _warm_up(server: Served, plan: Plan, problems: Problems) -> Held:
    """Let everything be done once: what is loaded at the first visit is no browser's share."""
    student = Student(0, server.base, problems)
    await student.arrive()
    await student.start()
    for scene in (student.change_learning_rate, student.pause_step_resume, student.switch_pages):
        await scene()
    await student.leave()
    if plan.drawing:
        drawer = Drawer(0, server.base, problems)
        await drawer.arrive()
        await drawer.draw("7")
        await drawer.leave()
    return await _released(server, Held(0, 10**6, 0, 1))


async def _train_alone(server: Served, plan: Plan, problems: Problems) -> Alone:
    """Let one student train a run at full speed, for as long as the class at most, and note when it was where.

    So that the machine is as busy as it will be, as many browsers as will come watch the run; time in which the
    training was kept from the processors does not count.
    """
    iterations, seconds = [0], [0.0]
    ended = asyncio.Event()
    student = Student(0, server.base, problems)
    await student.arrive()

    def note(frame: Frame, now: float) -> None:
        if frame["state"] in ("running", *ENDED) and frame["iteration"] > iterations[-1]:
            iterations.append(frame["iteration"])
            seconds.append(now - start - sum(_added(waits, server.training_waits())))
        if frame["state"] in ENDED:
            ended.set()

    links = [LiveLink(server.base, student.token, problems, note)]
    others = plan.browsers + bool(plan.hog) - len(links) - 1
    links += [LiveLink(server.base, student.token, problems, lambda frame, now: None) for _ in range(others)]
    for link in links:
        await link.ask(VIEW_PARTS["lab"])
    waits, start = server.training_waits(), time.perf_counter()
    await student.start()
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ended.wait(), plan.seconds)
    await asyncio.gather(*(link.close() for link in links))
    await student.leave()
    if len(iterations) == 1:
        raise LrdemoError("The student who trains alone did not get anywhere.")
    return Alone(iterations, seconds)


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


def _added(before: dict[int, float], after: dict[int, float]) -> list[float]:
    """Return what was added, by process; one that was started in between began at nothing."""
    return [seconds - before.get(pid, 0.0) for pid, seconds in after.items()]


def _control_and_refresh(students: Sequence[Student]) -> dict[str, Any]:
    latencies = [1000 * latency for student in students for latency in student.latencies]
    refresh = [student.frames / student.training_seconds for student in students if student.training_seconds > 0]
    return {
        "control_p50_ms": _percentile(latencies, 50),
        "control_p95_ms": _percentile(latencies, 95),
        "control_p99_ms": _percentile(latencies, 99),
        "refresh_hz": rounded(np.median(refresh) if refresh else None),
        "refresh_hz_least": rounded(min(refresh, default=None)),
    }


def _answers(drawers: Sequence[Drawer]) -> dict[str, Any]:
    first = [1000 * seconds for drawer in drawers for seconds in drawer.first_answers]
    often = [drawer.answers_per_second for drawer in drawers if drawer.drawing_seconds > 0]
    return {
        "drawing": len(drawers),
        "first_answer_p50_ms": _percentile(first, 50),
        "first_answer_p95_ms": _percentile(first, 95),
        "answers_hz": rounded(np.median(often) if often else None),
        "answers_hz_least": rounded(min(often, default=None)),
    }


def _least_over_mean(students: Sequence[Student], say: Callable[[str], object]) -> float | None:
    speeds = [student.iterations / student.training_seconds for student in students if student.training_seconds > 0]
    actions = sum(len(student.latencies) for student in students)
    say(f"{count(actions)} actions; {count(sum(speeds))} iterations per second in all")
    return rounded(min(speeds) / np.mean(speeds) if speeds else None, 3)


def _percentile(values: Sequence[float], part: float) -> float | None:
    return rounded(np.percentile(values, part) if values else None)


def rounded(value: Any, digits: int = 1) -> float | None:
    """Return the number with so many decimals; None stays None."""
    return None if value is None else round(float(value), digits)
