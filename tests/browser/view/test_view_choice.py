"""The pictures to choose from: their names and thumbnails, which one is in question, and what a press asks for."""

from __future__ import annotations

import numpy as np
from known import asked, run
from stage import Scene, styles

from lrdemo import pictures
from lrdemo.formats import NO_BREAK_SPACE


def thumbnail(seed: int) -> tuple[np.ndarray, str]:
    ink = pictures.ink(np.random.default_rng(seed).uniform(0, 1, (28, 28)).astype(np.float32), zoom=1)
    return ink, pictures.data_url(ink)


def offered(drawing: bool = True) -> list[dict[str, str]]:
    known = [("0", "Test image 0, a 7", "easy\u00a07"), ("362", "Test image 362, a 2", "hard\u00a02"),
             ("drawing", "Your drawing", "yours")]  # fmt: skip
    found = [
        {"value": value, "title": title, "name": name, "source": thumbnail(seed)[1]}
        for seed, (value, title, name) in enumerate(known)
    ]
    return found if drawing else [*found[:2], {"value": "draw", "name": "draw your own"}]


def told(scene: Scene, number: int = 1) -> list[str]:
    """Return which pictures the page has asked for, once there are so many."""
    found = lambda: [one["picture"] for one in scene.connection.messages if "picture" in one]  # noqa: E731
    scene.stage.wait(lambda: len(found()) >= number, f"{number} pictures are asked for")
    return found()


def test_each_picture_is_named_in_words_and_shown(scene: Scene) -> None:
    scene.mount("lab", pictures=offered())
    scene.show(run(), asked(title="Test image 0, a 7"))

    names = [text.replace(NO_BREAK_SPACE, " ") for text in scene.texts(".choice button")]
    assert names == ["easy 7", "hard 2", "yours"]
    for seed, image in enumerate(scene.locate(".choice img").all()):
        values = image.evaluate("image => window.stage.pixels(image, 0, 0, 28)")
        np.testing.assert_array_equal(np.reshape(values, (28, 28, 4))[..., 0], thumbnail(seed)[0])
        box = image.bounding_box()
        assert box and box["width"] == box["height"] > 28
    for button in scene.locate(".choice button").all():
        box = button.bounding_box()
        assert box and min(box["width"], box["height"]) >= 44


def test_the_picture_in_question_is_pressed_and_told_by_more_than_a_colour(scene: Scene) -> None:
    scene.mount("lab", pictures=offered())
    for title, place in (("Test image 0, a 7", 0), ("Your drawing", 2), ("Test image 4711, a 3", None)):
        scene.show(run(), asked(title=title))
        buttons = scene.locate(".choice button")
        pressed = [one.get_attribute("aria-pressed") for one in buttons.all()]
        assert pressed == [str(index == place).lower() for index in range(3)]
        weights = [int(weight) for [weight] in styles(buttons, "fontWeight")]
        assert [weight > 600 for weight in weights] == [index == place for index in range(3)]


def test_a_press_asks_for_that_picture_and_keeps_the_focus(scene: Scene) -> None:
    scene.mount("lab", pictures=offered())
    scene.show(run(), asked(title="Test image 0, a 7"))
    hard = scene.locate(".choice button").nth(1)

    hard.focus()
    scene.page.keyboard.press("Enter")
    assert told(scene) == ["362"]
    scene.mount("lab", pictures=offered())
    scene.show(run(), asked(title="Test image 362, a 2"))
    assert hard.evaluate("button => button.getRootNode().activeElement === button")
    assert hard.get_attribute("aria-pressed") == "true"
    scene.locate(".choice button").nth(2).click()
    assert told(scene, 2) == ["362", "drawing"]


def test_without_a_drawing_the_last_place_leads_to_drawing_one(scene: Scene) -> None:
    scene.page.evaluate(
        "() => { document.body.insertAdjacentHTML('beforeend', '<a href=\"/draw\">Draw</a>'); window.went = 0;"
        " document.querySelector('a').onclick = (event) => { event.preventDefault(); window.went += 1; }; }"
    )
    scene.mount("lab", pictures=offered(drawing=False))
    scene.show(run(), asked(title="Test image 0, a 7"))
    way = scene.locate(".choice button").last

    assert way.inner_text() == "draw your own"
    assert way.get_attribute("aria-pressed") is None
    assert way.locator("img").count() == 0
    way.click()
    assert told(scene) == ["draw"]
    assert scene.page.evaluate("window.went") == 1
    scene.locate(".choice button").first.click()
    assert scene.page.evaluate("window.went") == 1


def test_a_drawing_that_has_come_takes_the_place_of_the_way_to_draw(scene: Scene) -> None:
    scene.mount("lab", pictures=offered(drawing=False))
    scene.show(run(), asked(title="Your drawing"))
    scene.mount("lab", pictures=offered())

    assert [one.get_attribute("aria-pressed") for one in scene.locate(".choice button").all()] == [
        "false", "false", "true"
    ]  # fmt: skip
