"""Several workers: a batch of files to documents, in the order of the files."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from indexer.convert_file import ChosenFile
from indexer.progress import RunProgress, SilentProgress
from indexer.workers.limits import ConversionLimits
from indexer.workers.worker import Worker
from search_core.model import Document
from search_core.vocabulary import Vocabulary

_SILENT = SilentProgress()


class WorkerPool:
    """Starts a process when there is a file for it, keeps it for the next ones, and ends all of them when closed."""

    def __init__(self, limits: ConversionLimits, vocabulary: Vocabulary) -> None:
        self._workers = [Worker(limits, vocabulary) for _ in range(limits.worker_count)]
        self._idle = list(self._workers)
        self._lock = threading.Lock()
        self._threads: ThreadPoolExecutor | None = None

    def expect(self, count: int) -> None:
        """So many files will come: their processes start now, while the caller does something else."""
        for worker in self._workers[:count]:
            worker.start()

    def convert(self, files: Sequence[ChosenFile], progress: RunProgress = _SILENT) -> list[Document]:
        """Raises only what concerns the run, not what concerns a file."""
        if self._threads is None:
            # The system ends a worker with the thread that started it: these live as long as the pool.
            self._threads = ThreadPoolExecutor(len(self._workers), thread_name_prefix="convert")
        return list(self._threads.map(lambda chosen: self._convert(chosen, progress), files))

    def close(self) -> None:
        for worker in self._workers:
            worker.close()
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _convert(self, chosen: ChosenFile, progress: RunProgress) -> Document:
        with self._lock:
            worker = self._idle.pop(0)  # the first ones first: they have been started already
        try:
            return worker.convert(chosen, progress)
        finally:
            with self._lock:
                self._idle.insert(0, worker)
