"""The house: which room may know which, what stays in files of its own, and what the web process never loads."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "core", "answers", "drawings", "serving", "lesson", "bench", "__main__",
    "ui.streamlit_private", "ui.server", "ui", "ui.draw", "ui.lesson", "ui.main", "pages",
)  # fmt: skip
"""From the bottom up: a room knows only itself and rooms before it."""
PATHS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for folder in ("lrdemo", "pages")
    for path in (ROOT / folder).rglob("*.py")
}
SCREEN = sorted(name for name in PATHS if name.startswith(("lrdemo.ui", "pages.")))


def room(module: str) -> str:
    """Return in which room a module lives."""
    first, *rest = module.split(".")
    if first == "pages":
        return "pages"
    if rest[:1] == ["ui"]:
        return next((name for name in ROOMS if name == ".".join(rest[:2])), "ui")
    return rest[0] if rest and rest[0] in ROOMS else "core"


def tree(module: str) -> ast.Module:
    """Return a module's source, parsed."""
    return ast.parse(PATHS[module].read_text(encoding="utf-8"))


def imported(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Yield what import statements name; a module of ours by its full name."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                part = f"{node.module}.{alias.name}"
                yield part if part in PATHS else str(node.module)


@cache
def knows(module: str) -> frozenset[str]:
    """Return the modules of ours that a module imports, anywhere in it."""
    return frozenset(name for name in imported(ast.walk(tree(module))) if name in PATHS)


@cache
def loads(module: str) -> frozenset[str]:
    """Return all that is loaded with a module: what it imports when it is imported, and so on."""
    found = set(imported(iter(tree(module).body)))
    return frozenset(found.union(*(loads(name) for name in found if name in PATHS)))


def strings(module: str) -> Iterator[str]:
    """Yield the texts in a module."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("module", sorted(PATHS))
def test_a_room_knows_only_rooms_below_it(module):
    upwards = [name for name in knows(module) if ROOMS.index(room(name)) > ROOMS.index(room(module))]

    assert not upwards


def test_no_two_modules_need_each_other():
    order: list[str] = []
    waiting = set(PATHS)
    while free := {name for name in waiting if not (knows(name) - {name}) & waiting}:
        order += sorted(free)
        waiting -= free

    assert not waiting, f"in a circle: {sorted(waiting)}"


def test_the_lesson_is_a_leaf():
    assert {room(name) for name in PATHS if any(room(one) == "lesson" for one in knows(name))} <= {
        "lesson", "ui.lesson", "pages"
    }  # fmt: skip


def test_nothing_but_the_command_line_builds_on_the_bench():
    assert {room(name) for name in PATHS if any(room(one) == "bench" for one in knows(name))} <= {"bench", "__main__"}


@pytest.mark.parametrize("module", SCREEN)
def test_what_the_web_process_loads_is_without_torch(module):
    assert not {name for name in loads(module) if name.split(".")[0] in ("torch", "torchvision")}


@pytest.mark.parametrize("module", SCREEN)
def test_streamlits_private_parts_are_in_one_file(module):
    if module == "lrdemo.ui.streamlit_private":
        return
    named = {name for name in imported(ast.walk(tree(module))) if name.split(".")[0] == "streamlit"}
    private = re.compile(r"\bst\.(?:_\w+|runtime|proto|elements|web|watcher)\b")

    assert named <= {"streamlit"} and not private.search(PATHS[module].read_text(encoding="utf-8"))


@pytest.mark.parametrize("module", SCREEN)
def test_scripts_and_styles_are_in_files_of_their_own(module):
    script = r"=>|\bfunction\b ?\w*\(|querySelector|addEventListener|export default"
    style = r"[\w-]+:\s*[^;{}]+;[^;{}]*\}"

    assert not [text for text in strings(module) if re.search(f"{script}|{style}", text)]


@pytest.mark.parametrize("module", [name for name in SCREEN if room(name) in ("pages", "ui.draw", "ui.lesson")])
def test_a_section_that_reruns_by_itself_catches_its_own_trouble(module):
    assert "st.fragment" not in PATHS[module].read_text(encoding="utf-8")


@pytest.mark.parametrize("module", sorted(name for name in PATHS if name.startswith("pages.")))
def test_a_page_is_a_short_composition(module):
    assert len(PATHS[module].read_text(encoding="utf-8").splitlines()) <= 110
