"""The measurement of drawings on a few made-up ones: its keys, and its numbers counted again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lrdemo.bench import drawings as module
from lrdemo.bench.drawings import main
from lrdemo.bench.strokes import CANVAS, Drawing, hearts, load_drawings, pairs, scribbles, spirals, waves
from lrdemo.styles import STYLES

SEVEN = next(style for style in STYLES if style.name == "barred")


def entry(label: str, kind: str, strokes: list[list[list[float]]]) -> dict[str, object]:
    return {"label": int(label) if label.isdecimal() else label, "tier": kind, "brush": 18, "strokes": strokes}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A barred 7 and a ring that is called a 0, twice."""
    seven = [[[60 + 160 * x, 60 + 160 * y] for x, y in stroke] for stroke in SEVEN.strokes]
    angle = np.linspace(0, 2 * np.pi, 60)
    ring = np.stack([140 + 60 * np.cos(angle), 140 + 90 * np.sin(angle)], axis=1).tolist()
    path = tmp_path / "digits.json"
    path.write_text(json.dumps([entry("7", "centred", seven), entry("0", "small", [ring])] * 2), encoding="utf-8")
    return path


@pytest.fixture
def others(tmp_path: Path) -> Path:
    path = tmp_path / "others.json"
    crosses = [[[140.0, 40.0], [140.0, 240.0]], [[40.0, 140.0], [240.0, 140.0]], [[60.0, 60.0], [220.0, 220.0]]]
    stroke = [[[140.0, 60.0], [140.0, 220.0]]]
    drawings = [entry("*", "centred", crosses) | {"kind": "symbol"}, entry("l", "centred", stroke) | {"kind": "letter"}]
    path.write_text(json.dumps(drawings), encoding="utf-8")
    return path


def test_a_report_in_json_names_the_run_and_what_it_measured(
    file: Path, others: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MADE_UP", 4)
    words = ["--others", str(others), "--features", "directions", "--iterations", "300", "--seed", "3", "--json"]
    assert main([str(file), *words]) == 0

    found = json.loads(capsys.readouterr().out)
    run = ("features", "model", "styles", "iterations", "seed", "drawings")
    assert [found[name] for name in run] == ["directions", "softmax", False, 300, 3, 4]
    assert found["mnist_accuracy"] > 0.97 and found["findings"] == {}
    for reading in (found["from_pixels"], found["from_strokes"]):
        assert reading["per_tier"].keys() == {"centred", "small"} and reading["per_tier"]["small"] == 1
        assert reading["accuracy"] == np.mean(list(reading["per_tier"].values()))
        assert reading["temperature"] == pytest.approx(reading["factor"] * found["mnist_temperature"])
        # A ring is never called sure, so of two drawings out of four that can be said at most.
        assert reading["sure"] <= 0.5 and reading["flagged_far"] <= 0.5
        assert reading["others"].keys() == {"scribble", "pair", "spiral", "heart", "wave", "symbol", "letter"}
        assert reading["scribbles_auroc"] == reading["others"]["scribble"]["auroc"]
        assert reading["two_digits_auroc"] == reading["others"]["pair"]["auroc"]
        assert reading["others"]["symbol"] == {
            "count": 1, "auroc": 1, "warned": 1, "sure": 0, "sure_by_label": {"*": 0}
        }  # fmt: skip
        assert reading["others"]["letter"]["sure"] == 0
    assert found["temperature"] == found["from_strokes"]["temperature"]


def test_a_table_for_people_says_the_same(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MADE_UP", 2)
    assert main([str(file), str(file), "--features", "directions", "--styles", "--iterations", "50"]) == 0

    words = capsys.readouterr().out
    assert words.startswith("softmax on directions and other ways to write, 50 iterations, seed 0: MNIST test 9")
    assert "8 drawings; findings on them: none" in words and "  wave: AUROC 1.000, warned of 100.0%" in words


@pytest.mark.parametrize("made", [scribbles, spirals, hearts, waves])
def test_made_up_things_lie_on_the_canvas_and_are_the_same_each_time(made: object) -> None:
    assert callable(made)
    drawn, again = made(20), made(20)
    for one, other in zip(drawn, again, strict=True):
        points = np.concatenate(one.strokes)
        assert 0 < points.min() and points.max() < CANVAS and 79 < np.ptp(points, axis=0).max() < 221
        assert all(map(np.array_equal, one.strokes, other.strokes))
    assert len({np.concatenate(one.strokes).tobytes() for one in drawn}) == 20


def test_pairs_are_two_drawings_side_by_side(file: Path) -> None:
    (pair,) = pairs(load_drawings(file)[:1], 1)
    assert isinstance(pair, Drawing) and len(pair.strokes) == 2 * len(SEVEN.strokes)
    left, right = (np.concatenate(half) for half in (pair.strokes[:2], pair.strokes[2:]))
    assert left[:, 0].max() < CANVAS / 2 < right[:, 0].min()
