import io
import json
import math
import os
import pickle
import subprocess
import sys
import tracemalloc
import warnings
import zipfile
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch

from lrdemo.checkpoint import MOST_BYTES, load, packed, read, save
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
    last = trainer.history.tests[-1]
    assert (last.iteration, last.loss != last.accuracy) == (50, True)
    assert info == {
        "iteration": 50, "learning_rate": 0.1, "test_iteration": 50, "test_loss": last.loss,
        "test_accuracy": last.accuracy,
    }  # fmt: skip


def test_the_learning_rate_kept_is_the_latest_and_the_test_that_of_its_iteration(digits):
    run = Trainer(Settings(iterations=30), digits)
    run.advance(25)
    run.set_learning_rate(0.4)
    file = io.BytesIO()
    save(file, run)
    file.seek(0)

    contents = read(file)

    assert (contents.info["iteration"], contents.info["test_iteration"]) == (25, 20)
    assert (contents.info["learning_rate"], contents.settings.learning_rate) == (0.4, 0.1)


def test_a_file_from_before_a_setting_was_made_is_read_with_its_default(trainer, monkeypatch):
    def as_before(settings):
        return {name: value for name, value in vars(settings).items() if name != "held_out"}

    monkeypatch.setattr("lrdemo.checkpoint.asdict", as_before)
    file = io.BytesIO()
    save(file, trainer)
    file.seek(0)

    assert b"held_out" not in file.getvalue()
    assert read(file).settings == trainer.settings


def test_a_run_without_tests_has_no_result(digits):
    file = io.BytesIO()
    save(file, Trainer(Settings(iterations=30), digits, tests=False))
    file.seek(0)

    assert read(file).info == {"iteration": 0, "learning_rate": 0.1}


def test_numbers_of_another_type_and_order_are_written_as_all_others(trainer):
    values = {name: value.numpy() for name, value in trainer.model.state_dict().items()}
    usual = packed(values, trainer.settings, {})
    other = {name: np.asfortranarray(value, np.float64) for name, value in values.items()}

    assert packed(other, trainer.settings, {}) == usual
    assert {value.dtype for value in read(io.BytesIO(usual)).parameters.values()} == {np.dtype(np.float32)}


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
        ({"version": 99}, "version “99”"),
        ({"version": True}, "version “True”"),
        ({"version": 1.0}, "version “1.0”"),
        ({"version": "v" * 100_000}, "version “v{39}…”"),
        ({"settings": {"learning_rate": -1}}, "Learning rate"),
        ({"settings": {"nonsense": 1}}, "settings unknown"),
        ({"settings": [1]}, "incomplete"),
        ({"settings": {"model": "m" * 100_000}}, "invalid setting. Model: “m{39}…”"),
        ({"settings": {"learning_rate": "0.1"}}, "invalid setting"),
        ({"settings": {"seed": 1.0}}, "invalid setting"),
        ({"settings": {"seed": True}}, "invalid setting"),
        ({"settings": {"seed": 10**4000}}, "invalid setting. Seed: “10*…”"),
        ({"settings": {"momentum": 10**4000}}, "invalid setting"),
        ({"settings": {"model": "mlp"}}, "autograd"),
        ({"settings": {"model": "mlp", "gradient": "autograd"}}, "shapes"),
        ({"info": {"iteration": "many"}}, "no numbers"),
        ({"info": {"iteration": True}}, "no numbers"),
        ({"info": {"iteration": 10**400}}, "no numbers"),
        ({"info": {"surprise": 1}}, "no numbers"),
        ({"info": {"test_loss": float("nan")}}, "not a model file"),
        ({"linear__weight": np.zeros((10, 783), dtype=np.float32)}, "shapes"),
        ({"linear__weight": np.zeros((784, 10), dtype=np.float32)}, "shapes"),
        ({"linear__weight": np.zeros((10, 784), dtype=np.float32, order="F")}, "shapes"),
        ({"linear__weight": np.zeros((10, 784), dtype=">f4")}, "shapes"),
        ({"linear__extra": np.zeros(3, dtype=np.float32)}, "not a model saved by this program"),
        ({"layers__0__bias": np.zeros(256, dtype=np.float32)}, "shapes"),
        ({"linear__bias": np.full(10, np.nan, dtype=np.float32)}, "finite"),
        ({"linear__bias": np.zeros(10, dtype=np.float64)}, "float32"),
    ],
)
def test_a_file_that_says_something_else_is_refused(saved, changes, words):
    with pytest.raises(CheckpointError, match=words):
        read(io.BytesIO(rewritten(saved, **changes)))


@pytest.mark.parametrize(("loss", "kept"), [(1e12, True), (-1e12, True), (1.01e12, False), (-1.01e12, False)])
def test_a_result_may_have_twelve_digits(saved, loss, kept):
    file = io.BytesIO(rewritten(saved, info={"test_loss": loss}))
    if kept:
        assert read(file).info == {"test_loss": loss}
    else:
        with pytest.raises(CheckpointError, match="no numbers"):
            read(file)


