"""Backups of a data folder: a folder of files each, which can be copied anywhere.

PLACE/passerelle-20261126-093000-123/          one backup
    manifest.json                              what it is, and size and SHA-256 of every other file
    index.sqlite                               the index at one commit, without what was deleted from it
    people.sqlite, ...                         what is enclosed
PLACE/.passerelle-20261126-093000-123.part/    one that is being made, or was interrupted: the next backup deletes it
"""

from __future__ import annotations

import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from search_core.backups import Backup, Enclosed, check_schema, describe_backup, make_name
from search_core.disks import flush_folder
from search_core.engines.embedded.backup_files import (
    MANIFEST,
    copy_file,
    place_errors,
    read_file,
    read_manifest,
    write_file,
    write_manifest,
)
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.reads import read_state, read_status
from search_core.engines.embedded.recovery import EmbeddedRecovery, open_recovery
from search_core.engines.embedded.schema import SCHEMA_VERSION
from search_core.engines.embedded.store import check_file, connect, driver_errors
from search_core.errors import IndexLocked, IndexUnavailable, NotFound
from search_core.versions import VERSIONS_KEY

INDEX = "index.sqlite"

_PREFIX = "passerelle"


class EmbeddedBackups:
    """`backups.Backups` of one data folder in one place, or the one backup that the place itself is."""

    def __init__(self, data: Path, place: Path) -> None:
        self._folder = IndexFolder(data)
        self._place = place.absolute()

    def find(self) -> list[Backup]:
        with place_errors(self._place):
            if self._is_one():
                return [_describe(self._place)]
            folders = [path for path in self._place.iterdir() if path.is_dir() and path.name.startswith(_PREFIX)]
        return sorted(map(_describe, folders), key=lambda each: each.name, reverse=True)

    def back_up(self, enclose: Callable[[], Enclosed]) -> Backup:
        living = self._folder.current()
        if living is None:
            raise NotFound(f"There is no index in {self._folder.path}.", remedy="Check PASSERELLE_DATA.")
        check_file(living)
        with place_errors(self._place):
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._locked():
                for part in self._place.glob(f".{_PREFIX}-*.part"):
                    shutil.rmtree(part)
                return self._make(living, enclose)

    @contextmanager
    def recover(self, backup: Backup) -> Iterator[EmbeddedRecovery]:
        source = self._place if self._is_one() else self._place / backup.name
        with place_errors(self._place):
            told, files = read_manifest(source)
            check_schema(told, "embedded", SCHEMA_VERSION)
            enclosed = {name: read_file(source / name, told) for name, told in files.items() if name != INDEX}
        with open_recovery(
            self._folder, enclosed, lambda file: copy_file(source / INDEX, file, files[INDEX])
        ) as recovery:
            yield recovery

    def delete(self, backup: Backup) -> None:
        with place_errors(self._place):
            shutil.rmtree(self._place / backup.name)

    def close(self) -> None:
        pass

    def _is_one(self) -> bool:
        return (self._place / MANIFEST).exists()

    def _make(self, living: Path, enclose: Callable[[], Enclosed]) -> Backup:
        name = make_name(_PREFIX)
        part = self._place / f".{name}.part"
        try:
            part.mkdir(mode=0o700)
            _copy_index(living, part / INDEX)
            for other, content in enclose().items():
                write_file(part / other, content)
            backup = _read_facts(part / INDEX, name, f"{socket.gethostname()}:{self._folder.path}")
            write_manifest(part, backup)
            part.rename(self._place / name)
            flush_folder(self._place)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
        return backup

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The system gives up the lock of a process that dies."""
        try:
            with FileLock(self._place / ".backup.lock", timeout=0):
                yield
        except Timeout as error:
            raise IndexLocked(
                f"Another process is making a backup in {self._place}.", remedy="Wait until it has finished."
            ) from error


def _copy_index(living: Path, copy: Path) -> None:
    """The index at its latest commit. Others write meanwhile; what was deleted is not copied.

    Nobody else knows of the copy, so it is not locked: the place may lie where locks do not work.
    """
    write_file(copy, b"")
    with driver_errors(living), closing(connect(living)) as connection:
        connection.execute("VACUUM INTO ?", (f"file:{quote(str(copy))}?nolock=1",))


def _read_facts(copy: Path, name: str, origin: str) -> Backup:
    with driver_errors(copy), closing(sqlite3.connect(f"file:{quote(str(copy))}?immutable=1", uri=True)) as connection:
        status = read_status(connection, origin, copy.stat().st_size)
        return describe_backup(name, origin, SCHEMA_VERSION, status, read_state(connection, VERSIONS_KEY))


def _describe(folder: Path) -> Backup:
    try:
        return read_manifest(folder)[0]
    except IndexUnavailable as error:
        return Backup(folder.name, "", "", "", "embedded", 0, 0, 0, "", problem=error.message)
