"""The browsers that the tests need and that a machine may lack."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str, package: str) -> str:
    """Return the path of the first of these programs that is installed.

    Where a machine has none the tests that need it are skipped and say so; where CI is set that is a failure.
    """
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        reason = f"No {names[0]} on this machine: install it (Debian: apt-get install {package}) to run these tests."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
