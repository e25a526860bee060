"""Read JSON that came from outside: by the standard (RFC 8259), where Python's reader is more lenient."""

from __future__ import annotations

import json
from typing import Any, NoReturn


def parsed(content: bytes) -> Any:
    """Return what the JSON text says; raises ValueError whatever is wrong with it.

    Refused as well are NaN and Infinity, numbers of thousands of digits, and lists within lists without end.
    """
    try:
        return json.loads(content.decode("utf-8"), parse_constant=_refused)
    except RecursionError:
        raise ValueError("too deep") from None


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
