import struct
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from lrdemo.data import Digits
from lrdemo.lesson import pca
from lrdemo.lesson.pca import cached_projection, principal_components, quantised


def test_the_projection_agrees_with_scikit_learn(digits: Digits) -> None:
    images = digits.train_images[:3_000].reshape(3_000, -1)
    ours = principal_components(images)
    theirs = PCA(n_components=2, svd_solver="full").fit(images / 255)
    assert ours.shares == pytest.approx(theirs.explained_variance_ratio_, rel=1e-3)
    expected = theirs.transform(images / 255)
    signs = np.sign((expected * ours.coordinates).sum(axis=0))
    assert np.allclose(ours.coordinates, expected * signs, atol=2e-3)


def test_a_line_of_points_by_hand() -> None:
    """Points along (3, −4)/5 at −2, 0, 1 and 1: the larger entry is made positive, so the direction is (−3, 4)/5."""
    along = np.array([-2.0, 0.0, 1.0, 1.0])
    projection = principal_components(np.array([10.0, 20.0]) + along[:, None] * np.array([0.6, -0.8]), 1)
    assert projection.directions[0] == pytest.approx([-0.6, 0.8])
    assert projection.coordinates[:, 0] == pytest.approx([2, 0, -1, -1], abs=1e-5)
    assert projection.mean == pytest.approx([10, 20]) and projection.shares[0] == pytest.approx(1, abs=1e-4)


def test_the_directions_are_at_right_angles_and_centred() -> None:
    values = np.random.default_rng(0).normal(size=(500, 6)) * np.arange(1, 7)
    projection = principal_components(values, 3)
    assert np.allclose(projection.directions @ projection.directions.T, np.eye(3), atol=1e-5)
    assert np.allclose(projection.coordinates.mean(axis=0), 0, atol=1e-4)
    assert (np.diff(projection.shares) < 0).all()


@pytest.fixture
def few(digits: Digits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    monkeypatch.setenv("LRDEMO_CACHE", str(tmp_path))
    return digits.train_images[:200]


def test_the_second_call_reads_the_cache(few: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    first = cached_projection(few)
    monkeypatch.setattr(pca, "principal_components", lambda images, number: pytest.fail("computed twice"))
    assert np.array_equal(cached_projection(few).coordinates, first.coordinates)


@pytest.mark.parametrize("damage", [b"", b"not a cache", None])
def test_a_damaged_cache_is_computed_anew(few: np.ndarray, tmp_path: Path, damage: bytes | None) -> None:
    first = cached_projection(few)
    (path,) = tmp_path.iterdir()
    stored = bytearray(path.read_bytes())
    stored[len(stored) // 2] ^= 1
    path.unlink()  # The first map reads from it still.
    path.write_bytes(stored if damage is None else damage)
    assert np.array_equal(cached_projection(few).coordinates, first.coordinates)
    assert list(tmp_path.iterdir()) == [path]


def test_as_many_other_images_have_another_map(few: np.ndarray, digits: Digits, tmp_path: Path) -> None:
    first, second = cached_projection(few), cached_projection(digits.train_images[200:400])

    assert len(list(tmp_path.iterdir())) == 2
    assert not np.allclose(first.coordinates, second.coordinates, atol=0.1)
    assert np.array_equal(cached_projection(few).coordinates, first.coordinates)


def test_the_largest_entry_of_each_direction_is_positive(few: np.ndarray) -> None:
    directions = cached_projection(few).directions
    for direction in directions:
        assert direction[np.abs(direction).argmax()] > 0
    # Mirrored images have the same differences the other way round, and the same sign is chosen again.
    turned = principal_components(255 - few.reshape(200, -1)).directions
    assert np.allclose(turned, directions, atol=1e-4)


def test_the_packed_map_gives_the_coordinates_back(few: np.ndarray, digits: Digits) -> None:
    projection = cached_projection(few)
    packed = quantised(projection, digits.train_labels[:200])
    number, half_width = struct.unpack_from("<If", packed)
    points = np.frombuffer(packed, "<i2", 2 * number, 8).reshape(number, 2) * (half_width / 32_767)
    assert number == 200
    assert np.allclose(points, projection.coordinates, atol=half_width / 32_767)
    assert np.array_equal(np.frombuffer(packed, np.uint8, number, 8 + 4 * number), digits.train_labels[:200])
    assert len(packed) == 8 + 5 * number
