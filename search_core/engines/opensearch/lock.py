"""One writer at a time: a record that says who, renewed while the writer lives.

The lock of a writer that died is free at once on the machine where it ran, and a minute after its last sign of life
anywhere else. Times are the server's. A writer that could not renew its lock stops before it writes the next thing.
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
from uuid import uuid4

import psutil

from search_core.engines.opensearch.cluster import Cluster, StoredRecord
from search_core.engines.opensearch.failures import WriteConflict
from search_core.engines.opensearch.mapping import lock_index_body
from search_core.engines.opensearch.names import lock_index
from search_core.errors import IndexLocked, IndexUnavailable

_RECORD = "writer"

_RENEWED_EVERY_S = 10
_STALE_AFTER_S = 60
_TRUSTED_S = 40
"""A writer that has not renewed its lock for so long writes nothing: less than the minute, for what is under way."""


_HELD: set[str] = set()
"""Tokens of the locks that this process holds: one that it could not give back, the server being down, is free."""


@dataclass(frozen=True)
class Holder:
    """Who writes: told to whoever has to wait. `place` is where `pid` means this process."""

    token: str
    pid: int
    began: float
    host: str
    place: str
    purpose: str
    since: str
    renewed: int

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.purpose}, since {self.since})"


class WriterLock:
    """The lock of one collection, while it is held."""

    def __init__(self, cluster: Cluster, index: str, stored: StoredRecord) -> None:
        self._cluster = cluster
        self._index = index
        self._stored = stored
        self._holder = _read(stored)
        self._renewed = time.monotonic()
        self._lost = False
        _HELD.add(self.token)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="passerelle writer lock", daemon=True)
        self._thread.start()

    @property
    def token(self) -> str:
        """Names this writer: no two have the same."""
        return self._holder.token

    def check(self) -> None:
        """Raise `IndexLocked` unless the lock is certainly still held."""
        if self._lost or time.monotonic() - self._renewed > _TRUSTED_S:
            raise IndexLocked(
                "This process lost the right to write: the server did not hear from it for too long.",
                remedy="Run the same command again to go on.",
            )

    def release(self) -> None:
        self._ended.set()
        self._thread.join()
        _HELD.discard(self.token)
        # What is not there to be deleted is free; one that another writer took over is not ours.
        with suppress(WriteConflict, IndexUnavailable):
            self._cluster.delete(self._index, _RECORD, self._stored)

    def _keep(self) -> None:
        while not self._ended.wait(_RENEWED_EVERY_S):
            began = time.monotonic()
            try:
                holder = replace(self._holder, renewed=self._cluster.clock())
                self._stored = self._cluster.put(self._index, _RECORD, _to_source(holder), self._stored)
                self._renewed = began
            except IndexUnavailable:
                continue
            except WriteConflict:
                self._lost = not self._is_ours_still()

    def _is_ours_still(self) -> bool:
        """A renewal whose answer was lost is repeated by the driver, and conflicts with itself."""
        with suppress(IndexUnavailable):
            stored = self._cluster.get(self._index, _RECORD)
            if stored is not None and _read(stored).token == self.token:
                self._stored = stored
                return True
        return False


@contextmanager
def writing(cluster: Cluster, prefix: str, purpose: str) -> Iterator[WriterLock]:
    """Hold the writer's lock of a collection. Raises `IndexLocked` naming who writes."""
    index = lock_index(prefix)
    lock = WriterLock(cluster, index, _take(cluster, index, purpose))
    try:
        yield lock
    finally:
        lock.release()


def _take(cluster: Cluster, index: str, purpose: str) -> StoredRecord:
    cluster.create(index, lock_index_body())
    now = cluster.clock()
    held = cluster.get(index, _RECORD)
    if held is not None and not _is_free(_read(held), now):
        raise _locked(cluster, held)
    wanted = _make_holder(purpose, now)
    try:
        return cluster.put(index, _RECORD, _to_source(wanted), held)
    except WriteConflict:
        taken = cluster.get(index, _RECORD)
        if taken is not None and _read(taken).token == wanted.token:
            return taken
        raise _locked(cluster, taken) from None


def _locked(cluster: Cluster, held: StoredRecord | None) -> IndexLocked:
    who = _read(held) if held else "another process"
    return IndexLocked(
        f"The index on {cluster.name} is being written by {who}.",
        remedy="Wait until it has finished, or end that process.",
    )


def _is_free(holder: Holder, now: int) -> bool:
    return now - holder.renewed > _STALE_AFTER_S or (holder.place == _place() and not _runs(holder))


def _runs(holder: Holder) -> bool:
    if holder.pid == os.getpid():
        return holder.token in _HELD
    with suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(holder.pid).create_time() == holder.began)
    return False


def _make_holder(purpose: str, now: int) -> Holder:
    return Holder(
        token=uuid4().hex,
        pid=os.getpid(),
        began=psutil.Process().create_time(),
        host=socket.gethostname(),
        place=_place(),
        purpose=purpose,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        renewed=now,
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
