"""The command as a process of its own, for tests of what only a process has."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

COMMAND = [sys.executable, "-m", "passerelle"]


@contextmanager
def started(command: list[str], environment: dict[str, str], **known: Any) -> Iterator[subprocess.Popen[str]]:
    """A process with Ctrl-C enabled, as a shell starts it in the foreground; killed at the end if need be."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 - no threads here
        **known,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.communicate()


@contextmanager
def serving(environment: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A served page and its address."""
    with started([*COMMAND, "serve", "--port", "0"], environment) as process:
        assert process.stderr
        line = next((line for line in process.stderr if "http://" in line), "")
        address = re.search(r"http://[\d.:]+", line)
        assert address, "the server says where it is"
        yield process, address.group()
