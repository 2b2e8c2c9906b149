"""The original of a document that lies in an archive: found where the indexer found it, and handed out by itself."""

from __future__ import annotations

import unicodedata
from contextlib import closing
from pathlib import Path, PurePosixPath

from search_core.archives import Archives, Member
from search_core.errors import ConversionError
from search_core.file_names import locate
from search_core.model import Document


def is_archived(document: Document) -> bool:
    """Whether the file of a document is in an archive inside its source."""
    return _find(document, Archives()) is not None


def read_archived(document: Document) -> bytes | None:
    """The bytes of a file in an archive; None where there is no such archive or file any more."""
    with closing(Archives()) as archives:
        found = _find(document, archives)
        if found is None:
            return None
        archive, member = found
        try:
            return archives.read(archive, member.chain)
        except ConversionError:
            return None


def _find(document: Document, archives: Archives) -> tuple[Path, Member] | None:
    source, inner = Path(document.source), PurePosixPath(document.path)
    if not source.is_absolute() or ".." in inner.parts:
        return None
    try:
        found = ((locate(source, str(above)), above) for above in inner.parents if above.name)
        archive, above = next(((place, above) for place, above in found if place is not None), (None, inner))
        if archive is None or not archive.resolve(strict=True).is_relative_to(source.resolve(strict=True)):
            return None
        contents = archives.look_into(archive)
    except (OSError, ValueError, RuntimeError, ConversionError):
        return None
    wanted = unicodedata.normalize("NFC", inner.relative_to(above).as_posix())
    members = contents.members if contents else []
    return next(((archive, member) for member in members if member.path == wanted and not member.is_link), None)
