"""The files of one backup: written with their checksums, read only if they are still what was written."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from search_core.backups import Backup
from search_core.disks import flush_folder
from search_core.errors import IndexUnavailable, PasserelleError

MANIFEST = "manifest.json"

_BLOCK = 1 << 20


@dataclass(frozen=True)
class StoredFile:
    """What the manifest says of a file."""

    bytes: int
    sha256: str


def write_manifest(folder: Path, backup: Backup) -> None:
    """What the backup is, and size and checksum of all other files. It is written last, and all is on disk then."""
    files = {path.name: asdict(_measure(path)) for path in sorted(folder.iterdir())}
    text = json.dumps({"backup": json.loads(backup.to_json()), "files": files}, ensure_ascii=False, indent=2)
    write_file(folder / MANIFEST, text.encode())
    flush_folder(folder)


def read_manifest(folder: Path) -> tuple[Backup, Mapping[str, StoredFile]]:
    """What a folder holds. Raises `IndexUnavailable` for one that is no backup, or not one any more."""
    try:
        told = json.loads((folder / MANIFEST).read_text("utf-8"))
        files = {name: StoredFile(**each) for name, each in told["files"].items() if Path(name).name == name}
        backup = replace(Backup.from_json(json.dumps(told["backup"])), name=folder.name)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_whole(folder, f"its {MANIFEST} cannot be read ({error})") from error
    for name, each in files.items():
        if not (folder / name).is_file() or (folder / name).stat().st_size != each.bytes:
            raise _not_whole(folder, f"{name} is missing or cut off")
    return backup, files


def write_file(path: Path, content: bytes) -> None:
    """A new file, its owner's alone."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def read_file(path: Path, stored: StoredFile) -> bytes:
    """Raises `IndexUnavailable` for another content than was stored."""
    content = path.read_bytes()
    _check(path, hashlib.sha256(content).hexdigest(), stored)
    return content


def copy_file(path: Path, copy: Path, stored: StoredFile) -> None:
    """Copy to a new file, its owner's alone. Raises `IndexUnavailable` for another content than was stored."""
    digest = hashlib.sha256()
    with (
        path.open("rb") as source,
        os.fdopen(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as target,
    ):
        while block := source.read(_BLOCK):
            digest.update(block)
            target.write(block)
        target.flush()
        os.fsync(target.fileno())
    _check(path, digest.hexdigest(), stored)


@contextmanager
def place_errors(place: Path) -> Iterator[None]:
    """Translate what the disk of a place raises."""
    try:
        yield
    except PasserelleError:
        raise
    except OSError as error:
        raise IndexUnavailable(
            f"The place for backups {place} cannot be used: {error.strerror or error}.",
            remedy="Name a folder that can be read and written and has space; nothing was changed.",
        ) from error


def _measure(path: Path) -> StoredFile:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
        return StoredFile(os.fstat(stream.fileno()).st_size, digest)


def _check(path: Path, digest: str, stored: StoredFile) -> None:
    if digest != stored.sha256:
        raise _not_whole(path.parent, f"{path.name} is not what was written")


def _not_whole(folder: Path, how: str) -> IndexUnavailable:
    return IndexUnavailable(
        f"{folder} is not a whole backup: {how}.",
        remedy="Copy it again from where it was made, or recover another one: nothing was changed.",
    )
