"""deploy/one-container.sh, and the health check: with the real command, over real files."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The command on the path, as in the image; a port that nobody else has."""
    command = tmp_path / "bin" / "passerelle"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m passerelle "$@"\n')
    command.chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = str(listening.getsockname()[1])
    known = {name: value for name, value in os.environ.items() if not name.startswith("PASSERELLE_")}
    return known | {
        "PATH": f"{command.parent}:{os.environ['PATH']}",
        "PASSERELLE_DATA": str(tmp_path / "data"),
        "PASSERELLE_MODEL": "hash",
        "PASSERELLE_PORT": port,
    }


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[psutil.Popen]:
    folder.mkdir(exist_ok=True)
    script = str(ROOT / "deploy" / "one-container.sh")
    process = psutil.Popen([script, str(folder)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        yield process
    finally:
        left = [process, *process.children(recursive=True)] if process.is_running() else []
        for each in left:
            each.kill()
        process.communicate()


def is_healthy(environment: dict[str, str]) -> bool:
    command = [sys.executable, str(ROOT / "deploy" / "healthy.py")]
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def wait_until_healthy(process: psutil.Popen, environment: dict[str, str]) -> None:
    while not is_healthy(environment):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.5)


def child_of(process: psutil.Popen, word: str) -> psutil.Process:
    return next(child for child in process.children() if word in child.cmdline())


def test_it_follows_the_folder_and_serves_until_it_is_stopped(tmp_path: Path, environment: dict[str, str]) -> None:
    assert not is_healthy(environment)
    with running(tmp_path / "documents", environment) as process:
        (tmp_path / "documents" / "a.txt").write_text("Le tramway relie la gare au centre.", "utf-8")
        wait_until_healthy(process, environment)
        children = process.children(recursive=True)
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        psutil.wait_procs(children, timeout=30)
        assert not [child for child in children if child.is_running()]


@pytest.mark.parametrize("word", ["sync", "serve"])
def test_it_ends_with_either_of_its_two(tmp_path: Path, environment: dict[str, str], word: str) -> None:
    with running(tmp_path / "documents", environment) as process:
        wait_until_healthy(process, environment)
        child_of(process, word).kill()
        assert process.wait(timeout=60) == 128 + signal.SIGKILL
        assert not is_healthy(environment)


def test_it_asks_for_the_folder(environment: dict[str, str]) -> None:
    script = str(ROOT / "deploy" / "one-container.sh")
    ended = subprocess.run([script], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "the folder of documents" in ended.stderr
