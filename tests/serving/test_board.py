import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrdemo.candidates import DEEP, LINEAR
from lrdemo.serving.board import Board, Lane, Shape, Snapshot, shape_of
from lrdemo.settings import Settings

CAPACITY, MOST_LANES = 30_000, 16
SOFTMAX_PARAMETERS, MLP_PARAMETERS = 7_850, 227_670
ROOT = Path(__file__).parents[2]
WRITER = """
import sys, time
from pathlib import Path
import numpy as np
from lrdemo.serving.board import Board, Lane, Snapshot

board = Board(Path(sys.argv[1]))
for value in range(1, 301):
    same = lambda *shape: np.full(shape, value, np.float32)
    lane = Lane(float(value), same(7850), same(300), same(300), same(20, 3))
    board.write(Snapshot(value, "running", 300, value, value, value, float(value), float(value), (lane,) * 16))
    time.sleep(0.002)
"""


def new_board(path, lanes=1, parameters=SOFTMAX_PARAMETERS, iterations=CAPACITY, tests=1_000):
    shape = Shape((parameters,) * lanes, iterations, tests)
    path.write_bytes(bytes(shape.size))
    return Board(path, shape)


def lane_of(iteration, seed=0, parameters=SOFTMAX_PARAMETERS, tests=3):
    generator = np.random.default_rng(seed)

    def numbers(*shape):
        return generator.normal(size=shape).astype(np.float32)

    # Drawn at full length and cut, so that a longer curve begins with the shorter one.
    curves = generator.normal(size=(2, CAPACITY)).astype(np.float32)[:, :iteration]
    return Lane(0.1 * (seed + 1), numbers(parameters), curves[0], curves[1], numbers(tests, 3))


def snapshot_of(*lanes, revision=1, state="running"):
    iteration = len(lanes[0].loss)
    return Snapshot(revision, state, iteration, 600, 600, 100, 98.5, 1e-7, lanes, temperature=0.75)


def assert_same(found, expected):
    assert replace(found, lanes=()).__dict__ == replace(expected, lanes=()).__dict__
    assert len(found.lanes) == len(expected.lanes)
    for one, other in zip(found.lanes, expected.lanes, strict=True):
        assert one.learning_rate == other.learning_rate
        for name in ("parameters", "loss", "accuracy", "test_table"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_nothing_is_read_before_the_first_write(tmp_path):
    board = new_board(tmp_path / "1.run")

    assert board.read() is None
    assert (board.sequence, board.progress) == (0, (0, 0))


@pytest.mark.parametrize("parameters", [SOFTMAX_PARAMETERS, MLP_PARAMETERS])
def test_the_other_side_reads_what_was_written(tmp_path, parameters):
    written = snapshot_of(lane_of(250, parameters=parameters), revision=3, state="paused")

    new_board(tmp_path / "1.run", parameters=parameters).write(written)

    assert_same(Board(tmp_path / "1.run").read(), written)


def test_the_longest_race_is_read_as_written(tmp_path):
    written = snapshot_of(*(lane_of(CAPACITY, seed=lane, tests=1_000) for lane in range(MOST_LANES)))

    new_board(tmp_path / "1.run", lanes=MOST_LANES).write(written)

    assert_same(Board(tmp_path / "1.run").read(), written)


def test_a_snapshot_says_what_epoch_it_is_and_what_the_tests_gave(tmp_path):
    table = np.array([[0, 2.5, 0.125], [50, 0.75, 0.5]], dtype=np.float32)
    new_board(tmp_path / "1.run").write(snapshot_of(replace(lane_of(150), test_table=table)))

    found = Board(tmp_path / "1.run").read()

    assert found.epoch == 0.25
    assert [(point.iteration, point.loss, point.accuracy) for point in found.lane.tests] == [
        (0, 2.5, 0.125), (50, 0.75, 0.5)
    ]  # fmt: skip


def test_a_snapshot_stays_as_it_was_when_the_run_goes_on(tmp_path):
    board = new_board(tmp_path / "1.run")
    first = snapshot_of(lane_of(100))
    board.write(first)
    kept = board.read()

    board.write(snapshot_of(lane_of(200, seed=1)))

    assert_same(kept, first)


def test_a_growing_curve_gets_only_its_new_part(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100)))
    longer = lane_of(160, tests=5)
    # Other numbers in the part that is already known: they must not be looked at.
    forged = replace(longer, loss=longer.loss.copy())
    forged.loss[:100] = 99

    board.write(snapshot_of(forged))

    np.testing.assert_array_equal(board.read().lane.loss, longer.loss)


