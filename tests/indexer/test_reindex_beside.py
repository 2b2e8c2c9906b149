"""A reindex while others write: what comes out is what a fresh index of the final state is, and purges reach it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest

from indexer.documents import index_documents
from indexer.erase import erase_documents
from indexer.reindex import reindex
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder, Progress
from search_core.engines.base import IndexWriter, LexicalLeg, LivingIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.sets import find_others
from search_core.errors import IndexLocked, IndexUnavailable
from search_core.glossary import Glossary
from search_core.model import Document, Language, Matrix, Metadata
from search_core.people import PeopleStore

EVERYTHING = Scope.everything()

MANY = 150
"""Documents: three batches."""

AT = "2026-01-31T00:00:00+00:00"

LANGUAGES: tuple[Language, ...] = ("fr", "zh")


class Place(Protocol):
    """Where an engine's indexes are opened: the same one each time, or a fresh one."""

    def __call__(self, name: str = "") -> LivingIndex: ...


@pytest.fixture(params=["embedded", pytest.param("opensearch", marks=pytest.mark.opensearch)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "embedded":
        yield lambda name="": open_embedded_index(tmp_path / f"data{name}")
        return
    request.getfixturevalue("opensearch_index")
    address: ServerAddress = request.getfixturevalue("opensearch_address")
    yield lambda name="": open_opensearch_index(replace(address, prefix=f"{address.prefix}{name}"))


class WatchedEmbedder(HashEmbedder):
    """Makes vectors of another size than the index has, and lets `happens` happen before each batch of passages."""

    def __init__(self, happens: Callable[[], None] = lambda: None) -> None:
        super().__init__(24)
        self._happens = happens

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        self._happens()
        return super().embed_passages(texts, progress)


def make_document(number: int, text: str = "", **fields: Any) -> Document:
    """A document of some passages, every third in Chinese. None has a fingerprint that would tell that it changed."""
    if number % 3 == 2:
        text = text or f"第{number}号文件介绍城市交通。" + "代表团访问了智能电网项目。" * (number % 5)
        return Document(f"d{number}", "notes", f"{number}.txt", "zh", text, Metadata(title=f"文件{number}"), **fields)
    text = text or "\n\n".join(
        f"Le rapport mot{number} parle du tramway, partie{n}. " * 12 for n in range(number % 4 + 1)
    )
    return Document(f"d{number}", "notes", f"{number}.txt", "fr", text, Metadata(title=f"Rapport {number}"), **fields)


class Writer:
    """Somebody else who writes, with an opening, a thread and the locks of a process of its own."""

    def __init__(self, index: LivingIndex, glossary: Glossary, people: PeopleStore) -> None:
        self._threads = ThreadPoolExecutor(1)
        self._index = index
        self._people = people
        self._tools: dict[str, Any] = {
            "index": index,
            "embedder": HashEmbedder(),
            "analyzer": Analyzer(glossary),
            "glossary": glossary,
        }

    def put(self, *documents: Document) -> Future[object]:
        return self._threads.submit(index_documents, documents, **self._tools)

    def write(self, change: Callable[[IndexWriter], object]) -> Future[object]:
        def run() -> None:
            with self._index.writer("the other one") as writer:
                change(writer)

        return self._threads.submit(run)

    def purge(self, *ids: str) -> Future[int]:
        return self._threads.submit(erase_documents, self._index, self._people, HashEmbedder(), ids)

    def close(self) -> None:
        self._threads.shutdown()
        self._index.close()


@pytest.fixture
def index(place: Place, glossary: Glossary) -> Iterator[LivingIndex]:
    """Filled with `MANY` documents, two of them removed."""
    with closing(place()) as opened:
        put_all(opened, glossary, [make_document(number) for number in range(MANY)], HashEmbedder())
        with opened.writer("test") as writer:
            writer.remove(["d7", "d8"], AT)
        yield opened


@pytest.fixture
def other(place: Place, index: LivingIndex, glossary: Glossary, people: PeopleStore) -> Iterator[Writer]:
    with closing(Writer(place(), glossary, people)) as writer:
        yield writer


def put_all(index: LivingIndex, glossary: Glossary, documents: Sequence[Document], embedder: HashEmbedder) -> None:
    index_documents(documents, index=index, embedder=embedder, analyzer=Analyzer(glossary), glossary=glossary)


def run_reindex(index: LivingIndex, glossary: Glossary, happens: Callable[[], None]) -> None:
    reindex(index, embedder=WatchedEmbedder(happens), analyzer=Analyzer(glossary), glossary=glossary)


def describe(index: LivingIndex) -> dict[str, Any]:
    """Records, ids of passages, and which documents each token finds."""
    records = list(index.records(None, EVERYTHING))
    contents = index.contents([record.document_id for record in records], EVERYTHING)
    words = {word for found in contents.values() for each in found for word in each.passage.text.split()}
    tokens = sorted(token for word in words for token in {word.strip(".,。").lower()} if token)[:300]
    found = {
        (language, token): sorted(hit.document_id for hit in leg.hits)
        for language in LANGUAGES
        for token, leg in zip(tokens, search(index, tokens, language), strict=True)
    }
    status = index.status()
    return {
        "records": sorted(records, key=lambda record: record.document_id),
        "passages": {name: [each.passage.passage_id for each in found] for name, found in contents.items()},
        "vectors": {len(each.vector) for found in contents.values() for each in found},
        "found": found,
        "counts": (status.documents, status.passages, status.removed),
    }


def search(index: LivingIndex, tokens: Sequence[str], language: Language) -> Iterator[Any]:
    for at in range(0, len(tokens), 50):
        yield from index.search(
            [LexicalLeg(token, language, (token,)) for token in tokens[at : at + 50]], EVERYTHING
        ).legs


def test_what_others_write_meanwhile_is_in_the_new_index(
    place: Place, index: LivingIndex, other: Writer, glossary: Glossary
) -> None:
    short = make_document(3, "Un rapport mot3 tout court.")
    again = make_document(0, "Le même fichier, lu autrement: mot0bis.")
    added = make_document(MANY + 1)
    steps = iter([
        lambda: [other.put(added), other.put(short, again)],
        lambda: [
            other.write(lambda writer: writer.move("d4", "archive", "ancien/4.txt")),
            other.write(lambda writer: writer.remove(["d5", "d100"], AT)),
            other.write(lambda writer: writer.restore(["d7"])),
            other.write(lambda writer: writer.put_state("report", b"[]")),
        ],
        lambda: [
            other.purge("d1", "d140"),
            other.write(lambda writer: writer.mark(replace(make_document(6), status="failed", reason="lost"))),
        ],
    ])  # fmt: skip

    def happens() -> None:
        for done in next(steps, list)():
            done.result()

    run_reindex(index, glossary, happens)

    assert next(steps, None) is None
    with closing(place("-fresh")) as fresh:
        changed = {"d3": short, "d0": again}
        numbers = [*(n for n in range(MANY) if n not in {1, 140}), MANY + 1]
        documents = [changed.get(f"d{n}", make_document(n)) for n in numbers]
        put_all(fresh, glossary, documents, WatchedEmbedder())
        with fresh.writer("test") as writer:
            writer.move("d4", "archive", "ancien/4.txt")
            writer.mark(replace(make_document(6), status="failed", reason="lost"))
            writer.remove(["d5", "d8", "d100"], AT)
        assert describe(index) == describe(fresh)
        assert index.state("report") == b"[]"


def test_writer_that_never_rests_is_caught_up_with_in_the_end(
    index: LivingIndex, other: Writer, glossary: Glossary
) -> None:
    """More is written in each of many rounds than the last one may take over."""
    rounds = iter(range(5))

    def happens() -> None:
        number = next(rounds, None)
        if number is not None:
            texts = [make_document(n, f"Rapport mot{n} tour{number}.") for n in range(MANY) if n % 3 != 2]
            other.put(*texts).result()

    run_reindex(index, glossary, happens)

    legs = list(search(index, ["tour4", "tour3"], "fr"))
    assert [len(leg.hits) for leg in legs] == [100, 0]


@pytest.mark.slow
def test_reindex_waits_for_the_one_who_writes_and_takes_over_what_that_wrote(
    place: Place, index: LivingIndex, glossary: Glossary
) -> None:
    told: list[str] = []
    with closing(place()) as opened, ThreadPoolExecutor(1) as threads:
        with opened.writer("a long run") as writer:
            tools: dict[str, Any] = {
                "embedder": WatchedEmbedder(),
                "analyzer": Analyzer(glossary),
                "glossary": glossary,
            }
            running = threads.submit(reindex, index, **tools, tell=told.append)
            while not told:
                assert not running.done()
            writer.remove(["d0"], AT)
        running.result()

    assert "a long run" in told[0]
    assert {record.document_id for record in index.records(None, EVERYTHING) if record.removed_at} == {"d0", "d7", "d8"}


def test_purge_meanwhile_leaves_no_trace_when_it_returns(
    place: Place, index: LivingIndex, other: Writer, glossary: Glossary, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Neither of what lies in the next index, nor of what has been read and is not written yet."""
    batches: list[list[str]] = []

    def happens() -> None:
        if len(batches) == 1:
            other.purge("d10", "d73").result()
        batches.append(traces(place, tmp_path, request, ["mot10", "mot73"]))

    run_reindex(index, glossary, happens)

    assert (len(batches) > 2, batches[0], any(batches[1:])) == (True, ["mot10", "mot73"], False)
    assert traces(place, tmp_path, request, ["mot10", "mot73"]) == []
    assert len(list(index.records(None, EVERYTHING))) == MANY - 2


def traces(place: Place, folder: Path, request: pytest.FixtureRequest, words: Sequence[str]) -> list[str]:
    """Which of the words of the purged documents are left in any index."""
    if request.node.get_closest_marker("opensearch") is None:
        files = b"".join(file.read_bytes() for file in folder.rglob("index-*"))
        return [word for word in words if f"{word} ".encode() in files]
    address: ServerAddress = request.getfixturevalue("opensearch_address")
    with closing(Cluster(address)) as cluster:
        living = HeadReader(cluster, address.prefix).view().names
        indices = [index for names in (living, *find_others(cluster, living).all) for index in names.indices]
        cluster.refresh(indices)
        query = {"query": {"terms": {"document_id": [f"d{word[3:]}" for word in words]}}, "size": 100}
        hits = cluster.search(",".join(indices), query)["hits"]["hits"]
    return sorted({f"mot{hit['_source']['document_id'][1:]}" for hit in hits})


def test_wrong_copy_is_not_published(index: LivingIndex, glossary: Glossary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document that vanishes from the next index after it was copied."""
    from indexer import reindex as reindexing

    copied = reindexing._bring_state

    def lose_one(index: Any, rebuild: Any, *others: Any) -> None:
        copied(index, rebuild, *others)
        rebuild.writer.purge(["d9"])

    before = describe(index)
    monkeypatch.setattr(reindexing, "_bring_state", lose_one)
    with pytest.raises(IndexUnavailable, match=r"1 documents missing \(d9\).*--discard"):
        run_reindex(index, glossary, lambda: None)

    assert describe(index) == before
    monkeypatch.undo()
    run_reindex(index, glossary, lambda: None)
    assert describe(index)["counts"] == before["counts"]


@pytest.mark.slow
def test_second_reindex_is_told_who_runs_the_first(index: LivingIndex, glossary: Glossary) -> None:
    met: list[str] = []

    def happens() -> None:
        with pytest.raises(IndexLocked) as caught:
            run_reindex(index, glossary, lambda: None)
        met.append(caught.value.message)
        with pytest.raises(IndexLocked, match="reindexing"):
            index.discard()
        with pytest.raises(IndexLocked, match="reindexing"):
            index.roll_back(index.status().version)

    run_reindex(index, glossary, happens)

    assert all("reindexing" in message for message in met)
    assert met
