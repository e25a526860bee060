"""Arrays to pictures with matplotlib, for downloads. Figures are built directly: pyplot's state is shared by all."""

from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt

from lrdemo.answers.predict import layers
from lrdemo.pictures import STOPS
from lrdemo.serving.frames import UNITS_SHOWN, limit_of


def templates_png(parameters: npt.NDArray[np.float32], title: str) -> bytes:
    """Return the templates of a run's first layer as a PNG, with biases and the key of the colour scale."""
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure

    weight, bias = layers(parameters)[0]
    shown = weight[:UNITS_SHOWN]
    limit = limit_of(shown)
    colours = LinearSegmentedColormap.from_list("signed", STOPS / 255)
    figure = Figure(figsize=(12, 6), layout="constrained", dpi=150)
    figure.suptitle(title)
    axes = figure.subplots(2, 5)
    for index, axis in enumerate(axes.flat):
        picture = axis.imshow(shown[index].reshape(28, 28), cmap=colours, vmin=-limit, vmax=limit)
        axis.set_title(f"{index if len(weight) == 10 else f'unit {index}'}   (bias {bias[index]:+.3f})", fontsize=11)
        axis.set_axis_off()
    figure.colorbar(picture, ax=axes, label="weight: red where ink raises the score, blue where it lowers it", shrink=0.8)
    target = io.BytesIO()
    figure.savefig(target, format="png")
    return target.getvalue()
