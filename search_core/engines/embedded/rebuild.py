"""The next index file, built beside the living one, to which others write meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from search_core.engines.base import PassageIndex
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.store import check_file, create_file, read_file_version
from search_core.engines.embedded.writer import EmbeddedWriter
from search_core.errors import IndexOutdated, IndexUnavailable


class EmbeddedRebuild:
    """`base.Rebuild`, for as long as the lock of rebuilds is held."""

    def __init__(self, folder: IndexFolder, purpose: str, open_index: Callable[[Path], PassageIndex]) -> None:
        self._folder = folder
        self._purpose = purpose
        self._file = folder.unfinished() or folder.next_file()
        self._open_index = open_index
        self._holds_writers = False
        self._is_merged = False
        with self._holding_purges():
            self._open()

    @property
    def index(self) -> PassageIndex:
        return self._index

    @property
    def writer(self) -> EmbeddedWriter:
        return self._writer

    def clear(self) -> None:
        with self._holding_purges():
            self.close()
            self._folder.delete(self._file)
            self._open()

    @contextmanager
    def hold_purges(self) -> Iterator[None]:
        with self._holding_purges():
            self._check_there()
            yield

    @contextmanager
    def hold_writers(self) -> Iterator[None]:
        if not self._is_merged:  # before, for writers wait meanwhile
            with self.hold_purges():
                self._writer.merge_text_indexes()
            self._is_merged = True
        with self._folder.holding("writer", f"{self._purpose}: taking over the last changes", soon_done=True):
            self._holds_writers = True
            try:
                yield
            finally:
                self._holds_writers = False

    def publish(self) -> None:
        if not self._holds_writers:
            with self.hold_writers():
                self.publish()
            return
        self._check_there()
        living = self._folder.current()
        self._writer.finish(after=read_file_version(living) if living else 0)
        self._folder.set_current(self._file, kept=living)
        for file in self._folder.files():
            if file not in (living, self._file):
                self._folder.delete(file)

    def close(self) -> None:
        self._index.close()
        self._writer.close()

    @contextmanager
    def _holding_purges(self) -> Iterator[None]:
        with self._folder.holding("purge", self._purpose, soon_done=True):
            yield

    def _open(self) -> None:
        try:
            create_file(self._file)
            check_file(self._file)
        except (IndexOutdated, IndexUnavailable):
            # What an interrupted rebuild of another release, or a crash, left behind.
            self._folder.delete(self._file)
            create_file(self._file)
        self._inode = self._file.stat().st_ino
        self._writer = EmbeddedWriter(self._file)
        self._index = self._open_index(self._file)
        self._is_merged = False

    def _check_there(self) -> None:
        """A purge gives up a file that it cannot purge: what is written to it then would be lost."""
        if not self._file.exists() or self._file.stat().st_ino != self._inode:
            raise IndexUnavailable(
                f"{self._file} is gone: somebody deleted it, or documents could not be purged from it.",
                remedy="Run the same command again: it begins anew.",
            )
