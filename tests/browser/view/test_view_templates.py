"""The templates: the colour of every pixel on the screen, whose they are, their scale and their biases."""

from __future__ import annotations

import numpy as np
from known import asked, hidden_parameters, lane, parameters, run
from stage import Scene, styles

from lrdemo import pictures


def weights() -> np.ndarray:
    """Return ten different pictures [10, 28, 28], no part of which looks like another's mirror image."""
    return np.random.default_rng(1).uniform(-0.25, 0.25, (10, 28, 28)).astype(np.float32)


def limit() -> float:
    """Return what 99.5 % of these weights do not exceed."""
    return float(np.sort(np.abs(weights()).ravel())[7800])


def test_every_pixel_of_every_template_has_its_weight_s_colour(scene: Scene) -> None:
    weight = weights()
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters(weight)), iteration=10))

    assert scene.texts(".tile .name") == [str(digit) for digit in range(10)]
    for digit, canvas in enumerate(scene.locate(".tile canvas").all()):
        # A weight travels as one byte.
        expected = pictures.signed(np.round(np.clip(weight[digit] / limit(), -1, 1) * 127) / 127, 1.0, zoom=1)
        np.testing.assert_allclose(scene.cells(canvas).astype(int), expected, atol=1)


def test_ink_that_speaks_for_a_digit_is_red_and_ink_against_it_blue(scene: Scene) -> None:
    weight = np.zeros((10, 28, 28), np.float32)
    weight[4, 3, 20], weight[4, 24, 5] = 1, -1
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters(weight)), iteration=10))

    seen = scene.cells(scene.locate(".tile canvas").nth(4))

    assert seen[3, 20].tolist() == [178, 24, 43]
    assert seen[24, 5].tolist() == [33, 102, 172]
    assert seen[3, 7].tolist() == seen[24, 22].tolist() == [247, 247, 247]


def test_the_scale_names_its_ends_where_they_are(scene: Scene) -> None:
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters(weights())), iteration=1234))

    low, high = scene.texts(".scale span:not(.ramp)")
    assert (low, high) == ("≤ −0.25: ink lowers the score", "≥ +0.25: ink raises it")
    ramp = scene.locate(".ramp")
    seen, place = scene.seen(ramp), ramp.bounding_box()
    first = scene.locate(".scale span").first.bounding_box()
    assert place and first and first["x"] < place["x"]
    (left, right), (red, blue) = seen[5, [8, -8]].astype(int), (0, 2)
    assert left[blue] > left[red] + 100 and right[red] > right[blue] + 100
    label = scene.locate(".grid").get_attribute("aria-label")
    assert label == (
        "10 pictures of weights after 1,234 iterations. Ink on red raises the score, ink on blue lowers it; "
        "full colour is reached at 0.25."
    )


def test_the_scale_of_huge_weights_is_written_short(scene: Scene) -> None:
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters(weights() * 1e8)), iteration=1))

    assert scene.texts(".scale span:not(.ramp)")[0] == "≤ −2.5 · 10⁷: ink lowers the score"


def test_the_biases_stand_below_their_templates(scene: Scene) -> None:
    scene.mount("inside")
    scene.show(run(lane(numbers=parameters(bias=[-0.5, 0.25, 0, 1, 2, 3, 4, 5, 6, 7.0004])), iteration=1))

    shown = ["−0.500", "0.250", "0.000", "1.000", "2.000", "3.000", "4.000", "5.000", "6.000", "7.000"]
    assert scene.texts(".bias") == [f"bias {bias}" for bias in shown]


def test_the_template_that_answers_is_marked(scene: Scene) -> None:
    scene.mount("lab")
    for digit in (6, 2):
        bias = [float(one == digit) for one in range(10)]
        scene.show(run(lane(numbers=parameters(bias=bias)), iteration=1), asked())

        marked = styles(scene.locate(".tile"), "borderTopColor")
        assert [one == ["rgb(49, 51, 63)"] for one in marked] == [one == digit for one in range(10)]


def test_hidden_units_are_called_so_and_none_of_them_answers(scene: Scene) -> None:
    weight = weights()
    scene.mount("lab")
    scene.show(run(lane(numbers=parameters()), iteration=1), asked())
    assert scene.text(".templates figcaption") == "Templates: each digit’s weights as a 28×28 picture"

    scene.show(run(lane(numbers=hidden_parameters(weight)), iteration=1), asked())

    assert scene.text(".templates figcaption") == "The first 10 of 256 hidden units: their weights as 28×28 pictures"
    assert scene.texts(".tile .name") == [f"unit {index}" for index in range(10)]
    assert scene.locate(".tile.answer").count() == 0
    expected = pictures.signed(np.round(np.clip(weight[7] / limit(), -1, 1) * 127) / 127, 1.0, zoom=1)
    np.testing.assert_allclose(scene.painted(scene.locate(".tile canvas").nth(7)).astype(int), expected, atol=1)

    scene.show(run(lane(numbers=parameters()), iteration=1), asked())
    assert scene.texts(".tile .name") == [str(digit) for digit in range(10)]
