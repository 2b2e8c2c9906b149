"""An index of each schema that was ever released is opened, or refused with what helps (released/make.py made them)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from indexer.reindex import reindex
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Filters, LivingIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import ServerAddress, mapping, open_opensearch_index
from search_core.engines.opensearch.bulk import send_rows
from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import IndexOutdated
from search_core.versions import stored_glossary

RELEASED = Path(__file__).parent / "released"

EVERYTHING = Scope.everything()


@pytest.fixture
def embedded_v1(tmp_path: Path) -> Iterator[LivingIndex]:
    shutil.copy(RELEASED / "embedded-v1.sqlite", tmp_path / "index-0001.sqlite")
    (tmp_path / "CURRENT").write_text("index-0001.sqlite\n")
    with closing(open_embedded_index(tmp_path)) as index:
        yield index


@pytest.fixture
def own_address(opensearch_address: ServerAddress) -> Iterator[ServerAddress]:
    address = replace(opensearch_address, prefix=f"{opensearch_address.prefix}-{uuid4().hex[:8]}")
    yield address
    with closing(Cluster(address)) as cluster:
        cluster.drop(cluster.names(f"{address.prefix}-*"))


@pytest.fixture
def opensearch_v1(own_address: ServerAddress) -> Iterator[LivingIndex]:
    with closing(Cluster(own_address)) as cluster:
        load_rows(cluster, own_address.prefix, RELEASED / "opensearch-v1.jsonl")
    with closing(open_opensearch_index(own_address)) as index:
        yield index


def load_rows(cluster: Cluster, prefix: str, file: Path) -> None:
    """Indices and rows as make.py wrote them, under another prefix."""
    names: dict[str, str] = {}
    rows = []
    for line in map(json.loads, file.read_text("utf-8").splitlines()):
        kind = line["kind"]
        if "body" in line:
            names[kind] = line["name"].replace("released", prefix, 1)
            assert cluster.create(names[kind], line["body"])
        else:
            rows.append({"_index": names[kind], "_id": line["id"], "_source": line["source"]})
    assert list(send_rows(cluster, rows, lambda: None)) == []
    cluster.refresh(names.values())
    cluster.point([{"add": {"index": name, "alias": f"{prefix}-{kind}"}} for kind, name in names.items()])


@pytest.fixture(
    params=[
        pytest.param("embedded_v1"),
        pytest.param("opensearch_v1", marks=pytest.mark.opensearch),
    ]
)
def released(request: pytest.FixtureRequest) -> LivingIndex:
    index: LivingIndex = request.getfixturevalue(request.param)
    return index


def paths(index: LivingIndex, ids: list[str]) -> list[str]:
    found = index.documents(ids, EVERYTHING)
    return [found[each].path for each in ids]


def test_released_index_answers(released: LivingIndex, find: Callable[..., list[str]]) -> None:
    records = {record.path: record for record in released.records(None, EVERYTHING)}
    assert {path: (each.status, each.passages, bool(each.removed_at)) for path, each in records.items()} == {
        "reseau.md": ("indexed", 1, False),
        "电网.md": ("indexed", 1, False),
        "ancien.txt": ("indexed", 1, True),
        "vide.txt": ("failed", 0, False),
    }
    assert paths(released, find(released, "issy")) == ["reseau.md"]
    assert paths(released, find(released, "电网", "zh")) == ["电网.md"]
    assert find(released, "电网", "zh", scope=Scope.of({"public"})) == []
    assert paths(released, find(released, "issy", filters=Filters({"kind": frozenset({"study"})}))) == ["reseau.md"]
    assert find(released, "vieux") == []


def test_released_index_can_be_written_to(
    released: LivingIndex, find: Callable[..., list[str]], make_document: Callable[..., object]
) -> None:
    removed = next(record for record in released.records(None, EVERYTHING) if record.removed_at)
    with released.writer("test") as writer:
        assert writer.restore([removed.document_id]) == 1
        writer.replace([make_document("new", "tram")])  # type: ignore[list-item]

    assert paths(released, find(released, "vieux")) == ["ancien.txt"]
    assert find(released, "tram") == ["new"]


def test_released_index_can_be_reindexed_and_rolled_back(released: LivingIndex, find: Callable[..., list[str]]) -> None:
    """With today's analysis, and with vectors of another dimension."""
    glossary = stored_glossary(released)
    assert glossary is not None

    reindex(released, embedder=HashEmbedder(16), analyzer=Analyzer(glossary), glossary=glossary)

    assert paths(released, find(released, "issy")) == ["reseau.md"]
    released.roll_back(released.status().version)
    assert paths(released, find(released, "issy")) == ["reseau.md"]


@pytest.mark.parametrize(("schema", "told"), [(2, "newer Passerelle.*Upgrade"), (0, "older.*passerelle index")])
def test_folder_of_another_schema_is_refused_with_what_helps(tmp_path: Path, schema: int, told: str) -> None:
    shutil.copy(RELEASED / "embedded-v1.sqlite", tmp_path / "index-0001.sqlite")
    (tmp_path / "CURRENT").write_text("index-0001.sqlite\n")
    with closing(sqlite3.connect(tmp_path / "index-0001.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")

    with pytest.raises(IndexOutdated, match=told):
        open_embedded_index(tmp_path)


@pytest.mark.opensearch
@pytest.mark.parametrize(("schema", "told"), [(2, "newer Passerelle.*Upgrade"), (0, "older.*passerelle index")])
def test_indices_of_another_schema_are_refused_with_what_helps(
    own_address: ServerAddress, schema: int, told: str
) -> None:
    prefix = own_address.prefix
    with closing(Cluster(own_address)) as cluster:
        name = f"{prefix}-state-v{schema}-20301231235959000000"
        cluster.create(name, mapping.state_index())
        cluster.put(name, "head", {"head": {"version": 1}}, None)
        cluster.point([{"add": {"index": name, "alias": f"{prefix}-state"}}])

    with pytest.raises(IndexOutdated, match=told):
        open_opensearch_index(own_address)


def test_each_released_schema_has_its_index() -> None:
    """A release that changes the stored form adds one: run released/make.py."""
    from search_core.engines.embedded.schema import SCHEMA_VERSION

    made = {path.name for path in RELEASED.iterdir()}

    assert {f"embedded-v{schema}.sqlite" for schema in range(1, SCHEMA_VERSION + 1)} <= made
    assert {f"opensearch-v{schema}.jsonl" for schema in range(1, mapping.SCHEMA_VERSION + 1)} <= made
