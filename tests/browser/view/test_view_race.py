"""A race: which lane is which curve, in which colour and dashes, and what is said of each."""

from __future__ import annotations

import re

import numpy as np
import pytest
from known import lane, parameters, run
from stage import Scene, styles
from test_view_curves import ACCURACY, LOSS, TEXT, Axes

from lrdemo import pictures
from lrdemo.serving.board import Snapshot
from lrdemo.verdict import judge

RATES = (0.01, 0.1, 10.0)
COLOURS = ("#8a63c9", "#1fa187", "#cfa00a")
DASHES = ([], [7, 4], [2, 3])
TESTS = (
    [(0, 2.3, 0.1), (15, 2.0, 0.4), (30, 1.8, 0.5)],
    [(0, 2.3, 0.1), (15, 0.9, 0.7), (30, 0.5, 0.88)],
    [(0, 2.3, 0.1), (15, 2.4, 0.3), (30, 9.0, 0.6)],
)


def weights(number: int) -> np.ndarray:
    """Return a lane's pictures, [10, 28, 28]; each lane has a scale of its own."""
    limit = (0.14, 0.25, 60.0)[number]
    return np.random.default_rng(number).uniform(-limit, limit, (10, 28, 28)).astype(np.float32)


def race(iteration: int = 30, **changed: object) -> Snapshot:
    """Return a race of three: the first slow, the second ahead, the third zig-zagging and rising."""
    steps = np.arange(iteration)
    losses = (2.2 - 0.01 * steps, 2.0 - 0.05 * steps, 2.0 + (-1.0) ** steps)
    lanes = [
        lane(losses[one], tests=TESTS[one] if iteration else TESTS[one][:1], rate=RATES[one],
             numbers=parameters(weights(one)))
        for one in range(3)
    ]  # fmt: skip
    return run(*lanes, **({"iterations": 40, "iterations_per_epoch": 600} | changed))


def test_each_lane_is_drawn_from_its_own_numbers_in_its_own_colour_and_dashes(scene: Scene) -> None:
    scene.mount("race")
    snapshot = race()
    scene.show(snapshot)

    loss, accuracy = scene.drawn(LOSS), scene.drawn(ACCURACY)
    axes = Axes(accuracy)
    for colour, dash, one in zip(COLOURS, DASHES, snapshot.lanes, strict=True):
        table = one.test_table
        assert accuracy.line(colour=colour)["points"] == axes.places(table[:, 0], 100 * table[:, 2])
        assert accuracy.line(colour=colour)["dash"] == loss.line(colour=colour)["dash"] == dash
    assert len(accuracy.lines) - len(accuracy.all_lines(colour="#d0d0d8")) == 4


def test_the_loss_axis_is_logarithmic(scene: Scene) -> None:
    scene.mount("race")
    scene.show(run(*(lane([2.0, 1.0, 0.4], rate=rate) for rate in RATES), iterations=4))

    drawn = scene.drawn(LOSS)
    marks = Axes(drawn).down
    assert list(marks) == [0.3, 0.5, 1, 2, 3]
    assert marks[0.5] > marks[1] > marks[2]
    per_double = marks[1] - marks[2]
    assert marks[0.5] - marks[1] == pytest.approx(per_double, abs=1e-6)
    assert marks[1] - marks[3] == pytest.approx(per_double * np.log2(3), abs=1e-6)
    (_, guessing), _ = drawn.line(dash=[2, 4], colour=TEXT)["points"]
    assert marks[1] - guessing == pytest.approx(per_double * np.log2(np.log(10)), abs=0.5)
    third = drawn.line(colour=COLOURS[0])["points"][2]
    assert third == pytest.approx([Axes(drawn).x(3), marks[1] + per_double * np.log2(1 / 0.4)], abs=0.5)


