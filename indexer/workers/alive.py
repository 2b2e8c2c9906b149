"""A conversion that takes long by its nature (pages that are recognised one by one) says that it goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_INTERVAL_S = 1.0

_lock = threading.Lock()
_tell: Callable[[], None] | None = None
_last = 0.0


def tell_alive() -> None:
    """A part of the file is done: the time limit counts anew. From any thread; outside of a worker it does nothing."""
    global _last  # noqa: PLW0603 - a process converts one file at a time
    with _lock:
        now = time.monotonic()
        if _tell is not None and now - _last >= _INTERVAL_S:
            _last = now
            _tell()


def listen(tell: Callable[[], None]) -> None:
    """Call `tell` about once a second for as long as there are signs of life."""
    global _tell  # noqa: PLW0603
    _tell = tell
