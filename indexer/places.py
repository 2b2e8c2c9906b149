"""Whether there is a file at the place of a record or an entry, on disk or in an archive."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath

from search_core.archives import Archives
from search_core.errors import ConversionError
from search_core.file_names import locate


def is_there(source: str, path: str, archives: Archives) -> bool:
    """Also where nobody can tell: a folder that may not be entered, an archive that cannot be opened."""
    try:
        return locate(Path(source), path) is not None or _is_archived(Path(source), path, archives)
    except (OSError, ConversionError):
        return True


def _is_archived(source: Path, path: str, archives: Archives) -> bool:
    inner = PurePosixPath(path)
    for above in inner.parents:
        place = locate(source, str(above)) if above.name else None
        if place is not None:
            return place.is_file() and _is_inside(place, inner.relative_to(above).as_posix(), archives)
    return False


def _is_inside(archive: Path, path: str, archives: Archives) -> bool:
    contents = archives.look_into(archive)
    if contents is None:
        return False
    wanted = unicodedata.normalize("NFC", path)
    known = (*contents.inner, *(member.path for member in contents.members))
    unknown = any(wanted == folder or wanted.startswith(f"{folder}/") for folder in contents.unreadable)
    return unknown or wanted in known
