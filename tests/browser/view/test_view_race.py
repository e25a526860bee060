"""A race: which lane is which curve, in which colour and dashes, where it is named, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from known import lane, parameters, run
from stage import DARK, LIGHT, Scene
from test_view_curves import ACCURACY, LOSS, TEXT, Axes
from vision import PLAIN, contrast, difference, rgb

from lrdemo import pictures
from lrdemo.serving.board import Snapshot

RATES = (0.01, 0.1, 10.0)
COLOURS = ("#101f6b", "#2563eb", "#b5338a")
DASHES = ([], [9, 4], [2, 3])
TESTS = (
    [(0, 2.3, 0.1), (100, 2.0, 0.4), (200, 1.8, 0.5)],
    [(0, 2.3, 0.1), (100, 0.9, 0.7), (200, 0.5, 0.88)],
    [(0, 2.3, 0.1), (100, 2.4, 0.3), (200, 9.0, 0.3)],
)


def weights(number: int) -> np.ndarray:
    """Return a lane's pictures, [10, 28, 28], each lane's stronger than the one before."""
    limit = (0.14, 0.25, 60.0)[number]
    return np.random.default_rng(number).uniform(-limit, limit, (10, 28, 28)).astype(np.float32)


def race(iteration: int = 200, **changed: object) -> Snapshot:
    """Return a race of three: the first slow, the second ahead, the third above its start."""
    steps = np.minimum(np.arange(iteration), 150)
    losses = (2.2 - 0.0004 * steps, 0.5 + 1.5 * 0.98**steps, np.where(steps, 3.0, 2.0))
    lanes = [
        lane(losses[one], tests=TESTS[one] if iteration else TESTS[one][:1], rate=RATES[one],
             numbers=parameters(weights(one)))
        for one in range(3)
    ]  # fmt: skip
    return run(*lanes, **({"iterations": 240, "iterations_per_epoch": 600} | changed))


@dataclass
class Name:
    """What stands at the end of a line: the rate, its verdict, where, and in which colour."""

    rate: str
    words: str
    x: float
    y: float
    colour: str


def names(scene: Scene, canvas: str) -> list[Name]:
    """Return the names at the ends of a chart's lines, by rate."""
    found: dict[float, Name] = {}
    for one in scene.drawn(canvas).texts:
        if one["align"] == "left" and one["y"] in found:
            found[one["y"]].words = one["text"]
        elif one["align"] == "left":
            found[one["y"]] = Name(one["text"], "", one["x"], one["y"], one["colour"])
    return sorted(found.values(), key=lambda name: float(name.rate))


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


@pytest.mark.parametrize(("held_out", "words"), [(5_000, "5,000 held-out training images"), (0, "10,000 test images")])
def test_it_is_said_which_images_judge(scene: Scene, held_out: int, words: str) -> None:
    scene.mount("race")
    scene.show(race(held_out=held_out))

    assert scene.texts(".charts figcaption")[1] == f"Accuracy on {words}, in %"


def test_the_loss_axis_is_logarithmic(scene: Scene) -> None:
    scene.mount("race")
    ends = (0.4, 0.5, 0.6)
    scene.show(run(*(lane([2.0, 1.0, end], rate=rate) for rate, end in zip(RATES, ends, strict=True)), iterations=4))

    drawn = scene.drawn(LOSS)
    marks = Axes(drawn).down
    assert list(marks) == [0.3, 0.5, 1, 2, 3]
    assert marks[0.5] > marks[1] > marks[2]
    per_double = marks[1] - marks[2]
    assert marks[0.5] - marks[1] == pytest.approx(per_double, abs=1e-6)
    assert marks[1] - marks[3] == pytest.approx(per_double * np.log2(3), abs=1e-6)
    (_, guessing), _ = drawn.line(dash=[2, 4], colour=TEXT)["points"]
    assert marks[1] - guessing == pytest.approx(per_double * np.log2(np.log(10)), abs=0.5)
    for colour, end in zip(COLOURS, ends, strict=True):
        third = drawn.line(colour=colour)["points"][2]
        assert third == pytest.approx([Axes(drawn).x(3), marks[1] + per_double * np.log2(1 / end)], abs=0.5)