def test_tests_that_were_only_to_be_seen_are_gone_when_others_take_their_place(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100, tests=4)))
    longer = lane_of(160, tests=5)
    longer.test_table[2:] += 1

    board.write(snapshot_of(longer))

    np.testing.assert_array_equal(board.read().lane.test_table, longer.test_table)


def test_a_reset_begins_the_curves_anew(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(500, tests=9)))
    fresh = snapshot_of(lane_of(0, seed=1, tests=1), revision=2, state="ready")

    board.write(fresh)
    after_reset = board.read()
    grown = snapshot_of(lane_of(40, seed=1, tests=1), revision=2)
    board.write(grown)

    assert_same(after_reset, fresh)
    assert_same(board.read(), grown)


def test_every_write_raises_the_sequence(tmp_path):
    board = new_board(tmp_path / "1.run")
    seen = []

    for iteration in (1, 2, 3):
        board.write(snapshot_of(lane_of(iteration)))
        seen.append(board.sequence)

    assert seen == [2, 4, 6]


def test_a_reader_never_sees_half_a_write(tmp_path):
    board = new_board(tmp_path / "1.run", lanes=16, iterations=300, tests=20)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(board.path)], cwd=ROOT)
    seen = set()

    while writer.poll() is None:
        found = board.read()
        if found is None:
            continue
        arrays = [array for lane in found.lanes for array in (lane.parameters, lane.loss, lane.accuracy)]
        tables = [lane.test_table.reshape(-1) for lane in found.lanes]
        rates = [lane.learning_rate for lane in found.lanes]
        values = np.unique(np.concatenate([*arrays, *tables, rates, [found.revision, found.pace, found.speed]]))
        seen.add(tuple(values))

    assert writer.returncode == 0
    assert all(len(values) == 1 for values in seen)
    assert len(seen) > 20


def test_what_a_dead_writer_left_is_mended_by_the_reader_or_by_the_next_write(tmp_path):
    board = new_board(tmp_path / "1.run", lanes=2)
    written = snapshot_of(lane_of(100), lane_of(100, seed=1))
    board.write(written)
    board._begin_write()
    reader = Board(board.path)
    assert board.sequence % 2 == 1 and reader.read() is None

    reader.mend()

    assert_same(reader.read(), written)
    board._begin_write()
    assert_same(reader.read(), written)
    repaired = snapshot_of(lane_of(120), lane_of(120, seed=1), revision=2)
    board.write(repaired)
    assert board.sequence % 2 == 0
    assert_same(reader.read(), repaired)


def test_the_other_side_sees_whose_work_is_done_and_at_whose_the_writer_died(tmp_path):
    board = new_board(tmp_path / "1.run")
    reader = Board(board.path)
    with board.working():
        board.write(snapshot_of(lane_of(10)))
        assert reader.at_work
    assert not reader.at_work
    with pytest.raises(RuntimeError), board.working():
        raise RuntimeError
    assert not reader.at_work
    dying = board.working()
    dying.__enter__()
    assert reader.at_work

    reader.mend()

    assert not reader.at_work
    with board.working():
        board.close()
    assert not board.at_work


def test_mending_a_whole_board_changes_nothing(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100)))

    board.mend()

    assert board.sequence == 2


