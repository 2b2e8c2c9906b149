"""Nodes of a test's own, which it may kill: one, or one cluster of several."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from tenacity import retry, retry_if_exception, stop_after_attempt, wait_fixed

from tests.ports import free_ports

SERVER = Path(__file__).parents[3] / "shared" / "opensearch"

needs_own_nodes = pytest.mark.skipif(not SERVER.is_dir(), reason="no server beside this folder that may be killed")


def has_lost_a_race(error: BaseException) -> bool:
    return isinstance(error, subprocess.CalledProcessError) and "chown" in error.stderr


class OwnNodes:
    """The nodes of one cluster, by their port, in a folder of their own."""

    def __init__(self, folder: Path, count: int) -> None:
        self._folder = folder
        shutil.copytree(SERVER / "server", folder / "server")
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)
        self.ports = [str(port) for port in free_ports(count)]

    # As root, the command hands the whole folder to the nodes' user before each node: it fails where a file of one
    # that runs already (a merged segment) goes away meanwhile. What runs by then is left as it is by the next try.
    @retry(retry=retry_if_exception(has_lost_a_race), stop=stop_after_attempt(5), wait=wait_fixed(1), reraise=True)
    def start(self) -> tuple[str, ...]:
        """Start those that do not run, where they were if they ran before, and return the URLs of all."""
        return tuple(self._run("start", *self.ports).split())

    def kill(self, port: str) -> None:
        """End a node at once, and wait until it has: a node that is about to end would not be started again."""
        process = psutil.Process(int((self._folder / port / "pid").read_text()))
        self._run("kill", port)
        psutil.wait_procs([process], timeout=60)

    def wipe(self) -> None:
        self._run("wipe")

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, "OPENSEARCH_WORK": str(self._folder), "OPENSEARCH_HEAP": "512m"}
        environment.pop("OPENSEARCH_SECURE", None)
        command = [str(SERVER / "opensearch.sh"), *arguments]
        # Files, not pipes: the nodes would hold those open as long as they run.
        with (self._folder / "said").open("w+") as said, (self._folder / "told").open("w+") as told:
            ended = subprocess.run(command, env=environment, stdout=said, stderr=told, check=False, timeout=300)
            said.seek(0)
            told.seek(0)
            output, errors = said.read(), told.read()
        sys.stderr.write(errors)
        if ended.returncode:
            raise subprocess.CalledProcessError(ended.returncode, command, output, errors)
        return output


@contextmanager
def own_nodes(count: int) -> Iterator[OwnNodes]:
    """The folder lies where nodes that do not run as root may go: `tmp_path` is its owner's alone."""
    folder = Path(f"/tmp/passerelle-nodes-{os.getpid()}")
    folder.mkdir()
    nodes = OwnNodes(folder, count)
    try:
        yield nodes
    finally:
        nodes.wipe()
        shutil.rmtree(folder, ignore_errors=True)
