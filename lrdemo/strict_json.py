"""Read JSON that came from outside: by the standard (RFC 8259), where Python's reader is more lenient."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def parsed(content: bytes) -> Any:
    """Return what the JSON text says; raises ValueError whatever is wrong with it.

    Refused as well are NaN and Infinity, numbers of thousands of digits, lists within lists without end, and an object
    that has a name twice.
    """
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refused, object_pairs_hook=_named_once)
    except RecursionError:
        raise ValueError("too deep") from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
