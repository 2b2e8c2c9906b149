"""Three nodes, one of them killed while others index and search: nothing is lost, and hardly anybody notices."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from search_core.engines.base import Scope
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from tests.engines.own_nodes import OwnNodes, needs_own_nodes, own_nodes
from tests.engines.writer_process import make_grown

pytestmark = [pytest.mark.opensearch, pytest.mark.slow, pytest.mark.timeout(1800), needs_own_nodes]

EVERYTHING = Scope.everything()

FIRST = 30
"""Documents that are there from the beginning, and searched for."""

READERS = 2
SEARCHES = 300
"""At least, around each kill: one in a hundred of them may fail."""


class Told:
    """The lines that a process prints, as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def end(self) -> list[str]:
        """Tell it to end, and return all it has said."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(timeout=240)
        self._thread.join()
        return [line.rstrip() for line in self.lines]


@contextmanager
def told(urls: tuple[str, ...], program: str, *arguments: str) -> Iterator[Told]:
    """A program of this folder, working on these nodes."""
    environment = {**os.environ, "PASSERELLE_OPENSEARCH_HOSTS": ",".join(urls)}
    command = [sys.executable, str(Path(__file__).with_name(program)), "opensearch:three", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as process:  # type: ignore[call-overload]
        try:
            yield Told(process)
        finally:
            process.kill()


@pytest.fixture
def nodes() -> Iterator[OwnNodes]:
    with own_nodes(3) as made:
        yield made


@pytest.fixture
def urls(nodes: OwnNodes) -> tuple[str, ...]:
    """The nodes, with documents that each search finds one of."""
    urls = nodes.start()
    with closing(open_opensearch_index(ServerAddress(urls, prefix="three"))) as index, index.writer("test") as writer:
        writer.replace([make_grown(number) for number in range(FIRST)])
    return urls


@pytest.fixture
def servers(urls: tuple[str, ...]) -> Iterator[OpenSearch]:
    with closing(Cluster(ServerAddress(urls))) as cluster:
        yield cluster._client


def test_node_killed_while_others_index_and_search_loses_nothing(
    nodes: OwnNodes, urls: tuple[str, ...], servers: OpenSearch
) -> None:
    with ExitStack() as processes:
        writer = processes.enter_context(told(urls, "writer_process.py", "grow", str(FIRST)))
        readers = [processes.enter_context(told(urls, "reader_process.py", str(FIRST))) for _ in range(READERS)]
        during: list[str] = []
        for find_victim in (find_manager, find_primary):
            wait_until(lambda: is_green(servers))
            wait_for_more([writer, *readers], 5)
            victim = find_victim(servers)
            since = [len(reader.lines) for reader in readers]
            nodes.kill(victim)
            nodes.start()
            wait_until(lambda: is_green(servers))
            wait_for_more(readers, SEARCHES // READERS)
            during += [line for reader, n in zip(readers, since, strict=True) for line in reader.lines[n:]]

        wait_until(lambda: is_green(servers))
        since = [len(reader.lines) + 1 for reader in readers]  # but for the search that is under way
        wait_for_more(readers, 100)
        wait_for_more([writer], 5)
        after = [line for reader, n in zip(readers, since, strict=True) for line in reader.end()[n:]]
        written = [int(number) for line in writer.end() if line.startswith("written") for number in line.split()[1:]]
        assert writer.process.returncode == 0

    failures = Counter(line for line in during if line != "found\n")
    print(f"{len(during)} searches around two kills, of which failed: {dict(failures)}; {len(after)} afterwards")
    assert failures.total() <= len(during) / 100, failures
    assert set(after) == {"found"}
    assert_all_is_there(ServerAddress(urls, prefix="three"), [*range(FIRST), *written])


def assert_all_is_there(address: ServerAddress, numbers: list[int]) -> None:
    """Every document that was acknowledged, with all its passages, and nothing else."""
    expected = {made.document.document_id: made for made in map(make_grown, numbers)}
    with closing(open_opensearch_index(address)) as index:
        found = index.contents(list(expected), EVERYTHING)
        assert index.status().documents == {"fr": len(expected)}
    texts = {name: [stored.passage.text for stored in passages] for name, passages in found.items()}
    assert texts == {name: [each.passage.text for each in made.passages] for name, made in expected.items()}


def find_manager(servers: OpenSearch) -> str:
    """The port of the node that manages the cluster."""
    (manager,) = servers.cat.cluster_manager(params={"format": "json"})
    return str(manager["node"]).removeprefix("node-")


def find_primary(servers: OpenSearch) -> str:
    """The port of the node that takes new passages first."""
    shards = servers.cat.shards(index="three-passages", params={"format": "json"})
    (node,) = (shard["node"] for shard in shards if shard["prirep"] == "p")
    return str(node).removeprefix("node-")


def is_green(servers: OpenSearch) -> bool:
    """Whether all three nodes are there, and every row has its copy."""
    health = servers.cluster.health()
    return (health["status"], health["number_of_nodes"]) == ("green", 3)


def wait_for_more(processes: list[Told], count: int) -> None:
    """So many lines of each."""
    wanted = [(process, len(process.lines) + count) for process in processes]
    wait_until(lambda: all(len(process.lines) >= lines for process, lines in wanted))


def wait_until(condition: Callable[[], bool]) -> None:
    """As long as the test may take."""
    while not condition():
        time.sleep(0.2)
