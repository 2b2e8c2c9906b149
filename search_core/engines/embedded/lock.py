"""Who may do what in a data folder. The system gives up the lock of a process that dies.

writer.lock     held by the one who writes to the living index
rebuild.lock    by the one who makes the next one
purge.lock      by the one who purges from all index files, or writes to the next one what it copied
NAME.json       says who holds it
"""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

import psutil
from filelock import FileLock, Timeout

from search_core.errors import IndexLocked

Role = Literal["writer", "rebuild", "purge"]
ROLES: tuple[Role, ...] = get_args(Role)

_DOING: dict[Role, str] = {
    "writer": "The index in {} is being written by {}.",
    "rebuild": "The next index in {} is being made by {}.",
    "purge": "Documents are being purged from the index in {} by {}.",
}

_SOON_S = 600.0
"""How long to wait for somebody who said that it would not take long."""

_NAMELESS_S = 2.0
"""A lock without a note was taken just now, or its holder could not write one."""

_LOOK_S = 0.2


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: told to whoever has to wait. `soon_done`: it is worth waiting for."""

    pid: int
    host: str
    purpose: str
    since: str
    soon_done: bool = False

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.purpose}, since {self.since})"


class FolderLock:
    """One lock of a data folder, for one use of it."""

    def __init__(self, folder: Path, role: Role) -> None:
        self._folder = folder
        self._role = role
        self._lock = FileLock(folder / f"{role}.lock")
        self._note = folder / f"{role}.json"

    def acquire(self, purpose: str, *, wait_s: float = 0.0, soon_done: bool = False) -> None:
        """Wait so long, and longer for a holder who is soon done. Raises `IndexLocked`, `OSError`."""
        began = time.monotonic()
        while True:
            try:
                self._lock.acquire(timeout=_LOOK_S)
                break
            except Timeout as error:
                holder = self._read_note()
                if time.monotonic() - began > max(wait_s, _patience(holder)):
                    raise IndexLocked(
                        _DOING[self._role].format(self._folder, holder or "another process"),
                        remedy="Wait until it has finished, or end that process.",
                    ) from error
        try:
            self._write_note(purpose, soon_done=soon_done)
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        with suppress(OSError):
            self._note.unlink(missing_ok=True)
        self._lock.release()

    def holder(self) -> Holder | None:
        """Who holds it, as far as can be told without trying to take it: nobody where that process has ended."""
        holder = self._read_note()
        ended = holder is not None and holder.host == socket.gethostname() and not psutil.pid_exists(holder.pid)
        return None if ended else holder

    def _write_note(self, purpose: str, *, soon_done: bool) -> None:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), purpose, since, soon_done)
        self._note.write_text(json.dumps(asdict(holder)), encoding="utf-8")

    def _read_note(self) -> Holder | None:
        with suppress(OSError, ValueError, TypeError):
            return Holder(**json.loads(self._note.read_text(encoding="utf-8")))
        return None


def _patience(holder: Holder | None) -> float:
    if holder is None:
        return _NAMELESS_S
    return _SOON_S if holder.soon_done else 0.0
