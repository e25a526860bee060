"""Break the scripts one line at a time, and report which breaks the tests of the scripts notice.

    python -m tests.browser.changes            all of them, a few minutes
    python -m tests.browser.changes 3 17       these only

The breaks are listed in changes.toml. Each is made in a scratch copy, never in the working tree. First the test file
named with it runs, and only if that notices nothing all tests of the scripts. Exit status 1: a break went unnoticed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("changes.toml")
TESTS = "tests/browser/view"
LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Change:
    """One line of a script to break: its text, what stands there instead, and what a visitor would see."""

    file: str
    old: str
    new: str
    seen: str
    test: str

    def made(self, text: str) -> str:
        """Return the script's text with the change made; raises ValueError unless the old text stands there once."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.file}: {self.old!r} stands there {text.count(self.old)} times.")
        return text.replace(self.old, self.new)


def listed() -> list[Change]:
    """Return all changes of the list."""
    with open(LIST, "rb") as file:
        return [Change(**entry) for entry in tomllib.load(file)["change"]]


def noticed(change: Change) -> bool:
    """Return whether the tests fail in a copy with the change."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        ignore = shutil.ignore_patterns("__pycache__", "*.gz")
        for folder in ("lrdemo", "tests"):
            shutil.copytree(ROOT / folder, copy / folder, ignore=ignore)
        shutil.copy(ROOT / "pyproject.toml", copy)
        script = copy / change.file
        script.write_text(change.made(script.read_text(encoding="utf-8")), encoding="utf-8")
        return _fails(copy, f"{TESTS}/test_view_{change.test}.py") or _fails(copy, TESTS)


def _fails(folder: Path, tests: str) -> bool:
    # Cut off from the other tests' configuration, which loads PyTorch.
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--confcutdir", "tests/browser", tests]
    # A skip is no notice: without Chromium there is nothing to report.
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"CI": "1"}, capture_output=True, timeout=LONGEST_SECONDS, check=False
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout.decode() + done.stderr.decode())
    return done.returncode == 1


def main() -> int:
    changes = dict(enumerate(listed(), start=1))
    chosen = [int(number) for number in sys.argv[1:]] or list(changes)
    unnoticed = 0
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 1) // 2)) as pool:
        for number, seen in zip(chosen, pool.map(noticed, [changes[one] for one in chosen]), strict=True):
            change = changes[number]
            unnoticed += not seen
            print(
                f"{number:3} {'noticed  ' if seen else 'UNNOTICED'} {Path(change.file).name}: {change.seen}", flush=True
            )
    print(f"{len(chosen) - unnoticed} of {len(chosen)} noticed")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
