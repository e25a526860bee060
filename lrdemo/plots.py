"""Arrays to pictures with matplotlib, for downloads. Figures are built directly: pyplot's state is shared by all."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from lrdemo.arrays import Float32s
from lrdemo.formats import signed
from lrdemo.pictures import STOPS, UNITS_SHOWN, limit_of
from lrdemo.shapes import CLASSES, EDGES, FORMS, layers
from lrdemo.stroke_pictures import strokes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

STROKES_SIDE = 320
"""In pixels: as many as the picture has room for."""


def templates_png(parameters: Float32s, title: str) -> bytes:
    """Return the templates of a run's first layer as a PNG, with biases and the key of the colour scale."""
    target = io.BytesIO()
    templates_figure(parameters, title).savefig(target, format="png")
    return target.getvalue()


def templates_figure(parameters: Float32s, title: str) -> Figure:
    """Return the picture as a figure."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    weight, bias = layers(parameters)[0]
    shown = weight[:UNITS_SHOWN]
    limit = limit_of(shown)
    form = FORMS[weight.shape[1]]
    pictures = shown.reshape(-1, *form.shape)
    if form is EDGES:
        pictures = strokes(pictures, limit, STROKES_SIDE)
    colours = LinearSegmentedColormap.from_list("signed", STOPS / 255)
    figure = Figure(figsize=(12, 6), layout="constrained", dpi=150)
    figure.suptitle(title)
    axes = figure.subplots(2, 5)
    for index, axis in enumerate(axes.flat):
        picture = axis.imshow(pictures[index], cmap=colours, vmin=-limit, vmax=limit)
        name = f"{index}" if len(weight) == CLASSES else f"unit {index}"
        axis.set_title(f"{name}   (bias {signed(float(bias[index]), 3)})", fontsize=11)
        axis.set_axis_off()
    what = "an edge" if form is EDGES else "ink"
    words = f"weight: red where {what} raises the score, blue where it lowers it"
    figure.colorbar(picture, ax=axes, label=words, shrink=0.8)
    return figure
