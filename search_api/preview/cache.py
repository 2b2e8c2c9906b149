"""Images of pages on disk, a folder a document; the least used go when they take too much room.

Everything here may be deleted at any time. Several services may share a folder.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

MIB = 2**20

_KEPT_SHARE = 0.8
"""Of what is allowed, when some has to go: each round of deleting reads the whole folder."""

FOLDER = "pages"


class PageCache:
    """Images by document and key below the data folder, `most_mb` of them at most (0: none is kept)."""

    def __init__(self, data: Path, most_mb: int) -> None:
        self._folder = data / FOLDER
        self._most_bytes = most_mb * MIB

    def get(self, document_id: str, key: str) -> bytes | None:
        """An image that was kept."""
        file = self._file(document_id, key)
        try:
            image = file.read_bytes()
            os.utime(file)  # used now: others go first
        except OSError:
            return None
        return image

    def put(self, document_id: str, key: str, image: bytes) -> None:
        """Keep an image. A disk that is full or cannot be written keeps none, and that is all."""
        if len(image) > self._most_bytes:
            return
        file = self._file(document_id, key)
        with suppress(OSError):
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(file, image)
            self._make_room()

    def forget(self, document_id: str) -> None:
        """Delete all images of a document."""
        shutil.rmtree(self._folder / _name(document_id), ignore_errors=True)

    def tidy(self, document_ids: Collection[str]) -> None:
        """Delete the images of every document but these, and what is too much."""
        kept = {_name(document_id) for document_id in document_ids}
        with suppress(FileNotFoundError):
            for folder in self._folder.iterdir():
                if folder.name not in kept:
                    shutil.rmtree(folder, ignore_errors=True)
            self._make_room()

    def _file(self, document_id: str, key: str) -> Path:
        return self._folder / _name(document_id) / f"{key}.png"

    def _write(self, file: Path, image: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(image)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise

    def _make_room(self) -> None:
        files = sorted(self._iter_files(), key=lambda each: each[1].st_mtime_ns, reverse=True)
        total = sum(stat.st_size for _, stat in files)
        if total <= self._most_bytes:
            return
        while files and total > self._most_bytes * _KEPT_SHARE:
            file, stat = files.pop()
            file.unlink(missing_ok=True)
            total -= stat.st_size

    def _iter_files(self) -> Iterator[tuple[Path, os.stat_result]]:
        for file in self._folder.glob("*/*"):
            with suppress(OSError):  # another process deleted it
                yield file, file.stat()


def _name(document_id: str) -> str:
    """A folder's name: ids may be anything a source brings."""
    return hashlib.sha256(document_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
