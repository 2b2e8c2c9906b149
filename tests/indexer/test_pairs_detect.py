"""Versions of one document, found at indexing: which pairs, and what becomes of them when documents change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from indexer.documents import index_documents
from indexer.erase import erase_documents
from indexer.pairs import record as evidence
from indexer.pairs.detect import refresh_pairs
from indexer.reindex import reindex
from search_core import pairs
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.glossary import Glossary
from search_core.model import Document, Language, Metadata
from search_core.people import PeopleStore

LAMPS = (
    "Quarante lampadaires ont été équipés de modules communicants. L’économie atteint 38 % en un an.",
    "四十盏路灯安装了通信模块。一年节电38%。",
)
SCHOOLS = (
    "Les élèves relèvent le compteur chaque lundi et publient la courbe. Deux écoles sur 14 ont renoncé.",
    "学生每周一抄表并公布曲线。14所学校中有两所退出。",
)
BUSES = (
    "Deux lignes directes relieront la gare au centre en douze minutes. Le surcoût est de 2,1 millions de yuans.",
    "两条直达线路将在十二分钟内连接车站与市中心。新增费用为210万元。",
)
MINUTES = (
    "Les groupes de travail ont présenté l’avancement des essais communs et fixé la prochaine réunion trimestrielle.",
    "各工作组汇报了联合试验的进展，并确定了下次季度会议的时间。",
)
TEXTS = (LAMPS, SCHOOLS, BUSES, MINUTES)


@dataclass
class Shelf:
    """An index of documents that go by short names; the language is the name's first two letters."""

    index: EmbeddedIndex
    embedder: Embedder
    people: PeopleStore
    glossary: Glossary
    analyzer: Analyzer

    def put(self, **texts: str) -> None:
        documents = [make_document(name, text) for name, text in texts.items()]
        index_documents(documents, **self.tools())

    def tools(self) -> dict[str, object]:
        return {
            "index": self.index,
            "embedder": self.embedder,
            "analyzer": self.analyzer,
            "glossary": self.glossary,
            "people": self.people,
        }

    def refresh(self) -> None:
        with self.index.writer("test") as writer:
            refresh_pairs(self.index, writer, self.people)

    def pairs(self, scope: Scope = Scope.everything()) -> set[tuple[str, str]]:  # noqa: B008 - frozen
        return {(pair.fr, pair.zh) for pair in pairs.read_pairs(self.index, scope).pairs}

    def states(self) -> tuple[bytes | None, ...]:
        return tuple(self.index.state(key) for key in (pairs.STATE_KEY, evidence.STATE_KEY))


def make_document(name: str, text: str) -> Document:
    language: Language = "fr" if name.startswith("fr") else "zh"
    title, _, text = text.rpartition("|")
    access = ("board",) if name.endswith("secret") else ("public",)
    metadata = Metadata(title=title, language=language, access=access)
    return Document(name, "shelf", f"{name}.txt", language, text=text, metadata=metadata, fingerprint=text)


@pytest.fixture
def shelf(
    tmp_path: Path,
    make_twin_embedder: Callable[[Mapping[str, str]], Embedder],
    glossary: Glossary,
    analyzer: Analyzer,
) -> Iterator[Shelf]:
    index = open_embedded_index(tmp_path)
    twins = {zh: fr for fr, zh in TEXTS}
    yield Shelf(index, make_twin_embedder(twins), PeopleStore(tmp_path), glossary, analyzer)
    index.close()


def test_versions_are_found_and_what_stands_alone_is_left_alone(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])

    assert shelf.pairs() == {("fr_lamps", "zh_lamps")}


def test_the_order_of_indexing_changes_nothing(shelf: Shelf) -> None:
    shelf.put(zh_buses=BUSES[1], fr_schools=SCHOOLS[0])
    shelf.put(zh_lamps=LAMPS[1])
    shelf.put(fr_buses=BUSES[0])
    shelf.put(zh_schools=SCHOOLS[1], fr_lamps=LAMPS[0])

    assert shelf.pairs() == {("fr_lamps", "zh_lamps"), ("fr_schools", "zh_schools"), ("fr_buses", "zh_buses")}


def test_minutes_that_differ_only_in_their_date_are_no_versions_of_each_other(shelf: Shelf) -> None:
    french = {f"fr_{month}": f"Réunion du 12 {month} 2015|{MINUTES[0]}" for month in ("mars", "juin", "septembre")}
    chinese = {f"zh_{month}": f"2015年{month}月12日会议|{MINUTES[1]}" for month in (6, 12)}
    shelf.put(**french, **chinese, fr_lamps=LAMPS[0], zh_schools=SCHOOLS[1])

    assert shelf.pairs() == {("fr_juin", "zh_6")}