def in_archive(members, compression=zipfile.ZIP_STORED, attributes=0o600):
    """Return an archive of members [(name, bytes)], whatever they are."""
    file = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name)
            entry.compress_type, entry.external_attr = compression, attributes << 16
            archive.writestr(entry, content)
    return file.getvalue()


def members_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def damaged(content, random):
    """Return a name and a damaged file of one random kind; some kinds hurt nothing that is read."""
    members = members_of(content)
    at, which = random.randrange(len(content)), random.randrange(len(members))
    name, member = members[which]
    start = member.find(b"\n") + 1
    changed = bytearray(content)

    def with_member(new, new_name=name):
        return in_archive([*members[:which], (new_name, new), *members[which + 1 :]])

    kind = random.randrange(16)
    if kind == 0:  # One bit anywhere.
        changed[at] ^= 1 << random.randrange(8)
        return "bit", bytes(changed)
    if kind == 1:  # Bits in the structure: local headers, array headers, the directory at the end.
        near = random.choice([random.randrange(300), -1 - random.randrange(300)])
        changed[near] = random.randrange(256)
        return "structure", bytes(changed)
    if kind == 2:
        return "cut", content[:at]
    if kind == 3:
        return "cut in front", content[at:]
    if kind == 4:  # A field of four bytes set to something huge or negative.
        near = random.randrange(len(content) - 400, len(content) - 4)
        changed[near : near + 4] = random.choice([b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\x80"])
        return "huge field", bytes(changed)
    if kind == 5:
        method = random.choice([zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
        return "compressed", in_archive(members, method)
    if kind == 6:
        return "twice", in_archive([*members, members[which]])
    if kind == 7:
        return "missing", in_archive([*members[:which], *members[which + 1 :]])
    if kind == 8:
        names = ["é.npy", "../header.npy", "/etc/passwd", "linear.weight", "HEADER.npy", "a\0.npy", ".npy", "folder/"]
        return "renamed", with_member(member, random.choice(names))
    if kind == 9:
        names = [name for name, _ in members]
        return "swapped", in_archive(list(zip(names[1:] + names[:1], [member for _, member in members], strict=True)))
    if kind == 10:
        dtypes = ["<f8", ">f4", "<f2", "<i4", "<c8", "|S4", "<U1", "|O", "|b1"]
        return "dtype", with_member(npy(np.zeros(7840, random.choice(dtypes)).reshape(10, 784)), "linear.weight.npy")
    if kind == 11:  # The header of an array says something else.
        header = random.choice([
            b"{", b"(" * 5000, b"1e999", b"'" * 99, b"\xff", b"__import__('os')", b"{'shape': (99999999999, 784)}",
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (10, 784",
            b"{'descr': '<f4', 'fortran_order': True, 'shape': (10, 784), }",
            b"{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
            b"{'descr': [('a', '<f4')], 'fortran_order': False}",
        ])  # fmt: skip
        said = header.ljust(118) + b"\n"
        return "array header", with_member(member[:8] + len(said).to_bytes(2, "little") + said[:65000] + member[start:])
    if kind == 12:
        version = bytes(random.randrange(4) for _ in range(2))
        return "array version", with_member(member[:6] + version + member[8:])
    if kind == 13:
        length = random.choice([0, 1, 5, 9, 10, 11, 100, start, start + 1, start + 3, len(member) - 1, len(member) - 4])
        return "short array", with_member(member[:length])
    if kind == 14:
        values = np.frombuffer(members[1][1][-31360:], "<f4").reshape(10, 784).copy()
        values[random.randrange(10), random.randrange(784)] = random.choice([np.nan, np.inf, -np.inf])
        return "not finite", in_archive([members[0], (members[1][0], npy(values)), *members[2:]])
    header = json.loads(members[0][1][128:] if len(members[0][1]) > 128 else b"{}")
    part = random.choice([header, header["settings"], header["info"]])
    odd = [None, [], {}, "", "é\ud800", -1, 2**70, 10**4000, 1e300, math.nan, math.inf, True, [[[]]], "x" * 50_000]
    part[random.choice([*part, "new"])] = random.choice(odd)
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    return "header", in_archive([("header.npy", npy(text)), *members[1:]])


def memory_bounded(act):
    """Return what `act` returns; fail when it takes more memory than a few files of the largest size."""
    tracemalloc.start()
    try:
        return act()
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 10 * MOST_BYTES


def test_six_hundred_damaged_files_are_refused_in_a_sentence_or_say_the_same(saved, trainer, tmp_path):
    random, whole = Random(0), saved.read_bytes()
    original, kinds = read(saved), set()
    for _ in range(600):
        kind, content = damaged(whole, random)
        try:
            contents = memory_bounded(lambda content=content: read(io.BytesIO(content)))
        except CheckpointError as error:
            assert len(str(error)) < 300 and str(error).isprintable() and str(error).endswith("."), (kind, error)
            kinds.add(kind)
        else:
            # Such as a bit of the date, or a result that is another number.
            assert contents.settings == original.settings or kind == "header", kind
            for name, value in original.parameters.items():
                assert np.array_equal(contents.parameters[name], value)
    assert len(kinds) == 16
    assert [path.name for path in tmp_path.iterdir()] == [saved.name]


def test_an_archive_that_says_it_is_huge_is_refused(saved):
    """Sizes in an archive's directory are only claims, also for members that are not compressed."""
    content = bytearray(saved.read_bytes())
    directory = content.rfind(b"PK\x01\x02")
    for claimed in (2**31, 2**32 - 1):
        for field in (20, 24):
            changed = content.copy()
            changed[directory + field : directory + field + 4] = claimed.to_bytes(4, "little")
            with pytest.raises(CheckpointError):
                read(io.BytesIO(bytes(changed)))


def test_the_same_run_makes_the_same_file_and_numpy_can_open_it(saved, trainer):
    again = io.BytesIO()
    save(again, trainer)

    assert again.getvalue() == saved.read_bytes()
    with np.load(saved) as arrays:
        assert arrays["linear.weight"].tolist() == trainer.model.weight.tolist()
        header = json.loads(arrays["header"].tobytes())
    assert (header["format"], header["version"], header["settings"]["momentum"]) == ("lrdemo model", 1, 0.5)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n", b"PK\x03\x04broken", b"\x93NUMPY\x01\x00"])
def test_another_file_is_refused(content):
    with pytest.raises(CheckpointError, match="not a model file"):
        read(io.BytesIO(content))


@pytest.mark.parametrize("padding", [b"\t", b"X"])
def test_an_array_padded_with_something_else_than_spaces_is_refused(saved, padding):
    header, (name, member), *rest = members_of(saved.read_bytes())
    padded = member.replace(b" \n", padding + b"\n", 1)
    assert len(padded) == len(member)

    with pytest.raises(CheckpointError, match="shapes"):
        read(io.BytesIO(in_archive([header, (name, padded), *rest])))


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


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 32 * MOST_BYTES])
def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path, size):
    path = tmp_path / "large.npz"
    with open(path, "wb") as file:
        file.truncate(size)

    with pytest.raises(CheckpointError, match="larger"):
        memory_bounded(lambda: read(path))
    with open(path, "rb") as file, pytest.raises(CheckpointError, match="larger"):
        memory_bounded(lambda: read(file))


def test_a_file_that_is_too_large_is_refused_packed_or_not():
    with pytest.raises(CheckpointError, match="larger"):
        read(io.BytesIO(bytes(2 * 2**20 + 1)))
    with pytest.raises(CheckpointError, match="not a model file"):
        read(io.BytesIO(bytes(2 * 2**20)))
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", bytes(MOST_BYTES + 1))
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(CheckpointError, match="not a model"):
        read(io.BytesIO(bomb.getvalue()))


def test_a_model_that_cannot_be_written_whole_leaves_the_last_one_as_it_was(saved, tmp_path):
    """A limit on the size of files does what a full disk does: a write ends halfway with an error."""
    code = f"""
import resource
from lrdemo.checkpoint import load, save
from lrdemo.data import load_mnist
from lrdemo.errors import CheckpointError
from lrdemo.settings import Settings
from lrdemo.trainer import Trainer
run = Trainer(Settings(iterations=1), load_mnist())
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
for name in ("model.npz", "another.npz"):
    try:
        save({str(tmp_path)!r} + "/" + name, run)
    except CheckpointError as error:
        print(error)
"""
    before = saved.read_bytes()
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[1], capture_output=True, text=True)

    assert done.stderr == ""
    assert [line.split(": ")[-1] for line in done.stdout.splitlines()] == ["File too large."] * 2
    assert [path.name for path in tmp_path.iterdir()] == [saved.name] and saved.read_bytes() == before


def test_a_model_takes_the_place_of_the_last_one_also_behind_a_link_but_not_that_of_a_device(saved, trainer, tmp_path):
    link = tmp_path / "link.npz"
    link.symlink_to(saved)
    saved.write_bytes(b"the last one")
    save(link, trainer)

    assert link.is_symlink() and read(saved).info["iteration"] == 50
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CheckpointError, match="pipe: not an ordinary file"):
        save(tmp_path / "pipe", trainer)


def test_a_file_that_cannot_be_read_or_written_is_named(trainer, tmp_path):
    for act in (lambda: read(tmp_path / "none.npz"), lambda: save(tmp_path / "no" / "folder.npz", trainer)):
        with pytest.raises(CheckpointError, match="none.npz|folder.npz"):
            act()
