"""The original file of an indexed document, handed out as a download and never shown by the browser in our name."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path, PurePosixPath
from stat import S_ISREG
from urllib.parse import quote

from starlette.responses import FileResponse

from search_core.errors import NotFound
from search_core.model import Document

CONTENT_SECURITY_POLICY = "sandbox; default-src 'none'"


class OriginalGone(NotFound):
    """The document is known, but its file is no longer where it was indexed."""

    code = "original_gone"


def send_original(document: Document, path: Path | None) -> FileResponse:
    """The file of a document. Raises `OriginalGone` when there is none inside its source any more."""
    found = _find_inside(document.source, path)
    if found is None:
        raise OriginalGone(
            f"The original file of “{document.path}” is no longer where it was indexed.",
            remedy="Its text as it was read is still here: open the document.",
        )
    file, stat = found
    return FileResponse(
        file,
        stat_result=stat,
        headers={
            "Content-Type": document.media_type,  # bare: the file's charset is its own
            "Content-Disposition": content_disposition(document.path),
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "X-Content-Type-Options": "nosniff",
        },
    )


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
