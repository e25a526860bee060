"""Turns of the event loop: one who waits is called in each, in order, and nobody is lost."""

import asyncio

import pytest

from lrdemo.ui.server.turns import Turns

LONG = 60


def run(test):
    async def bounded():
        async with asyncio.timeout(LONG):
            await test

    asyncio.run(bounded())


def test_one_is_called_in_each_turn_in_the_order_of_coming():
    turns, log = Turns(), []

    async def wait(name):
        await turns.wait(asyncio.Event())
        log.append(name)

    async def all_at_once():
        waiting = [asyncio.create_task(wait(name)) for name in "abc"]
        while len(log) < 3:
            log_before = len(log)
            await asyncio.sleep(0)
            assert len(log) - log_before <= 1
        await asyncio.gather(*waiting)

    run(all_at_once())
    assert log == ["a", "b", "c"]


def test_who_is_called_by_somebody_else_goes_on_and_takes_no_turn():
    turns, log = Turns(), []

    async def wait(name, call):
        await turns.wait(call)
        log.append(name)

    async def one_in_between():
        calls = [asyncio.Event() for _ in range(4)]
        waiting = [asyncio.create_task(wait(name, call)) for name, call in enumerate(calls)]
        await asyncio.sleep(0)
        calls[3].set()
        await asyncio.gather(*waiting)

    run(one_in_between())
    assert log.index(3) < 3 and [name for name in log if name != 3] == [0, 1, 2]


@pytest.mark.parametrize("gone", [0, 1])
def test_who_is_gone_keeps_nobody_waiting(gone):
    turns = Turns()

    async def one_leaves():
        waiting = [asyncio.create_task(turns.wait(asyncio.Event())) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[gone].cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert [task.cancelled() for task in waiting] == [place == gone for place in range(3)]
        await turns.wait(asyncio.Event())

    run(one_leaves())


def test_the_last_turn_is_the_end_of_the_calling():
    turns = Turns()

    async def twice():
        for _ in range(2):
            await turns.wait(asyncio.Event())
            for _ in range(3):
                await asyncio.sleep(0)
            assert not asyncio.get_running_loop()._ready

    run(twice())
