"""What is wrong with a data folder and its index files. Nothing is made or written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil

from search_core.disks import network_filesystem
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.lock import ROLES, FolderLock
from search_core.engines.embedded.store import LOG_LIMIT_BYTES, connect, driver_errors
from search_core.errors import PasserelleError
from search_core.findings import Finding, attempt

_MIB = 2**20


def examine_folder(path: Path) -> Iterator[Finding]:
    """File system, files, soundness and writers of a data folder's index."""
    yield _examine_file_system(path)
    folder = IndexFolder(path)
    try:
        living = folder.current()
    except PasserelleError as error:
        yield Finding("index files", error.message, error.remedy)
        return
    if living is None or not living.exists():
        yield Finding("index files", f"none in {path} yet")
        return
    yield attempt("index files", lambda: _describe_files(folder, living))
    yield _examine_log(living)
    yield attempt("soundness", lambda: _check_soundness(living))
    holders = [str(holder) for holder in (FolderLock(folder.path, role).holder() for role in ROLES) if holder]
    yield Finding("writer", "; ".join(holders) or "nobody writes")


def _examine_file_system(path: Path) -> Finding:
    network = network_filesystem(path.resolve(), psutil.disk_partitions(all=True))
    if network is None:
        return Finding("file system", "on a local disk")
    remedy = "Set PASSERELLE_DATA to a folder on a local disk, or use the opensearch engine."
    return Finding("file system", f"on the network ({network}), where SQLite is not safe", remedy)


def _describe_files(folder: IndexFolder, living: Path) -> Finding:
    roles = {living: "living", folder.kept(): "kept for rollback", folder.unfinished(): "unfinished"}
    parts = [f"{file.name} {_mib(file)} ({roles.get(file, 'left over')})" for file in folder.files()]
    left = any(file not in roles for file in folder.files())
    return Finding(
        "index files", ", ".join(parts), "The next `passerelle reindex` deletes what is left over." if left else ""
    )


def _examine_log(living: Path) -> Finding:
    """It grows while somebody reads at an old commit. What a killed writer left in it is not lost."""
    log = living.with_name(f"{living.name}-wal")
    state = f"{_mib(log)} beside {living.name}"
    too_large = log.exists() and log.stat().st_size > 2 * LOG_LIMIT_BYTES
    remedy = "Start `passerelle serve` anew, and run `passerelle index` on any file: it then shrinks."
    return Finding("write-ahead log", state, remedy if too_large else "")


def _check_soundness(living: Path) -> Finding:
    began = time.monotonic()
    with driver_errors(living), closing(connect(living)) as connection:
        (said,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if said == "ok":
        return Finding("soundness", f"{living.name} is whole (checked in {time.monotonic() - began:.1f} s)")
    remedy = "Restore a backup, or delete the data folder and index again."
    return Finding("soundness", f"{living.name} is damaged: {said}", remedy)


def _mib(file: Path) -> str:
    return f"{file.stat().st_size / _MIB:.1f} MiB" if file.exists() else "nothing"
