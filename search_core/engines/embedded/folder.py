"""The data folder: which file is the living index, and which lie beside it.

CURRENT              names the living index file, and below it the one kept; both change in one step
index-0007.sqlite    an index file (with its -wal and -shm while it is open)
index-0006.sqlite    the one before, kept for a rollback
index-0008.sqlite    the next one, while it is being built: the only one with a number above both
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from search_core.disks import flush_folder, network_filesystem
from search_core.engines.embedded.lock import FolderLock, Role
from search_core.errors import IndexUnavailable

_FILE_NAME = re.compile(r"index-([0-9]{4,})\.sqlite")


class IndexFolder:
    """Paths and pointers of one data folder."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._pointer = self.path / "CURRENT"

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
        return self._pointed()[0]

    def kept(self) -> Path | None:
        """The file that was the living one before, if it is there."""
        kept = self._pointed()[1]
        return kept if kept is not None and kept.exists() else None

    def unfinished(self) -> Path | None:
        """What a rebuild is making, or left when it was interrupted."""
        published = max(map(_number, filter(None, self._pointed())), default=0)
        latest = max(self.files(), key=_number, default=None)
        return latest if latest is not None and _number(latest) > published else None

    def next_file(self) -> Path:
        """A file that is not there yet: the first one, or the one after all others."""
        known = [*self.files(), *filter(None, self._pointed())] if self.current() else []
        return self.path / f"index-{max(map(_number, known), default=0) + 1:04d}.sqlite"

    def spare_file(self) -> Path:
        """A file after all others, whatever the pointer says."""
        return self.path / f"index-{max(map(_number, self.files()), default=0) + 1:04d}.sqlite"

    def set_current(self, file: Path, kept: Path | None) -> None:
        """Point to other index files: readers see the old ones or the new ones, whatever happens in between."""
        fresh = self._pointer.with_suffix(".new")
        with self._disk_errors():
            with fresh.open("w", encoding="ascii") as stream:
                stream.writelines(f"{each.name}\n" for each in (file, kept) if each)
                stream.flush()
                os.fsync(stream.fileno())
            fresh.replace(self._pointer)
            flush_folder(self.path)

    def files(self) -> list[Path]:
        """All index files, oldest first."""
        with self._disk_errors():
            found = [path for path in self.path.iterdir() if _FILE_NAME.fullmatch(path.name)]
        return sorted(found, key=_number)

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
    def holding(self, role: Role, purpose: str, *, wait_s: float = 0.0, soon_done: bool = False) -> Iterator[None]:
        """Hold a lock. Raises `IndexLocked` when that is not to be had in time; who is soon done is waited for."""
        lock = FolderLock(self.path, role)
        with self._disk_errors():
            lock.acquire(purpose, wait_s=wait_s, soon_done=soon_done)
        try:
            yield
        finally:
            lock.release()

    def _pointed(self) -> tuple[Path | None, Path | None]:
        """The living file and the one kept, as the pointer names them."""
        try:
            names = self._pointer.read_text(encoding="ascii", errors="replace").split()
        except FileNotFoundError:
            return None, None
        except OSError as error:
            raise self._unusable(error) from error
        if len(names) not in {1, 2} or not all(map(_FILE_NAME.fullmatch, names)):
            raise IndexUnavailable(
                f"{self._pointer} does not name an index file.",
                remedy="Run `passerelle recover`, or move CURRENT and index-*.sqlite away and index again.",
            )
        files = [self.path / name for name in names]
        return files[0], files[1] if len(files) > 1 else None

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