@pytest.mark.parametrize(
    "too_large",
    [
        snapshot_of(lane_of(101)),
        snapshot_of(lane_of(100, tests=11)),
        snapshot_of(lane_of(100, parameters=7_851)),
        snapshot_of(lane_of(100), lane_of(100)),
        snapshot_of(replace(lane_of(100), loss=np.zeros(99, np.float32))),
    ],
)
def test_what_does_not_fit_is_refused_and_the_last_snapshot_stays(tmp_path, too_large):
    board = new_board(tmp_path / "1.run", iterations=100, tests=10)
    fitting = snapshot_of(lane_of(100, tests=10))
    board.write(fitting)

    with pytest.raises(ValueError, match="board|fit"):
        board.write(too_large)

    assert board.sequence == 2
    assert_same(Board(board.path).read(), fitting)


def test_marking_changes_state_and_pace_and_nothing_else(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100)))

    board.mark("paused", 7)

    assert_same(board.read(), replace(snapshot_of(lane_of(100), state="paused"), pace=7, speed=0.0))
    assert board.progress == (1, 100)


def test_a_curve_that_loses_a_test_gets_the_next_one_in_its_place(tmp_path):
    board = new_board(tmp_path / "1.run")
    longer, shorter = lane_of(100, tests=5), lane_of(100, tests=3)
    board.write(snapshot_of(longer))
    board.write(snapshot_of(shorter))
    other = replace(longer, test_table=longer.test_table + 1)
    other.test_table[:3] = longer.test_table[:3]

    board.write(snapshot_of(other))

    np.testing.assert_array_equal(board.read().lane.test_table, other.test_table)


def test_tests_are_read_from_the_table_as_a_sequence():
    table = np.array([[0, 2.5, 0.125], [50, 0.75, 0.5], [100, 0.5, 0.875]], dtype=np.float32)
    tests = replace(lane_of(150), test_table=table).tests

    assert (len(tests), tests[-1].iteration, tests[1].loss, tests[0].accuracy) == (3, 100, 0.75, 0.125)
    assert [point.iteration for point in tests[1:]] == [50, 100]
    with pytest.raises(IndexError):
        tests[3]


def test_a_closed_board_gives_its_memory_back_and_keeps_what_was_read_last(tmp_path):
    board = new_board(tmp_path / "1.run")
    board.write(snapshot_of(lane_of(100)))
    last = board.read()
    assert board.path.name in Path("/proc/self/maps").read_text()

    board.close()
    board.close()

    assert str(board.path) not in Path("/proc/self/maps").read_text()
    assert board.read() is last
    assert (board.sequence, board.progress) == (2, (1, 100))
    board.mend()


def test_a_shape_is_that_of_the_settings_and_its_size_that_of_the_numbers():
    shape = shape_of(Settings(iterations=100, model="mlp", gradient="autograd"))

    assert (shape.lanes, shape.parameters, shape.iterations) == (1, (MLP_PARAMETERS,), 100)
    assert shape_of(Settings(iterations=100), 16).lanes == 16
    # 3 and 18 numbers of 8 bytes; per lane 3 more, and floats of 4 bytes.
    assert Shape((7_850, 8_010), 600, 30).size == 21 * 8 + 2 * (3 * 8 + 4 * (1_200 + 90)) + 4 * (7_850 + 8_010)


def test_lanes_of_different_sizes_with_tests_of_their_own_are_read_as_written(tmp_path):
    """A comparison: a linear model on pixels and one on edges, and a perceptron, which is tested less often."""
    candidates = (LINEAR[0], LINEAR[4], DEEP[0])
    shape = shape_of(Settings(iterations=CAPACITY), candidates=candidates)
    assert shape.parameters == (7_850, 8_010, 227_670)
    path = tmp_path / "1.run"
    path.write_bytes(bytes(shape.size))
    board = Board(path, shape)
    lanes = [lane_of(50, seed, size, seed + 2) for seed, size in enumerate(shape.parameters)]
    board.write(snapshot_of(*lanes))

    found = Board(path).read()
    for read, written in zip(found.lanes, lanes, strict=True):
        for name in ("parameters", "loss", "accuracy", "test_table"):
            np.testing.assert_array_equal(getattr(read, name), getattr(written, name))
        assert read.learning_rate == written.learning_rate
    with pytest.raises(ValueError, match="board"):
        board.write(snapshot_of(*lanes[::-1]))
