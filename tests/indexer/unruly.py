"""Converters that do what hostile files make libraries do. A worker process imports them by name."""

from __future__ import annotations

import ctypes
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from indexer.convert.base import ConvertedFile
from indexer.workers.alive import tell_alive


def obey(data: bytes) -> ConvertedFile:
    return ConvertedFile(f"{data.decode()} in {os.getpid()}")


def hang(data: bytes) -> ConvertedFile:
    """In C, never giving Python a chance."""
    re.match(rb"(x+x+)+y", b"x" * 100)
    raise AssertionError


def crash(data: bytes) -> ConvertedFile:
    ctypes.string_at(0)
    raise AssertionError


def leave(data: bytes) -> ConvertedFile:
    os._exit(3)


def eat_memory(data: bytes) -> ConvertedFile:
    eaten = []
    while True:
        eaten.append(bytearray(10_000_000))


def eat_memory_in_c(data: bytes) -> ConvertedFile:
    """As a C++ library does: it takes what it gets, and aborts when there is no more."""
    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    while block := libc.malloc(10_000_000):
        ctypes.memset(block, 1, 10_000_000)
    libc.abort()
    raise AssertionError


def crash_unless_fresh(data: bytes) -> ConvertedFile:
    """Suffers from what an earlier file has left behind."""
    mark = Path(os.environ["TMPDIR"]) / "used"
    if mark.exists():
        ctypes.string_at(0)
    mark.touch()
    return obey(data)


def start_and_hang(data: bytes) -> ConvertedFile:
    """Starts another program, as a converter of old formats does, and waits for it."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (Path(os.environ["TMPDIR"]) / "half-done").touch()
    Path(data.decode()).write_text(f"{child.pid} {os.environ['TMPDIR']}")
    child.wait()
    raise AssertionError


def work_long(data: bytes) -> ConvertedFile:
    """Takes longer than the time limit, and says that it goes on."""
    for _ in range(int(data)):
        time.sleep(0.5)
        tell_alive()
    return obey(data)
