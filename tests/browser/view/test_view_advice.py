"""Advice stands in the loss chart, and its button asks for what it says."""

from __future__ import annotations

import numpy as np
from known import lane, run
from stage import STATUS, Scene

from lrdemo.serving.frames import encode

LARGE = {"text": "Steps too large.", "label": "Use 0.3", "change": {"learning_rate": 0.3}, "restarts": True}


def test_advice_comes_and_goes_without_moving_anything(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(), advice=None)
    before = [chart.bounding_box() for chart in scene.locate(".chart canvas").all()]
    assert not scene.locate(".advice").is_visible()

    scene.show(run(), advice=LARGE)
    assert scene.text(".advice p") == "Steps too large."
    assert scene.locate(".advice p").get_attribute("role") == "status"
    assert [chart.bounding_box() for chart in scene.locate(".chart canvas").all()] == before
    box, chart = scene.locate(".advice").bounding_box(), before[0]
    assert box and chart and chart["x"] <= box["x"] and box["x"] + box["width"] <= chart["x"] + chart["width"]
    assert chart["y"] <= box["y"] and box["y"] + box["height"] <= chart["y"] + chart["height"]

    scene.show(run(), advice=None)
    assert not scene.locate(".advice").is_visible()


def test_its_button_asks_for_what_it_says(scene: Scene) -> None:
    scene.mount("lab")
    scene.show(run(), advice=LARGE)
    scene.locate(".advice button").press("Enter")
    assert scene.reports() == [["advice", "Use 0.3"]]

    scene.show(run(), advice={"text": "It has stopped improving.", "label": "", "change": {}, "restarts": False})
    assert not scene.locate(".advice button").is_visible()


def test_it_stands_below_a_curve_that_stays_high_and_above_one_that_has_come_down(scene: Scene) -> None:
    scene.mount("lab")
    places = []
    for loss in (2.5, 0.4):
        losses = np.full(200, loss, np.float32)
        scene.show(run(lane(loss=losses, accuracy=losses / 10), iteration=200), advice=LARGE)
        box = scene.locate(".advice").bounding_box()
        assert box
        places.append(box["y"])
    assert places[1] < places[0] - 10


def test_it_is_said_also_before_the_curves_are_there(scene: Scene) -> None:
    connection = scene.mount("lab")
    scene.send(encode(run(), STATUS | {"advice": LARGE}, connection.parts - {"curves"}, None))
    assert scene.text(".advice p") == "Steps too large."
