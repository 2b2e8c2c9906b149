"""The next index file, built beside the living one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from search_core.engines.base import PassageIndex
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.reads import read_version
from search_core.engines.embedded.store import check_file, connect, create_file, driver_errors
from search_core.engines.embedded.writer import EmbeddedWriter
from search_core.errors import IndexOutdated, IndexUnavailable


class EmbeddedRebuild:
    """`base.Rebuild`, for as long as the writer's lock is held."""

    def __init__(self, folder: IndexFolder, living: Path, open_index: Callable[[Path], PassageIndex]) -> None:
        self._folder = folder
        self._living = living
        self._file = folder.next_file()
        self._open_index = open_index
        self._open()

    @property
    def index(self) -> PassageIndex:
        return self._index

    @property
    def writer(self) -> EmbeddedWriter:
        return self._writer

    def clear(self) -> None:
        self.close()
        self._folder.delete(self._file)
        self._open()

    def publish(self) -> None:
        with driver_errors(self._living), closing(connect(self._living)) as connection:
            version = read_version(connection)
        self._writer.finish(version)
        self._folder.set_current(self._file)
        for file in self._folder.files():
            if file not in (self._living, self._file):
                self._folder.delete(file)

    def close(self) -> None:
        self._index.close()
        self._writer.close()

    def _open(self) -> None:
        try:
            create_file(self._file)
            check_file(self._file)
        except (IndexOutdated, IndexUnavailable):
            # What an interrupted rebuild of another release, or a crash, left behind.
            self._folder.delete(self._file)
            create_file(self._file)
        self._writer = EmbeddedWriter(self._file)
        self._index = self._open_index(self._file)
