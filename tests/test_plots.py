import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrdemo.pictures import limit_of
from lrdemo.plots import STROKES_SIDE, templates_figure, templates_png
from lrdemo.shapes import layers
from lrdemo.stroke_pictures import strokes

ROOT = Path(__file__).parents[1]
STRONGLY_FOR, STRONGLY_AGAINST = (178, 24, 43), (33, 102, 172)


def pixels_of(png):
    with Image.open(io.BytesIO(png)) as image:
        assert image.format == "PNG"
        return np.asarray(image.convert("RGB"))


def share_of(colour, pixels):
    return float((np.abs(pixels.astype(int) - colour).max(axis=-1) <= 2).mean())


@pytest.mark.parametrize("size", [7_850, 227_670])
def test_the_picture_shows_what_speaks_for_and_against_in_the_two_strong_colours(size):
    parameters = np.zeros(size, np.float32)
    weight = parameters[:7840].reshape(10, 28, 28)
    weight[:, :14] = 0.5
    weight[3:, 14:] = -0.5

    pixels = pixels_of(templates_png(parameters, "Weights after 600 iterations"))

    assert pixels.shape == (900, 1800, 3)
    strong, opposite = share_of(STRONGLY_FOR, pixels), share_of(STRONGLY_AGAINST, pixels)
    assert strong > 0.1
    assert opposite == pytest.approx(0.7 * strong, rel=0.05)


@pytest.mark.parametrize("size, names", [(7_850, "{}"), (227_670, "unit {}")])
def test_each_template_stands_upright_under_its_name_and_bias(size, names):
    parameters = np.random.default_rng(0).normal(0, 0.05, size).astype(np.float32)
    weight, bias = layers(parameters)[0]

    figure = templates_figure(parameters, "Weights at iteration 600")

    *templates, key = figure.axes
    assert figure.get_suptitle() == "Weights at iteration 600" and len(templates) == 10
    for index, axes in enumerate(templates):
        (image,) = axes.images
        said = f"{abs(bias[index]):.3f}"
        sign = "" if float(said) == 0 else "+" if bias[index] > 0 else "−"
        assert axes.get_title() == f"{names.format(index)}   (bias {sign}{said})"
        assert np.array_equal(image.get_array(), weight[index].reshape(28, 28))
        assert image.get_clim() == pytest.approx((-limit_of(weight[:10]), limit_of(weight[:10])))
        assert axes.yaxis_inverted() and not axes.xaxis_inverted()
    assert key.get_ylabel() == "weight: red where ink raises the score, blue where it lowers it"


@pytest.mark.parametrize("size, hidden", [(8_010, ()), (231_766, (256,))])
def test_weights_for_edges_are_drawn_as_strokes(size, hidden):
    parameters = np.random.default_rng(0).normal(0, 0.05, size).astype(np.float32)
    weight = layers(parameters)[0][0]
    assert weight.shape == (*(hidden or (10,)), 800)

    *templates, key = templates_figure(parameters, "Weights at iteration 600").axes

    limit = limit_of(weight[:10])
    drawn = strokes(weight[:10].reshape(10, 8, 10, 10), limit, STROKES_SIDE)
    for axes, expected in zip(templates, drawn, strict=True):
        assert np.array_equal(axes.images[0].get_array(), expected)
        assert axes.images[0].get_clim() == pytest.approx((-limit, limit))
    assert key.get_ylabel() == "weight: red where an edge raises the score, blue where it lowers it"


def test_an_untrained_model_of_zeros_is_pale():
    pixels = pixels_of(templates_png(np.zeros(7_850, np.float32), "Untrained"))

    assert share_of((247, 247, 247), pixels) > 0.2
    # The colours of the key alone.
    assert share_of(STRONGLY_FOR, pixels) < 0.005


def test_pyplot_is_never_loaded():
    code = (
        "import sys, numpy; from lrdemo.plots import templates_png; "
        "templates_png(numpy.zeros(7850, numpy.float32), 'x'); "
        "assert 'matplotlib' in sys.modules; print('matplotlib.pyplot' in sys.modules, 'torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]
