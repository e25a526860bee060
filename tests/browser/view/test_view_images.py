"""Test images to take: what each button and the field ask for, also in quick succession, and what the field says."""

from __future__ import annotations

import numpy as np
import pytest
from known import asked, run
from playwright.sync_api import Locator, expect
from stage import Scene, styles


def button(scene: Scene, name: str) -> Locator:
    return scene.page.get_by_role("button", name=name, exact=True)


def field(scene: Scene) -> Locator:
    return scene.page.get_by_role("spinbutton", name="Test image, 0 to 9,999")


def told(scene: Scene, number: int) -> list[str]:
    """Return which pictures the page has asked for, once there are so many."""
    found = lambda: [one["picture"] for one in scene.connection.messages if "picture" in one]  # noqa: E731
    scene.stage.wait(lambda: len(found()) >= number, f"{number} pictures are asked for")
    return found()


@pytest.fixture
def scene(scene: Scene) -> Scene:
    scene.mount("images")
    scene.show(run(), asked(title="Your drawing"))
    return scene


def show(scene: Scene, index: int | None) -> None:
    scene.show(run(), asked(index=index))


def test_of_many_quick_clicks_none_is_lost_and_the_number_is_there_at_once(scene: Scene) -> None:
    for number in range(6):
        button(scene, "Next test image").click()
        expect(field(scene)).to_have_value(str(number))
        show(scene, max(0, number - 2))  # The frames come late.
    button(scene, "Previous test image").click()

    assert told(scene, 7) == ["0", "1", "2", "3", "4", "5", "4"]
    expect(field(scene)).to_have_value("4")
    show(scene, 4)
    scene.tick(1100)
    expect(field(scene)).to_have_value("4")


def test_the_arrows_lead_round_and_on_from_what_is_on_the_pad(scene: Scene) -> None:
    button(scene, "Previous test image").click()
    button(scene, "Next test image").click()
    scene.tick(1100)
    show(scene, 362)
    button(scene, "Next test image").click()

    assert told(scene, 3) == ["9999", "0", "363"]


def test_a_number_is_taken_that_there_is_and_no_other(scene: Scene) -> None:
    for typed in ("4711", "10000", "-1", "", "9999"):
        field(scene).fill(typed)
        field(scene).press("Enter")

    assert told(scene, 2) == ["4711", "9999"]
    button(scene, "Next test image").click()
    assert told(scene, 3)[-1] == "0"


def test_any_is_any_of_them(scene: Scene) -> None:
    scene.page.evaluate("Math.random = () => window.chance")
    for chance in (0, 0.5, 0.99999):
        scene.page.evaluate("chance => (window.chance = chance)", chance)
        button(scene, "Any test image").click()

    assert told(scene, 3) == ["0", "5000", "9999"]


def test_the_field_says_what_is_on_the_pad_and_is_empty_beside_a_drawing(scene: Scene) -> None:
    show(scene, 362)
    expect(field(scene)).to_have_value("362")
    show(scene, None)
    expect(field(scene)).to_have_value("")
    button(scene, "Next test image").click()
    show(scene, None)
    expect(field(scene)).to_have_value("363")
    scene.tick(1100)
    expect(field(scene)).to_have_value("")
    assert told(scene, 1) == ["363"]


def test_a_number_that_is_being_typed_is_left_alone(scene: Scene) -> None:
    field(scene).press_sequentially("41")
    show(scene, 7)
    expect(field(scene)).to_have_value("41")
    field(scene).press("Enter")
    assert told(scene, 1) == ["41"]


def test_all_is_large_enough_to_press_and_to_read(scene: Scene) -> None:
    parts = scene.locate(".images button, .images input")
    for part in parts.all():
        box = part.bounding_box()
        assert box is not None and min(box["width"], box["height"]) >= 40
    assert min(float(size.removesuffix("px")) for [size] in styles(parts, "fontSize")) >= 15
    assert np.ptp([one.bounding_box()["y"] for one in parts.all()]) == 0  # type: ignore[index]
