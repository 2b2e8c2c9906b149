"""Files as they were last seen: what looks the same need not be read again, what has changed meanwhile must be."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

from indexer.find import FoundFile
from indexer.read import ReadFile, read_file
from search_core.archives import Archives
from search_core.looks import Look, is_settled, take_look


class Stamp(NamedTuple):
    """How a file looks, its sidecar, and the metadata of the folders that it lies in."""

    file: Look
    sidecar: Look
    folders: tuple[Look, ...] = ()

    def is_settled(self, now_ns: int) -> bool:
        """Whether any later change would show."""
        return all(is_settled(look, now_ns) for look in (self.file, self.sidecar, *self.folders))


class SeenFiles:
    """Stamps by place, of one run or of several; `archives` are those that files were found in."""

    def __init__(self) -> None:
        self.archives = Archives()
        self._stamps: dict[str, Stamp] = {}
        self._settled: set[str] = set()
        self._unsupported: set[str] = set()

    def read(self, found: FoundFile) -> ReadFile:
        """A file's bytes; its stamp is that of before. Raises `ConversionError` as `read_file` does."""
        stamp = take_stamp(found)
        self._stamps[found.place] = stamp
        self._settled.discard(found.place)
        self._unsupported.discard(found.place)
        read = read_file(found, archives=self.archives)
        if stamp.is_settled(time.time_ns()) and not found.in_use:
            self._settled.add(found.place)
        return read

    def is_same(self, found: FoundFile) -> bool:
        """Whether it is certainly what it was when it was read."""
        return found.place in self._settled and self._stamps[found.place] == take_stamp(found)

    def keep_unsupported(self, found: FoundFile) -> None:
        """No family reads this file, as long as it stays the same."""
        self._unsupported.add(found.place)

    def is_unsupported(self, found: FoundFile) -> bool:
        return found.place in self._unsupported and self.is_same(found)

    def find_changed(self, files: Iterable[FoundFile]) -> list[FoundFile]:
        """Those that another program has written to since they were read."""
        return [
            found for found in files if found.place in self._stamps and self._stamps[found.place] != take_stamp(found)
        ]

    def is_fresh(self, found: FoundFile) -> bool:
        """Whether it was written to so shortly before it was read that this may be going on."""
        stamp = self._stamps.get(found.place)
        return stamp is not None and not stamp.is_settled(time.time_ns())

    def has_unsettled(self, files: Iterable[FoundFile]) -> bool:
        """Whether any of them may have changed since without a trace, or could not be read."""
        return any(found.place not in self._settled for found in files)


def take_stamp(found: FoundFile) -> Stamp:
    """How a file looks now, without reading it; one in an archive looks as this does."""
    beside = found.location if found.chain else found.sidecar
    return Stamp(take_look(found.location), take_look(beside), tuple(map(take_look, found.folder_metadata)))
