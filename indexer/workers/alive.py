"""A conversion that takes long by its nature (pages that are recognised one by one) says that it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

_INTERVAL_S = 1.0


class Pages(NamedTuple):
    """So many more pages were found that have to be recognised, so many were done."""

    found: int
    done: int


Sign = Literal["alive"] | Pages

_lock = threading.Lock()
_tell: Callable[[Sign], None] | None = None
_last = 0.0


def tell_alive() -> None:
    """A part of the file is done: the time limit counts anew. From any thread; outside of a worker it does nothing."""
    global _last  # noqa: PLW0603 - a process converts one file at a time
    with _lock:
        now = time.monotonic()
        if _tell is not None and now - _last >= _INTERVAL_S:
            _last = now
            _tell("alive")


def tell_pages(*, found: int = 0, done: int = 0) -> None:
    """Pages that take long each were found, or done: a sign of life too, and what a person watches."""
    with _lock:
        if _tell is not None:
            _tell(Pages(found, done))


def listen(tell: Callable[[Sign], None]) -> None:
    """Call `tell` about once a second for as long as there are signs of life, and with every page."""
    global _tell  # noqa: PLW0603
    _tell = tell
