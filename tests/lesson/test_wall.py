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


def test_a_picked_image_stands_on_a_paper_that_is_plain_between_white_ones() -> None:
    seen = wall(np.zeros((1, 28, 28), np.uint8), np.array([0]), 1)

    assert (seen == seen[0, 0]).all()
    share = seen[0, 0] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    assert 1.05 / (linear @ [0.2126, 0.7152, 0.0722] + 0.05) >= 3
