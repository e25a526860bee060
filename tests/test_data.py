"""The data as they are, and everything that can be wrong with the files, without a network."""

import gzip
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from lrdemo import data
from lrdemo.data import ARCHIVES, Digits, load_mnist
from lrdemo.errors import DataError

ROOT = Path(__file__).parents[1]
TRAIN_IMAGES = "train-images-idx3-ubyte.gz"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Use an empty cache of its own."""
    folder = tmp_path / "cache"
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


def test_other_images_or_labels_have_another_fingerprint(digits):
    few = Digits(digits.train_images[:9], digits.train_labels[:9], digits.test_images[:9], digits.test_labels[:9])
    labels = few.test_labels.copy()
    labels[3] ^= 1
    images = few.train_images.copy()
    images[4, 14, 14] ^= 1

    others = [replace(few, test_labels=labels), replace(few, train_images=images)]

    assert len({few.fingerprint, *(other.fingerprint for other in others)}) == 3


@pytest.mark.parametrize("damage", ["flip a byte", "cut", "remove"])
def test_the_archives_are_unpacked_once_and_again_when_the_file_is_damaged(cache, offline, damage):
    said = []
    load_mnist(said.append)
    load_mnist(said.append)
    assert [sentence.split()[0] for sentence in said] == ["Unpacking", "MNIST", "MNIST"]
    (path,) = cache.iterdir()
    content = bytearray(path.read_bytes())
    content[50_000_000] ^= 1
    path.unlink()
    if damage != "remove":
        path.write_bytes(content if damage == "flip a byte" else content[:-1])
    said.clear()

    digits = load_mnist(said.append)

    assert digits.test_labels[0] == 7
    assert [sentence.split()[0] for sentence in said] == ["Unpacking", "MNIST"]
    assert f"{cache}" in said[0]


@pytest.mark.parametrize("damage", ["damaged", "cut", "missing", "other digits"])
def test_a_bad_archive_without_a_network_is_named_with_the_remedy(cache, offline, archives, damage):
    archive = archives / TRAIN_IMAGES
    content = bytearray(archive.read_bytes())
    archive.unlink()
    if damage == "damaged":
        content[5_000_000] ^= 0xFF
    if damage == "other digits":
        content = gzip.compress(bytes(16 + 60_000 * 784), 1)
    if damage != "missing":
        archive.write_bytes(content[:-100] if damage == "cut" else content)

    word = "missing" if damage == "missing" else "damaged"
    with pytest.raises(DataError, match=f"^lrdemo/mnist/{TRAIN_IMAGES} is {word} and could not.*prepare`\\.$"):
        load_mnist()
    assert not cache.exists()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


def test_a_bad_archive_is_downloaded(cache, archives, monkeypatch):
    from torchvision.datasets import MNIST

    (archives / TRAIN_IMAGES).write_bytes(b"damaged")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=ARCHIVES)) as mirror:
        Thread(target=mirror.serve_forever, daemon=True).start()
        monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{mirror.server_port}/"])
        assert load_mnist().train_labels[:3].tolist() == [5, 0, 4]
        mirror.shutdown()


def test_two_processes_may_unpack_at_once(cache):
    code = "from lrdemo.data import load_mnist; print(int(load_mnist().test_labels[0]))"

    both = [
        subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env={**os.environ}, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    assert [process.communicate(timeout=120)[0].strip() for process in both] == ["7", "7"]
    assert len(list(cache.iterdir())) == 1


def test_a_cache_without_room_is_one_sentence_that_names_the_folder_and_the_need(cache):
    """A limit on the size of files does what a full disk does: a write ends halfway with an error."""
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000_000, 20_000_000)); "
        "from lrdemo.__main__ import main; sys.exit(main(['prepare']))"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ}, capture_output=True, text=True)

    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"lrdemo: 54,950,084 bytes could not be kept in {cache} (File too large). Make room" in done.stderr
    assert list(cache.iterdir()) == []


def test_ordinary_starts_import_no_torchvision(cache):
    code = "import sys; from lrdemo.data import load_mnist; load_mnist(); print('torchvision' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ}, capture_output=True, text=True)

    assert done.stdout.strip() == "False"
