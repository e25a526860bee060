import io
import json
import os
import pickle
import zipfile

import numpy as np
import pytest
import torch

from lrdemo.checkpoint import MOST_BYTES, load, read, save
from lrdemo.errors import CheckpointError
from lrdemo.minibatches import resident
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer


@pytest.fixture(scope="module")
def trainer(digits):
    run = Trainer(Settings(iterations=50, init="linear", momentum=0.5), digits)
    run.advance(50)
    return run


@pytest.fixture
def saved(trainer, tmp_path):
    path = tmp_path / "model.npz"
    save(path, trainer)
    return path


def test_a_model_comes_back_as_it_was(trainer, saved, digits):
    model, settings, info = load(saved)

    images = resident(digits, "cpu").test_images[:50]
    assert torch.equal(model(images), trainer.model(images))
    assert settings == trainer.settings
    assert info["iteration"] == 50
    assert info["test_accuracy"] == trainer.history.tests[-1].accuracy


def test_the_perceptron_comes_back_too(digits):
    run = Trainer(Settings(model="mlp", gradient="autograd", init="linear", iterations=2), digits)
    run.advance(2)
    file = io.BytesIO()
    save(file, run)
    file.seek(0)

    model, _, _ = load(file)

    run.model.eval()
    images = resident(digits, "cpu").test_images[:50]
    assert torch.equal(model(images), run.model(images))


def rewritten(path, **changes):
    """Return the file with some arrays or parts of the header replaced."""
    with np.load(path) as arrays:
        content = dict(arrays)
    header = json.loads(content["header"].tobytes())
    for name, value in changes.items():
        if name in header:
            header[name] = value
        else:
            content[name.replace("__", ".")] = value
    content["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, **content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "another"}, "not a model saved by this program"),
        ({"version": 99}, "version 99"),
        ({"settings": {"learning_rate": -1}}, "Learning rate"),
        ({"settings": {"nonsense": 1}}, "settings unknown"),
        ({"info": {"iteration": "many"}}, "no numbers"),
        ({"linear__weight": np.zeros((10, 783), dtype=np.float32)}, "shapes"),
        ({"linear__extra": np.zeros(3, dtype=np.float32)}, "shapes"),
        ({"linear__bias": np.full(10, np.nan, dtype=np.float32)}, "finite"),
        ({"linear__bias": np.zeros(10, dtype=np.float64)}, "float32"),
    ],
)
def test_a_file_that_says_something_else_is_refused(saved, changes, words):
    with pytest.raises(CheckpointError, match=words):
        read(io.BytesIO(rewritten(saved, **changes)))


def test_a_damaged_file_is_refused_wherever_the_damage_is(saved):
    content = saved.read_bytes()
    for cut in (0, 1, 100, len(content) // 2, len(content) - 1):
        with pytest.raises(CheckpointError):
            read(io.BytesIO(content[:cut]))
    for at in range(40, len(content), len(content) // 50):
        damaged = bytearray(content)
        damaged[at] ^= 0xFF
        try:
            contents = read(io.BytesIO(bytes(damaged)))
        except CheckpointError:
            continue
        # A byte that carries nothing, such as a date in the archive.
        original = read(saved)
        assert contents.settings == original.settings
        for name, value in original.parameters.items():
            assert np.array_equal(contents.parameters[name], value)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n", b"PK\x03\x04broken", b"\x93NUMPY\x01\x00"])
def test_another_file_is_refused(content):
    with pytest.raises(CheckpointError, match="not a model file"):
        read(io.BytesIO(content))


class Trap:
    def __reduce__(self):
        return os.mkdir, ("trap-was-sprung",)


@pytest.mark.parametrize("inside", ["bare", "array"])
def test_no_code_is_executed(tmp_path, monkeypatch, inside):
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO()
    if inside == "bare":
        pickle.dump(Trap(), file)
    else:
        np.savez(file, allow_pickle=True, header=np.array([Trap()], dtype=object))

    with pytest.raises(CheckpointError):
        read(io.BytesIO(file.getvalue()))

    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_too_large_is_refused_packed_or_not():
    with pytest.raises(CheckpointError, match="larger"):
        read(io.BytesIO(bytes(MOST_BYTES + 1)))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", bytes(MOST_BYTES + 1))
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(CheckpointError, match="unpacked"):
        read(io.BytesIO(bomb.getvalue()))


def test_a_file_that_cannot_be_read_or_written_is_named(trainer, tmp_path):
    for act in (lambda: read(tmp_path / "none.npz"), lambda: save(tmp_path / "no" / "folder.npz", trainer)):
        with pytest.raises(CheckpointError, match="none.npz|folder.npz"):
            act()
