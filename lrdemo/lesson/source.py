"""The text of functions, so that a page shows the code that ran and never a copy of it.

What the functions need stands in front of them: imports, constants and helpers, but nothing of lrdemo has to be
installed where the text is pasted.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import re
import symtable
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from typing import Any

_FOR_TOOLS = re.compile(r" +# (type: ignore|fmt: skip).*")


@cache
def source(*parts: Callable[..., Any] | type) -> str:
    """Return the source text of functions and classes, one after the other, ready to be pasted and run.

    In front stand the imports that they use, then constants and type aliases, then helper functions, the last two
    also where they come from other modules of this package.

    Raises ValueError where that cannot be told from the text: a name that is not bound at the top of its module, is
    renamed when imported, is a module of this package, or means different things to two of the functions.
    """
    needed = _Needed()
    for part in parts:
        needed.add(part.__module__, part.__name__)
    shown = [_text(part) for part in parts]
    helpers = [text for text in needed.functions.values() if text not in shown]
    head = ["\n".join(lines) for lines in (_imports(needed.imports), needed.constants.values()) if lines]
    return "\n\n\n".join(["\n\n".join(head), *helpers, *shown]).lstrip()


class _Needed:
    """Collect what functions need, each thing before what needs it."""

    def __init__(self) -> None:
        self.imports: set[tuple[str, str | None, str]] = set()
        self.constants: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self._origins: dict[str, tuple[str, str]] = {}

    def add(self, module: str, name: str) -> None:
        """Add what a name means in a module, and all that this needs."""
        statement = _bindings(module).get(name)
        if statement is None:
            raise ValueError(f"{name} is not bound at the top of {module}.")
        if isinstance(statement, ast.ImportFrom | ast.Import):
            self._import(statement, name)
            return
        if name in self._origins:
            if self._origins[name] != (module, name):
                raise ValueError(f"{name} is one thing in {module} and another in {self._origins[name][0]}.")
            return
        self._origins[name] = module, name
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            text, kept = _text(getattr(import_module(module), name)), self.functions
        else:
            text, kept = ast.unparse(statement), self.constants
        for other in _free_names(text):
            self.add(module, other)
        kept[name] = text

    def _import(self, statement: ast.ImportFrom | ast.Import, name: str) -> None:
        (bound,) = [one for one in statement.names if (one.asname or one.name) == name]
        origin = statement.module if isinstance(statement, ast.ImportFrom) else None
        if (origin or bound.name).split(".")[0] != __name__.split(".")[0]:
            self.imports.add((origin or bound.name, bound.name if origin else None, name))
        elif origin is None or bound.asname or name not in _bindings(origin):
            raise ValueError(f"{ast.unparse(statement)} cannot be replaced by what it imports.")
        else:
            self.add(origin, name)


def _text(part: Callable[..., Any] | type) -> str:
    lines = textwrap.dedent(inspect.getsource(part)).rstrip().splitlines()
    return "\n".join(_FOR_TOOLS.sub("", line) for line in lines)


@cache
def _bindings(module: str) -> dict[str, ast.stmt]:
    """Return for each name bound at the top of a module the statement that binds it."""
    found: dict[str, ast.stmt] = {}
    for statement in ast.parse(inspect.getsource(import_module(module))).body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found |= {one.asname or one.name: statement for one in statement.names}
        elif isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found[statement.name] = statement
        elif isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found |= {target.id: statement for target in targets if isinstance(target, ast.Name)}
    return found


def _free_names(text: str) -> list[str]:
    """Return the names that the text uses and does not bind itself, in annotations too."""
    top = symtable.symtable(text, "<shown>", "exec")
    bound = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned()}
    used = {symbol.get_name() for scope in _scopes(top) for symbol in scope.get_symbols() if _is_global(scope, symbol)}
    return sorted(used - bound - vars(builtins).keys())


def _scopes(scope: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield scope
    for inner in scope.get_children():
        yield from _scopes(inner)


def _is_global(scope: symtable.SymbolTable, symbol: symtable.Symbol) -> bool:
    return symbol.is_referenced() if scope.get_type() == "module" else symbol.is_global()


def _imports(wanted: set[tuple[str, str | None, str]]) -> list[str]:
    """Return import lines, Python's own modules first, what comes from one module in one line."""
    parts: dict[tuple[bool, bool, str], list[str]] = {}
    for origin, part, name in sorted(wanted, key=str):
        known = origin.split(".")[0] in sys.stdlib_module_names
        parts.setdefault((not known, part is not None, origin), []).append(_renamed(part or origin, name))
    return [
        f"from {origin} import {', '.join(names)}" if taken_from else f"import {names[0]}"
        for (_, taken_from, origin), names in sorted(parts.items())
    ]


def _renamed(name: str, bound: str) -> str:
    return name if name == bound else f"{name} as {bound}"
