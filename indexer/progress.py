"""What a run tells while it goes on; the command draws it."""

from __future__ import annotations

from typing import Protocol

from indexer.report import FileEntry


class RunProgress(Protocol):
    """Called from the thread that runs, `pages_met` from any."""

    def files_found(self, count: int) -> None:
        """So many files (or, in a reindex, documents) there are in all; called again when there are more."""
        ...

    def file_done(self, entry: FileEntry) -> None:
        """One of them is finished, whatever became of it."""
        ...

    def pages_met(self, *, found: int, recognized: int) -> None:
        """So many more pages have to be recognised (OCR), and so many were."""
        ...

    def passages_found(self, count: int) -> None:
        """So many more passages have to be embedded."""
        ...

    def passages_embedded(self, count: int) -> None:
        """So many of them were embedded just now."""
        ...


class SilentProgress:
    """Says nothing."""

    def files_found(self, count: int) -> None:
        pass

    def file_done(self, entry: FileEntry) -> None:
        pass

    def pages_met(self, *, found: int, recognized: int) -> None:
        pass

    def passages_found(self, count: int) -> None:
        pass

    def passages_embedded(self, count: int) -> None:
        pass
