"""The data folder: which file is the living index, which lie beside it, and who may write.

CURRENT              names the living index file; swapped atomically
index-0007.sqlite    an index file (with its -wal and -shm while it is open)
index-0006.sqlite    the one before, kept for a rollback
index-0008.sqlite    the next one, while it is being built
writer.lock          held by the one writer; writer.json says who that is
"""

from __future__ import annotations

import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from filelock import FileLock, Timeout

from search_core.disks import network_filesystem
from search_core.errors import IndexLocked, IndexUnavailable

_FILE_NAME = re.compile(r"index-([0-9]{4,})\.sqlite")


@dataclass(frozen=True)
class Holder:
    """Who writes: told to whoever has to wait."""

    pid: int
    host: str
    purpose: str
    since: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host} ({self.purpose}, since {self.since})"


class IndexFolder:
    """Paths and pointers of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._pointer = self.path / "CURRENT"
        self._note = self.path / "writer.json"

    def prepare(self) -> None:
        """Make the folder, its owner's alone, unless it cannot hold an index."""
        with self._disk_errors():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # WAL keeps its index in memory shared by all processes: over a network, readers would see torn data.
            network = network_filesystem(self.path.resolve(), psutil.disk_partitions(all=True))
        if network:
            raise IndexUnavailable(
                f"The data folder {self.path} lies on a network file system ({network}), where SQLite is not safe.",
                remedy="Set PASSERELLE_DATA to a folder on a local disk, or use the opensearch engine.",
            )

    def current(self) -> Path | None:
        """The living index file; None while there is none."""
        try:
            name = self._pointer.read_text(encoding="ascii", errors="replace").strip()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable(error) from error
        if not _FILE_NAME.fullmatch(name):
            raise IndexUnavailable(
                f"{self._pointer} does not name an index file.",
                remedy="Restore a backup, or delete the folder and index again.",
            )
        return self.path / name

    def set_current(self, file: Path) -> None:
        """Point to another index file: readers see the one or the other, whatever happens in between."""
        fresh = self._pointer.with_suffix(".new")
        with self._disk_errors():
            with fresh.open("w", encoding="ascii") as stream:
                stream.write(file.name + "\n")
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self._pointer)
            _sync_folder(self.path)

    def files(self) -> list[Path]:
        """All index files, oldest first."""
        with self._disk_errors():
            found = [path for path in self.path.iterdir() if _FILE_NAME.fullmatch(path.name)]
        return sorted(found, key=_number)

    def next_file(self) -> Path:
        """The file a rebuild writes: the one after the living one."""
        current = self.current()
        return self.path / f"index-{_number(current) + 1 if current else 1:04d}.sqlite"

    def delete(self, file: Path) -> None:
        with self._disk_errors():
            for suffix in ("", "-wal", "-shm"):
                file.with_name(file.name + suffix).unlink(missing_ok=True)

    def size(self) -> int:
        """Bytes of all index files."""
        total = 0
        for path in self.path.glob("index-*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    @contextmanager
    def writing(self, purpose: str, wait_s: float = 0) -> Iterator[None]:
        """Hold the writer's lock. The system gives up the lock of a process that dies."""
        lock = FileLock(self.path / "writer.lock")
        try:
            lock.acquire(timeout=wait_s)
        except Timeout as error:
            raise IndexLocked(
                f"The index in {self.path} is being written by {self._holder() or 'another process'}.",
                remedy="Wait until it has finished, or end that process.",
            ) from error
        except OSError as error:
            raise self._unusable(error) from error
        try:
            self._write_note(purpose)
            yield
        finally:
            self._note.unlink(missing_ok=True)
            lock.release()

    def _write_note(self, purpose: str) -> None:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        holder = Holder(os.getpid(), socket.gethostname(), purpose, since)
        with self._disk_errors():
            self._note.write_text(json.dumps(asdict(holder)), encoding="utf-8")

    def _holder(self) -> Holder | None:
        with suppress(OSError, ValueError, TypeError):
            return Holder(**json.loads(self._note.read_text(encoding="utf-8")))
        return None

    @contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> IndexUnavailable:
        return IndexUnavailable(
            f"The data folder {self.path} cannot be used: {error.strerror or error}.",
            remedy="Make it a writable folder with free space, or set PASSERELLE_DATA to another one.",
        )


def _number(file: Path) -> int:
    found = _FILE_NAME.fullmatch(file.name)
    return int(found[1]) if found else 0


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
