"""A real node killed in the middle of writing: nothing acknowledged is lost, and every document is whole."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

import pytest

from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.errors import IndexUnavailable
from tests.engines.own_nodes import OwnNodes, needs_own_nodes, own_nodes

pytestmark = [pytest.mark.opensearch, pytest.mark.timeout(1800), needs_own_nodes]

EVERYTHING = Scope.everything()

ROUNDS = 3


@pytest.fixture
def node() -> Iterator[OwnNodes]:
    with own_nodes(1) as nodes:
        yield nodes


def test_node_killed_in_the_middle_of_writing_loses_nothing_acknowledged(node, make_document, no_second_try):
    index = open_opensearch_index(ServerAddress(node.start()), pace=no_second_try)
    version = acknowledged = 0
    for _ in range(ROUNDS):
        killer = threading.Timer(3.0, node.kill, node.ports)
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


def test_writer_waits_for_a_node_that_was_killed_and_started_again(node, make_document):
    index = open_opensearch_index(ServerAddress(node.start()))

    def restart():
        node.kill(*node.ports)
        node.start()

    restarting = threading.Thread(target=restart)
    version = 0
    with index.writer("test") as writer:
        while version < 5 or restarting.is_alive():
            version += 1
            writer.replace([make_version(make_document, name, version) for name in "abc"])
            if version == 3:
                restarting.start()
    restarting.join()

    assert read_version(index) == version
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
