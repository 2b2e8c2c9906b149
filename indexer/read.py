"""A file's bytes and its sidecar's, read whole and at one moment."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from indexer.convert.charset import NotText, decode_bytes
from indexer.convert.registry import MAX_FILE_BYTES
from indexer.find import FoundFile
from indexer.front_matter import MAX_YAML_CHARS, Declared, parse_yaml
from search_core.errors import ConversionError
from search_core.model import Shared

_TRIES = 3


@dataclass(frozen=True)
class ReadFile(Shared):
    """What was on disk: `sidecar` is empty where there is none."""

    data: bytes
    sidecar: bytes = b""

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def sidecar_checksum(self) -> str:
        return hashlib.sha256(self.sidecar).hexdigest() if self.sidecar else ""


def read_file(found: FoundFile, max_bytes: int = MAX_FILE_BYTES) -> ReadFile:
    """Raises `ConversionError` where a file is unreadable, too large, gone, or written to all the while."""
    try:
        data = _read_steady(found.location, max_bytes)
        sidecar = _read_steady(found.sidecar, 4 * MAX_YAML_CHARS) if found.sidecar.is_file() else b""
    except OSError as cause:
        raise ConversionError(
            f"The file cannot be read: {cause.strerror or cause}.", remedy="Check that it exists and may be read."
        ) from cause
    return ReadFile(data, sidecar)


def parse_sidecar(sidecar: bytes) -> Declared:
    """What a sidecar declares; where it cannot be read at all, its access labels cannot either."""
    if not sidecar:
        return Declared()
    try:
        declared = parse_yaml(decode_bytes(sidecar).text)
    except NotText as problem:
        declared = Declared(problems=(str(problem),))
    unreadable = declared.unreadable if declared.values else declared.unreadable | {"access"}
    return Declared(declared.values, declared.problems, unreadable if declared.problems else frozenset())


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
