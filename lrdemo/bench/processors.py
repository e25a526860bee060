"""What the system says of a process: how long it has computed, and how long it was kept from the processors.

Linux tells under `/proc`; elsewhere there is nothing to read.
"""

from __future__ import annotations

import os
from pathlib import Path

PROC = Path("/proc")


def used_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far; 0 where that is unknown."""
    fields = text_of(PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def waited_seconds(pid: int) -> float | None:
    """Return for how long the thread that works most has been ready to run and was not run; None where unknown."""
    threads = [text_of(path).split() for path in (PROC / str(pid) / "task").glob("*/schedstat")]
    busiest = max((fields for fields in threads if len(fields) > 1), key=lambda fields: int(fields[0]), default=None)
    return int(busiest[1]) / 1e9 if busiest else None


def text_of(path: Path) -> str:
    """Return the text of a file, empty when the process has gone."""
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
