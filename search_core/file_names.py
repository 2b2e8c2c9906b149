"""File names that are no UTF-8: how they are shown and recorded, and how the file is found again."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from search_core.archives.names import find_charset, make_path


def make_readable(path: str) -> str:
    """A path, in NFC, that can be written: parts that are no UTF-8 in the charset that they are likely in."""
    return unicodedata.normalize("NFC", "/".join(map(_read_part, path.split("/"))))


def is_writable(path: str) -> bool:
    """Whether a path is UTF-8 as it is."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def locate(source: Path, path: str) -> Path | None:
    """The file or folder that a readable path means, below a folder; None where there is none. Raises `OSError`."""
    for form in ("NFC", "NFD"):
        place = source / unicodedata.normalize(form, path)
        if place.exists():
            return place
    found: Path | None = source
    for part in path.split("/"):
        found = _find_child(found, part) if found is not None else None
    return found


def _find_child(folder: Path, part: str) -> Path | None:
    if not folder.is_dir():
        return None
    direct = folder / part
    if part in ("", ".", "..") or direct.exists():
        return direct
    return next((entry for entry in folder.iterdir() if make_readable(entry.name) == part), None)


def _read_part(part: str) -> str:
    if is_writable(part):
        return part
    raw = os.fsencode(part)
    return make_path(raw.decode(find_charset([raw]), "replace")).replace("/", "_") or "unnamed"
