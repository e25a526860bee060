"""The run in the service and the bare loop are both timed; how long they take is not judged here."""

from lrdemo.bench.live import live_over_by_hand


def test_both_are_timed_and_the_figures_said():
    said = []

    ratio = live_over_by_hand(iterations=600, repeats=1, say=said.append)

    assert ratio > 0
    assert said[0].startswith("round 1 of 1") and said[1].endswith("iterations per second")