@pytest.mark.parametrize(("losses", "ends"), [([0.09, 0.2, 0.4], (0.1, 3)), ([2.0, 70.0, 2e6], (0.3, 50))])
def test_the_loss_axis_reaches_as_far_as_the_curves(
    scene: Scene, losses: list[float], ends: tuple[float, float]
) -> None:
    scene.mount("race")
    scene.show(run(*(lane(losses, rate=rate) for rate in RATES), iterations=4))

    marks = list(Axes(scene.drawn(LOSS)).down)
    assert (marks[0], marks[-1]) == ends


def test_legends_and_rows_carry_the_lane_s_colour(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())

    for legend in scene.locate(".legend").all():
        names = [" ".join(text.split()) for text in legend.locator(".key").all_inner_texts()]
        assert names[:3] == ["0.01", "0.1", "10"] and names[3].startswith("guessing")
        assert styles(legend.locator(".swatch"), "borderTopColor", "borderTopStyle")[:3] == [
            ["rgb(138, 99, 201)", "solid"], ["rgb(31, 161, 135)", "dashed"], ["rgb(207, 160, 10)", "dotted"]
        ]  # fmt: skip
    rows = scene.locate(".lanes tr").all()[1:]
    assert [row.locator("th").inner_text() for row in rows] == ["0.01", "0.1", "10"]
    edges = [row.locator("th").evaluate("one => getComputedStyle(one).borderLeftColor") for row in rows]
    assert edges == ["rgb(138, 99, 201)", "rgb(31, 161, 135)", "rgb(207, 160, 10)"]


def test_the_table_says_how_each_lane_does(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())

    rows = [
        [" ".join(text.split()) for text in row.locator("td").all_inner_texts()]
        for row in scene.locate(".lanes tr").all()
    ]
    assert rows[1:] == [
        ["50.00 %", "1.800", "", "", "±0.15"],
        ["88.00 %", "0.500", "ahead", "", "±0.3"],
        ["60.00 %", "9.000", "zig-zags, rises", "", "±70"],
    ]
    heads = scene.texts(".lanes tr:first-child th")
    assert heads == ["rate", "test accuracy", "test loss", "", "templates, 0 to 9", "full colour at"]
    assert [row.get_attribute("class") or "" for row in scene.locate(".lanes tr").all()[1:]] == ["", "best", ""]


def test_each_lane_shows_its_own_templates(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())

    for number, (row, limit) in enumerate(zip(scene.locate(".lanes tr").all()[1:], (0.15, 0.3, 70), strict=True)):
        tiles = row.locator("canvas")
        assert tiles.count() == 10
        for digit in (0, 7):
            expected = pictures.signed(np.round(weights(number)[digit] * 127 / limit) / 127, 1.0, zoom=1)
            np.testing.assert_allclose(scene.painted(tiles.nth(digit)).astype(int), expected, atol=1)


def test_what_stands_out_is_said_in_words(scene: Scene) -> None:
    scene.mount("race")
    snapshot = race()
    scene.show(snapshot)

    words = [" ".join(verdict.words.split()) for verdict in judge(RATES, snapshot.lanes)]
    assert scene.texts(".verdicts li") == [words[1], words[2]]
    label = scene.locate(LOSS).get_attribute("aria-label")
    assert label is not None and re.sub(r"\s", " ", label) == (
        "After 30 iterations: rate 0.01: test accuracy 50.00 %, test loss 1.800; rate 0.1: test accuracy 88.00 %, "
        "test loss 0.500; rate 10: test accuracy 60.00 %, test loss 9.000."
    )


def test_before_the_start_it_says_what_will_happen(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race(0))

    expected = "Press Start race: all rates learn from the same minibatches and the same start."
    assert scene.texts(".verdicts li") == [expected]


def test_other_rates_make_another_table(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())
    scene.show(run(lane([1.0] * 30, rate=0.5), lane([2.0] * 30, rate=2.0), iterations=40))

    assert [row.locator("th").inner_text() for row in scene.locate(".lanes tr").all()[1:]] == ["0.5", "2"]
    assert [line["colour"] for line in scene.drawn(LOSS).lines if line["width"] == 2.2] == [COLOURS[0], COLOURS[2]]
