"""A comparison as one job: paused, gone on with, built again and asked, it is always the single runs of its lanes."""

import numpy as np
import pytest
import torch
from conftest import LONG

from lrdemo.candidates import LINEAR
from lrdemo.errors import ServiceError
from lrdemo.serving.board import Board, shape_of
from lrdemo.serving.job import Job, build
from lrdemo.serving.memory import Memory
from lrdemo.serving.messages import Opening, Standing
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer

TWO = (LINEAR[0], LINEAR[4])
UNTOUCHED = Standing()
SETTINGS = Settings(iterations=80, pace=0)


@pytest.fixture
def open_job(digits, tmp_path):
    memory = Memory([tmp_path])

    def opened(standing=UNTOUCHED):
        shape = shape_of(SETTINGS, candidates=TWO)
        board = Board(memory.reserve(f"{len(list(memory.folders[0].iterdir()))}.run", shape.size), shape)
        opening = Opening(str(board.path), SETTINGS, (), (), standing, False, TWO)
        return Job(board, lambda settings: build(settings, lambda _: digits, (), TWO), opening), board

    yield opened
    memory.close()


def work(job, until=lambda: False):
    """Do what is due at a moment that stands still, one piece after the other."""
    while job.due(0.0) and not until():
        job.work(lambda: 0.0, 0.004)


def assert_single_runs(found, digits):
    """The board shows what single runs are at this iteration, tested there."""
    for candidate, lane in zip(TWO, found.lanes, strict=True):
        single = Trainer(candidate.settings(SETTINGS), digits)
        single.advance(found.iteration)
        parameters = torch.nn.utils.parameters_to_vector(single.model.parameters()).detach().numpy()
        np.testing.assert_array_equal(lane.parameters, parameters)
        np.testing.assert_array_equal(lane.loss, single.history.loss)
        assert lane.tests[-1].iteration == found.iteration


def test_paused_between_its_lanes_it_stands_where_all_have_come(open_job, digits):
    job, board = open_job()
    job.apply(0.0, "start")
    work(job, lambda: job.run.lanes[0].iteration == 30)
    assert job.run.lanes[1].iteration == 20

    job.apply(0.0, "pause")
    assert (board.read().state, board.read().iteration) == ("paused", 20)
    assert not job.askable()
    work(job)

    assert job.askable() and (board.read().state, board.read().iteration) == ("paused", 30)
    assert_single_runs(board.read(), digits)


def test_it_steps_and_finishes(open_job, digits):
    job, board = open_job()
    job.apply(0.0, "step", 33)
    work(job)
    assert job.at_rest and (board.read().state, board.read().iteration) == ("paused", 33)
    assert_single_runs(board.read(), digits)

    job.apply(0.0, "resume")
    work(job)
    assert (board.read().state, board.read().iteration) == ("finished", 80)
    assert_single_runs(board.read(), digits)


def test_built_again_it_goes_on_from_where_it_was(open_job, digits):
    job, board = open_job(Standing(3, 37, "paused"))
    work(job)

    assert (board.read().state, board.read().iteration) == ("paused", 37)
    assert_single_runs(board.read(), digits)


def test_it_cannot_be_taught_and_keeps_its_learning_rate(open_job):
    job, _ = open_job()
    with pytest.raises(ServiceError, match="Teach a single run"):
        job.apply(0.0, "teach", np.zeros((1, 784), np.uint8), np.zeros(1, np.int64), 10, 1)
    with pytest.raises(ServiceError, match="keeps"):
        job.apply(0.0, "set_learning_rate", 0.5)


def test_a_training_process_compares_and_is_asked_about_other_ways_to_write(service):
    """What it was trained on helps with variations that it was not trained on; pixels have no such images."""
    run = service.open_run(Settings(iterations=150, pace=0), candidates=(LINEAR[0], *LINEAR[2:]))
    run.start()
    found = run.wait(LONG, lambda snapshot: snapshot.state == "finished")
    answer = run.ask("lrdemo.answers.other_ways:read")

    assert [len(lane.parameters) for lane in found.lanes] == [7_850, 7_850, 7_850, 8_010, 8_010]
    pixels, normalised, normalised_styled, directions, directions_styled = answer["shares"]
    assert (answer["iteration"], answer["of"], pixels) == (150, 240, None)
    assert normalised_styled > normalised + 0.1 and directions_styled > directions + 0.1
