"""The one cache: kept, found again, keyed by content, mended, and used without room to keep anything."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from lrdemo.cache import CacheFile, fingerprint, folders
from lrdemo.errors import DataError

ROOT = Path(__file__).parents[1]
LAYOUT = {"bytes": (np.uint8, (3, 5)), "numbers": (np.float32, (7,))}
ARRAYS = {"bytes": np.arange(15, dtype=np.uint8).reshape(3, 5), "numbers": np.linspace(-1, 1, 7, dtype=np.float32)}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LRDEMO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def file(name="thing", key="0123", layout=LAYOUT):
    return CacheFile(name, key, layout)


def never():
    raise AssertionError("made again")


def same(found, expected=ARRAYS):
    return found.keys() == expected.keys() and all(
        np.array_equal(found[name], expected[name]) and found[name].dtype == expected[name].dtype for name in expected
    )


def test_what_was_made_is_found_again_read_only(folder):
    first = file().kept(lambda: ARRAYS)
    again = file().kept(never)

    assert same(first) and same(again)
    for array in (*first.values(), *again.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert [path.name for path in folder.iterdir()] == ["thing-0123.bin"]
    assert file().folder == folder


def test_nothing_is_found_where_nothing_was_kept(folder):
    assert file().read() is None
    assert file().folder == folder and not folder.exists()


@pytest.mark.parametrize("other", [file(key="4567"), file(name="other"), file(layout={"bytes": (np.uint8, (3, 5))})])
def test_another_key_name_or_layout_is_another_thing(folder, other):
    file().write(ARRAYS)

    assert other.read() is None


def test_a_file_under_another_name_or_with_another_meaning_is_refused(folder):
    file().write(ARRAYS)
    (folder / "thing-0123.bin").rename(folder / "thing-4567.bin")
    assert file(key="4567").read() is None

    file().write(ARRAYS)
    assert file(layout=LAYOUT | {"bytes": (np.uint8, (5, 3))}).read() is None
    assert file(layout=LAYOUT | {"numbers": (np.int32, (7,))}).read() is None


def test_every_damaged_byte_and_every_cut_is_noticed_and_mended(folder):
    file().write(ARRAYS)
    path = folder / "thing-0123.bin"
    whole = path.read_bytes()
    damaged = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    for content in [*damaged, *(whole[:length] for length in range(0, len(whole), 7)), whole + b"\0", b"not a cache"]:
        path.write_bytes(content)
        assert file().read() is None
    path.unlink()
    path.mkdir()
    assert file().read() is None
    path.rmdir()

    path.write_bytes(damaged[3])
    assert same(file().kept(lambda: ARRAYS))
    assert same(file().kept(never))
    assert path.read_bytes() == whole


def test_what_fails_while_it_is_made_leaves_nothing_behind(folder):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file().kept(interrupted)
    with pytest.raises(AssertionError, match="numbers"):
        file().write(ARRAYS | {"numbers": np.zeros(6, np.float32)})
    assert list(folder.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named_or_done_without(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("LRDEMO_CACHE", str(blocked / "cache"))

    assert same(file().kept(lambda: ARRAYS))
    with pytest.raises(DataError, match=r"^\d+ bytes .*cache \(Not a directory\)\. .*LRDEMO_CACHE"):
        file().write(ARRAYS)


def test_a_full_disk_keeps_nothing_and_says_what_is_needed(tmp_path):
    """A limit on the size of files does what a full disk does: a write ends halfway with an error."""
    code = """
import resource, numpy as np
from lrdemo.cache import CacheFile
from lrdemo.errors import DataError
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
file = CacheFile("large", "0", {"zeros": (np.uint8, (5000,))})
print(len(file.kept(lambda: {"zeros": np.zeros(5000, np.uint8)})["zeros"]))
try:
    file.write({"zeros": np.zeros(5000, np.uint8)})
except DataError as error:
    print(error)
"""
    environment = {**os.environ, "LRDEMO_CACHE": str(tmp_path / "cache")}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)

    length, sentence = done.stdout.splitlines()
    assert (length, done.stderr) == ("5000", "")
    assert sentence.startswith(f"5,060 bytes could not be kept in {tmp_path / 'cache'} (File too large). Make room")
    assert list((tmp_path / "cache").iterdir()) == []


def test_without_room_at_home_a_temporary_folder_is_used(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.delenv("LRDEMO_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = folders()

    assert same(file().kept(lambda: ARRAYS))
    assert same(file().kept(never))
    assert file().folder == second and second.parent == tmp_path and first == blocked / "lrdemo"


def test_other_users_cannot_write_what_is_kept(folder):
    file().write(ARRAYS)

    assert not stat.S_IMODE((folder / "thing-0123.bin").stat().st_mode) & 0o022


def test_a_fingerprint_changes_with_any_number_the_shape_and_the_type():
    zeros = np.zeros((4, 6), np.uint8)
    changed = zeros.copy()
    changed[3, 5] = 1
    others = [changed, zeros.reshape(6, 4), zeros.view(np.int8), zeros[:3]]

    prints = [fingerprint(zeros), *map(fingerprint, others), fingerprint(zeros, zeros), fingerprint()]

    assert fingerprint(zeros.copy()) == prints[0] and len(set(prints)) == len(prints)
    assert fingerprint(np.asfortranarray(changed)) == fingerprint(changed)
