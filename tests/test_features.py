"""The preparations of one digit: exact areas, the same digit anywhere and at any size, and the cache."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lrdemo.data import Digits, load_mnist
from lrdemo.features import (
    FEATURES,
    Features,
    Placement,
    moments,
    place,
    prepare,
    prepare_images,
    prepare_with_way_back,
    prepared,
    resample,
    scale_and_shift,
    way_back,
)


@pytest.fixture(scope="module")
def digits() -> Digits:
    return load_mnist()


def some(digits: Digits, count: int) -> Digits:
    train_images, train_labels = digits.train_images[:count], digits.train_labels[:count]
    return Digits(train_images, train_labels, digits.test_images[:9], digits.test_labels[:9])


def placement(**values: float) -> Placement:
    names = {"cy": 0.0, "cx": 0.0, "slant": 0.0, "scale_y": 1.0, "scale_x": 1.0} | values
    return Placement(**{name: np.array([value]) for name, value in names.items()})


def test_two_pixels_by_hand() -> None:
    """Ink 1 and 3, half as wide: [0.75, 1.25) and [1.25, 1.75) across, [0.75, 1.75) down the output."""
    image = np.array([[[1.0, 3.0]]], np.float32)
    out = resample(image, placement(scale_x=0.5), side=2, centre=0.75)
    first, second = 1 * 0.25, 1 * 0.25 + 3 * 0.5
    expected = np.array([[first * 0.25, second * 0.25], [first * 0.75, second * 0.75]])
    np.testing.assert_allclose(out[0], expected, atol=1e-6)


def test_shrinking_by_a_whole_factor_is_pytorchs_area_interpolation() -> None:
    image = np.random.default_rng(0).random((1, 140, 140), np.float32)
    out = resample(image, placement(cy=70, cx=70, scale_y=0.2, scale_x=0.2), centre=14)
    oracle = torch.nn.functional.interpolate(torch.from_numpy(image)[None], size=28, mode="area")[0]
    np.testing.assert_allclose(out, oracle.numpy(), atol=1e-5)


def test_a_sheared_map_is_what_many_samples_say() -> None:
    random = np.random.default_rng(1)
    image = random.random((1, 9, 11), np.float32)
    where = placement(cy=4.2, cx=5.1, slant=0.4, scale_y=1.7, scale_x=1.3)
    fine = 200
    y = np.repeat(np.arange(9), fine)[:, None] + 0.0
    inner = (np.arange(9 * fine) + 0.5) / fine
    x = ((np.arange(11 * fine) + 0.5) / fine)[None, :]
    out_y = np.broadcast_to(14.5 + 1.7 * (inner[:, None] - 4.2), (9 * fine, 11 * fine))
    out_x = 14.5 + 1.3 * (x - 5.1 - 0.4 * (y + 0.5 - 4.2))
    weight = np.repeat(np.repeat(image[0], fine, 0), fine, 1) * 1.7 * 1.3 / fine**2
    bounds = [[0, 28], [0, 28]]
    oracle, _, _ = np.histogram2d(out_y.ravel(), out_x.ravel(), 28, bounds, weights=weight.ravel())
    np.testing.assert_allclose(resample(image, where)[0], oracle, atol=0.015)
    assert abs(resample(image, where).sum() - 1.7 * 1.3 * image.sum()) < 1e-3


def test_the_way_back_by_hand() -> None:
    """Half as wide, twice as high, leaning by 0.5: 3 right of the centre, 4 below it, were 6 + 1 right and 2 below."""
    where = placement(cy=4, cx=7, slant=0.5, scale_y=2, scale_x=0.5)
    back = way_back(where)
    np.testing.assert_allclose(back @ [14.5, 14.5, 1], [7, 4, 1])
    np.testing.assert_allclose(back @ [17.5, 18.5, 1], [7 + 6 + 0.5 * 2, 4 + 2, 1])
    np.testing.assert_allclose(way_back(where, centre=0) @ [0, 0, 1], [7, 4, 1])
    np.testing.assert_allclose(scale_and_shift(3, 5, -1) @ [2, 4, 1], [11, 11, 1])


@pytest.mark.parametrize("features", FEATURES)
def test_the_way_back_leads_to_where_the_ink_came_from(features: Features, digits: Digits) -> None:
    """Around a digit there is room, which is cut off first; a dot of ink anywhere must be found again."""
    image = np.zeros((60, 80))
    image[9:37, 31:59] = digits.test_images[7]
    found = prepare_with_way_back(image, features)
    assert found is not None
    np.testing.assert_array_equal(found.image, prepare(image, features))
    middle = np.array([15, 15]) - 0.5
    rows, columns = np.mgrid[:60, :80] + 0.5
    mean = [(image * places).sum() / image.sum() for places in (columns, rows)]
    np.testing.assert_allclose((found.back @ [*middle, 1])[:2], mean, atol=1e-6)
    to_image = np.linalg.inv(found.back)
    x, y, _ = to_image @ np.stack([columns[image > 200], rows[image > 200], np.ones((image > 200).sum())])
    inside = (x < 28) & (y < 28)
    assert inside.mean() > 0.9 and (found.image[y[inside].astype(int), x[inside].astype(int)] > 0.2).all()


def test_mass_is_preserved_and_its_centre_lands_on_index_14(digits: Digits) -> None:
    images = digits.test_images[:50] / np.float32(255)
    for features in FEATURES:
        where = place(images, features)
        out = resample(images, where, side=60, centre=30.5)
        expected = images.sum(axis=(1, 2)) * where.scale_x * where.scale_y
        np.testing.assert_allclose(out.sum(axis=(1, 2)), expected, rtol=1e-4)
        after = moments(out)
        np.testing.assert_allclose([after.cy, after.cx], 30.5, atol=0.03)


def bar(height: int, width: int) -> np.ndarray:
    return np.ones((1, height, width), np.float32)


def test_the_moments_of_a_bar_are_those_of_a_rectangle() -> None:
    """A rectangle of h × w has the variances h²/12 and w²/12 around its middle; ink of 1 a pixel has the mass h·w."""
    image = np.zeros((1, 20, 30), np.float32)
    image[0, 3:9, 10:14] = 1
    found = moments(image)
    assert (found.mass[0], found.cy[0], found.cx[0]) == pytest.approx((24, 6, 12))
    assert (found.vy[0], found.vx[0], found.c[0]) == pytest.approx((36 / 12, 16 / 12, 0))


def test_two_pixels_apart_lean() -> None:
    """At (0.5, 0.5) and (2.5, 3.5) with ink 1 and 3: means 2, 2.75; covariance 3/16·2·3."""
    image = np.zeros((1, 4, 5), np.float32)
    image[0, 0, 0], image[0, 2, 3] = 1, 3
    found = moments(image)
    assert (found.mass[0], found.cy[0], found.cx[0]) == pytest.approx((4, 2, 2.75))
    assert found.c[0] == pytest.approx(3 / 16 * 2 * 3)
    assert found.vy[0] == pytest.approx(3 / 16 * 4 + 1 / 12) and found.vx[0] == pytest.approx(3 / 16 * 9 + 1 / 12)


@pytest.mark.parametrize(("height", "width"), [(12, 12), (16, 9), (5, 20)])
def test_normalised_evens_out_the_aspect_to_its_fourth_root(height: int, width: int) -> None:
    where = place(bar(height, width), "normalised")
    tall, wide = height * where.scale_y[0], width * where.scale_x[0]
    assert wide / tall == pytest.approx((width / height) ** 0.25)
    # Root of the summed second moments of what comes out.
    assert np.sqrt((tall**2 + wide**2) / 12) == pytest.approx(8.5)
    assert (where.cy[0], where.cx[0], where.slant[0]) == pytest.approx((height / 2, width / 2, 0))


def test_a_line_is_widened_only_so_far() -> None:
    """1 × 100: the aspect counts as 1/20 at least, and no scale is above 3 · 8.5 by the root of the moments."""
    limit = 3 * 8.5 / np.sqrt((1 + 100**2) / 12)
    for image, length, across in ((bar(100, 1), "scale_y", "scale_x"), (bar(1, 100), "scale_x", "scale_y")):
        where = place(image, "normalised")
        assert getattr(where, across)[0] == pytest.approx(limit)
        aspect = 0.05**0.25
        assert getattr(where, length)[0] == pytest.approx(8.5 / np.sqrt(100**2 / 12 * (1 + aspect**2)))


def test_pixels_and_deskewed_fit_the_longest_side_into_their_boxes() -> None:
    for height, width in ((12, 30), (40, 7)):
        for features, box in (("pixels", 19.5), ("deskewed", 20.0)):
            where = place(bar(height, width), features)  # type: ignore[arg-type]
            assert where.scale_y[0] == where.scale_x[0] == pytest.approx(box / max(height, width))


def test_half_ink_counts_for_the_longest_side_and_less_does_not() -> None:
    image = np.ones((1, 4, 10), np.float32)
    image[0, :, 8:] = 0.5
    assert place(image, "pixels").scale_x[0] == pytest.approx(19.5 / 10)
    image[0, :, 8:] = 0.49
    assert place(image, "pixels").scale_x[0] == pytest.approx(19.5 / 8)


def test_a_leaning_bar_is_measured_upright() -> None:
    """Six rows of ten pixels, each two further right: the slant is 2 · 35/36, and 2/36 a row stays."""
    image = np.zeros((1, 6, 20), np.float32)
    for row in range(6):
        image[0, row, 2 * row : 2 * row + 10] = 1
    slant = 2 * 35 / 36
    where = place(image, "deskewed")
    assert where.slant[0] == pytest.approx(slant)
    assert where.scale_x[0] == pytest.approx(20 / (10 + 5 * (2 - slant)))
    assert place(image, "pixels").slant[0] == 0 and place(image, "pixels").scale_x[0] == pytest.approx(19.5 / 20)


def test_faint_scans_are_prepared_as_the_same_digit_in_full_ink(digits: Digits) -> None:
    """All images are scaled to ink 1 by 255 first, so what is half ink is the same for a drawing and for MNIST."""
    batch = prepare_images(digits.test_images[:100], "deskewed")
    for index, image in enumerate(digits.test_images[:100]):
        one = prepare(image, "deskewed")
        if image.max() == 255:
            assert one is not None and np.abs(batch[index] / 255 - one).max() < 0.003


def test_normalised_digits_have_one_size_and_stand_upright(digits: Digits) -> None:
    images = digits.test_images[:200] / np.float32(255)
    after = moments(resample(images, place(images, "normalised"), side=60, centre=30.5))
    assert np.abs(after.c).max() < 0.4
    size = np.sqrt(after.vy + after.vx)
    assert np.median(size) == pytest.approx(8.5, abs=0.05) and np.abs(size - 8.5).max() < 0.7


@pytest.mark.parametrize("features", FEATURES)
def test_a_whole_pixel_move_or_a_brighter_pen_changes_nothing(features: Features, digits: Digits) -> None:
    canvas = np.zeros((120, 100), np.uint8)
    canvas[5:33, 3:31] = digits.test_images[3]
    moved = np.zeros((80, 140), np.float32)
    moved[44:72, 101:129] = digits.test_images[3] / 3
    first, second = prepare(canvas, features), prepare(moved, features)
    assert first is not None and second is not None
    assert np.abs(first - second).max() < 1e-3


@pytest.mark.parametrize("features", FEATURES)
def test_size_changes_nothing(features: Features, digits: Digits) -> None:
    first = prepare(np.kron(digits.test_images[0], np.ones((6, 6))), features)
    second = prepare(np.kron(digits.test_images[0], np.ones((9, 9))), features)
    assert first is not None and second is not None
    assert np.abs(first - second).max() < 0.02


@pytest.mark.parametrize("features", FEATURES)
def test_no_ink_is_none_and_a_dot_is_finite(features: Features) -> None:
    assert prepare(np.zeros((28, 28), np.uint8), features) is None
    dot = np.zeros((28, 28), np.uint8)
    dot[3, 4] = 1
    image = prepare(dot, features)
    assert image is not None and image.shape == (28, 28) and image.dtype == np.float32
    assert np.isfinite(image).all() and image.max() == 1 and image.min() >= 0


def test_one_drawing_and_the_batch_agree(digits: Digits) -> None:
    images = np.array(digits.test_images[:300])
    images[7] = 0
    for features in ("deskewed", "normalised"):
        batch = prepare_images(images, features)
        assert batch.dtype == np.uint8 and not batch[7].any()
        for index in (0, 100, 299):
            one = prepare(images[index], features)
            assert one is not None and np.abs(batch[index] / 255 - one).max() < 0.003


def test_pixels_are_mnist_as_it_is_and_as_drawings_are_placed(digits: Digits) -> None:
    assert prepare_images(digits.test_images, "pixels") is digits.test_images
    again = [prepare(image, "pixels") for image in digits.test_images[:200]]
    assert np.abs(np.stack(again) - digits.test_images[:200] / 255).mean() < 0.03


def test_progress_rises_to_one_and_may_cancel(digits: Digits) -> None:
    seen: list[float] = []
    prepare_images(digits.test_images[:1000], "normalised", seen.append)
    assert seen == [0.2, 0.4, 0.6, 0.8, 1.0]

    def cancel(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare_images(digits.test_images[:1000], "normalised", cancel)


def test_the_cache_is_used_and_mended(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRDEMO_CACHE", str(tmp_path))
    few = some(digits, 30)
    first = prepared(few, "normalised")
    assert first.train_labels is few.train_labels and first.test_labels is few.test_labels
    assert first.train_images.shape == (30, 28, 28) and first.test_images.shape == (9, 28, 28)
    np.testing.assert_array_equal(first.train_images, prepare_images(few.train_images, "normalised"))
    (file,) = tmp_path.iterdir()

    work: list[float] = []
    again = prepared(few, "normalised", work.append)
    assert work == []
    np.testing.assert_array_equal(again.test_images, first.test_images)

    damaged = bytearray(file.read_bytes())
    damaged[1000] ^= 1
    file.unlink()  # The first digits are read from it still.
    file.write_bytes(damaged)
    mended = prepared(few, "normalised", work.append)
    assert work[-1] == 1
    np.testing.assert_array_equal(mended.train_images, first.train_images)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_other_digits_have_another_cache(
    digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LRDEMO_CACHE", str(tmp_path))
    five, as_many = some(digits, 5), replace(some(digits, 5), train_images=digits.train_images[5:10])
    for other in (five, some(digits, 6), as_many):
        found = prepared(other, "deskewed")
        assert np.array_equal(found.train_images, prepare_images(other.train_images, "deskewed"))
    assert len(list(tmp_path.iterdir())) == 3
    assert prepared(digits, "pixels") is digits
