"""A reindex killed with SIGKILL at any step: the index serves, is written to, and the next reindex makes it right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from indexer.documents import index_documents
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import LexicalLeg, LivingIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.model import Document
from tests.indexer.reindex_process import GLOSSARY

PROGRAM = "tests.indexer.reindex_process"

EVERYTHING = Scope.everything()

COUNT = 6

STRIDES = {"embedded": 1, "opensearch": 17}
"""Steps from one kill to the next: against a server there are hundreds."""


@pytest.fixture(params=["embedded", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """The name of an engine, and of a place for an index of its own."""
    if request.param == "embedded":
        return request.param, str(tmp_path / "data")
    request.getfixturevalue("opensearch_index")
    address: ServerAddress = request.getfixturevalue("opensearch_address")
    return request.param, f"opensearch:{address.prefix}"


@pytest.fixture
def index(place: tuple[str, str], request: pytest.FixtureRequest) -> Iterator[LivingIndex]:
    engine, name = place
    opened: LivingIndex = (
        open_embedded_index(Path(name))
        if engine == "embedded"
        else open_opensearch_index(request.getfixturevalue("opensearch_address"))
    )
    with closing(opened):
        put(opened, [make_document(number, 0) for number in range(COUNT)])
        with opened.writer("test") as writer:
            writer.remove(["d5"], "2026-01-31T00:00:00+00:00")
        yield opened


def make_document(number: int, version: int) -> Document:
    text = "\n\n".join(
        f"Le document mot{number} a la version{version}, partie{n}. " * 12 for n in range(1 + number % 3)
    )
    return Document(f"d{number}", "notes", f"{number}.txt", "fr", text)


def put(index: LivingIndex, documents: Sequence[Document]) -> None:
    """By whoever the index is for: it may have become the new one's turn."""
    embedder = HashEmbedder(24 if dimension(index) == 24 else 64)
    index_documents(documents, index=index, embedder=embedder, analyzer=Analyzer(GLOSSARY), glossary=GLOSSARY)


def dimension(index: LivingIndex) -> int:
    found = index.contents(["d1"], EVERYTHING)
    return len(found["d1"][0].vector) if found else 0


@contextmanager
def reindexing(place: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", PROGRAM, place]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def run(process: subprocess.Popen[str], kill_at: int) -> str:
    """One reindex: `killed` or `finished`."""
    assert process.stdin is not None
    assert process.stdout is not None
    print(kill_at, file=process.stdin, flush=True)
    outcome = process.stdout.readline().strip()
    assert outcome, "the program failed"
    return outcome


def check(index: LivingIndex, version: int) -> None:
    """Every document is there, d1 in its latest version, wholly, and d5 removed."""
    records = {record.document_id: record for record in index.records(None, EVERYTHING)}
    assert set(records) == {f"d{number}" for number in range(COUNT)}
    assert [name for name, record in records.items() if record.removed_at] == ["d5"]
    words = ("mot1", f"version{version}", "document")
    legs = index.search([LexicalLeg(word, "fr", (word,), passages_per_document=9) for word in words], EVERYTHING).legs
    for leg in legs[:2]:
        ((name, count),) = {(hit.document_id, len(hit.passages)) for hit in leg.hits}
        assert (name, count) == ("d1", records["d1"].passages)
    assert sorted(hit.document_id for hit in legs[2].hits) == [f"d{number}" for number in range(COUNT - 1)]
    status = index.status()
    assert sum(status.passages.values()) == sum(each.passages for each in records.values() if not each.removed_at)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_reindex_killed_at_any_step_leaves_everything_right(place: tuple[str, str], index: LivingIndex) -> None:
    """Whatever it left is served, written to, and gone on with to the end."""
    version, kills = 1, 0
    with reindexing(place[1]) as process:
        put(index, [make_document(1, version)])
        while run(process, 1 + kills * STRIDES[place[0]]) == "killed":
            kills += 1
            check(index, version)
            version += 1
            put(index, [make_document(1, version)])
            assert run(process, 0) == "finished"
            check(index, version)
            assert dimension(index) == 24

    assert kills > 10
    with index.unfinished() as unfinished, index.kept() as kept:
        assert unfinished is None
        assert kept is not None
