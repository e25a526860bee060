import numpy as np
import pytest
from scipy import ndimage

from lrdemo.directions import BLUR, SCALE, directions
from lrdemo.features import prepared
from lrdemo.settings import Settings
from lrdemo.shapes import EDGES, IMAGE
from lrdemo.trainer import Trainer

RIGHT, DOWN, LEFT, UP = 0, 2, 4, 6


@pytest.fixture(scope="module")
def images(digits):
    return IMAGE.unpacked(prepared(digits, "normalised").test_images[:20])


def reference(image):
    """Return the eight maps of one image [28, 28], [8, 10, 10], by SciPy's Sobel and pixel by pixel."""
    x, y = (ndimage.sobel(image.astype(np.float64), axis=axis, mode="constant") / 8 for axis in (1, 0))
    maps = np.zeros((8, 28, 28))
    for row, column in np.argwhere((x != 0) | (y != 0)):
        turn = np.degrees(np.arctan2(y[row, column], x[row, column])) % 360 / 45
        length, share = np.hypot(x[row, column], y[row, column]), turn % 1
        maps[int(turn) % 8, row, column] += (1 - share) * length
        maps[(int(turn) + 1) % 8, row, column] += share * length
    cells = np.zeros((8, 10, 10))
    for row, column in np.ndindex(10, 10):
        weights = [np.exp(-(((np.arange(28) + 0.5 - 2.8 * (at + 0.5)) / BLUR) ** 2) / 2) for at in (row, column)]
        window = np.outer(*(one / one.sum() for one in weights))
        cells[:, row, column] = (maps * window).sum(axis=(1, 2))
    return SCALE * np.sqrt(cells)


def test_the_maps_are_those_of_scipys_sobel_shared_by_angle_and_gathered_by_a_gaussian(images):
    assert np.abs(directions(images) - np.stack(list(map(reference, images)))).max() < 0.01


@pytest.mark.parametrize(
    ("inked", "direction"),
    [(np.s_[:, 14:], RIGHT), (np.s_[14:, :], DOWN), (np.s_[:, :14], LEFT), (np.s_[:14, :], UP)],
)
def test_an_edge_lies_on_the_map_of_the_direction_in_which_ink_begins(inked, direction):
    image = np.zeros((1, 28, 28), np.float32)
    image[0][inked] = 1
    # In the middle of the edge, far from its ends at the border.
    middle = directions(image)[0, :, 4:6, 4:6].max(axis=(1, 2))

    assert middle.argmax() == direction and np.delete(middle, direction).max() < 1e-5


def test_a_quarter_turn_clockwise_turns_the_places_and_moves_the_directions_on_by_two(images):
    turned = directions(np.ascontiguousarray(np.rot90(images, -1, axes=(1, 2))))

    wanted = np.roll(np.rot90(directions(images), -1, axes=(2, 3)), 2, axis=1)
    # Half a byte: what is rounded where there is hardly an edge, the root makes larger.
    assert np.abs(turned - wanted).max() < 0.005


def test_paper_has_no_edges_and_no_image_no_maps():
    assert not directions(np.zeros((1, 28, 28), np.float32)).any()
    assert directions(np.zeros((0, 28, 28), np.float32)).shape == (0, 8, 10, 10)


def test_mnist_is_kept_in_bytes_that_are_hundredths_and_none_is_cut_off(digits):
    found = prepared(digits, "directions")
    of_normalised = directions(IMAGE.unpacked(prepared(digits, "normalised").train_images[:100]))

    assert (found.train_images.shape, found.test_images.shape) == ((60_000, 8, 10, 10), (10_000, 8, 10, 10))
    assert np.abs(found.train_images[:100] / 100 - of_normalised).max() <= 0.0051
    assert max(found.train_images.max(), found.test_images.max()) < 255 * 0.97
    assert np.array_equal(EDGES.packed(EDGES.unpacked(found.test_images[:10])), found.test_images[:10])


def test_a_linear_model_of_edges_gets_98_of_100_where_one_of_pixels_gets_90(digits):
    accuracy = {}
    for features in ("pixels", "normalised", "directions"):
        trainer = Trainer(Settings(features=features, iterations=600), digits)
        trainer.advance(600)
        accuracy[features] = trainer.history.tests[-1].accuracy

    assert 0.90 < accuracy["pixels"] < 0.91 and 0.955 < accuracy["normalised"] < 0.97
    assert 0.983 < accuracy["directions"] < 0.99
