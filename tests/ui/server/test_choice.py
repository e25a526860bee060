"""The pictures to choose from on Train: which ones, how they look, what taking one does; that hard ones are hard."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from PIL import Image

from lrdemo import pictures
from lrdemo.digit import digit_from_rgba
from lrdemo.formats import NO_BREAK_SPACE
from lrdemo.serving.service import Service
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
from lrdemo.ui.server.choice import TEST_IMAGES, offered, take
from lrdemo.ui.server.picture import BLANK, DRAWING, Picture
from lrdemo.ui.server.visitor import Visitor


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    service = Service(in_process=True)
    yield Visitor(service, Settings())
    service.close()


def drawing() -> Picture:
    rgba = np.full((420, 420, 4), 255, np.uint8)
    rgba[100:300, 200:240, :3] = 0
    return Picture(DRAWING, rgba)


def pixels(one: dict[str, str]) -> np.ndarray:
    body = base64.b64decode(one["source"].removeprefix("data:image/png;base64,"))
    return np.asarray(Image.open(io.BytesIO(body)))


def test_three_test_images_are_offered_and_the_way_to_draw(visitor, digits):
    *found, last = offered(visitor)

    names = [one["name"].replace(NO_BREAK_SPACE, " ") for one in found]
    assert names == ["easy 7", "hard 2", "hard 5"]
    for one, index in zip(found, TEST_IMAGES, strict=True):
        assert one["title"] == f"Test image {index}, a {digits.test_labels[index]}"
        assert np.array_equal(pixels(one), 255 - digits.test_images[index])
    assert last == {"value": "draw", "name": "draw your own"}
    visitor.picture = BLANK
    assert offered(visitor)[-1] == last
    take(visitor, "0")
    take(visitor, last["value"])
    assert visitor.shown is None


def test_a_drawing_is_offered_and_comes_back(visitor):
    own = drawing()
    visitor.picture = own
    take(visitor, "0")
    assert (visitor.picture.title, visitor.picture.drawn) == ("Test image 0, a 7", False)

    last = offered(visitor)[-1]
    assert (last["name"], last["title"]) == ("yours", visitor.last_drawn.title)
    image = digit_from_rgba(own.pixels, "pixels")
    assert image is not None
    assert np.array_equal(pixels(last), pictures.ink(image, zoom=1))
    take(visitor, last["value"])
    assert visitor.picture is own


def test_each_one_and_any_test_image_is_taken_and_nothing_else(visitor, digits):
    for one in offered(visitor)[:-1]:
        take(visitor, one["value"])
        assert visitor.shown is not None and visitor.shown.title == one["title"]
    for index in (0, 1, 9_999):
        take(visitor, str(index))
        assert np.array_equal(visitor.picture.pixels, digits.test_images[index]) and visitor.picture.index == index
    before = visitor.picture
    for value in ("10000", "-1", "1.5", "x", "", "²"):
        take(visitor, value)
        assert visitor.picture is before


def test_the_default_run_finds_the_easy_one_easy_and_the_hard_ones_hard(digits):
    trainer = Trainer(Settings(), digits)
    images = np.stack([digits.test_images[index] for index in TEST_IMAGES]).reshape(-1, 784) / np.float32(255)
    answers = []
    for steps in (400, 200):
        trainer.advance(steps)
        shares = np.exp(trainer.log_probabilities(torch.from_numpy(images))[0].numpy())
        answers.append((shares.argmax(0).tolist(), shares.max(0)))

    (before, _), (at_the_end, sure) = answers
    assert before == [7, 7, 0]
    assert at_the_end == [7, 7, 5]
    assert sure[0] > 0.9 > 0.7 > sure[1] > 0.5 > sure[2]
