"""The runs that a visitor keeps: their names, their number, and that none is kept twice or lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from lrdemo.errors import LrdemoError
from lrdemo.serving.kept import Kept
from lrdemo.serving.messages import Event
from lrdemo.serving.service import Service
from lrdemo.settings import Settings, changed
from lrdemo.ui.server.kept_runs import MOST_KEPT, MOST_NAME, KeptRuns, name_of
from lrdemo.ui.server.visitor import Visitor

LONG = 60.0


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(in_process=True)
    yield service
    service.close()


def kept(events: tuple[Event, ...] = (), iteration: int | None = None, number: float = 0.0, **values: Any) -> Kept:
    settings = changed(Settings(), **values)
    at = settings.iterations if iteration is None else iteration
    loss = np.zeros(at, np.float32)
    numbers = np.full(7_850, number, np.float32)
    return Kept(settings, events, at, False, numbers, loss, loss, np.zeros((1, 3), np.float32), 1.0, 0.0001)


@pytest.mark.parametrize(
    ("run", "name"),
    [
        (kept(), "usual settings"),
        (kept(learning_rate=0.5, momentum=0.9), "rate 0.5, momentum 0.9"),
        (kept(optimiser="adam", learning_rate=0.001), "rate 0.001, adam"),
        (kept(model="mlp", features="directions", styles=True), "mlp, directions, other ways"),
        (kept(pace=3, seed=7), "seed 7"),
        (kept(iteration=240), "at 240"),
        (kept((Event(3, "set_learning_rate", (0.2,)), Event(9, "teach", ()))), "rate changed, taught"),
    ],
)
def test_a_run_is_called_by_what_is_not_usual_about_it(run: Kept, name: str) -> None:
    assert name_of(run) == name


def test_even_a_run_of_many_settings_has_a_short_name() -> None:
    run = kept(
        learning_rate=0.0123, iterations=1_234, model="mlp", features="normalised", styles=True, batch_size=64,
        momentum=0.95, weight_decay=0.0001, init="xavier", seed=2_000_000_000, drop_last=True, held_out=5_000,
    )  # fmt: skip
    runs = KeptRuns()
    assert len(runs.add(run).name) <= MOST_NAME - 5


def test_equal_names_are_told_apart_and_the_same_run_is_kept_once() -> None:
    runs = KeptRuns()
    first = runs.add(kept())
    assert runs.add(kept(pace=7)) is first
    second = runs.add(kept(number=1.0))

    assert [one.name for one in runs] == ["usual settings", "usual settings (2)"]
    assert runs.get(second.number) is second and runs.get(None) is None and runs.get(99) is None


def test_twelve_are_kept_and_one_more_is_refused_until_one_is_deleted() -> None:
    runs = KeptRuns()
    for seed in range(MOST_KEPT):
        runs.add(kept(seed=seed))
    with pytest.raises(LrdemoError, match="12 runs are kept, which is the most. Delete one"):
        runs.add(kept(seed=99))
    assert runs.add(kept(seed=3)).name == "seed 3"

    runs.delete(next(iter(runs)).number)
    runs.delete(1234)
    assert runs.add(kept(seed=99)).name == "seed 99" and len(runs) == MOST_KEPT


def test_a_name_is_short_printable_and_no_other_run_s() -> None:
    runs = KeptRuns()
    one, other = runs.add(kept()), runs.add(kept(seed=1))

    runs.rename(one.number, "  My \n best\trun ")
    assert [run.name for run in runs] == ["My best run", "seed 1"]
    runs.rename(one.number, "x" * 200)
    assert next(iter(runs)).name == "x" * MOST_NAME
    runs.rename(one.number, "a|b\x00\u202ec")
    assert next(iter(runs)).name == "a/bc"
    for name in ("", "  \n", "\x00"):
        with pytest.raises(LrdemoError, match="needs a name"):
            runs.rename(one.number, name)
    with pytest.raises(LrdemoError, match="Another run is called seed 1"):
        runs.rename(one.number, "seed 1")
    runs.rename(other.number, "seed 1")
    runs.rename(77, "nobody")
    assert [run.name for run in runs] == ["a/bc", "seed 1"]


def trained(service: Service, **values: Any) -> Visitor:
    visitor = Visitor(service, Settings(iterations=30, pace=0, **values))
    visitor.start()
    visitor.run.wait(LONG, lambda now: now.state == "finished")
    return visitor


def test_nothing_is_kept_of_a_run_that_has_not_begun(service: Service) -> None:
    visitor = Visitor(service, Settings())
    visitor.run.wait(LONG, lambda now: now.state == "ready")

    with pytest.raises(LrdemoError, match="nothing to keep yet. Press Start first"):
        visitor.keep()
    assert visitor.present is None and not len(visitor.kept)


def test_the_present_run_is_kept_when_another_one_is_taken_up(service: Service) -> None:
    visitor = trained(service)
    first = visitor.keep()
    visitor.change(learning_rate=0.5)
    visitor.start()
    visitor.run.wait(LONG, lambda now: now.revision > 1 and now.state == "finished")
    assert visitor.present is not None and not visitor.kept.same_as(visitor.present)

    visitor.go_on_with(first.run)

    now = visitor.run.wait(LONG, lambda now: now.lane.learning_rate == 0.1)
    assert [one.name for one in visitor.kept] == ["iterations 30", "rate 0.5, iterations 30"]
    assert np.array_equal(now.lane.parameters, first.run.parameters)
    assert visitor.draft == first.run.settings and not visitor.pending
    assert visitor.present is not None and visitor.kept.same_as(visitor.present) is first
    # It is kept already: nothing new is kept when the other one is taken up again.
    visitor.go_on_with(list(visitor.kept)[1].run)
    assert len(visitor.kept) == 2


def test_once_more_with_one_setting_changed_is_the_run_of_these_settings(service: Service) -> None:
    visitor = trained(service)
    visitor.run.reset()
    visitor.run.step(10)
    visitor.run.wait(LONG, lambda now: now.iteration == 10 and now.state == "paused")
    visitor.change(learning_rate=0.3)
    visitor.run.resume()
    visitor.run.wait(LONG, lambda now: now.state == "finished")
    first = visitor.keep()

    visitor.once_more(first.run, momentum=0.5)

    wanted = Settings(iterations=30, pace=0, momentum=0.5, changes="10:0.3")
    assert visitor.run.settings == visitor.draft == wanted
    found = visitor.run.wait(LONG, lambda now: now.state == "finished" and now.revision > 2)
    alone = service.open_run(wanted)
    alone.start()
    assert np.array_equal(
        found.lane.parameters, alone.wait(LONG, lambda now: now.state == "finished").lane.parameters
    )


def test_the_run_as_it_was_is_compared_up_to_there(service: Service) -> None:
    visitor = trained(service)
    visitor.run.look_at(12)
    visitor.run.wait(LONG, lambda now: now.moment == 12)

    seen = visitor.present

    assert seen is not None
    assert (seen.iteration, len(seen.loss), len(seen.accuracy)) == (12, 12, 12)
    assert seen.test_table[:, 0].tolist() == [0, 10, 12]
