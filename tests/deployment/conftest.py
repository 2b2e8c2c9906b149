"""A service as the command starts it, over a few documents."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

COMMAND = [sys.executable, "-m", "passerelle"]

TEXTS = {
    "fr/reseau.txt": "Le réseau électrique intelligent d’Issy relie 1 600 logements.",
    "zh/电网.md": "---\ntitle: 智能电网\nkind: study\n---\n\n伊西的智能电网连接了一千六百户住宅。",
}

Served = Callable[..., AbstractContextManager[None]]


@pytest.fixture(scope="session")
def make_served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    """`make_served(port, **settings)` serves on 127.0.0.1 while it is entered."""
    folder = tmp_path_factory.mktemp("served")
    for name, text in TEXTS.items():
        (folder / "documents" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "documents" / name).write_text(text, "utf-8")
    known = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    environment = {**known, "PASSERELLE_MODEL": "hash", "PASSERELLE_DATA": str(folder / "data")}
    subprocess.run([*COMMAND, "index", str(folder / "documents")], env=environment, check=True, capture_output=True)

    @contextmanager
    def serve(port: int, **settings: str) -> Iterator[None]:
        command = [*COMMAND, "serve", "--port", str(port)]
        with subprocess.Popen(command, env={**environment, **settings}, stderr=subprocess.PIPE) as process:
            try:
                _wait_for(port, process)
                yield
            finally:
                process.terminate()

    return serve


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        time.sleep(0.05)
