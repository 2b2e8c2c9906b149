"""A real node killed in the middle of writing: nothing acknowledged is lost, and every document is whole."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path

import psutil
import pytest

from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.opensearch import ServerAddress, bulk, open_opensearch_index
from search_core.errors import IndexUnavailable

SERVER = Path(__file__).parents[3] / "shared" / "opensearch"

pytestmark = [
    pytest.mark.opensearch,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not SERVER.is_dir(), reason="no server beside this folder that may be killed"),
]

EVERYTHING = Scope.everything()

ROUNDS = 3


class Node:
    """One node of our own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = ""
        shutil.copytree(SERVER / "server", folder / "server")
        for path in (folder, *folder.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)

    def start(self) -> str:
        """Start it, or again where it was, and return its URL."""
        url = self._run("start", self._port or "0").strip()
        self._port = url.rpartition(":")[2]
        return url

    def kill(self) -> None:
        """End it at once, and wait until it has: a node that is about to end would not be started again."""
        process = psutil.Process(int((self._folder / self._port / "pid").read_text()))
        self._run("kill", self._port)
        psutil.wait_procs([process], timeout=60)

    def wipe(self) -> None:
        self._run("wipe")

    def _run(self, *arguments: str) -> str:
        environment = {**os.environ, "OPENSEARCH_WORK": str(self._folder), "OPENSEARCH_HEAP": "512m"}
        environment.pop("OPENSEARCH_SECURE", None)
        command = [str(SERVER / "opensearch.sh"), *arguments]
        # A file, not a pipe: the node would hold that open as long as it runs.
        with (self._folder / "said").open("w+") as said:
            subprocess.run(command, env=environment, stdout=said, check=True, timeout=300)
            said.seek(0)
            return said.read()


@pytest.fixture
def node() -> Iterator[Node]:
    """The folder lies where a node that does not run as root may go: `tmp_path` is its owner's alone."""
    folder = Path(f"/tmp/passerelle-node-{os.getpid()}")
    folder.mkdir()
    made = Node(folder)
    try:
        yield made
    finally:
        made.wipe()
        shutil.rmtree(folder, ignore_errors=True)


def test_node_killed_in_the_middle_of_writing_loses_nothing_acknowledged(node, make_document, monkeypatch):
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_S", 0.05)
    index = open_opensearch_index(ServerAddress((node.start(),)))
    version = acknowledged = 0
    for _ in range(ROUNDS):
        killer = threading.Timer(3.0, node.kill)
        with index.writer("test") as writer, suppress(IndexUnavailable):
            killer.start()
            while True:
                version += 1
                writer.replace([make_version(make_document, name, version) for name in "abc"])
                acknowledged = version
        killer.join()
        node.start()
        found = read_version(index)
        assert found in (acknowledged, version)
        version = acknowledged = found

    with index.writer("test") as writer:
        writer.replace([make_version(make_document, name, version + 1) for name in "abc"])
    assert read_version(index) == version + 1
    index.close()


def make_version(make_document, name, version):
    """As many passages as the version says, up to five, each naming it."""
    return make_document(name, *(f"commun version{version} passage{n}" for n in range(1 + version % 5)))


def read_version(index):
    """The version of all three documents: they were committed together, and are of one."""
    (result,) = index.search([LexicalLeg("all", "fr", ("commun",), passages_per_document=9)], EVERYTHING).legs
    ids = [[passage.passage_id for passage in hit.passages] for hit in result.hits]
    texts = {passage.text for passage in index.passages([*chain(*ids)], EVERYTHING).values()}
    (version,) = {int(text.split()[1].removeprefix("version")) for text in texts}
    assert [len(each) for each in ids] == [1 + version % 5] * 3
    return version
