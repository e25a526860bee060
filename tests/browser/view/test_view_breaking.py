"""What breaks it: what the sliders ask for, and that what is found stands where it belongs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from known import answering
from stage import Scene

from lrdemo.ui.breaking import view_data

NEUTRAL = {"right": 0, "down": 0, "turn": 0, "scale": 1, "blur": 0, "noise": 0, "thickness": 0, "invert": False,
           "prepared": "as trained"}  # fmt: skip


def begin(scene: Scene, features: str = "pixels") -> None:
    scene.mount("breaking", **view_data(features))
    scene.tick(40)
    scene.stage.wait(lambda: len(scene.connection.messages) > 1, "the first change is asked for")


def asked(scene: Scene) -> dict[str, Any]:
    """Return the change that was asked for last, once the page's clock lets it go."""
    before = len(scene.connection.messages)
    scene.tick(40)
    scene.stage.wait(lambda: len(scene.connection.messages) > before, "a change is asked for")
    return dict(scene.connection.messages[-1]["change"])


def move(scene: Scene, name: str, value: float) -> None:
    """Move a slider to a value, as a pointer does."""
    scene.locate(f"input[name={name}]").evaluate(
        "(one, value) => { one.value = value; one.dispatchEvent(new Event('input', { bubbles: true })); }", value
    )


def found(**changed: Any) -> dict[str, Any]:
    """Return a result: a 3 becomes the answer, 61.2 % are left of 90.5 %."""
    image = np.zeros((28, 28), np.uint8)
    image[2, 3] = 200
    return {
        "changed": {"accuracy": 0.6121, "loss": 1.5, "confidence": 0.7},
        "plain": {"accuracy": 0.9048, "loss": 0.36, "confidence": 0.83},
        "iteration": 240, "of": 10_000, "image": image.tolist(), "lowest": -0.5, "highest": 1.25,
        "logits": [float(digit == 3) for digit in range(10)],
        "probabilities": [0.91 if digit == 3 else 0.01 for digit in range(10)],
        "title": "Test image 7, a 9",
    } | changed  # fmt: skip


def test_at_first_nothing_is_changed(scene: Scene) -> None:
    begin(scene)

    assert scene.connection.messages[-1]["change"] == NEUTRAL
    assert scene.texts(".control .value") == ["0.0 px", "0.0 px", "0°", "100 %", "0.0 px", "0.00", "0.0 px"]
    assert scene.text(".reason").startswith("Move a slider")


def test_a_slider_asks_for_its_change_says_its_value_and_why_it_hurts(scene: Scene) -> None:
    begin(scene)
    for name, value, shown in (
        ("right", -2.5, "−2.5 px"), ("down", 8, "8.0 px"), ("turn", 45, "45°"), ("scale", 0.75, "75 %"),
        ("blur", 1.3, "1.3 px"), ("noise", 0.35, "0.35"), ("thickness", -0.5, "−0.5 px"),
    ):  # fmt: skip
        move(scene, name, value)
        assert asked(scene)[name] == value
        control = scene.locate(f".control:has([name={name}])")
        assert control.locator(".value").inner_text().replace("\u00a0", " ") == shown
        assert control.locator("input").get_attribute("aria-valuetext").replace("\u00a0", " ") == shown  # type: ignore[union-attr]
        assert scene.text(".reason") == view_data("pixels")["reasons"][name]


def test_while_a_slider_is_dragged_only_the_newest_change_is_asked_for(scene: Scene) -> None:
    begin(scene)
    before = len(scene.connection.messages)
    for value in (1, 2, 3):
        move(scene, "right", value)

    assert asked(scene)["right"] == 3
    assert len(scene.connection.messages) == before + 1


def test_inverting_preparing_and_undoing(scene: Scene) -> None:
    begin(scene)
    scene.locate("[name=invert]").check()
    assert asked(scene)["invert"] is True
    scene.locate("[name=prepared]").select_option("normalised")
    assert asked(scene) == NEUTRAL | {"invert": True, "prepared": "normalised"}
    assert scene.text(".reason").endswith("this one was trained on plain pixels, to which they are foreign.")
    scene.locate("[name=prepared]").select_option("as trained")
    assert asked(scene)["prepared"] == "as trained"
    # What is still changed is explained.
    assert scene.text(".reason").startswith("Ink and paper have changed places")
    move(scene, "scale", 1.2)
    scene.locate(".undo").click()
    assert asked(scene) == NEUTRAL
    assert scene.texts(".control .value")[3] == "100 %" and scene.text(".reason").startswith("Move a slider")


def test_what_is_found_is_said_with_its_iteration_beside_what_it_was(scene: Scene) -> None:
    begin(scene)
    scene.show(answering(*[0.1] * 10), broken=found())

    assert scene.text(".score .accuracy") == "61.2 %"
    assert scene.text(".unchanged") == (
        "of 10,000 test images, changed in the same way, are classified correctly. Unchanged: 90.5 %"
    )
    assert scene.text(".rest") == (
        "At iteration 240. Loss 0.36 → 1.50, mean confidence 83 % → 70 %. Pixels of this picture: −0.5 … 1.25."
    )
    painted = scene.painted(scene.locate(".asked canvas"))
    assert painted[2, 3].tolist() == [55] * 3 and (painted == 55).sum() == 3
    assert "3" in scene.text(".words") and "91.0 %" in scene.text(".words")
    assert scene.locate(".bars tr:has(td)").nth(3).locator(".number").first.inner_text().startswith("91.0")


def test_scores_that_are_no_numbers_are_no_answer(scene: Scene) -> None:
    begin(scene)
    lost = {"accuracy": 0.098, "loss": None, "confidence": None}
    scene.show(answering(*[0.1] * 10), broken=found(changed=lost, logits=[None] * 10, probabilities=[None] * 10))

    assert "Loss 0.36 → –" in scene.text(".rest")
    assert "No answer" in scene.text(".words")


def test_trouble_is_a_sentence(scene: Scene) -> None:
    begin(scene)
    scene.show(answering(*[0.1] * 10), broken={"problem": "The training process is busy."})

    assert scene.text(".rest") == "The training process is busy."


def test_nothing_is_read_out_again_and_again_while_it_trains(scene: Scene) -> None:
    begin(scene)
    for state, live in (("running", "off"), ("paused", "polite")):
        scene.show(replace(answering(*[0.1] * 10), state=state), broken=found())
        assert scene.locate("output.accuracy").get_attribute("aria-live") == live
