"""An index file that comes from elsewhere, made the living one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from search_core.backups import Enclosed
from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.index import EmbeddedIndex
from search_core.engines.embedded.store import check_features, check_file, create_file, driver_errors, read_file_version
from search_core.engines.embedded.writer import EmbeddedWriter
from search_core.errors import IndexOutdated, IndexUnavailable


class EmbeddedRecovery:
    """`backups.Recovery`, for as long as the lock of rebuilds is held."""

    def __init__(self, folder: IndexFolder, file: Path, index: EmbeddedIndex, enclosed: Enclosed) -> None:
        self.index = index
        self.enclosed = enclosed
        self._folder = folder
        self._file = file

    def publish(self) -> None:
        with self._folder.holding("writer", "recovering a backup"):
            living = _find_readable(self._folder)
            with closing(EmbeddedWriter(self._file)) as writer:
                writer.finish(after=read_file_version(living) if living else 0)
            self.index.close()
            file = self._folder.spare_file()
            with driver_errors(file):
                self._file.rename(file)
            self._folder.set_current(file, kept=living)
        if living is not None:
            for other in self._folder.files():
                if other not in (living, file):
                    self._folder.delete(other)


@contextmanager
def open_recovery(folder: IndexFolder, enclosed: Enclosed, fetch: Callable[[Path], None]) -> Iterator[EmbeddedRecovery]:
    """The next index of a data folder, from a file that `fetch` puts where it is told to.

    It has another name than index files until it is published: what a killed recovery leaves is no index.
    """
    check_features()
    folder.prepare()
    with folder.holding("rebuild", "recovering a backup"):
        file = folder.path / "recovering.sqlite"
        folder.delete(file)
        try:
            with driver_errors(file):
                fetch(file)
            check_file(file)
            create_file(file)  # it stays as it is, but for the log that lets others read while one writes
            with closing(EmbeddedIndex(folder, file)) as index:
                yield EmbeddedRecovery(folder, file, index, enclosed)
        finally:
            folder.delete(file)


def _find_readable(folder: IndexFolder) -> Path | None:
    """The living index file, unless it cannot be read: then it is what a backup is recovered for."""
    with suppress(IndexOutdated, IndexUnavailable):
        living = folder.current()
        if living is not None:
            check_file(living)
            return living
    return None
