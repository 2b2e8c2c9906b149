"""The original file of an indexed document, handed out as a download and never shown by the browser in our name."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from typing import Self
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from search_api.archived import read_archived
from search_core.errors import NotFound
from search_core.model import Document

CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'"


class OriginalGone(NotFound):
    """The document is known, but its file is no longer where it was indexed."""

    code = "original_gone"


class OriginalChanged(OriginalGone):
    """A file is there, but it is not the one that was read any more."""

    code = "original_changed"

    @classmethod
    def of(cls, path: str) -> Self:
        return cls(
            f"The original file of “{path}” has changed since it was read.",
            remedy="Open the document for the text that was read; the next `passerelle index` or `sync` reads it anew.",
        )


@dataclass(frozen=True)
class Stamp:
    """Tells a file from another one under the same name without reading it.

    Not by its inode: on a network share that may be another one at each look.
    """

    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> Self:
        return cls(stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)


def send_original(document: Document, path: Path | None) -> Response:
    """The file of a document. Raises `OriginalGone` when there is none inside its source any more."""
    if path is None and (data := read_archived(document)) is not None:
        return Response(data, headers=_make_headers(document))
    file, stat = _find(document, path)
    return FileResponse(
        file,
        stat_result=stat,
        headers=_make_headers(document),
    )


def _make_headers(document: Document) -> dict[str, str]:
    return {
        "Content-Type": document.media_type,  # bare: the file's charset is its own
        "Content-Disposition": content_disposition(document.path),
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
    }


def find_unchanged(document: Document, path: Path | None) -> tuple[Path, Stamp]:
    """The file that a document was read from, and what it is known by from now on.

    Raises `OriginalGone`, `OriginalChanged`. A file is read whole when it is asked about for the first time.
    """
    file, stat = _find(document, path)
    stamp = Stamp.of(stat)
    try:
        is_same = _digest(file, stamp) == document.checksum
    except OSError as cause:
        raise OriginalChanged.of(document.path) from cause
    if not is_same:
        raise OriginalChanged.of(document.path)
    return file, stamp


def content_disposition(path: str) -> str:
    """An attachment under the file's own name (RFC 6266): in full for browsers, in ASCII for what is older."""
    name = "".join(filter(_is_harmless, PurePosixPath(path).name)) or "document"
    stem, suffix = (_ascii(part) for part in (PurePosixPath(name).stem, PurePosixPath(name).suffix))
    plain = f"{stem or 'document'}{suffix}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='', errors='replace')}"


def _ascii(text: str) -> str:
    kept = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().strip()
    return "".join("_" if character in '"\\%' else character for character in kept)


def _is_harmless(character: str) -> bool:
    """False for control characters and for the marks that make a name read in another order than it is written."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Zl", "Zp")


def _find(document: Document, path: Path | None) -> tuple[Path, os.stat_result]:
    found = _find_inside(document.source, path)
    if found is None:
        raise OriginalGone(
            f"The original file of “{document.path}” is no longer where it was indexed.",
            remedy="Its text as it was read is still here: open the document.",
        )
    return found


@lru_cache(maxsize=4096)
def _digest(file: Path, stamp: Stamp) -> str:  # noqa: ARG001 - what is remembered holds for this stamp
    """SHA-256 of the bytes, as `Document.checksum` has it."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _find_inside(source: str, path: Path | None) -> tuple[Path, os.stat_result] | None:
    """The regular file behind a path, links followed, if it lies below its source."""
    if path is None or not Path(source).is_absolute():
        return None
    try:
        file = path.resolve(strict=True)
        stat = file.stat()
        inside = file.is_relative_to(Path(source).resolve(strict=True))
    except (OSError, ValueError, RuntimeError):
        return None
    usable = inside and S_ISREG(stat.st_mode) and os.access(file, os.R_OK)
    return (file, stat) if usable else None
