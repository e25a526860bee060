"""A wall of images as one picture, in which a minibatch is picked out."""

from __future__ import annotations

import numpy as np

from lrdemo.arrays import Bytes, Ints

CELL = 14
PALE = 0.5
"""The share of ink that is left of the images that have not been picked."""
MARK = np.array([221, 102, 0])
"""The paper of those that have been."""


def wall(images: Bytes, picked: Ints, columns: int) -> Bytes:
    """Return images [N, 28, 28] at half size, side by side in `columns` columns, as RGB [14 rows, 14 columns, 3].

    N must be a multiple of `columns`. Those at the indices `picked` stand on orange, all others are pale.
    """
    ink = images.reshape(-1, CELL, 2, CELL, 2).mean(axis=(2, 4), dtype=np.float32) / 255
    cells = np.repeat(255 * (1 - PALE * ink)[..., None], 3, axis=-1)
    cells[picked] = MARK * (1 - ink[picked])[..., None]
    rows = cells.reshape(-1, columns, CELL, CELL, 3).transpose(0, 2, 1, 3, 4)
    # In sixteen shades the picture has a third of the bytes.
    return (np.rint(rows.reshape(-1, CELL * columns, 3) / 17) * 17).astype(np.uint8)