@pytest.mark.parametrize(("losses", "ends"), [([0.09, 0.2, 0.4], (0.1, 3)), ([2.0, 70.0, 2e6], (0.3, 10))])
def test_the_loss_axis_reaches_as_far_as_the_curves_but_not_above_ten(
    scene: Scene, losses: list[float], ends: tuple[float, float]
) -> None:
    scene.mount("race")
    scene.show(run(*(lane(losses, rate=rate) for rate in RATES), iterations=4))

    marks = list(Axes(scene.drawn(LOSS)).down)
    assert (marks[0], marks[-1]) == ends


def test_rates_and_verdicts_stand_at_the_ends_of_their_lines_in_their_colours(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())

    for canvas in (LOSS, ACCURACY):
        found = names(scene, canvas)
        assert [(one.rate, one.words) for one in found] == [
            ("0.01", "slow"), ("0.1", "ahead"), ("10", "above its start")
        ]  # fmt: skip
        for one, colour in zip(found, COLOURS, strict=True):
            across, down = scene.drawn(canvas).line(colour=colour)["points"][-1]
            assert one.colour == colour and one.x == across + 6
            assert one.y == pytest.approx(down, abs=1)


def test_before_the_start_no_line_is_named(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race(0))

    assert names(scene, LOSS) == names(scene, ACCURACY) == []


@pytest.mark.parametrize("end", [0.3, 50.0], ids=["bottom", "top"])
def test_names_of_lines_that_end_at_one_place_stand_below_each_other_within_the_chart(
    scene: Scene, end: float
) -> None:
    """Above the numbers at the axis, which begin right below it."""
    scene.mount("race")
    scene.show(run(*(lane([2.0, end + 0.001 * one], rate=0.1 + 0.1 * one) for one in range(8)), iterations=2))

    places = sorted(one.y for one in names(scene, LOSS))
    assert len(places) == 8 and min(np.diff(places)) >= 19.9
    (floor,) = {one["y"] for one in scene.drawn(LOSS).texts if one["text"] == "1" and one["align"] == "center"}
    assert places[0] >= 7 and places[-1] + 7 <= floor


def test_a_line_that_has_left_the_chart_is_named_at_its_upper_edge(scene: Scene) -> None:
    scene.mount("race")
    losses = ([2.0] * 30, [0.5] * 30, [2.0, 50.0] * 15)
    scene.show(run(*(lane(loss, tests=TESTS[1], rate=rate) for loss, rate in zip(losses, RATES, strict=True))))

    highest = names(scene, LOSS)[2]
    assert highest.words.startswith("↑") and highest.y == pytest.approx(8, abs=1)


def test_a_lane_that_has_diverged_keeps_its_name_where_its_line_ends(scene: Scene) -> None:
    scene.mount("race")
    lost = [2.0] * 10 + [float("nan")] * 20
    scene.show(run(lane([0.5] * 30, tests=TESTS[1]), lane(lost, tests=TESTS[0], rate=9.0), iterations=40))

    calm, gone = names(scene, LOSS)
    assert (calm.rate, calm.words, gone.rate, gone.words) == ("0.1", "ahead", "9", "diverged")
    assert gone.x == scene.drawn(LOSS).line(colour=COLOURS[1])["points"][9][0] + 6


