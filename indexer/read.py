"""A file's bytes, its sidecar's and those of its folders' metadata, read whole and at one moment."""

from __future__ import annotations

import hashlib
import os
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.convert.charset import NotText, decode_bytes
from indexer.find import FoundFile
from indexer.front_matter import MAX_YAML_CHARS, Declared, parse_yaml
from search_core.archives import Archives
from search_core.errors import ConversionError
from search_core.model import Shared

MAX_FILE_BYTES = 200_000_000

_TRIES = 3


@dataclass(frozen=True)
class FolderMetadata(Shared):
    """The `_meta.yaml` of a folder. `problem` says why it could not be read."""

    place: str
    data: bytes = b""
    problem: str = ""


@dataclass(frozen=True)
class ReadFile(Shared):
    """What was on disk: `sidecar` is empty where there is none, `folders` are the outermost first."""

    data: bytes
    sidecar: bytes = b""
    folders: tuple[FolderMetadata, ...] = ()

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def sidecar_checksum(self) -> str:
        return hashlib.sha256(self.sidecar).hexdigest() if self.sidecar else ""

    @property
    def folders_checksum(self) -> str:
        """Of what the folders say, wherever they lie: the same after all of them were moved."""
        said = [f"{hashlib.sha256(folder.data).hexdigest()} {folder.problem}" for folder in self.folders]
        return hashlib.sha256("\n".join(said).encode()).hexdigest() if said else ""


def read_file(found: FoundFile, max_bytes: int = MAX_FILE_BYTES, archives: Archives | None = None) -> ReadFile:
    """Raises `ConversionError` where a file is unreadable, too large, gone, or written to all the while.

    `archives` keep the one open that a file is in: it is read once for all its files.
    """
    if found.chain:
        with closing(Archives()) if archives is None else nullcontext(archives) as opened:
            return _read_member(found, max_bytes, opened)
    try:
        data = _read_steady(found.location, max_bytes)
        sidecar = _read_sidecar(found)
    except OSError as cause:
        raise ConversionError(
            f"The file cannot be read: {cause.strerror or cause}.", remedy="Check that it exists and may be read."
        ) from cause
    return ReadFile(data, sidecar, read_folders(found, archives or Archives()))


def _read_member(found: FoundFile, max_bytes: int, archives: Archives) -> ReadFile:
    data = archives.read(found.location, found.chain, max_bytes)
    sidecar = b""
    if found.sidecar_chain:
        sidecar = archives.read(found.location, found.sidecar_chain, 4 * MAX_YAML_CHARS)
    return ReadFile(data, sidecar, read_folders(found, archives))


def read_folders(found: FoundFile, archives: Archives) -> tuple[FolderMetadata, ...]:
    """What the folders of a file say of it, the outermost first; those in its archive come last."""
    outside = [_read_folder(path, Path(found.source)) for path in found.folder_metadata]
    inside = [_read_inner_folder(found.location, chain, archives) for chain in found.folder_chains]
    return (*outside, *inside)


def _read_sidecar(found: FoundFile) -> bytes:
    """Who may put a link into a shared folder could otherwise show any file of this machine as metadata."""
    if not found.sidecar.is_file():
        return b""
    if _leaves(found.sidecar, Path(found.source)):
        raise ConversionError(
            f"Its metadata {found.sidecar.name} is a link that leaves the folder, and is not followed.",
            remedy="Put the file itself there.",
        )
    return _read_steady(found.sidecar, 4 * MAX_YAML_CHARS)


def _leaves(path: Path, source: Path) -> bool:
    target = path.resolve()
    return not (target.is_relative_to(source) or target.is_relative_to(path.parent))


def _read_folder(path: Path, source: Path) -> FolderMetadata:
    """What cannot be read is told for each file of the folder; it is no reason not to read them."""
    try:
        if _leaves(path, source):
            return FolderMetadata(str(path), problem="a link that leaves the folder is not followed")
        if not path.is_file():
            return FolderMetadata(str(path), problem="it is no file, or a link that leads nowhere")
        return FolderMetadata(str(path), _read_steady(path, 4 * MAX_YAML_CHARS))
    except ConversionError as error:
        return FolderMetadata(str(path), problem=str(error).rstrip("."))
    except (OSError, RuntimeError) as cause:  # RuntimeError: a link to itself
        return FolderMetadata(str(path), problem=f"cannot be read: {getattr(cause, 'strerror', None) or cause}")


def _read_inner_folder(archive: Path, chain: tuple[str, ...], archives: Archives) -> FolderMetadata:
    place = "/".join((str(archive), *chain))
    try:
        return FolderMetadata(place, archives.read(archive, chain, 4 * MAX_YAML_CHARS))
    except ConversionError as error:
        return FolderMetadata(place, problem=str(error).rstrip("."))


def parse_folder(folder: FolderMetadata) -> Declared:
    """What a folder's `_meta.yaml` declares; one that cannot be read may have named access labels."""
    if folder.problem:
        return Declared(problems=(folder.problem,), unreadable=frozenset({"access"}), origin="person")
    return parse_sidecar(folder.data)


def parse_sidecar(sidecar: bytes) -> Declared:
    """What a sidecar declares; where it cannot be read at all, its access labels cannot either."""
    if not sidecar:
        return Declared()
    try:
        declared = parse_yaml(decode_bytes(sidecar).text)
    except NotText as problem:
        declared = Declared(problems=(str(problem),), origin="person")
    if not declared.problems or declared.values:
        return declared
    return replace(declared, unreadable=declared.unreadable | {"access"})


def _read_steady(path: Path, max_bytes: int) -> bytes:
    """The bytes of a file that did not change while they were read."""
    for _ in range(_TRIES):
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            if before.st_size > max_bytes:
                raise ConversionError(
                    f"The file has {before.st_size // 1_000_000} MB, more than {max_bytes // 1_000_000}.",
                    remedy="Split it into parts.",
                )
            data = stream.read(max_bytes + 1)
            after = os.fstat(stream.fileno())
        if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns) and len(data) == before.st_size:
            return data
    raise ConversionError("The file is being written to.", remedy="Index it again when that has finished.")
