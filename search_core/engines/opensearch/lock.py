"""Who may do what in a collection: a record for each role that says who does, renewed while its process lives.

writer     writes to the living set
rebuild    makes the next one
purge      purges from all sets, or writes to the next one what it copied
backup     begins a backup: commits wait until it has

The lock of a process that died is free at once on the machine where it ran, and a minute after its last sign of life
anywhere else. Times are the server's. Who could not renew its lock stops before it writes the next thing.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args
from uuid import uuid4

import psutil

from search_core.engines.opensearch.cluster import Cluster, StoredRecord
from search_core.engines.opensearch.failures import WriteConflict
from search_core.engines.opensearch.mapping import lock_index_body
from search_core.engines.opensearch.names import lock_index
from search_core.engines.opensearch.pace import PATIENCE_S
from search_core.errors import IndexLocked, IndexUnavailable

Role = Literal["writer", "rebuild", "purge", "backup"]
ROLES: tuple[Role, ...] = get_args(Role)

_DOING: dict[Role, str] = {
    "writer": "The index on {} is being written by {}.",
    "rebuild": "The next index on {} is being made by {}.",
    "purge": "Documents are being purged from the index on {} by {}.",
    "backup": "A backup of the index on {} is being begun by {}.",
}

_RENEWED_EVERY_S = 10
_TRIED_AGAIN_AFTER_S = 1
_STALE_AFTER_S = 60
_TRUSTED_S = 40
"""Who has not renewed its lock for so long writes nothing: less than the minute, for what is under way."""

_SOON_S = 600.0
"""How long to wait for somebody who said that it would not take long."""

_LOOK_S = 0.3

_HELD: set[str] = set()
"""Tokens of the locks that this process holds: one that it could not give back, the server being down, is free."""


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: told to whoever has to wait. `place` is where `pid` means this process.

    `soon_done`: it is worth waiting for.
    """

    token: str
    pid: int
    began: float
    host: str
    place: str
    purpose: str
    since: str
    renewed: int
    soon_done: bool = False

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.purpose}, since {self.since})"


class HeldLock:
    """One lock of a collection, while it is held."""

    def __init__(self, cluster: Cluster, index: str, role: Role, stored: StoredRecord) -> None:
        self._cluster = cluster
        self._index = index
        self._role = role
        self._stored = stored
        self._holder = _read(stored)
        self._renewed = time.monotonic()
        self._lost = False
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"passerelle {role} lock", daemon=True)
        self._thread.start()

    @property
    def token(self) -> str:
        """Names this holder: no two have the same."""
        return self._holder.token

    def check(self) -> None:
        """Wait until the lock is certainly still held. Raises `IndexLocked` once it is lost.

        It may have been free meanwhile, but a renewal fails if anybody took it.
        """
        while not self._lost and _TRUSTED_S < time.monotonic() - self._renewed < _TRUSTED_S + PATIENCE_S:
            time.sleep(_LOOK_S)
        if self._lost or time.monotonic() - self._renewed > _TRUSTED_S:
            raise IndexLocked(
                "This process lost the right to write: the server did not hear from it for too long.",
                remedy="Run the same command again to go on.",
            )

    def release(self) -> None:
        self._ended.set()
        self._thread.join()
        _HELD.discard(self.token)
        # What is not there to be deleted is free; one that another process took over is not ours.
        with suppress(WriteConflict, IndexUnavailable):
            self._cluster.delete(self._index, self._role, self._stored)

    def _keep(self) -> None:
        pause = _RENEWED_EVERY_S
        while not self._ended.wait(pause):
            pause = _RENEWED_EVERY_S
            began = time.monotonic()
            try:
                holder = replace(self._holder, renewed=self._cluster.clock())
                self._stored = self._cluster.put(self._index, self._role, _to_source(holder), self._stored)
                self._renewed = began
            except IndexUnavailable:
                pause = min(_TRIED_AGAIN_AFTER_S, _RENEWED_EVERY_S)
            except WriteConflict:
                self._lost = not self._is_ours_still()

    def _is_ours_still(self) -> bool:
        """A renewal whose answer was lost is repeated by the driver, and conflicts with itself."""
        with suppress(IndexUnavailable):
            stored = self._cluster.get(self._index, self._role)
            if stored is not None and _read(stored).token == self.token:
                self._stored = stored
                return True
        return False


