"""How long and how large a conversion may get, whether it recognises pictures, and what the process sets for itself."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass

MIB = 2**20

MOST_WORKERS = 4
"""Each may take its memory, and the embedding model needs the cores too."""

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class ConversionLimits:
    """`timeout_s` counts from the last sign of life (`alive.tell_alive`); `memory_mb` is all that a process has.

    Without `ocr` pictures are not recognised.
    """

    timeout_s: float = 120
    memory_mb: int = 2048
    workers: int = 0
    ocr: bool = True

    @property
    def worker_count(self) -> int:
        """As many as were asked for; 0 means one a core, within reason."""
        return self.workers or min(os.cpu_count() or 1, MOST_WORKERS)


def limit_memory(memory_mb: int) -> None:
    """Bound what this process can allocate, and leave no memory image of a document when it crashes.

    RLIMIT_DATA, not RLIMIT_AS: the libraries map files and address space that they never touch (150 MB mapped for 76 MB
    of data with every converter imported, with one thread).
    """
    resource.setrlimit(resource.RLIMIT_DATA, (memory_mb * MIB, memory_mb * MIB))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def end_with_parent(parent: int) -> None:
    """Have the system end this process when the run that started it dies, even in the middle of a conversion."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)
