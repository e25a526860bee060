"""Where the model errs: what is asked for, and that what is found stands where it belongs."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from known import run
from stage import DARK, STATUS, Scene, styles

from lrdemo.serving.frames import encode

NOTHING = {"source": "test", "cell": None, "start": 0, "other": None}


def matrix() -> list[list[int]]:
    """Return 90 of each digit classified correctly, but for 31 fours taken for nines and one 0 for a 5."""
    found = 90 * np.eye(10, dtype=int)
    found[4, 4], found[4, 9] = 59, 31
    found[0, 0], found[0, 5] = 89, 1
    return [[int(number) for number in row] for row in found]


def image(index: int, label: int = 4, answer: int = 9, **more: Any) -> dict[str, Any]:
    return {"title": f"Test image {index}", "value": str(index), "label": label, "answer": answer, "other": None} | more


def shares(first: int, second: int, much: float = 0.75) -> npt.NDArray[np.float32]:
    found = np.full(10, 0.001, np.float32)
    found[[first, second]] = much, 0.2
    return found


def found(**more: Any) -> dict[str, Any]:
    return {
        "source": "test", "cell": None, "other": None, "others": [], "drawings": 0, "features": "pixels", "heldOut": 0,
        "of": 900, "iteration": 240, "taught": 0, "known": True, "matrix": matrix(), "start": 0, "among": 2,
        "images": [image(247), image(3, 0, 5)],
    } | more  # fmt: skip


def begin(scene: Scene) -> None:
    scene.mount("mistakes")
    scene.stage.wait(lambda: "mistakes" in scene.connection.parts, "the mistakes are asked for")


def show(scene: Scene, told: dict[str, Any], state: str = "paused") -> None:
    count = len(told.get("images", []))
    pictures = np.zeros((count, 28, 28), np.uint8)
    pictures[range(count), 2, range(3, 3 + count)] = 200
    pairs = [(one["answer"], one["label"] if one["label"] != one["answer"] else 0) for one in told.get("images", [])]
    beside: dict[str, npt.NDArray[Any]] = {
        "mistakePictures": pictures.reshape(-1),
        "mistakeShares": np.array([shares(*pair) for pair in pairs], np.float32).reshape(-1),
    }
    snapshot = run(iteration=240, state=state)
    scene.send(encode(snapshot, STATUS | {"mistakes": told}, scene.connection.parts, None, beside=beside))


def asked(scene: Scene, act: Any) -> dict[str, Any]:
    """Return what is asked for by an act."""
    before = len(scene.connection.messages)
    act()
    scene.stage.wait(lambda: len(scene.connection.messages) > before, "something is asked for")
    return dict(scene.connection.messages[-1]["mistakes"])


def cell(scene: Scene, digit: int, answer: int) -> Any:
    return scene.locate(".confusion [role=row]").nth(digit + 1).locator("button").nth(answer)


def test_at_first_all_mistakes_on_the_test_images_are_asked_for(scene: Scene) -> None:
    begin(scene)

    assert scene.connection.messages[-1]["mistakes"] == NOTHING


def test_the_matrix_says_what_is_taken_for_what(scene: Scene) -> None:
    begin(scene)
    show(scene, found())

    assert scene.text(".where") == "At iteration 240: right on 868 of 900 test images (96.44 %), wrong on 32."
    assert cell(scene, 4, 9).inner_text() == "31" and cell(scene, 9, 4).inner_text() == "0"
    assert cell(scene, 4, 9).get_attribute("aria-label") == "4 taken for 9: 31 of 90 fours, 34.4\u00a0%"
    assert cell(scene, 4, 4).get_attribute("aria-label").startswith("4 classified correctly: 59 of 90 fours")
    assert scene.texts(".rate")[4] == "65.6 %" and scene.texts(".counted")[4] == "59 of 90"
    widths = scene.locate(".confusion .share").evaluate_all("all => all.map((one) => one.style.width)")
    assert widths[0].startswith("98.8") and widths[4].startswith("65.5") and widths[1] == "100%"
    scene.locate("text=% of the row").click()
    assert cell(scene, 4, 9).inner_text() == "34.4" and cell(scene, 1, 1).inner_text() == "100.0"
    scene.locate("text=Counts").click()
    assert cell(scene, 4, 9).inner_text() == "31"


def test_colour_is_for_the_errors_alone(scene: Scene) -> None:
    begin(scene)
    show(scene, found())

    heat = scene.locate("[role=gridcell]:not(.of-row)").evaluate_all(
        "all => all.map((one) => Number(one.style.getPropertyValue('--heat')))"
    )
    assert heat[49] == 1 and heat[5] == round((1 / 31) ** 0.5, 3) and sum(heat) == heat[49] + heat[5]


def test_numbers_can_be_read_on_the_darkest_cell(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    for colours in (None, DARK):
        if colours:
            scene.theme(colours)
        seen = scene.seen(cell(scene, 4, 9)).reshape(-1, 3) / 255
        linear = np.where(seen <= 0.04045, seen / 12.92, ((seen + 0.055) / 1.055) ** 2.4) @ [0.2126, 0.7152, 0.0722]
        inside = np.sort(linear)
        low, high = inside[2] + 0.05, np.median(inside) + 0.05
        ratio = max(high / low, (inside[-3] + 0.05) / high)
        assert ratio >= 4.5


def test_a_cell_is_chosen_by_click_and_by_keyboard(scene: Scene) -> None:
    begin(scene)
    show(scene, found())

    assert asked(scene, cell(scene, 4, 9).click) == NOTHING | {"cell": [4, 9]}
    show(scene, found(cell=[4, 9], among=31, images=[image(247)]))
    selected = scene.locate("[aria-selected=true] button")
    assert selected.count() == 1 and selected.get_attribute("aria-label").startswith("4 taken for 9")  # type: ignore[union-attr]
    assert scene.text(".found h2") == "A 4 taken for a 9, most confident first"

    for key in ("ArrowLeft", "ArrowDown", "ArrowUp", "ArrowUp"):
        scene.page.keyboard.press(key)
    assert asked(scene, lambda: scene.page.keyboard.press("Enter"))["cell"] == [3, 8]
    for key in ("Home", "ArrowLeft", "End", "ArrowRight"):
        scene.page.keyboard.press(key)
    assert asked(scene, lambda: scene.page.keyboard.press("Space"))["cell"] == [3, 9]
    # One of the hundred is a stop of the Tab key.
    assert scene.locate(".confusion button[tabindex='0']").count() == 1


def test_the_way_back_to_all_mistakes_keeps_the_focus(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    assert not scene.locate("text=Show all mistakes").is_visible()
    asked(scene, cell(scene, 4, 9).click)
    show(scene, found(cell=[4, 9]))

    assert asked(scene, scene.locate("text=Show all mistakes").click)["cell"] is None
    label = scene.locate(".view.mistakes").evaluate("view => view.getRootNode().activeElement.ariaLabel")
    assert label.startswith("4 taken for 9")


def test_an_image_is_shown_with_its_ten_probabilities(scene: Scene) -> None:
    begin(scene)
    show(scene, found())

    assert scene.text(".found h2") == "The most confident mistakes of all"
    cards = scene.locate(".card:not([hidden])")
    assert cards.count() == 2
    assert scene.texts(".card:not([hidden]) .says") == ["A 4 taken for a 9", "A 0 taken for a 5"]
    told = cards.first.locator(".told-of p").all_inner_texts()
    assert [text.replace("\u00a0", " ") for text in told] == ["Test image 247", "9: 75.0 %", "4: 20.0 %", ""]
    assert cards.first.locator("canvas").get_attribute("aria-label") == "Test image 247, a 4"
    painted = scene.painted(cards.first.locator("canvas"))
    assert painted[2, 3].tolist() == [55] * 3 and (painted == 55).sum() == 3
    assert scene.painted(cards.nth(1).locator("canvas"))[2, 4].tolist() == [55] * 3
    heights = cards.first.locator(".fill").evaluate_all(
        "all => all.map((one) => new DOMMatrix(getComputedStyle(one).transform).d)"
    )
    assert [round(100 * height) for height in heights] == [0, 0, 0, 0, 20, 0, 0, 0, 0, 75]
    words = cards.first.locator(".ten").get_attribute("aria-label")
    assert words and words.startswith("Probabilities: 0: 0.1\u00a0%, 1:") and words.endswith("9: 75.0\u00a0%")
    assert cards.first.locator(".said-so").inner_text() == "9" and cards.first.locator(".is-so").inner_text() == "4"


def test_pages_are_turned_to_their_ends(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    assert not scene.locate(".pages").is_visible()
    show(scene, found(among=31, start=0, images=[image(index) for index in range(12)]))

    assert scene.text(".pages .place") == "1 to 12 of 31"
    before = len(scene.connection.messages)
    scene.locate("text=Previous").click(force=True)
    assert asked(scene, scene.locate("text=Next").click)["start"] == 12
    # The click on what does not lead anywhere has asked for nothing.
    assert sum("parts" in message for message in scene.connection.messages[before:]) == 1
    show(scene, found(among=31, start=24, images=[image(index) for index in range(7)]))
    assert scene.text(".pages .place") == "25 to 31 of 31"
    assert scene.locate("text=Next").get_attribute("aria-disabled") == "true"
    assert scene.locate(".card:not([hidden])").count() == 7
    assert asked(scene, scene.locate("text=Previous").click)["start"] == 12
    # Another cell begins with its first page.
    assert asked(scene, cell(scene, 4, 9).click) == NOTHING | {"cell": [4, 9]}


def test_why_leads_to_draw_with_the_image_and_the_question(scene: Scene) -> None:
    begin(scene)
    show(scene, found(images=[image(247), image(0, title="Drawing 1", value=None)]))
    scene.page.evaluate(
        """document.body.insertAdjacentHTML("beforeend",
          `<a href="/draw" onclick="window.went = true; return false">Draw</a>`)"""
    )
    whys = scene.locate(".card:not([hidden]) .ask-why")
    before = len(scene.connection.messages)
    whys.first.click()
    scene.stage.wait(lambda: len(scene.connection.messages) > before, "the image is told of")

    assert scene.connection.messages[-1] == {"picture": "247"}
    assert scene.page.evaluate("[window.went, window.lrdemoWhyNext]") == [True, "evidence"]
    assert whys.nth(1).is_disabled() and "eraser" in (whys.nth(1).get_attribute("title") or "")


def test_another_model_is_compared_with_in_words_and_by_image(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    assert "There is no other model yet." in scene.text(".beside") and scene.locate("select").is_disabled()
    others = [{"key": "a", "name": "directions"}, {"key": "b", "name": "deskewed"}]
    show(scene, found(others=others))
    assert scene.texts("select option") == ["none", "directions", "deskewed"]

    assert asked(scene, lambda: scene.locate("select").select_option("directions"))["other"] == "a"
    other = {"key": "a", "name": "directions", "iteration": 3000, "beside": [[860, 8], [25, 7]]}
    show(scene, found(others=others, other=other, images=[image(247, other=4), image(3, 0, 5, other=6)]))
    assert scene.text(".beside p") == (
        "At iteration 3,000, directions gets 25 of your model’s 32 mistakes right, and makes 8 others."
    )
    assert scene.texts(".beside td") == ["", "860", "8", "25", "7"]
    assert scene.texts(".card:not([hidden]) .mark") == ["other: 4 ✓", "other: 6 ✗"]
    assert scene.locate("select").input_value() == "a"
    show(scene, found(others=others, other=other | {"beside": None}))
    assert scene.text(".beside") == "directions has no answers: its training has diverged."
    # A comparison that begins anew takes its models along.
    show(scene, found())
    assert asked(scene, cell(scene, 1, 1).click)["other"] is None


def test_where_there_is_nothing_the_next_act_is_named(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    assert asked(scene, scene.locate("text=My drawings").click) == NOTHING | {"source": "own"}
    empty = {name: value for name, value in found(source="own", of=0, images=[]).items() if name != "matrix"}
    show(scene, empty)
    assert scene.text(".where") == "You have kept no drawings yet."
    assert scene.text(".nothing").startswith("Draw a digit on the page Draw")
    assert scene.locate("text=Draw some").is_visible() and scene.locate(".card:not([hidden])").count() == 0

    show(scene, found(source="own", of=3, drawings=3, images=[], among=0))
    assert scene.text(".nothing") == "It reads all of your drawings."
    assert not scene.locate("text=Draw some").is_visible()
    show(scene, found(cell=[4, 3], images=[], among=0))
    assert scene.text(".nothing") == "No 4 is taken for a 3."


def test_what_is_to_be_known_of_the_run_is_said(scene: Scene) -> None:
    begin(scene)
    show(scene, found(iteration=0))
    assert scene.text(".where").startswith("At iteration 0 the untrained model guesses: right on 868")
    show(scene, found(iteration=0, taught=1))
    assert scene.text(".where").startswith("At iteration 0, taught once: right on")
    show(scene, found(heldOut=5000, features="directions"))
    assert "judged on 5,000 training images held out" in scene.text(".note")
    assert "the model gets them as edges" in scene.text(".note")
    lost = {name: value for name, value in found(known=False, images=[]).items() if name != "matrix"}
    show(scene, lost)
    assert "training has diverged. Choose a lower learning rate" in scene.text(".where")
    assert cell(scene, 4, 9).inner_text() == "–" and not scene.locate(".found").is_visible()
    show(scene, {"problem": "The training process is busy. Try again in a moment."})
    assert scene.text(".where") == "The training process is busy. Try again in a moment."


def test_nothing_is_read_out_again_and_again_while_it_trains(scene: Scene) -> None:
    begin(scene)
    for state, live in (("running", "off"), ("paused", "polite")):
        show(scene, found(), state)
        assert scene.locate(".where").get_attribute("aria-live") == live


def test_a_frame_without_news_leaves_all_as_it_is(scene: Scene) -> None:
    begin(scene)
    show(scene, found())
    scene.show(run(iteration=250))

    assert "At iteration 240" in scene.text(".where") and scene.locate(".card:not([hidden])").count() == 2
    assert styles(cell(scene, 4, 4), "fontWeight") == [["700"]]
