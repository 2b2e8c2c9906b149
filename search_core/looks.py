"""How files look without being read: whether one has changed since shows by it, mostly."""

from __future__ import annotations

from pathlib import Path

Look = tuple[int, int, int]
"""Size, modification time (in nanoseconds) and number of a file; zeros for one that is not there."""

_COARSEST_CLOCK_NS = 2_000_000_000
"""Of the file systems people have, FAT's: a change within this time of the last one may leave no trace."""


def take_look(path: Path) -> Look:
    """How a file looks now; zeros for one that is not there."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0, 0
    return status.st_size, status.st_mtime_ns, status.st_ino


def is_settled(look: Look, now_ns: int) -> bool:
    """Whether any later change of the file would show in how it looks; `now_ns` is when it was looked at."""
    return now_ns - look[1] > _COARSEST_CLOCK_NS
