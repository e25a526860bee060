"""What the server keeps for one visitor: draft, picture and threshold, and runs that wait while he is away."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.ui.server.picture import BLANK, Picture, picture_of
from lrdemo.ui.server.visitor import Visitor


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service(in_process=True)
    yield service
    service.close()


def test_the_picture_follows_the_features_of_the_run_and_the_threshold(service: Service) -> None:
    visitor = Visitor(service, Settings())
    woken: list[int] = []
    visitor.run.watchers.append(lambda: woken.append(visitor.shown_version))
    assert visitor.picture.title == "Test image 0, a 7"
    assert visitor.undecided
    first = visitor.shown
    assert first is not None and first.threshold == 0 and visitor.shown is first

    visitor.picture = picture_of(5)
    assert not visitor.undecided
    visitor.set_threshold(0.8)
    assert len(set(woken)) == 2
    second = visitor.shown
    assert second is not None and (second.title, second.threshold) == ("Test image 5, a 1", 0.8)

    visitor.run.reset(Settings(features="normalised"))
    third = visitor.shown
    assert third is not None and not np.array_equal(third.image, second.image)


def test_an_empty_pad_gives_way_to_test_image_0_and_stays_the_visitor_s_to_draw_on(service: Service) -> None:
    visitor = Visitor(service, Settings())
    visitor.picture = BLANK
    assert visitor.shown is None

    visitor.leave_empty_pad()
    assert visitor.shown is not None and visitor.shown.title == "Test image 0, a 7"
    assert visitor.undecided

    visitor.picture = picture_of(5)
    visitor.leave_empty_pad()
    assert visitor.picture.title == "Test image 5, a 1"
    assert not visitor.undecided


def test_a_test_image_chosen_before_a_clear_has_come_stays_and_an_empty_pad_waits_behind_it(service: Service) -> None:
    visitor = Visitor(service, Settings())
    drawing, rgba = {"objects": [{"path": []}]}, np.full((420, 420, 4), 255, np.uint8)
    rgba[100:300, 200:240, :3] = 0
    visitor.picture = BLANK
    visitor.drew(drawing, Picture("Your drawing", rgba))
    visitor.picture = picture_of(5)
    visitor.clear()
    assert visitor.picture.title == "Test image 5, a 1"
    assert visitor.last_drawn is BLANK and visitor.drawing is None and visitor.cleared is drawing

    visitor.picture = visitor.last_drawn
    assert visitor.shown is None
    visitor.clear()
    assert visitor.cleared is drawing, "an empty pad was cleared"


def test_the_draft_applies_at_the_next_start_but_rate_and_pace_at_once(service: Service) -> None:
    visitor = Visitor(service, Settings(iterations=40, pace=0))
    visitor.change(seed=5)
    assert visitor.run.settings == visitor.draft == Settings(iterations=40, pace=0, seed=5)
    visitor.start()
    first = visitor.run.wait(60, lambda snapshot: snapshot.state == "finished")

    visitor.change(learning_rate=0.5)
    visitor.change(pace=5_000)
    assert not visitor.pending
    visitor.change(batch_size=50)

    assert visitor.run.settings.batch_size == 100 and visitor.draft.batch_size == 50
    assert visitor.pending
    now = visitor.run.wait(60, lambda snapshot: (snapshot.lane.learning_rate, snapshot.pace) == (0.5, 5_000))
    assert np.array_equal(now.lane.loss, first.lane.loss)

    visitor.start()
    second = visitor.run.wait(60, lambda snapshot: snapshot.revision > now.revision and snapshot.state == "finished")
    assert visitor.run.settings == visitor.draft and not visitor.pending
    assert (visitor.draft.batch_size, visitor.draft.learning_rate, visitor.draft.pace) == (50, 0.5, 5_000)
    assert not np.array_equal(second.lane.loss, first.lane.loss)

    visitor.change(init="zeros")
    visitor.reset()
    third = visitor.run.wait(60, lambda snapshot: snapshot.revision > second.revision and snapshot.state == "ready")
    assert not third.lane.parameters.any() and visitor.run.settings.init == "zeros"


def test_a_link_keeps_the_planned_changes_beside_those_that_were_made(service: Service) -> None:
    visitor = Visitor(service, Settings(iterations=60, pace=0, changes="10:0.3,30:0.5"))
    visitor.run.step(20)
    visitor.run.wait(60, lambda snapshot: snapshot.iteration == 20)
    visitor.change(learning_rate=0.2)
    visitor.run.wait(60, lambda snapshot: bool(abs(snapshot.lane.learning_rate - 0.2) < 1e-6))

    assert visitor.linked == Settings(iterations=60, pace=0, changes="10:0.3,20:0.2,30:0.5")


def test_run_and_race_stand_still_while_the_visitor_is_away(service: Service) -> None:
    settings = Settings(iterations=30_000, pace=200)
    visitor = Visitor(service, settings)
    visitor.race = service.open_run(settings, (0.01, 0.1))
    runs = [visitor.run, visitor.race]
    for run in runs:
        run.start()
        run.wait(60, lambda snapshot: snapshot.iteration > 0)
    assert visitor.away_seconds == 0

    visitor.leave()
    stopped = [run.wait(60, lambda snapshot: snapshot.state != "running").iteration for run in runs]
    assert visitor.away_seconds > 0
    visitor.leave()
    first = visitor.away_seconds
    assert visitor.away_seconds >= first > 0

    visitor.come_back()
    assert visitor.away_seconds == 0
    for run, iteration in zip(runs, stopped, strict=True):
        run.wait(60, lambda snapshot, iteration=iteration: snapshot.iteration > iteration)
        run.close()


def test_who_watches_a_run_is_there_also_while_the_page_is_not(service: Service) -> None:
    visitor = Visitor(service, Settings(iterations=30_000, pace=200))

    with visitor.watching():
        with visitor.watching():
            visitor.leave()
        assert visitor.away_seconds == 0
    assert visitor.away_seconds > 0

    with visitor.watching():
        assert visitor.away_seconds == 0
        visitor.come_back()
    assert visitor.away_seconds == 0


def test_advice_that_is_followed_changes_the_settings_and_begins_again_where_it_says_so(service: Service) -> None:
    visitor = Visitor(service, Settings(learning_rate=10.0, momentum=0.9, iterations=300, pace=0))
    visitor.start()
    spoilt = visitor.run.wait(60, lambda snapshot: snapshot.state in ("finished", "diverged"))
    advice = visitor.advice
    assert advice is not None and advice.restarts and advice.change["learning_rate"] < 10

    visitor.follow_advice("Use another rate")
    assert visitor.draft.learning_rate == 10
    visitor.follow_advice(advice.label)
    better = visitor.run.wait(60, lambda now: now.state == "finished" and now.revision > spoilt.revision)
    assert visitor.draft.learning_rate == better.lane.learning_rate == advice.change["learning_rate"]
    assert better.lane.tests[-1].accuracy > 0.85
