"""The README stays true: its example prints what it says, and it names every folder of the package."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_readme_says() -> None:
    code = re.search(r"```python\n(.*?)```", TEXT, re.S)
    promised = re.search(r"```text\n(.*?)```", TEXT, re.S)
    assert code and promised
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code[1], "README.md", "exec"), {})
    found, wanted = (re.findall(r"[\d.]+", text) for text in (printed.getvalue(), promised[1]))
    assert found[0] == wanted[0]
    # Another processor may round the last digits differently.
    assert [float(number) for number in found[1:]] == pytest.approx([float(n) for n in wanted[1:]], abs=0.06)


def test_every_folder_is_named() -> None:
    folders = [ROOT / "lrdemo", *(path.parent for path in (ROOT / "lrdemo").glob("*/__init__.py"))]
    names = {folder.relative_to(ROOT).as_posix() for folder in folders}
    assert {f"{name}/" for name in names} <= set(re.findall(r"`([\w/]+/)`", TEXT))


def test_its_pictures_and_files_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)]+)\)", TEXT):
        assert (ROOT / target).is_file(), target