def test_a_number_that_contradicts_keeps_two_documents_apart(shelf: Shelf) -> None:
    shelf.put(
        fr_first=f"{MINUTES[0]} 1 250 logements, 37 rues et 84 000 euros.",
        zh_other=f"{MINUTES[1]}930户、52条街道、61000欧元。",
        fr_lamps=LAMPS[0],
        zh_schools=SCHOOLS[1],
    )

    assert shelf.pairs() == set()


def test_a_model_that_knows_no_translations_finds_none(shelf: Shelf) -> None:
    shelf.embedder = HashEmbedder()
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_buses=BUSES[0], zh_schools=SCHOOLS[1])

    assert shelf.pairs() == set()


def test_a_changed_document_is_compared_again(shelf: Shelf) -> None:
    shelf.put(fr_a=LAMPS[0], zh_lamps=LAMPS[1], zh_buses=BUSES[1], fr_schools=SCHOOLS[0])
    shelf.put(fr_a=BUSES[0])

    assert shelf.pairs() == {("fr_a", "zh_buses")}


def test_nothing_is_compared_or_written_again_when_nothing_changed(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])
    version, states = shelf.index.status().version, shelf.states()
    shelf.refresh()

    assert (shelf.index.status().version, shelf.states()) == (version, states)


def test_a_removed_document_leaves_its_pair_and_comes_back_to_it(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])
    with shelf.index.writer("test") as writer:
        writer.remove(["zh_lamps"], "2026-01-01T00:00:00")
    assert shelf.pairs() == set()

    shelf.refresh()
    assert shelf.pairs() == set()

    with shelf.index.writer("test") as writer:
        writer.restore(["zh_lamps"])
    shelf.refresh()
    assert shelf.pairs() == {("fr_lamps", "zh_lamps")}


def test_a_purged_document_leaves_no_trace_in_what_is_known_of_pairs(shelf: Shelf, tmp_path: Path) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])
    shelf.people.refute_pair(("fr_schools", "zh_lamps"))
    erase_documents(shelf.index, shelf.people, shelf.embedder, ["zh_lamps"])

    assert shelf.pairs() == set()
    assert all(b"zh_lamps" not in (state or b"") for state in shelf.states())
    assert not [file.name for file in tmp_path.iterdir() if b"zh_lamps" in file.read_bytes()]


def test_peoples_word_survives_a_reindex(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])
    shelf.people.refute_pair(("fr_lamps", "zh_lamps"))
    shelf.people.confirm_pair(("fr_schools", "zh_buses"))
    shelf.refresh()
    assert shelf.pairs() == {("fr_schools", "zh_buses")}

    reindex(**shelf.tools())  # type: ignore[arg-type]
    assert shelf.pairs() == {("fr_schools", "zh_buses")}


def test_a_document_out_of_scope_neither_pairs_nor_prevents_a_pair(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_schools=SCHOOLS[0], zh_buses=BUSES[1])
    shelf.put(fr_lamps_secret=f"{LAMPS[0]}\n", zh_schools_secret=SCHOOLS[1])

    assert shelf.pairs(Scope.of({"public"})) == {("fr_lamps", "zh_lamps")}
    assert ("fr_schools", "zh_schools_secret") in shelf.pairs(Scope.of({"public", "board"}))


def test_a_document_without_text_is_no_version_of_anything(shelf: Shelf) -> None:
    shelf.put(fr_lamps=LAMPS[0], zh_lamps=LAMPS[1], fr_empty="", zh_blank=" \n ", zh_buses=BUSES[1])

    assert shelf.pairs() == {("fr_lamps", "zh_lamps")}


def test_a_very_long_document_is_compared_by_a_part_of_its_passages(shelf: Shelf) -> None:
    repeated = ("\n\n".join(each[0] for each in TEXTS * 200), "\n\n".join(each[1] for each in TEXTS * 200))
    shelf.put(fr_long=repeated[0], zh_long=repeated[1], fr_lamps=LAMPS[0], zh_schools=SCHOOLS[1])

    assert shelf.pairs() == {("fr_long", "zh_long")}


def test_compared_documents_come_back_as_they_were_stored() -> None:
    compared = evidence.Compared("1 model", 4, {"fr": "a", "zh": "b"}, (pairs.Link("fr", "zh", 1.25),))

    assert evidence.Compared.from_bytes(compared.to_bytes()) == compared
    assert compared.without(["zh"]) == replace(compared, marks={"fr": "a"}, links=())