def test_on_a_projector_no_number_and_no_name_covers_another(scene: Scene) -> None:
    """Type of 0.85 root font sizes of 28.8 px: what stands below each other is at least that far apart."""
    scene.page.set_viewport_size({"width": 1920, "height": 1080})
    scene.page.evaluate("document.documentElement.style.fontSize = '28.8px'")
    scene.mount("race")
    scene.show(run(*(lane([10.0, 1.0], rate=0.1 + 0.1 * one) for one in range(5)), iterations=2))

    for canvas in (LOSS, ACCURACY):
        texts = scene.drawn(canvas).texts
        numbers = sorted(one["y"] for one in texts if one["align"] == "right")
        assert len(numbers) >= 4 and min(np.diff(numbers)) >= 24
        places = sorted(one.y for one in names(scene, canvas))
        assert len(places) == 5 and min(np.diff(places)) >= 24
        assert all(0 <= one.y - 12 and one.y + 12 <= scene.drawn(canvas).height for one in names(scene, canvas))
    scene.page.evaluate("document.documentElement.style.fontSize = ''")
    scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_a_phone_has_the_rates_alone_at_the_line_ends(scene: Scene) -> None:
    scene.page.set_viewport_size({"width": 390, "height": 844})
    scene.mount("race")
    scene.show(race())

    found = names(scene, ACCURACY)
    assert [(one.rate, one.words) for one in found] == [("0.01", ""), ("0.1", ""), ("10", "")]
    assert max(one.x for one in found) + 40 <= scene.drawn(ACCURACY).width
    scene.page.set_viewport_size({"width": 1366, "height": 768})


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_five_lanes_can_be_read_and_told_apart_also_with_deuteranopia(scene: Scene, colours: dict[str, str]) -> None:
    scene.mount("race")
    scene.theme(colours)
    scene.show(run(*(lane([1.0] * 30, rate=0.1 * (1 + one)) for one in range(5)), iterations=40))

    shades = [rgb(one.colour) for one in names(scene, LOSS)]
    assert all(contrast(shade, rgb(colours["background-color"])) >= 4.5 for shade in shades)
    assert min(difference(one, other) for one, other in combinations(shades, 2)) >= PLAIN
    dashes = [tuple(line["dash"]) for line in scene.drawn(LOSS).lines if line["width"] == 2.2]
    assert len(set(dashes)) == 5


def test_the_rows_carry_the_lane_s_colour_and_dashes_and_say_how_it_does(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())

    rows = scene.locate(".lanes tr").all()
    assert [row.locator("th[scope]").inner_text() for row in rows[1:]] == ["0.01", "0.1", "10"]
    shades = [row.locator("th[scope]").evaluate("one => getComputedStyle(one).color") for row in rows[1:]]
    assert shades == ["rgb(16, 31, 107)", "rgb(37, 99, 235)", "rgb(181, 51, 138)"]
    lines = [row.locator("line").get_attribute("stroke-dasharray") for row in rows[1:]]
    assert lines == ["", "9 4", "2 3"]
    assert [row.locator(".judged").inner_text() for row in rows[1:]] == [
        "38.0 points behind. The loss falls slowly: the steps are too small.",
        "Ahead.",
        "The loss stays above its start: the steps are too large.",
    ]
    assert scene.texts(".accuracy") == ["50.0 %", "88.0 %", "30.0 %"]
    assert scene.texts(".lanes tr:first-child th") == ["rate", "correct", "templates, 0 to 9", "verdict"]
    assert [row.get_attribute("class") or "" for row in rows[1:]] == ["", "best", ""]


def test_all_templates_are_on_one_scale_that_is_said_once(scene: Scene) -> None:
    """The limit is that of the second lane; the third overshoots: its weights go to 60 and have full colour."""
    limit = np.sort(np.abs(weights(1)).ravel())[7800]
    scene.mount("race")
    scene.show(race())

    for number, row in enumerate(scene.locate(".lanes tr").all()[1:]):
        tiles = row.locator("canvas")
        assert tiles.count() == 10
        for digit in (0, 7):
            shown = np.round(np.clip(weights(number)[digit], -limit, limit) * 127 / limit) / 127
            expected = pictures.signed(shown, 1.0, zoom=1)
            np.testing.assert_allclose(scene.painted(tiles.nth(digit)).astype(int), expected, atol=1)
    ends = ["−0.25 or less", "+0.25 or more"]
    assert scene.texts(".scale span:not(.ramp)") == ["One scale for all templates:", *ends]


def test_who_is_ahead_is_said_above_with_the_iteration_of_the_last_test(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())
    assert scene.text(".winner") == "0.1 is ahead at iteration 200: 88.0 % correct."

    scene.show(race(210))
    assert scene.text(".winner") == "0.1 is ahead at iteration 200: 88.0 % correct."


def test_a_race_that_nobody_leads_says_so(scene: Scene) -> None:
    scene.mount("race")
    lost = [lane([2.4] + [30.0] * 199, tests=TESTS[2], rate=rate) for rate in (5.0, 10.0)]
    scene.show(run(*lost, iterations=240))
    assert scene.text(".winner") == "No rate is ahead: all their steps are too large."

    scene.show(race(10))
    assert scene.text(".winner") == "Too early to say who is ahead."


