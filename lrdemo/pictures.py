"""Arrays of pixels as RGB pictures: ink on paper, and signed values on one red–white–blue scale."""

from __future__ import annotations

import base64
import io

import numpy as np
import numpy.typing as npt

from lrdemo.arrays import Bytes, Float32s

# ColorBrewer's RdBu, nine classes (Harrower and Brewer, 2003), the same as in the live view: red for, blue against.
STOPS = np.array(
    [
        (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
        (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43),
    ],
    dtype=np.float32,
)  # fmt: skip


LOWEST_LIMIT, MOST_LIMIT = 0.1, 1e9
UNITS_SHOWN = 10
"""Templates of a first layer that are shown: all of softmax regression, the first of the perceptron."""


def ink(images: npt.NDArray[np.floating], zoom: int = 4) -> Bytes:
    """Return images [..., H, W] in [0, 1] as black ink on white paper, [..., zoom H, zoom W]; nan is paper."""
    grey = np.rint(255 * (1 - np.clip(np.nan_to_num(np.asarray(images, dtype=np.float32)), 0, 1))).astype(np.uint8)
    return zoomed(grey, zoom)


def signed(values: npt.NDArray[np.floating], limit: float | None = None, zoom: int = 4) -> Bytes:
    """Return values [..., H, W] as colours [..., zoom H, zoom W, 3]: red above zero, white at it, blue below.

    Full colour is reached at ±limit; by default the limit is the largest absolute value of all. White is nan as well.
    """
    values = np.nan_to_num(np.asarray(values, dtype=np.float64))
    top = float(np.abs(values).max()) if limit is None else limit
    place = (np.clip(values, -top, top) / (top or 1.0) + 1) / 2 * (len(STOPS) - 1)
    low = np.minimum(place.astype(np.int64), len(STOPS) - 2)
    colours = np.rint(STOPS[low] + (place - low)[..., None] * (STOPS[low + 1] - STOPS[low])).astype(np.uint8)
    return np.stack([zoomed(colours[..., channel], zoom) for channel in range(3)], axis=-1)


def limit_of(weights: Float32s) -> float:
    """Return where full colour is reached: what 99.5 % of the weights do not exceed, at least 0.1.

    It moves as smoothly as the weights do, and a handful of large ones do not pale all others.
    """
    place = int(0.995 * weights.size)
    largest = float(np.partition(np.abs(weights).reshape(-1), place)[place])
    return largest if LOWEST_LIMIT < largest < MOST_LIMIT else LOWEST_LIMIT


def zoomed(pixels: Bytes, zoom: int) -> Bytes:
    """Repeat each pixel of [..., H, W] `zoom` times both ways, so that a browser does not blur it."""
    return pixels.repeat(zoom, axis=-2).repeat(zoom, axis=-1)


def mosaic(pictures: Bytes, columns: int, gap: int = 4) -> Bytes:
    """Return grey pictures [N, H, W] as one, laid out in `columns` columns with white gaps."""
    number, height, width = pictures.shape
    rows = -(-number // columns)
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), 255, np.uint8)
    for index, picture in enumerate(pictures):
        top, left = index // columns * (height + gap), index % columns * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def data_url(pixels: Bytes) -> str:
    """Return a picture [H, W] or [H, W, 3] as a PNG within an address.

    Served as a file it would be gone when a quick rerun replaces it before the browser has fetched it.
    """
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(pixels).save(target, format="PNG")
    return "data:image/png;base64," + base64.b64encode(target.getvalue()).decode()
