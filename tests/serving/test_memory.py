"""Memory for runs: taken in full before it is used, refused in words where there is none, and given back."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from conftest import LONG

from lrdemo.errors import ServiceError
from lrdemo.serving import memory as module
from lrdemo.serving.memory import PLACES, Memory, default_places

ROOT = Path(__file__).parents[2]
OWNER = "import sys, time; from pathlib import Path; from lrdemo.serving.memory import Memory; "
WITHOUT_FALLOCATE = "import os; del os.posix_fallocate; "
LIMITED = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); "


@pytest.mark.parametrize("system", ["has posix_fallocate", "has not"])
def test_what_is_reserved_takes_its_room_at_once(tmp_path, monkeypatch, system):
    if system == "has not":
        monkeypatch.delattr(os, "posix_fallocate")
    memory = Memory([tmp_path])

    path = memory.reserve("1.run", 300_000)

    assert path.stat().st_size == 300_000
    assert path.stat().st_blocks * 512 >= 300_000
    assert path.read_bytes() == bytes(300_000)
    memory.close()
    assert list(tmp_path.iterdir()) == []


def test_where_one_place_has_no_room_the_next_is_taken(tmp_path):
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
    memory = Memory(places)
    (memory.folders[0] / "1.run").mkdir()

    path = memory.reserve("1.run", 1_000)

    assert path.parent.parent == places[1]
    memory.close()


def test_a_place_that_does_not_exist_is_passed_over(tmp_path):
    memory = Memory([tmp_path / "missing", tmp_path])

    assert [folder.parent for folder in memory.folders] == [tmp_path]
    memory.close()


def test_a_place_where_nothing_can_be_locked_is_passed_over_and_left_clean(tmp_path, monkeypatch):
    def refuse(file):
        raise OSError("No locks here.")

    monkeypatch.setattr(module, "_lock", refuse)

    assert Memory([tmp_path]).folders == [] and list(tmp_path.iterdir()) == []


def test_a_run_gets_the_room_that_another_is_just_giving_back(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "WAIT_SECONDS", LONG)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: leaving.rmdir())
    memory = Memory([tmp_path])
    leaving = memory.folders[0] / "1.run"
    leaving.mkdir()

    assert memory.reserve("1.run", 1_000) == leaving
    memory.close()


def test_a_folder_that_somebody_has_removed_is_closed_all_the_same(tmp_path):
    memory = Memory([tmp_path])
    memory.folders[0].rename(tmp_path / "elsewhere")

    memory.close()

    assert not memory.folders[0].exists()


def test_without_any_place_a_run_is_refused_in_words(tmp_path):
    with pytest.raises(ServiceError, match="no memory left for this run"):
        Memory([tmp_path / "missing"]).reserve("1.run", 1_000)


@pytest.mark.parametrize("system", ["", WITHOUT_FALLOCATE])
def test_without_room_a_run_is_refused_in_words_and_nothing_is_left(tmp_path, system):
    code = (
        system + OWNER + LIMITED + "memory = Memory([Path(sys.argv[1])]); memory.reserve('small.run', 100_000)\n"
        "try: memory.reserve('large.run', 300_000)\n"
        "except Exception as error: print(type(error).__name__, error)\n"
        "print(sorted(path.name for path in memory.folders[0].iterdir()))"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    refused, left = done.stdout.splitlines()
    assert refused.startswith("ServiceError There is no memory left for this run.")
    assert left == "['owner', 'small.run']"


def test_the_folders_of_a_killed_server_go_at_the_next_start_and_those_of_a_living_one_stay(tmp_path):
    code = OWNER + "memory = Memory([Path(sys.argv[1])]); print(memory.folders[0], flush=True); time.sleep(600)"
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            cwd=ROOT, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    folders = [Path(server.stdout.readline().strip()) for server in servers]
    other = tmp_path / "lrdemo-runs-of-somebody"
    other.mkdir()
    servers[0].send_signal(signal.SIGKILL)
    servers[0].wait()

    memory = Memory([tmp_path])

    assert [folder.exists() for folder in folders] == [False, True]
    assert other.exists()
    memory.close()
    servers[1].kill()
    for server in servers:
        server.wait()
        server.stdout.close()
    Memory([tmp_path]).close()
    assert list(tmp_path.iterdir()) == [other]


def test_places_come_from_the_environment_or_from_the_system(monkeypatch, tmp_path):
    monkeypatch.setenv(PLACES, f"/one{os.pathsep}/two")
    assert default_places() == [Path("/one"), Path("/two")]
    monkeypatch.setenv(PLACES, str(tmp_path))
    memory = Memory()
    assert [folder.parent for folder in memory.folders] == [tmp_path]
    memory.close()

    monkeypatch.delenv(PLACES)
    temporary = Path(tempfile.gettempdir())
    for there, expected in ((True, [Path("/dev/shm"), temporary]), (False, [temporary])):
        monkeypatch.setattr(Path, "is_dir", lambda path, there=there: there)
        assert default_places() == expected


def test_a_server_without_room_refuses_runs_and_goes_on(tmp_path):
    code = (
        "from lrdemo.errors import ServiceError; from lrdemo.serving.service import Service; "
        "from lrdemo.settings import Settings\n" + LIMITED + "\n"
        "service = Service(); small = service.open_run(Settings(iterations=40, pace=0))\n"
        "large = Settings(model='mlp', gradient='autograd')\n"
        "for act in (lambda: service.open_run(large), lambda: small.start(large), lambda: small.reset(large)):\n"
        "    try: act()\n"
        "    except ServiceError as error: print('refused:', error)\n"
        "small.start()\n"
        "found = small.wait(120, lambda snapshot: snapshot.state == 'finished')\n"
        "print(found.iteration, small.settings.model, len(service.runs))\n"
        "service.close()"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, PLACES: str(tmp_path)},
    )  # fmt: skip

    lines = done.stdout.splitlines()
    assert len(lines) == 4 and all(line.startswith("refused: There is no memory left") for line in lines[:3])
    assert lines[3] == "40 softmax 1"
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
