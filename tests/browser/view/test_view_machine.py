"""The one picture: what each part shows of the run, which part is lit, and what a hand changes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from known import asked, hidden_parameters, lane, parameters, run
from playwright.sync_api import expect
from stage import LIGHT, STATUS, Scene, styles

from lrdemo import pictures
from lrdemo.serving.board import Snapshot
from lrdemo.serving.frames import Shown, encode
from lrdemo.serving.why import Question

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


# The answer is 4, and the score farthest from 0 is a negative one.
BIAS = [0.4, -4.3, 1.1, 0.3, 1.4, -0.7, 0.1, 0.9, -1.6, 0.2]
GREY, CLEAR = "rgb(124, 128, 135)", "rgba(0, 0, 0, 0)"


def logits() -> np.ndarray:
    """Return the scores by the equation, in double precision."""
    return weights().reshape(10, -1).astype(float) @ image().reshape(-1).astype(float) + np.array(BIAS)


def softmax(z: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    powers = np.exp((z - z.max()) / temperature)
    return powers / powers.sum()


def step(scene: Scene, name: str, top: int, seen_by: str = "window.dispatchEvent(new Event('resize'))") -> None:
    """Put a step of the page at a height of the screen."""
    scene.page.evaluate(
        f"""([name, top]) => {{
          const found = document.querySelector(`.st-key-step_${{name}}`);
          const place = found ?? document.body.appendChild(document.createElement("div"));
          place.className = `st-key-step_${{name}}`;
          place.style.cssText = `position: fixed; top: ${{top}}px`;
          {seen_by};
        }}""",
        [name, top],
    )  # fmt: skip
    scene.tick(50)


def mount(scene: Scene, chapter: str, **more: Any) -> None:
    scene.mount("machine", **({"chapter": chapter, "met": MET[chapter], "lit": LIT[chapter], "pictures": []} | more))


def model(bias: list[float] = BIAS, **more: Any) -> Snapshot:
    return run(lane(numbers=parameters(weights(), bias)), **({"iteration": 240} | more))


def seven(label: int | None = 7, **more: Any) -> Shown:
    return asked(image(), "Test image 0, a 7", label=label, **more)


def shown(scene: Scene, chapter: str, label: int | None = 7, **more: Any) -> None:
    mount(scene, chapter)
    scene.show(model(), seven(label, **more))


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


@pytest.mark.parametrize(("chapter", "reach"), [("scores", 5), ("answer", 10), ("cost", 5)])
def test_a_score_s_bar_begins_in_the_middle_and_a_probability_s_at_the_left(
    scene: Scene, chapter: str, reach: int
) -> None:
    shown(scene, chapter)

    for digit, (z, p) in enumerate(zip(logits(), softmax(logits()), strict=True)):
        for kind, share in (("score", z / reach), ("share", p)):
            track, bar = (
                scene.locate(f"td {part}").nth(digit).bounding_box() for part in (f".all:has(.{kind})", f".{kind}")
            )
            assert track and bar
            begin, most = track["x"], track["width"]
            if kind == "score":
                begin, most = begin + most / 2, most / 2
            ends = sorted((begin, begin + most * share))
            assert (bar["x"], bar["x"] + bar["width"]) == pytest.approx(ends, abs=0.6)


@pytest.mark.parametrize(("bias", "reach"), [(12.0, 20.0), (2000.0, None)])
def test_a_score_beyond_the_scale_makes_it_longer(scene: Scene, bias: float, reach: float | None) -> None:
    mount(scene, "answer")
    scene.show(model([bias] + [0.0] * 9), seven())

    largest = float(scene.texts("td:nth-child(5)")[0].replace(",", ""))
    reach = reach or largest
    track, bar = (scene.locate(f"td {part}").first.bounding_box() for part in (".all:has(.score)", ".score"))
    assert track and bar and bar["width"] == pytest.approx(track["width"] / 2 * largest / reach, abs=0.6)
    slider = scene.locate("input[type=range]").first
    limits = [float(slider.get_attribute(name) or 0) for name in ("min", "max")]
    assert limits == pytest.approx([-reach, reach], rel=1e-5)
    slider.press("ArrowLeft")
    moved = float(scene.texts("td:nth-child(5)")[0].replace(",", ""))
    assert largest - 0.2 < moved < largest
    assert scene.texts("td:nth-child(8)")[0] == "100.0 %"


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


def test_the_lines_go_from_part_to_part(scene: Scene) -> None:
    scene.page.evaluate("document.body.style.padding = '30px 50px'")
    shown(scene, "cost")

    def box(selector: str, index: int = 0) -> tuple[float, float, float]:
        """Return the left, the right and the middle height of an element."""
        found = scene.locate(selector).nth(index).bounding_box()
        assert found
        return found["x"], found["x"] + found["width"], found["y"] + found["height"] / 2

    origin = scene.locate(".machine-parts").bounding_box()
    assert origin
    wanted = []
    for digit in DIGITS:
        tile, z, p = box(".tile", digit), box(".all:has(.score)", digit), box(".all:has(.share)", digit)
        image, number = box(".digit canvas"), box("td:nth-child(5)", digit)
        wanted += [(image[1], image[2], box("th.name", digit)[0], tile[2]), (tile[1], tile[2], z[0], z[2])]
        wanted += [(number[1], z[2], p[0], p[2])]
    chance, amount = box("td:nth-child(8)", 7), box(".amount")
    wanted += [(chance[1], chance[2], amount[0], amount[2])]
    paths = [[float(n) for n in re.findall(r"-?[0-9.]+", one)] for one in drawn(scene, "d")]
    ends = [(one[0] + origin["x"], one[1] + origin["y"], one[-2] + origin["x"], one[-1] + origin["y"]) for one in paths]
    assert np.array(ends) == pytest.approx(np.array(wanted), abs=0.6)
    assert all(x < to for x, _, to, _ in ends)
    # Each begins and ends level.
    assert all(one[1] == one[3] and one[5] == one[7] for one in paths)


def drawn(scene: Scene, attribute: str) -> list[str]:
    return [path.get_attribute(attribute) or "" for path in scene.locate("svg path").all()]


def test_a_cost_beyond_all_measure_is_the_thickest_line(scene: Scene) -> None:
    mount(scene, "cost")
    scene.show(model([30.0] + [0.0] * 9), seven())

    assert max(float(width) for width in drawn(scene, "stroke-width")) == 8


def test_the_heads_stand_over_their_columns_and_name_them(scene: Scene) -> None:
    shown(scene, "cost")

    def left(selector: str) -> float:
        found = scene.locate(selector).first.bounding_box()
        assert found
        return found["x"]

    columns = {"W": "th.name", "z": ".all:has(.score)", "p": ".all:has(.share)", "x": ".digit canvas", "L": ".amount"}
    for part, column in columns.items():
        assert left(f".head.of-{part}") == pytest.approx(left(column), abs=0.6)
    assert [one.get_attribute("scope") for one in scene.locate("th").all()] == ["col"] * 3 + ["row"] * 10
    name = scene.locate("th.name").first.bounding_box()
    assert name and name["width"] < 30, "the bars have the room"


@pytest.mark.parametrize("chapter", MET)
def test_a_chapter_hides_what_is_not_told_yet(scene: Scene, chapter: str) -> None:
    shown(scene, chapter)

    for selector, wanted in (
        (".amount", chapter == "cost"), (".sum", chapter == "cost"), (".head.of-L", True), (".score", True),
        (".share", chapter != "scores"), ("td:nth-child(8)", chapter != "scores"), (".product", chapter == "scores"),
        (".hint", chapter == "answer"), ("input", chapter == "answer"), (".ask", chapter == "scores"),
    ):  # fmt: skip
        found = scene.locate(selector)
        visible = bool(found.count()) and styles(found.last, "visibility") == [["visible"]]
        assert visible == wanted, selector
    signs = [before(scene, f".factor.of-{kind}") for kind in ("x", "W", "sum")] if chapter == "scores" else []
    assert signs == (["none", '"×"', '"="'] if chapter == "scores" else [])
    assert before(scene, "tr.best th") == '"▸"'
    assert styles(scene.locate("tr.target th"), "outline-style") == [["solid" if chapter == "cost" else "none"]]
    handle = scene.locate(".score").first.evaluate("bar => getComputedStyle(bar, '::after').borderRightWidth")
    assert handle == ("3px" if chapter == "answer" else "0px")
    middle = scene.locate(".of-z .all").first.evaluate("all => getComputedStyle(all, '::after').left")
    track = scene.locate(".of-z .all").first.bounding_box()
    assert track and float(middle.removesuffix("px")) == pytest.approx(track["width"] / 2, abs=0.6)


def before(scene: Scene, selector: str) -> str:
    content = scene.locate(selector).evaluate("place => getComputedStyle(place, '::before').content")
    return str(content)


@pytest.mark.parametrize("part", "xWzpL")
def test_a_lit_part_has_its_colour_and_no_other_has(scene: Scene, part: str) -> None:
    shown(scene, "cost")
    mount(scene, "cost", lit={"one": [part]})

    colours = {"W": "violet", "z": "green", "p": "blue", "L": "red"}
    theme = {"x": GREY} | {name: _rgb(LIGHT[f"{colour}-color"])[0] for name, colour in colours.items()}
    border = _rgb(LIGHT["border-color"])[0]
    for other, colour in theme.items():
        lit = other == part
        assert styles(scene.locate(f".head.of-{other}"), "borderBottomColor") == [[colour if lit else CLEAR]]
        if other != "x":
            unlit = CLEAR if other == "L" else border
            assert styles(scene.locate(f"svg .to-{other}").first, "stroke") == [[colour if lit else unlit]]
    assert styles(scene.locate(".score").first, "backgroundColor") == [[theme["z"] if part == "z" else GREY]]
    assert styles(scene.locate(".share").first, "backgroundColor") == [[theme["p"] if part == "p" else GREY]]
    ink = _rgb(LIGHT["red-text-color" if part == "L" else "text-color"])
    assert styles(scene.locate(".amount"), "color") == [ink]
    assert styles(scene.locate(".tile").first, "opacity") == [["1" if part in "Wz" else "0.55"]]


def test_no_line_goes_to_what_is_not_told_yet(scene: Scene) -> None:
    shown(scene, "scores")
    assert styles(scene.locate("svg .to-p").first, "stroke") == [[CLEAR]]
    assert styles(scene.locate("svg .to-L"), "stroke") == [[CLEAR]]


def test_the_step_that_is_read_lights_up_its_part_and_brings_its_symbol(scene: Scene) -> None:
    for name, top in (("one", 700), ("two", 750), ("three", 900)):
        step(scene, name, top)
    shown(scene, "scores")

    assert lit(scene) == "W", "before the first step its part is lit already"
    step(scene, "one", 200)
    assert lit(scene) == "W"
    assert scene.texts(".head") == ["pixels x", "templates W, b", "scores", "probabilities", "cost"]
    step(scene, "two", 400)
    assert lit(scene) == "xW"
    step(scene, "three", 470)
    assert lit(scene) == "xW", "it is read from three fifths of the screen upwards"
    step(scene, "three", 450)
    assert lit(scene) == "Wz"
    assert scene.texts(".head") == ["pixels x", "templates W, b", "scores z", "probabilities", "cost"]
    (green,) = {tuple(colour) for colour in styles(scene.locate(".score"), "background-color")}
    assert green == tuple(_rgb(LIGHT["green-color"]))
    step(scene, "three", 900)
    step(scene, "two", 900)
    assert lit(scene) == "W"
    assert scene.texts(".head")[2] == "scores z", "what has been told stays known"


def _rgb(colour: str) -> list[str]:
    return [f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"]


def lit(scene: Scene) -> str:
    heads = {part: scene.locate(f".head.of-{part}") for part in "xWzpL"}
    return "".join(part for part, head in heads.items() if styles(head, "borderBottomColor") != [[CLEAR]])


def test_reading_on_is_scrolling(scene: Scene) -> None:
    scene.page.evaluate("document.body.append(Object.assign(document.createElement('main'), { className: 'stMain' }))")
    scrolled = "document.querySelector('.stMain').dispatchEvent(new Event('scroll'))"
    step(scene, "one", 200)
    step(scene, "two", 700)
    shown(scene, "scores")
    assert lit(scene) == "W"
    step(scene, "two", 400, scrolled)
    assert lit(scene) == "xW"


def test_on_a_narrow_screen_all_parts_of_the_chapter_are_lit(scene: Scene) -> None:
    wide = scene.page.viewport_size
    assert wide
    try:
        scene.page.set_viewport_size({"width": 1000, "height": 768})
        shown(scene, "scores")
        assert lit(scene) == "xWz"
        assert scene.texts(".head")[2] == "scores z"
    finally:
        scene.page.set_viewport_size(wide)


@pytest.mark.parametrize("waiting", [False, True], ids=["at rest", "about to look"])
def test_a_picture_that_is_gone_follows_no_scrolling(scene: Scene, waiting: bool) -> None:
    scene.page.evaluate("document.body.append(Object.assign(document.createElement('main'), { className: 'stMain' }))")
    step(scene, "one", 200)
    step(scene, "two", 700)
    shown(scene, "scores")
    figure = scene.locate("figure.machine").element_handle()
    classes = figure.get_attribute("class")

    scene.page.evaluate(
        "waiting => { document.querySelector('.st-key-step_two').style.top = '300px';"
        " if (waiting) window.dispatchEvent(new Event('resize')); window.stage.unmount('view'); }",
        waiting,
    )
    scene.tick(50)
    assert figure.get_attribute("class") == classes
    step(scene, "two", 350)
    assert figure.get_attribute("class") == classes
    step(scene, "two", 400, "document.querySelector('.stMain').dispatchEvent(new Event('scroll'))")
    assert figure.get_attribute("class") == classes


def test_first_it_shows_the_products_of_the_answer(scene: Scene) -> None:
    shown(scene, "scores")
    assert scene.text(".addition").endswith(f"the score of 4 is {minus(logits()[4], 2)}.")


def test_a_touched_digit_shows_its_products_and_their_sum(scene: Scene) -> None:
    shown(scene, "scores")
    scene.locate(".tile").nth(6).click()
    scene.stage.wait(lambda: scene.connection.question and scene.connection.question.digit == 6, "it is asked")
    scene.locate(".ask").nth(3).press("Enter")
    scene.stage.wait(lambda: scene.connection.question and scene.connection.question.digit == 3, "it is asked")
    scene.show(model(), seven())

    products = weights()[3].astype(float) * image()
    favour, against = products[products > 0].sum(), -products[products < 0].sum()
    assert scene.text(".addition") == (
        f"Red adds {favour:.2f}, blue takes away {against:.2f}: together {minus(favour - against, 2)}. "
        f"With the bias 0.30 the score of 3 is {minus(logits()[3], 2)}."
    )
    limit = np.abs(weights().astype(float) * image()).max()
    expected = pictures.signed(np.round(products / limit * 127) / 127, 1.0, zoom=1)
    np.testing.assert_allclose(scene.painted(scene.locate(".of-sum canvas")).astype(int), expected, atol=2)
    for factor, same in ((".of-x", ".digit canvas"), (".of-W", "tr.chosen .tile")):
        np.testing.assert_array_equal(
            scene.painted(scene.locate(f"{factor} canvas")), scene.painted(scene.locate(same))
        )
    assert scene.texts(".factor p") == ["pixels x", "template of 3", "products"]
    assert "chosen" in (scene.locate("tr.touchable").nth(3).get_attribute("class") or "")
    assert styles(scene.locate("tr.chosen .tile"), "outline-style") == [["solid"]]


def test_what_is_answered_to_another_question_changes_nothing(scene: Scene) -> None:
    shown(scene, "scores")
    said = scene.text(".addition")

    for question in (None, Question("duel", 3), Question("change", 3)):
        scene.send(encode(model(), STATUS, scene.connection.parts, seven(), question))
        assert scene.text(".addition") == said


def test_a_screen_reader_hears_what_is_shown(scene: Scene) -> None:
    shown(scene, "scores")
    pictured = [(one.get_attribute("role"), one.get_attribute("aria-label")) for one in scene.locate("canvas").all()]
    assert pictured[0] == ("img", "Test image 0, a 7, as the 28×28 pixels that the model gets")
    assert pictured[-3:] == [
        ("img", "Test image 0, a 7"),
        ("img", "Weights of digit 4: red is above zero, blue below"),
        ("img", "Ink × weight for digit 4: red adds to the score, blue lowers it"),
    ]
    assert scene.locate("svg").get_attribute("aria-hidden") == "true"
    assert scene.locate(".problem").get_attribute("role") == "status"
    assert scene.texts(".ask") == [str(digit) for digit in DIGITS]

    addition = scene.locate(".addition")
    assert addition.get_attribute("role") == "status"
    assert addition.get_attribute("aria-live") == "off", "not at each step of the training"
    addition.evaluate(
        "place => { window.said = 0;"
        " new MutationObserver(() => (window.said += 1)).observe(place, { childList: true }); }"
    )
    scene.show(model(state="paused"), seven())
    assert addition.get_attribute("aria-live") == "polite"
    assert scene.page.evaluate("window.said") == 0, "the same is not said twice"


def test_the_pictures_to_choose_from_ask_for_theirs(scene: Scene) -> None:
    source = pictures.data_url(pictures.ink(image(), zoom=1))
    titles = ["Test image 0, a 7", "Test image 362, a 2"]
    offered = [
        {"value": str(place), "title": title, "name": title, "source": source} for place, title in enumerate(titles)
    ]
    mount(scene, "cost", pictures=offered)
    scene.show(model(), seven())

    buttons = scene.locate(".choice button")
    assert [one.get_attribute("aria-pressed") for one in buttons.all()] == ["true", "false"]
    buttons.last.click()
    scene.stage.wait(lambda: {"picture": "1"} in scene.connection.messages, "it is asked for")


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

    # A second one is moved as well.
    scene.locate("input[type=range]").nth(2).press("ArrowLeft")
    z2 = float(scene.texts("td:nth-child(5)")[2].replace("−", "-"))
    assert logits()[2] - 0.2 < z2 < logits()[2]
    assert scene.texts("td:nth-child(5)")[4] == minus(z4, 2)
    assert scene.text(".hint") == "Scores moved by hand."

    # Training goes on, and the hand's scores stay.
    scene.show(run(lane(numbers=parameters()), iteration=300), seven())
    assert float(scene.texts("td:nth-child(5)")[4].replace("−", "-")) == z4

    scene.locate(".back").click()
    assert scene.texts("td:nth-child(8)") == ["10.0 %"] * 10
    assert [one.input_value() for one in scene.locate("input[type=range]").all()] == ["0"] * 10
    assert scene.text(".hint") == "Drag the bar of a score, or use the arrow keys."
    expect(scene.locate(".back")).to_be_hidden()


def test_a_score_moved_by_hand_is_divided_by_the_temperature(scene: Scene) -> None:
    shown(scene, "answer", factor=2.5)
    assert scene.texts("td:nth-child(8)") == [f"{100 * p:.1f} %" for p in softmax(logits(), 2.5)]

    scene.locate("input[type=range]").nth(4).press("End")
    moved = np.where(np.arange(10) == 4, 10.0, logits())
    assert scene.texts("td:nth-child(8)") == [f"{100 * p:.1f} %" for p in softmax(moved, 2.5)]


def test_a_hand_s_score_is_told_and_seen_to_have_the_focus(scene: Scene) -> None:
    shown(scene, "answer")
    slider = scene.locate("input[type=range]").nth(1)
    assert slider.get_attribute("aria-label") == "Score of 1"
    z, p = logits(), softmax(logits())
    assert slider.get_attribute("aria-valuetext") == f"{minus(z[1], 1)}: probability {100 * p[1]:.1f}\u00a0%"
    assert float(slider.input_value()) == pytest.approx(z[1], abs=0.051)

    slider.press("ArrowRight")
    track = scene.locate(".all:has(.score)")
    assert [style for [style] in styles(track, "outline-style")] == ["none", "solid"] + ["none"] * 8
    scene.page.keyboard.press("Tab")
    scene.locate(".back").focus()
    assert styles(scene.locate(".back"), "outline-style") == [["solid"]]


def test_a_frame_without_numbers_takes_nothing_away(scene: Scene) -> None:
    shown(scene, "answer")
    before_it = scene.texts("td")

    scene.send(encode(model(iteration=241), STATUS, frozenset(), None))
    assert scene.texts("td") == before_it
    scene.show(None)
    assert scene.texts("td") == before_it
    shown(scene, "answer")
    scene.show(None)
    scene.locate("input[type=range]").nth(4).press("End")
    assert scene.texts("td:nth-child(5)")[4] == "10.00"


def test_scores_set_by_hand_are_gone_with_their_picture(scene: Scene) -> None:
    shown(scene, "answer")
    scene.locate("input[type=range]").nth(4).press("ArrowRight")
    expect(scene.locate(".back")).to_be_visible()

    scene.show(model(), asked(image(), "Test image 1, a 2", label=2))

    expect(scene.locate(".back")).to_be_hidden()
    assert scene.texts("td:nth-child(5)") == [minus(value, 2) for value in logits()]


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

    scene.show(model(), None)
    assert scene.text(".problem") == "Choose a picture, or draw one on the page Draw."
    assert not scene.locate(".below .addition").is_visible()

    scene.show(run(lane(numbers=parameters()), iteration=0), asked(image()))
    expect(scene.locate(".problem")).to_be_hidden()
    expect(scene.locate(".machine-parts")).to_be_visible()
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


def test_a_taught_model_is_not_called_untrained(scene: Scene) -> None:
    mount(scene, "cost")
    scene.show(model(iteration=0), seven(), taught=1)
    assert scene.text("figcaption") == "Your run at iteration 0, taught"
    scene.show(model(iteration=1240), seven(), taught=1)
    assert scene.text("figcaption") == "Your run at iteration 1,240, taught"
