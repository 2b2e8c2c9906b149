"""One worker process: started, asked, and ended with everything that it has started and left on the disk.

Looked at instead: pebble (a fixed time for a whole file, so that a long scan looks like a hang; it ends the worker, not
the programs that the worker has started), loky and concurrent.futures (no time limit, and one crash breaks the pool);
all of them import the caller's main module again in every worker.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Lock
from typing import Literal, Self

from indexer.convert_file import ChosenFile
from indexer.progress import RunProgress
from indexer.workers.alive import Pages
from indexer.workers.limits import ConversionLimits
from indexer.workers.program import Message
from search_core.errors import PasserelleError
from search_core.vocabulary import Vocabulary

Silence = Literal["timed out", "crashed"]
"""What a process says that says nothing."""

START_TIMEOUT_S = 120
"""Importing what a worker needs takes half a second, on a busy machine with a cold disk ten times as long and more."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Parallel are the workers; with a thread a core, numerical libraries reserve memory that no conversion uses."""

_ROOT = Path(__file__).parents[2]


class WorkerProcess:
    """A process that converts one file at a time; `end` may be called from any thread."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Connection, folder: str) -> None:
        self._process = process
        self._channel = channel
        self._folder = folder
        self._end_lock = Lock()
        self._is_ready = False

    @classmethod
    def start(cls, limits: ConversionLimits, vocabulary: Vocabulary) -> Self:
        """Does not wait until the process can work."""
        ours, theirs = Pipe()
        folder = tempfile.mkdtemp(prefix="passerelle-")
        with theirs:
            process = _launch(theirs.fileno(), folder)
        started = cls(process, ours, folder)
        started._send((limits, vocabulary))
        return started

    def ask(self, chosen: ChosenFile, timeout_s: float, progress: RunProgress) -> Message | Silence:
        """What became of a file. Raises `PasserelleError` where the process does not even start."""
        self._await_ready()
        if not self._send(chosen):
            return "crashed"
        while (message := self._receive(timeout_s)) == "alive" or isinstance(message, Pages):
            if isinstance(message, Pages):
                progress.pages_met(found=message.found, recognized=message.done)
        return message

    def end(self) -> int:
        """At once. Returns its exit status: of a signal the negative number, that of a crash where it had crashed."""
        with self._end_lock:
            if self._process.returncode is None:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
                shutil.rmtree(self._folder, ignore_errors=True)
            return self._process.returncode

    def _await_ready(self) -> None:
        if self._is_ready:
            return
        message = self._receive(START_TIMEOUT_S)
        if message != "ready":
            raise PasserelleError(
                f"The process that reads files does not start ({message}, exit status {self.end()}).",
                remedy="Free some memory, or raise PASSERELLE_CONVERT_MEMORY_MB, and run the same command again.",
            )
        self._is_ready = True

    def _send(self, value: object) -> bool:
        try:
            self._channel.send(value)
        except OSError:
            return False
        return True

    def _receive(self, timeout_s: float) -> Message | Silence:
        try:
            if not self._channel.poll(timeout_s):
                return "timed out"
            message: Message = self._channel.recv()
        except (EOFError, OSError):
            return "crashed"
        return message


def _launch(handle: int, folder: str) -> subprocess.Popen[bytes]:
    """In a session of its own, so that it can be ended with all that it starts; what libraries print goes nowhere."""
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-P", "-m", "indexer.workers.program", str(handle), str(os.getpid())],
        env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path, "TMPDIR": folder},
        pass_fds=(handle,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