@pytest.mark.parametrize(
    ("canvas", "what", "values"),
    [(LOSS, "Loss", ("2.140", "0.572", "3.000")), (ACCURACY, "Accuracy", ("50.0 %", "88.0 %", "30.0 %"))],
    ids=["loss", "accuracy"],
)
def test_a_chart_says_each_lane_s_last_value_and_verdict(
    scene: Scene, canvas: str, what: str, values: tuple[str, str, str]
) -> None:
    scene.mount("race")
    scene.show(race())

    label = scene.locate(canvas).get_attribute("aria-label")
    assert label is not None and re.sub(r"\s", " ", label) == (
        f"{what} over 200 of 240 iterations. "
        f"Rate 0.01: {values[0]}. 38.0 points behind. The loss falls slowly: the steps are too small. "
        f"Rate 0.1: {values[1]}. Ahead. "
        f"Rate 10: {values[2]}. The loss stays above its start: the steps are too large."
    )


def test_while_it_races_it_is_said_of_which_iteration_the_accuracies_are(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())
    assert scene.text(".lanes tr:first-child th:nth-child(2)") == "correct"

    scene.show(race(210))
    assert scene.text(".lanes tr:first-child th:nth-child(2)") == "correct at 200"
    label = scene.locate(ACCURACY).get_attribute("aria-label") or ""
    assert label.startswith("Accuracy over 210 of 240 iterations, tested at 200. ")


def test_before_the_start_a_chart_says_no_verdict(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race(0))

    label = scene.locate(ACCURACY).get_attribute("aria-label")
    assert label is not None and re.sub(r"\s", " ", label) == (
        "Accuracy over 0 of 240 iterations. Rate 0.01: 10.0 %. Rate 0.1: 10.0 %. Rate 10: 10.0 %."
    )


def test_all_lanes_are_read_out_by_keyboard_without_moving_anything(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())
    before = scene.locate(LOSS).bounding_box()

    scene.locate(ACCURACY).focus()
    scene.page.keyboard.press("ArrowLeft")
    readout = scene.locate(".readout").nth(1)
    assert scene.texts(".readout") == ["", "0.01 at 100: 40.00 % · 0.1: 70.00 % · 10: 30.00 %"]
    assert readout.get_attribute("aria-live") == "polite"
    scene.page.keyboard.press("Home")
    assert scene.texts(".readout")[1] == "0.01 at 0: 10.00 % · 0.1: 10.00 % · 10: 10.00 %"
    scene.locate(LOSS).focus()
    scene.page.keyboard.press("End")
    assert scene.texts(".readout") == ["0.01 at 200: 2.140 · 0.1: 0.572 · 10: 3.000", ""]
    assert scene.locate(LOSS).bounding_box() == before


def test_the_read_out_of_eight_lanes_covers_the_title_and_moves_nothing(scene: Scene) -> None:
    scene.page.set_viewport_size({"width": 390, "height": 844})
    scene.mount("race")
    scene.show(run(*(lane([2.0] * 30, rate=0.0011 * (1 + one)) for one in range(8)), iterations=40))
    before = scene.locate(LOSS).bounding_box()

    scene.locate(LOSS).press("End")

    assert scene.texts(".readout")[0].count("2.000") == 8
    assert scene.locate(LOSS).bounding_box() == before
    scene.page.set_viewport_size({"width": 1366, "height": 768})


def test_before_the_start_it_says_what_will_happen(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race(0))

    assert scene.text(".winner") == "Which one do you bet on? Press Start race."
    assert scene.locate(".judged").all_inner_texts() == ["", "", ""]


def test_other_rates_make_another_table(scene: Scene) -> None:
    scene.mount("race")
    scene.show(race())
    scene.show(run(lane([1.0] * 30, rate=0.5), lane([2.0] * 30, rate=2.0), iterations=40))

    assert [row.locator("th[scope]").inner_text() for row in scene.locate(".lanes tr").all()[1:]] == ["0.5", "2"]
    assert [line["colour"] for line in scene.drawn(LOSS).lines if line["width"] == 2.2] == [*COLOURS[:2]]
