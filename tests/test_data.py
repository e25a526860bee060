"""The data as they are, and everything that can be wrong with the files, without a network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrdemo import data
from lrdemo.data import ARCHIVES, cache_folder, load_mnist
from lrdemo.errors import DataError

NAMES = [file.name for file in data._FILES]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Use a cache of its own that already holds the unpacked files."""
    unpacked = cache_folder() / "mnist"
    load_mnist()
    folder = tmp_path / "cache"
    shutil.copytree(unpacked, folder / "mnist")
    monkeypatch.setenv("LRDEMO_CACHE", str(folder))
    return folder


@pytest.fixture
def offline(monkeypatch):
    """Let torchvision download only from an address where nobody listens."""
    from torchvision.datasets import MNIST

    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])


@pytest.fixture
def archives(tmp_path, monkeypatch):
    """Use a copy of the archives that may be damaged."""
    copy = tmp_path / "archives"
    shutil.copytree(ARCHIVES, copy)
    monkeypatch.setattr(data, "ARCHIVES", copy)
    return copy


def test_the_digits_are_mnist(digits):
    assert digits.train_images.shape == (60_000, 28, 28) and digits.test_images.shape == (10_000, 28, 28)
    assert digits.train_labels[[0, 1, 3]].tolist() == [5, 0, 1]
    assert digits.test_labels[[0, 1]].tolist() == [7, 2]
    assert digits.train_images.mean() / 255 == pytest.approx(0.1307, abs=1e-4)
    assert np.bincount(digits.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


def test_the_digits_cannot_be_changed_by_mistake(digits):
    with pytest.raises(ValueError, match="read-only"):
        digits.train_images[0] = 0


@pytest.mark.parametrize("damage", ["flip a byte", "cut", "remove"])
def test_a_damaged_unpacked_file_is_unpacked_again(cache, offline, damage):
    path = cache / "mnist" / NAMES[2]
    content = bytearray(path.read_bytes())
    content[5_000] ^= 1
    path.unlink()
    if damage != "remove":
        path.write_bytes(content if damage == "flip a byte" else content[:-1])
    said = []

    digits = load_mnist(said.append)

    assert digits.test_labels[0] == 7
    assert any("Unpacking" in sentence for sentence in said)


@pytest.mark.parametrize("damage", ["damaged", "missing"])
def test_a_bad_archive_without_a_network_is_named_with_the_remedy(cache, offline, archives, damage):
    (cache / "mnist" / NAMES[0]).unlink()
    archive = archives / f"{NAMES[0]}.gz"
    content = archive.read_bytes()
    archive.unlink()
    if damage == "damaged":
        archive.write_bytes(content[:-100])

    with pytest.raises(DataError, match=f"{NAMES[0]}.gz is {damage}.*prepare"):
        load_mnist()
    assert not list(cache.glob("unpacking-*"))


def test_two_processes_may_unpack_at_once(tmp_path):
    code = "from lrdemo.data import load_mnist; print(int(load_mnist().test_labels[0]))"
    environment = {**os.environ, "LRDEMO_CACHE": str(tmp_path / "shared")}
    root = Path(__file__).parents[1]

    both = [
        subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    assert [process.communicate(timeout=120)[0].strip() for process in both] == ["7", "7"]
    assert sorted(path.name for path in (tmp_path / "shared" / "mnist").iterdir()) == sorted(NAMES)


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("LRDEMO_CACHE", str(blocked / "cache"))

    with pytest.raises(DataError, match="LRDEMO_CACHE"):
        load_mnist()


def test_without_a_writable_user_cache_a_temporary_one_is_used(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.delenv("LRDEMO_CACHE", raising=False)
    monkeypatch.setattr(data, "_user_cache", lambda: blocked)
    monkeypatch.setattr(data.tempfile, "gettempdir", lambda: str(tmp_path))

    assert cache_folder().parent == tmp_path
