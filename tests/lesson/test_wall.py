import numpy as np

from lrdemo.lesson.wall import wall


def test_a_wall_of_four_images_by_hand() -> None:
    """Paper, full ink, full ink picked, and one whose upper left 2 × 2 pixels add up to full ink in one; two a row."""
    images = np.zeros((4, 28, 28), np.uint8)
    images[1:3] = 255
    images[3, :2, :2] = [[255, 0], [0, 0]]

    seen = wall(images, np.array([2]), 2).astype(int)

    assert seen.shape == (28, 28, 3)
    # In sixteen shades a colour is wrong by at most 8.
    assert (seen[:14, :14] == 255).all()
    assert np.abs(seen[:14, 14:] - 127.5).max() <= 9
    assert (seen[14:, :14] == 0).all()
    assert np.abs(seen[14, 14] - 255 * (1 - 0.5 / 4)).max() <= 9
    assert (seen[15:, 15:] == 255).all()


def test_a_picked_image_keeps_its_ink_on_orange() -> None:
    seen = wall(np.zeros((1, 28, 28), np.uint8), np.array([0]), 1)

    assert (seen == seen[0, 0]).all()
    red, green, blue = seen[0, 0].tolist()
    assert red == 255 and red - 60 > green > blue + 60
