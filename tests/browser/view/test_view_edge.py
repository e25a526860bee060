"""The edge of stability in words and as a mark on the slider of the learning rates."""

from __future__ import annotations

import pytest
from known import lane, run
from stage import Scene

MARKS = [0.01, 0.1, 1.0, 10.0]
FOUND = {"start": 0.331, "now": 0.6188, "curved_at_start": 6.04, "curved_now": 3.232, "iteration": 1240, "images": 100}
WORDS = "Edge of stability at iteration 1,240: about 0.62 (start: 0.33). "


def show(scene: Scene, rate: float = 0.1, edge: object = FOUND) -> None:
    scene.show(run(lane(rate=rate)), edge=edge)


def mark(scene: Scene) -> str | None:
    """Return where the mark is, None where there is none."""
    root = scene.page.locator(":root")
    found = root.evaluate("(one) => ('edge' in one.dataset ? one.style.getPropertyValue('--edge-at') : null)")
    return None if found is None else str(found)


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.1, "0.1 is below it: no step overshoots."),
        (0.58, "0.58 is close to it: steps swing to and fro."),
        (0.66, "0.66 is close to it: steps swing to and fro."),
        (10.0, "10 is above it: steps overshoot."),
    ],
)
def test_the_sentence_fits_the_rate_of_the_moment(scene: Scene, rate: float, words: str) -> None:
    scene.mount("edge", marks=MARKS)
    show(scene, rate)

    assert scene.text(".stability") == WORDS + words


def test_the_mark_is_among_the_marks_by_powers_and_goes_with_the_view(scene: Scene) -> None:
    scene.mount("edge", marks=MARKS)
    show(scene)
    assert float(mark(scene) or "nan") == pytest.approx((1 + 0.7916) / 3, abs=1e-3)

    for edge in (FOUND | {"now": 12.0}, FOUND | {"now": 0.001}, FOUND | {"now": None}, {"none": True}, None):
        show(scene, edge=edge)
        assert mark(scene) is None
        show(scene)
        assert mark(scene)


def test_without_an_edge_it_is_said_why(scene: Scene) -> None:
    scene.mount("edge", marks=MARKS)
    said = []
    for edge in (None, {"none": True}, FOUND | {"now": None}):
        show(scene, edge=edge)
        said.append(scene.text(".stability"))

    assert said == [
        "Edge of stability: computing …",
        "Adam has no edge of stability: it sizes the step of every weight by itself.",
        "The edge of stability cannot be found: the loss is not finite.",
    ]


def test_on_landscape_the_curvature_is_told_and_no_slider_is_marked(scene: Scene) -> None:
    scene.mount("edge", details=True)
    show(scene)

    assert scene.text(".curved") == "Largest curvature λ: 3.2 (start: 6), on 100 images of the next minibatch."
    assert mark(scene) is None


def test_a_race_names_the_rates_above_the_edge_and_what_came_of_them(scene: Scene) -> None:
    scene.mount("race")
    said = []
    for edge in ({"start": 0.331}, {"start": 20.0}, None):
        scene.show(run(lane(rate=0.1), lane(rate=1.0), lane(rate=10.0)), edge=edge)
        said.append(scene.text(".race-edge"))

    assert said[0].startswith("Edge of stability at the start: about 0.33. Rates above it overshoot at first: 1")
    assert said[1:] == [
        "Edge of stability at the start: about 20. No rate is above it.",
        "Edge of stability at the start: computing …",
    ]