@contextmanager
def holding(cluster: Cluster, prefix: str, role: Role, purpose: str, *, soon_done: bool = False) -> Iterator[HeldLock]:
    """Hold a lock of a collection; who is soon done is waited for. Raises `IndexLocked` naming who holds it."""
    index = lock_index(prefix)
    lock = HeldLock(cluster.hurried(), index, role, _take(cluster, index, role, purpose, soon_done=soon_done))
    try:
        yield lock
    finally:
        lock.release()


def find_holders(cluster: Cluster, prefix: str) -> list[Holder]:
    """Who holds the locks of a collection. Raises `IndexUnavailable`, also where there never was any."""
    now = cluster.clock()
    records = [cluster.get(lock_index(prefix), role) for role in ROLES]
    holders = [_read(stored) for stored in records if stored]
    return [holder for holder in holders if not _is_free(holder, now)]


def wait_for(cluster: Cluster, prefix: str, role: Role) -> None:
    """Wait as long as somebody holds a lock that is soon given back. It may be taken again at once."""
    index = lock_index(prefix)
    while (held := cluster.get(index, role)) is not None and not _is_free(_read(held), cluster.clock()):
        time.sleep(_LOOK_S)


def _take(cluster: Cluster, index: str, role: Role, purpose: str, *, soon_done: bool) -> StoredRecord:
    cluster.create(index, lock_index_body())
    wanted = _make_holder(purpose, soon_done=soon_done)
    began = time.monotonic()
    while True:
        now = cluster.clock()
        held = cluster.get(index, role)
        holder = _read(held) if held else None
        if holder is None or _is_free(holder, now):
            taken = _put(cluster, index, role, replace(wanted, renewed=now), held)
            if taken is not None:
                return taken
        elif holder.soon_done and time.monotonic() - began < _SOON_S:
            time.sleep(_LOOK_S)
        else:
            raise IndexLocked(
                _DOING[role].format(cluster.name, holder), remedy="Wait until it has finished, or end that process."
            )


def _put(cluster: Cluster, index: str, role: Role, wanted: Holder, held: StoredRecord | None) -> StoredRecord | None:
    """The lock's record, None when somebody else was quicker."""
    _HELD.add(wanted.token)  # before: another thread must not take it for one that could not be given back
    taken = None
    try:
        taken = cluster.put(index, role, _to_source(wanted), held)
    except WriteConflict:
        found = cluster.get(index, role)
        if found is not None and _read(found).token == wanted.token:  # the driver repeated a write with a lost answer
            taken = found
    finally:
        if taken is None:
            _HELD.discard(wanted.token)
    return taken


def _is_free(holder: Holder, now: int) -> bool:
    return now - holder.renewed > _STALE_AFTER_S or (holder.place == _place() and not _runs(holder))


def _runs(holder: Holder) -> bool:
    if holder.pid == os.getpid():
        return holder.token in _HELD
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(holder.pid).create_time() == holder.began)
    return False


def _make_holder(purpose: str, *, soon_done: bool) -> Holder:
    return Holder(
        token=uuid4().hex,
        pid=os.getpid(),
        began=psutil.Process().create_time(),
        host=socket.gethostname(),
        place=_place(),
        purpose=purpose,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        renewed=0,
        soon_done=soon_done,
    )


def _place() -> str:
    """This start of this machine's kernel, and the container: process numbers mean something there only."""
    parts = [socket.gethostname()]
    with suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(os.readlink("/proc/self/ns/pid"))  # noqa: PTH115 - no path, the name of a namespace
    return " ".join(parts)


def _to_source(holder: Holder) -> dict[str, object]:
    return {"holder": asdict(holder)}


def _read(stored: StoredRecord) -> Holder:
    return Holder(**stored.source["holder"])
