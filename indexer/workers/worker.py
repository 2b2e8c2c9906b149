"""Files to documents in a process that is replaced when a file makes it hang, crash or run out of memory."""

from __future__ import annotations

import signal

from indexer.convert_file import ChosenFile, make_failed
from indexer.progress import RunProgress
from indexer.workers.limits import ConversionLimits
from indexer.workers.process import Silence, WorkerProcess
from indexer.workers.program import Message
from search_core.model import Document
from search_core.vocabulary import Vocabulary


class Worker:
    """Converts one file at a time. Not to be used by several threads at once, but for `close`."""

    def __init__(self, limits: ConversionLimits, vocabulary: Vocabulary) -> None:
        self._limits = limits
        self._vocabulary = vocabulary
        self._process: WorkerProcess | None = None
        self._is_fresh = True
        self._closed = False

    def start(self) -> WorkerProcess:
        """The process, which need not be able to work yet."""
        if self._process is None:
            self._process = WorkerProcess.start(self._limits, self._vocabulary)
            self._is_fresh = True
        if self._closed:  # meanwhile, by another thread, which did not see this process yet
            self._process.end()
        return self._process

    def convert(self, chosen: ChosenFile, progress: RunProgress) -> Document:
        """The document of a file; a failed one where the process hung, crashed or needed too much memory.

        A process that has converted other files may crash because of those: a new one has a second try.
        """
        found, is_certain = self._ask(chosen, progress)
        if not is_certain and not self._closed:
            found, _ = self._ask(chosen, progress)
        return found if isinstance(found, Document) else make_failed(chosen, found)

    def close(self) -> None:
        """End the process for good; a conversion that goes on in another thread ends with it."""
        self._closed = True
        if self._process is not None:
            self._process.end()

    def _ask(self, chosen: ChosenFile, progress: RunProgress) -> tuple[Document | str, bool]:
        """The document, or why there is none; and whether that is certain to be the file's own doing."""
        process = self.start()
        was_fresh, self._is_fresh = self._is_fresh, False
        found = process.ask(chosen, self._limits.timeout_s, progress)
        if isinstance(found, Document):
            return found, True
        self._process = None
        reason = _explain(found, process.end(), chosen.family.name, self._limits)
        return reason, was_fresh or found == "timed out"


def _explain(found: Message | Silence, exit_status: int, family: str, limits: ConversionLimits) -> str:
    if found == "timed out":
        return (
            f"Nothing more was read of it in {limits.timeout_s:g} seconds, and it was given up. Open it in the program "
            "that made it and save it again, or raise PASSERELLE_CONVERT_TIMEOUT_S and use --retry."
        )
    if found == "out of memory" or exit_status == -signal.SIGKILL:  # the system kills when it is short of memory itself
        return (
            f"Reading it takes more than {limits.memory_mb} MB of memory, and it was given up. Split it into parts, or "
            "raise PASSERELLE_CONVERT_MEMORY_MB and use --retry."
        )
    # Few C libraries say that they lack memory: they crash.
    return (
        f"What reads {family} crashed on it ({_name_ending(exit_status)}). Open it in the program that made it and "
        "save it again; if it is very large, raise PASSERELLE_CONVERT_MEMORY_MB and use --retry."
    )


def _name_ending(exit_status: int) -> str:
    try:
        return signal.Signals(-exit_status).name
    except ValueError:
        return f"exit status {exit_status}"
