"""Who is there: visitors who have left are ended, and nothing ends the reaper."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref

import pytest

from lrdemo.settings import Settings
from lrdemo.ui.server import visitors

LONG, EVERYBODY = 60.0, -1.0


class Knot:
    """An object that holds itself, so that only the garbage collection frees it."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def visitor(lab):
    visitors.end_left(EVERYBODY)
    yield visitors.arrive(Settings())
    visitors.end_left(EVERYBODY)


def test_only_who_has_left_for_long_is_ended(visitor, lab):
    other = visitors.arrive(Settings())
    race = visitors.open_race(other, Settings(), (0.1, 0.2))
    tokens = [other.run.token, race.token]
    other.leave()

    visitors.end_left(3600)
    assert all(visitors.find(token) for token in tokens)
    visitors.end_left(0)

    assert not any(visitors.find(token) for token in tokens)
    assert other.run not in lab.runs and race not in lab.runs
    assert visitors.find(visitor.run.token) == (visitor, visitor.run)


def test_who_comes_back_stays(visitor):
    visitor.leave()
    visitor.come_back()

    visitors.end_left(0)

    assert visitors.find(visitor.run.token) == (visitor, visitor.run)


def test_nothing_ends_the_reaper_and_each_failure_is_logged_once(visitor, monkeypatch, caplog):
    monkeypatch.setattr(visitors, "REAP_SECONDS", 0.001)
    tried = []

    def fail(_seconds):
        tried.append(None)
        raise KeyError("gone")

    async def reap_for_a_while():
        with monkeypatch.context() as failing:
            failing.setattr(visitors, "end_left", fail)
            reaper = asyncio.create_task(visitors.reap(0.0))
            async with asyncio.timeout(60):
                while len(tried) < 5:
                    await asyncio.sleep(0.001)
        visitor.leave()
        async with asyncio.timeout(60):
            while visitors.find(visitor.run.token):
                await asyncio.sleep(0.001)
        reaper.cancel()

    with caplog.at_level(logging.ERROR):
        asyncio.run(reap_for_a_while())

    assert len([record for record in caplog.records if record.name == visitors.__name__]) == 1


@pytest.mark.parametrize("alone, seconds, freed", [(True, 1000.0, True), (False, 0.0, True), (False, 1000.0, False)])
def test_what_a_visitor_leaves_is_freed_soon_after_the_last_one_at_once(visitor, monkeypatch, alone, seconds, freed):
    monkeypatch.setattr(visitors, "REAP_SECONDS", 0.001)
    monkeypatch.setattr(visitors, "WHOLE_SECONDS_AFTER_END", seconds)
    if not alone:
        visitors.arrive(Settings())
    knot = Knot()
    left = weakref.ref(knot)
    gc.freeze()
    del knot
    rounds, end_left = [], visitors.end_left
    monkeypatch.setattr(visitors, "end_left", lambda longest: rounds.append(None) or end_left(longest))
    visitor.leave()

    async def reap_for_a_while():
        reaper = asyncio.create_task(visitors.reap(0.0))
        async with asyncio.timeout(LONG):
            while visitors.find(visitor.run.token) or len(rounds) < 5:
                await asyncio.sleep(0.001)
        reaper.cancel()

    try:
        asyncio.run(reap_for_a_while())
        assert (left() is None) == freed
    finally:
        gc.unfreeze()


def test_a_race_takes_the_place_of_the_last_one(visitor, lab):
    first = visitors.open_race(visitor, Settings(), (0.1, 0.2))

    second = visitors.open_race(visitor, Settings(), (0.1, 0.3))

    assert visitor.race is second and first not in lab.runs
    assert visitors.find(first.token) is None and visitors.find(second.token) == (visitor, second)


def test_a_setting_changed_while_a_start_waits_does_not_undo_the_start(visitor):
    run, post = visitor.run, visitor.run._post
    run.wait(LONG, lambda snapshot: snapshot.state == "ready")
    visitor.change(iterations=30_000, pace=5)
    run.detach()
    visitor.start()
    visitor.change(batch_size=50)
    run.attach(post)

    run.wait(LONG, lambda snapshot: snapshot.state == "running")
    assert visitor.pending and visitor.draft.batch_size == 50 and run.settings.batch_size == 100
