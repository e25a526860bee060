"""Break the scripts one line at a time, and report which breaks the tests of the scripts notice.

    python -m tests.browser.changes            all of them, more than an hour
    python -m tests.browser.changes 3 17       these only

The breaks are listed in changes.toml. They are made in a scratch copy, never in the working tree, and one browser
serves all. First what is named with a break runs, a file of the scripts' tests or one test of the whole app; if that
notices nothing, all tests of the scripts.
Exit status 1: a break went unnoticed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).parents[2]
LIST = Path(__file__).with_name("changes.toml")
TESTS = "tests/browser/view"


@dataclass(frozen=True)
class Change:
    """One line of a script or a style to break: its text, what stands there instead, and what a visitor would see."""

    file: str
    old: str
    new: str
    seen: str
    test: str

    @property
    def where(self) -> str:
        """Return where pytest finds what should notice first."""
        return self.test if "::" in self.test else f"{TESTS}/test_view_{self.test}.py"

    def made(self, text: str) -> str:
        """Return the script's text with the change made; raises ValueError unless the old text stands there once."""
        if text.count(self.old) != 1 or self.old == self.new:
            raise ValueError(f"{self.file}: {self.old!r} stands there {text.count(self.old)} times.")
        return text.replace(self.old, self.new)


def listed() -> list[Change]:
    """Return all changes of the list."""
    with open(LIST, "rb") as file:
        return [Change(**entry) for entry in tomllib.load(file)["change"]]


class Breaker:
    """A pytest plugin that runs the tests not once but for each change, until the first that fails."""

    def __init__(self, changes: dict[int, Change]) -> None:
        self._changes = changes
        self.unnoticed: list[int] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Make the changes one by one in the current folder."""
        if self._fails(session, session.items):
            raise pytest.UsageError("The tests fail before anything is changed.")
        for number, change in self._changes.items():
            script = Path(change.file)
            text = script.read_text(encoding="utf-8")
            script.write_text(change.made(text), encoding="utf-8")
            first = [item for item in session.items if item.nodeid.startswith(change.where)]
            others = [item for item in session.items if item not in first and item.nodeid.startswith(TESTS)]
            seen = self._fails(session, first) or self._fails(session, others)
            script.write_text(text, encoding="utf-8")
            if not seen:
                self.unnoticed.append(number)
            print(f"{number:3} {'noticed  ' if seen else 'UNNOTICED'} {script.name}: {change.seen}", flush=True)
        session._setupstate.teardown_exact(None)
        return True

    def _fails(self, session: pytest.Session, items: Iterable[pytest.Item]) -> bool:
        for item in items:
            # As far as pytest knows, one of another folder or file comes next: only the browser, the stage and the
            # server are kept.
            here = item.path
            following = max(session.items, key=lambda other: (other.path.parent != here.parent, other.path != here))
            if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
                return True
        return False


def main() -> int:
    changes = dict(enumerate(listed(), start=1))
    chosen = {int(number): changes[int(number)] for number in sys.argv[1:]} or changes
    breaker = Breaker(chosen)
    os.environ["CI"] = "1"  # Without a browser this is a failure, not a skip.
    sys.path[:] = [folder for folder in sys.path if folder and Path(folder).resolve() != ROOT]
    with tempfile.TemporaryDirectory() as scratch:
        ignored = shutil.ignore_patterns("__pycache__")
        for folder in ("lrdemo", "pages", "tests", ".streamlit"):
            shutil.copytree(ROOT / folder, Path(scratch) / folder, ignore=ignored)
        for file in ("pyproject.toml", "app.py"):
            shutil.copy(ROOT / file, scratch)
        os.chdir(scratch)
        # Cut off from the other tests' configuration, which loads PyTorch.
        tests = [TESTS, *sorted({change.where for change in chosen.values() if "::" in change.test})]
        status = pytest.main(["-q", "-s", "-p", "no:cacheprovider", "--confcutdir", "tests/browser", *tests], [breaker])
        os.chdir(ROOT)
    if status:
        return int(status)
    print(f"{len(chosen) - len(breaker.unnoticed)} of {len(chosen)} noticed")
    return int(bool(breaker.unnoticed))


if __name__ == "__main__":
    sys.exit(main())
