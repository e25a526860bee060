import numpy as np

from lrdemo.pictures import ink, mosaic, signed


def test_ink_is_black_on_white_and_zoomed_without_blur() -> None:
    assert ink(np.array([[[0.0, 1.0]]]), zoom=2).tolist() == [[[255, 255, 0, 0], [255, 255, 0, 0]]]


def test_the_signed_scale_is_symmetric_white_at_zero_and_clipped() -> None:
    colours = signed(np.array([[2.0, 1.0, 0.0, -1.0]]), limit=1.0, zoom=1)[0]
    red, blue, white = [178, 24, 43], [33, 102, 172], [247, 247, 247]
    assert colours.tolist() == [red, red, white, blue]
    assert (signed(np.zeros((2, 2))) == 247).all()


def test_a_mosaic_puts_each_picture_in_its_place() -> None:
    sheet = mosaic(np.arange(3, dtype=np.uint8).repeat(4).reshape(3, 2, 2), columns=2, gap=1)
    assert sheet.shape == (5, 5)
    assert [sheet[0, 0], sheet[0, 3], sheet[3, 0], sheet[3, 3], sheet[0, 2]] == [0, 1, 2, 255, 255]


def test_what_is_no_number_is_white_paper_and_infinity_full_colour() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 3e38]], np.float32)
    white, red, blue = [247, 247, 247], [178, 24, 43], [33, 102, 172]
    assert signed(values, limit=1.0, zoom=1)[0].tolist() == [white, red, blue, red]
    assert signed(values, zoom=1)[0, 0].tolist() == white
    assert ink(values, zoom=1).tolist() == [[255, 0, 255, 0]]
