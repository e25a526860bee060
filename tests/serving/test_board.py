import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrdemo.serving.board import CAPACITY, MOST_LANES, Board, Lane, Snapshot
from lrdemo.shapes import parameter_count

SOFTMAX_PARAMETERS, MLP_PARAMETERS = parameter_count("softmax"), parameter_count("mlp")

ROOT = Path(__file__).parents[2]
WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from lrdemo.serving.board import Board, Lane, Snapshot

board = Board(Path(sys.argv[1]), most_lanes=16)
for value in range(1, 301):
    same = lambda *shape: np.full(shape, value, np.float32)
    lane = Lane(float(value), same(7850), same(300), same(300), same(20, 3))
    board.write(Snapshot(value, "running", 300, value, value, value, float(value), float(value), (lane,) * 16))
    time.sleep(0.002)
"""


def lane_of(iteration, seed=0, parameters=SOFTMAX_PARAMETERS, tests=3):
    generator = np.random.default_rng(seed)

    def numbers(*shape):
        return generator.normal(size=shape).astype(np.float32)

    # Drawn at full length and cut, so that a longer curve begins with the shorter one.
    curves = generator.normal(size=(2, CAPACITY)).astype(np.float32)[:, :iteration]
    return Lane(0.1 * (seed + 1), numbers(parameters), curves[0], curves[1], numbers(tests, 3))


def snapshot_of(*lanes, revision=1, state="running"):
    iteration = len(lanes[0].loss)
    return Snapshot(revision, state, iteration, 600, 600, 100, 98.5, 1e-7, lanes)


def assert_same(found, expected):
    assert replace(found, lanes=()).__dict__ == replace(expected, lanes=()).__dict__
    assert len(found.lanes) == len(expected.lanes)
    for one, other in zip(found.lanes, expected.lanes, strict=True):
        assert one.learning_rate == other.learning_rate
        for name in ("parameters", "loss", "accuracy", "test_table"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_nothing_is_read_before_the_first_write(tmp_path):
    board = Board(tmp_path / "1.run")

    assert board.read() is None
    assert (board.sequence, board.revision) == (0, 0)


@pytest.mark.parametrize("parameters", [SOFTMAX_PARAMETERS, MLP_PARAMETERS])
def test_the_other_side_reads_what_was_written(tmp_path, parameters):
    written = snapshot_of(lane_of(250, parameters=parameters), revision=3, state="paused")

    Board(tmp_path / "1.run").write(written)

    assert_same(Board(tmp_path / "1.run").read(), written)


def test_the_longest_race_is_read_as_written(tmp_path):
    written = snapshot_of(*(lane_of(CAPACITY, seed=lane, tests=1_000) for lane in range(MOST_LANES)))

    Board(tmp_path / "1.run", most_lanes=MOST_LANES).write(written)

    assert_same(Board(tmp_path / "1.run", most_lanes=MOST_LANES).read(), written)


def test_a_snapshot_says_what_epoch_it_is_and_what_the_tests_gave(tmp_path):
    table = np.array([[0, 2.5, 0.125], [50, 0.75, 0.5]], dtype=np.float32)
    Board(tmp_path / "1.run").write(snapshot_of(replace(lane_of(150), test_table=table)))

    found = Board(tmp_path / "1.run").read()

    assert found.epoch == 0.25
    assert [(point.iteration, point.loss, point.accuracy) for point in found.lane.tests] == [
        (0, 2.5, 0.125), (50, 0.75, 0.5)
    ]  # fmt: skip


def test_a_snapshot_stays_as_it_was_when_the_run_goes_on(tmp_path):
    board = Board(tmp_path / "1.run")
    first = snapshot_of(lane_of(100))
    board.write(first)
    kept = board.read()

    board.write(snapshot_of(lane_of(200, seed=1)))

    assert_same(kept, first)


def test_a_growing_curve_gets_only_its_new_part(tmp_path):
    board = Board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100)))
    longer = lane_of(160, tests=5)
    # Other numbers in the part that is already known: they must not be looked at.
    forged = replace(longer, loss=longer.loss.copy(), test_table=longer.test_table.copy())
    forged.loss[:100] = 99
    forged.test_table[:3] = 99

    board.write(snapshot_of(forged))

    found = board.read().lane
    np.testing.assert_array_equal(found.loss, longer.loss)
    np.testing.assert_array_equal(found.test_table[:3], lane_of(100).test_table)
    np.testing.assert_array_equal(found.test_table[3:], longer.test_table[3:])


def test_a_reset_begins_the_curves_anew(tmp_path):
    board = Board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(500, tests=9)))
    fresh = snapshot_of(lane_of(0, seed=1, tests=1), revision=2, state="ready")

    board.write(fresh)
    after_reset = board.read()
    grown = snapshot_of(lane_of(40, seed=1, tests=1), revision=2)
    board.write(grown)

    assert_same(after_reset, fresh)
    assert_same(board.read(), grown)


def test_every_write_raises_the_sequence(tmp_path):
    board = Board(tmp_path / "1.run")
    seen = []

    for iteration in (1, 2, 3):
        board.write(snapshot_of(lane_of(iteration)))
        seen.append(board.sequence)

    assert seen == [2, 4, 6]


def test_a_reader_never_sees_half_a_write(tmp_path):
    board = Board(tmp_path / "1.run", most_lanes=16)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(board.path)], cwd=ROOT)
    seen = set()

    while writer.poll() is None:
        found = board.read()
        if found is None:
            continue
        arrays = [array for lane in found.lanes for array in (lane.parameters, lane.loss, lane.accuracy)]
        tables = [lane.test_table.reshape(-1) for lane in found.lanes]
        rates = [lane.learning_rate for lane in found.lanes]
        values = np.unique(np.concatenate([*arrays, *tables, rates, [found.revision, found.pace, found.rate]]))
        seen.add(tuple(values))

    assert writer.returncode == 0
    assert all(len(values) == 1 for values in seen)
    assert len(seen) > 20


def test_what_a_dead_writer_left_is_readable_and_the_next_write_repairs_it(tmp_path):
    board = Board(tmp_path / "1.run", most_lanes=2)
    board.write(snapshot_of(lane_of(100), lane_of(100, seed=1)))
    broken = replace(lane_of(120, seed=1), parameters=np.zeros(3, np.float32))
    with pytest.raises(ValueError):
        board.write(snapshot_of(lane_of(120), broken))
    assert board.sequence % 2 == 1

    left = Board(board.path, most_lanes=2).read()
    repaired = snapshot_of(lane_of(120), lane_of(120, seed=1), revision=left.revision + 1)
    Board(board.path, most_lanes=2).write(repaired)

    np.testing.assert_array_equal(left.lanes[0].parameters, lane_of(120).parameters)
    assert board.sequence % 2 == 0
    assert_same(board.read(), repaired)


def test_only_what_is_written_takes_memory(tmp_path):
    board = Board(tmp_path / "1.run", most_lanes=MOST_LANES)
    board.write(snapshot_of(lane_of(10), lane_of(10, seed=1)))

    size = board.path.stat()

    assert size.st_size > 4 * MOST_LANES * (SOFTMAX_PARAMETERS + 2 * CAPACITY)
    assert size.st_blocks * 512 < size.st_size / 10
