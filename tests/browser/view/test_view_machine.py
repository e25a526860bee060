"""The one picture: what each part shows of the run, which part is lit, and what a hand changes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from known import asked, hidden_parameters, lane, parameters, run
from playwright.sync_api import expect
from stage import LIGHT, Scene, styles

from lrdemo import pictures
from lrdemo.serving.frames import encode

LIT = {
    "scores": {"one": ["W"], "two": ["x", "W"], "three": ["W", "z"]},
    "answer": {"one": ["z", "p"]},
    "cost": {"one": ["p"], "two": ["p", "L"]},
}
MET = {"scores": ["x"], "answer": ["x", "W", "z"], "cost": ["x", "W", "z", "p"]}
DIGITS = range(10)


def weights() -> np.ndarray:
    return np.random.default_rng(3).uniform(-0.05, 0.05, (10, 28, 28)).astype(np.float32)


def image() -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (28, 28)).astype(np.float32) / np.float32(255)


BIAS = [0.1 * digit for digit in DIGITS]


def logits() -> np.ndarray:
    """Return the scores by the equation, in double precision."""
    return weights().reshape(10, -1).astype(float) @ image().reshape(-1).astype(float) + np.array(BIAS)


def softmax(z: np.ndarray) -> np.ndarray:
    powers = np.exp(z - z.max())
    return powers / powers.sum()


def step(scene: Scene, name: str, top: int) -> None:
    """Put a step of the page at a height of the screen."""
    scene.page.evaluate(
        """([name, top]) => {
          const found = document.querySelector(`.st-key-step_${name}`);
          const place = found ?? document.body.appendChild(document.createElement("div"));
          place.className = `st-key-step_${name}`;
          place.style.cssText = `position: fixed; top: ${top}px`;
          window.dispatchEvent(new Event("resize"));
        }""",
        [name, top],
    )  # fmt: skip
    scene.tick(50)


def mount(scene: Scene, chapter: str, **more: Any) -> None:
    scene.mount("machine", chapter=chapter, met=MET[chapter], lit=LIT[chapter], pictures=[], **more)


def shown(scene: Scene, chapter: str, label: int | None = 7, **more: Any) -> None:
    mount(scene, chapter)
    model = run(lane(numbers=parameters(weights(), BIAS)), iteration=240)
    scene.show(model, asked(image(), "Test image 0, a 7", label=label, **more))


def minus(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−")


@pytest.mark.parametrize("chapter", MET)
def test_every_part_shows_the_run_s_own_numbers(scene: Scene, chapter: str) -> None:
    shown(scene, chapter)

    z = logits()
    limit = 0.1  # The least that a scale reaches to (lrdemo/pictures.py).
    assert scene.text("figcaption") == "Your run at iteration 240"
    for digit, canvas in enumerate(scene.locate("table .tile").all()):
        expected = pictures.signed(np.round(np.clip(weights()[digit] / limit, -1, 1) * 127) / 127, 1.0, zoom=1)
        np.testing.assert_allclose(scene.painted(canvas).astype(int), expected, atol=1)
    np.testing.assert_allclose(
        scene.painted(scene.locate(".digit canvas"))[..., 0], 255 - np.round(255 * image()), atol=1
    )
    scores, shares = scene.texts("td:nth-child(5)"), scene.texts("td:nth-child(8)")
    assert scores == [minus(value, 2) for value in z]
    if chapter != "scores":
        assert shares == [f"{100 * p:.1f} %" for p in softmax(z)]
    best = scene.locate("tr.best")
    expect(best).to_have_count(1)
    assert best.locator("th").inner_text() == str(int(z.argmax()))


def test_a_score_s_bar_begins_in_the_middle_and_goes_to_its_side(scene: Scene) -> None:
    shown(scene, "scores")

    reach = next(reach for reach in (2, 5, 10, 20) if np.abs(logits()).max() <= reach)
    for digit, z in enumerate(logits()):
        track, bar = (scene.locate(f"td {part}").nth(digit).bounding_box() for part in (".all:has(.score)", ".score"))
        assert track and bar
        middle, half = track["x"] + track["width"] / 2, track["width"] / 2
        ends = sorted((middle, middle + half * z / reach))
        assert (bar["x"], bar["x"] + bar["width"]) == pytest.approx(ends, abs=0.6)


def test_lines_are_the_thicker_the_more_goes_along_them_and_dashed_below_zero(scene: Scene) -> None:
    shown(scene, "cost")

    z, p = logits(), softmax(logits())
    paths = [one for one in scene.locate("svg path").all() if one.get_attribute("class") != ""]
    widths = {part: [] for part in ("W", "z", "p", "L")}
    dashed = []
    for path in paths:
        part = re.search(r"to-(\w)", path.get_attribute("class") or "").group(1)  # type: ignore[union-attr]
        widths[part].append(float(path.get_attribute("stroke-width") or 0))
        if part == "z":
            dashed.append(path.evaluate("path => getComputedStyle(path).strokeDasharray") != "none")
    evidence = 1 + 7 * np.abs(z) / np.abs(z).max()
    assert widths["W"] == pytest.approx(evidence, abs=0.06)
    assert widths["z"] == pytest.approx(evidence, abs=0.06)
    assert widths["p"] == pytest.approx(1 + 7 * p, abs=0.06)
    assert widths["L"] == pytest.approx([1 + 7 * min(1, -np.log(p[7]) / 4)], abs=0.06)
    assert dashed == [value < 0 for value in z]


def test_the_step_that_is_read_lights_up_its_part_and_brings_its_symbol(scene: Scene) -> None:
    for name, top in (("one", 200), ("two", 700), ("three", 900)):
        step(scene, name, top)
    shown(scene, "scores")
    heads, marked = ".head.of-{}", "rgba(0, 0, 0, 0)"

    def lit() -> str:
        return "".join(
            part for part in "xWzpL" if styles(scene.locate(heads.format(part)), "border-bottom-color") != [[marked]]
        )

    assert lit() == "W"
    assert scene.texts(".head") == ["pixels x", "templates W, b", "scores", "probabilities", "cost"]
    step(scene, "two", 400)
    assert lit() == "xW"
    step(scene, "three", 450)
    assert lit() == "Wz"
    assert scene.texts(".head") == ["pixels x", "templates W, b", "scores z", "probabilities", "cost"]
    (green,) = {tuple(colour) for colour in styles(scene.locate(".score"), "background-color")}
    assert green == tuple(_rgb(LIGHT["green-color"]))
    step(scene, "three", 900)
    step(scene, "two", 900)
    assert lit() == "W"
    assert scene.texts(".head")[2] == "scores z", "what has been told stays known"


def _rgb(colour: str) -> list[str]:
    return [f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"]


def test_a_touched_digit_shows_its_products_and_their_sum(scene: Scene) -> None:
    shown(scene, "scores")
    scene.locate(".ask").nth(3).click()
    scene.stage.wait(lambda: scene.connection.question and scene.connection.question.digit == 3, "it is asked")
    scene.show(run(lane(numbers=parameters(weights(), BIAS)), iteration=240), asked(image(), "Test image 0, a 7"))

    products = weights()[3].astype(float) * image()
    favour, against = products[products > 0].sum(), -products[products < 0].sum()
    assert scene.text(".addition") == (
        f"Red adds {favour:.2f}, blue takes away {against:.2f}: together {minus(favour - against, 2)}. "
        f"With the bias 0.30 the score of 3 is {minus(logits()[3], 2)}."
    )
    limit = np.abs(weights().astype(float) * image()).max()
    expected = pictures.signed(np.round(products / limit * 127) / 127, 1.0, zoom=1)
    np.testing.assert_allclose(scene.painted(scene.locate(".of-sum canvas")).astype(int), expected, atol=2)
    assert "chosen" in (scene.locate("tr.touchable").nth(3).get_attribute("class") or "")


def test_a_score_moved_by_hand_changes_all_probabilities_until_it_is_given_back(scene: Scene) -> None:
    shown(scene, "answer")
    slider = scene.locate("input[type=range]").nth(4)
    expect(scene.locate(".back")).to_be_hidden()

    slider.focus()
    for _ in range(20):
        scene.page.keyboard.press("ArrowRight")

    moved = np.float32(logits())
    moved[4] = round(float(logits()[4]), 1) + 2.0
    seen = [float(share.split()[0]) / 100 for share in scene.texts("td:nth-child(8)")]
    z4 = float(scene.texts("td:nth-child(5)")[4].replace("−", "-"))
    assert z4 == pytest.approx(moved[4], abs=0.11)
    assert seen == pytest.approx(softmax(np.where(np.arange(10) == 4, z4, logits())), abs=1.5e-3)
    assert sum(seen) == pytest.approx(1, abs=5e-3)
    assert scene.locate("svg .to-W").count() == 0, "these scores come from no image"

    # Training goes on, and the hand's scores stay.
    scene.show(run(lane(numbers=parameters()), iteration=300), asked(image(), "Test image 0, a 7", label=7))
    assert float(scene.texts("td:nth-child(5)")[4].replace("−", "-")) == z4

    scene.locate(".back").click()
    assert scene.texts("td:nth-child(8)") == ["10.0 %"] * 10


def test_a_score_is_dragged_by_its_bar(scene: Scene) -> None:
    shown(scene, "answer")
    box = scene.locate("td .all:has(.score)").nth(2).bounding_box()
    assert box

    scene.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    scene.page.mouse.down()
    scene.page.mouse.move(box["x"] + box["width"], box["y"] + box["height"] / 2, steps=4)
    scene.page.mouse.up()

    assert scene.texts("td:nth-child(5)")[2] == "10.00"
    assert scene.text("tr.best th") == "2"


def test_the_cost_is_minus_the_logarithm_of_the_right_digit_s_probability(scene: Scene) -> None:
    shown(scene, "cost")

    p = softmax(logits())[7]
    assert scene.text(".amount") == f"{-np.log(p):.3f}"
    assert scene.text(".sum") == f"label 7: −log {p:.3f}"
    assert scene.texts("tr.target th") == ["7"]


def test_a_drawing_has_no_label_and_no_cost(scene: Scene) -> None:
    shown(scene, "cost", label=None)

    assert scene.text(".amount") == "–"
    assert scene.text(".sum") == "Your drawing has no label."
    assert scene.locate("tr.target").count() == 0
    assert scene.locate("svg .to-L").count() == 0


def test_a_run_that_it_cannot_show_is_a_sentence(scene: Scene) -> None:
    mount(scene, "scores")
    scene.show(run(lane(numbers=hidden_parameters(weights())), iteration=5), asked(image()))
    assert scene.text(".problem").startswith("This picture shows softmax regression")
    expect(scene.locate(".machine-parts")).to_be_hidden()

    scene.show(run(lane(numbers=parameters() * np.float32(np.nan)), iteration=5), asked(image()))
    assert scene.text(".problem").startswith("Training has diverged")

    scene.show(run(lane(numbers=parameters()), iteration=0), asked(image()))
    expect(scene.locate(".problem")).to_be_hidden()
    assert scene.text("figcaption") == "Your run, untrained: press Start to see it learn"


def still(label: int, title: str) -> bytes:
    """Return the frame of the picture that stands still."""
    told = {"chapter": "step", "title": title, "met": list("xWzpL"), "lit": {"one": ["z", "p", "L"]}}
    model = run(lane(numbers=parameters(weights(), BIAS)), state="paused", iteration=240)
    parts = frozenset({"templates", "answer"})
    return encode(model, {"told": told, "taught": 0}, parts, asked(image(), title, label=label))


def test_a_picture_that_stands_still_takes_its_numbers_from_the_page(scene: Scene) -> None:
    scene.component("still", "view", still(3, "Image 5, a handwritten 3"))

    p = softmax(logits())
    assert scene.text("figcaption") == "Image 5, a handwritten 3"
    assert scene.texts("td:nth-child(8)") == [f"{100 * share:.1f} %" for share in p]
    assert scene.text(".amount") == f"{-np.log(p[3]):.3f}"
    assert scene.texts("tr.target th") == ["3"]
    lit = [part for part in "xWzpL" if f"lit-{part}" in (scene.locate("figure.machine").get_attribute("class") or "")]
    assert lit == ["z", "p", "L"]

    scene.component("still", "view", still(8, "Image 6, a handwritten 8"))

    assert scene.text("figcaption") == "Image 6, a handwritten 8"
    assert scene.text(".sum") == f"label 8: −log {p[8]:.3f}"
    expect(scene.locate("figure.machine")).to_have_count(1)
    path = scene.locate("svg .to-L")
    before = path.get_attribute("d")
    scene.page.set_viewport_size({"width": 1000, "height": 768})
    expect(path).not_to_have_attribute("d", before or "")
    scene.page.set_viewport_size({"width": 1366, "height": 768})
    assert scene.opened() == [], "no connection of its own"
