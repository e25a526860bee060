"""The text of functions, so that a page shows the code that ran and never a copy of it."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def source(*parts: Callable[..., Any] | type) -> str:
    """Return the source text of functions and classes, one after the other, without their indentation."""
    return "\n\n".join(textwrap.dedent(inspect.getsource(part)).rstrip() for part in parts)
