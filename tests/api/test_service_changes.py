"""Answers while things change or fail: a writer between two reads, a leg or a model that fails, an edited glossary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from indexer.reindex import reindex
from search_api.schemas import SearchRequest, SearchResult
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder, Progress
from search_core.engines.base import Leg, PassageIndex, Scope, SearchReply
from search_core.errors import IndexOutdated, ModelError
from search_core.glossary import load_glossary
from search_core.model import Matrix, Passage

TEXTS = {
    "fr/reseau.txt": "Le réseau intelligent d’Issy relie les logements.",
    "fr/velo.txt": "Les vélos de la ville sont comptés à part.",
    "zh/dianwang.txt": "伊西的智能电网连接了住宅。",
}


class Interrupted:
    """An index in which something happens after each search, before the passages found are read."""

    def __init__(self, index: PassageIndex, happens: Callable[[], None]) -> None:
        self._index = index
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def passages(self, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
        self._happens()
        return self._index.passages(ids, scope)


class Limping:
    """An index in which the legs of one kind fail."""

    def __init__(self, index: PassageIndex, kind: str) -> None:
        self._index = index
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        return getattr(self._index, name)

    def search(self, legs: Sequence[Leg], scope: Scope) -> SearchReply:
        reply = self._index.search(legs, scope)
        failed = (replace(leg, hits=(), error="The leg broke.") for leg in reply.legs)
        pairs = zip(reply.legs, failed, strict=True)
        return replace(reply, legs=tuple(bad if leg.name.startswith(self._kind) else leg for leg, bad in pairs))


class FailingEmbedder(HashEmbedder):
    """A model that was loaded and cannot run."""

    def embed_queries(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        if texts:
            raise ModelError("Out of memory.", remedy="Close other programs.")
        return super().embed_queries(texts, progress)


@pytest.fixture
def library(make_collection: Callable[..., Any]) -> Any:
    return make_collection(TEXTS)


def paths(result: SearchResult) -> set[str]:
    return {hit.path for hit in result.hits}


def codes(result: SearchResult) -> set[str]:
    return {notice.code for notice in result.notices}


@pytest.mark.parametrize("question", ["réseau logements", '"réseau intelligent"'])
def test_document_replaced_between_search_and_reading_is_shown_as_it_is_now(library: Any, question: str) -> None:
    turns: list[int] = []

    def replace_once() -> None:
        turns.append(1)
        if len(turns) == 1:
            library.write(
                "fr/reseau.txt", "Préambule tout neuf. Le réseau intelligent d’Issy relie six cents logements."
            )
            library.update()

    service = library.serve(index=Interrupted(library.index, replace_once))
    result = service.search(SearchRequest(q=question))
    [hit] = [hit for hit in result.hits if hit.path == "fr/reseau.txt"]
    text = library.text("fr/reseau.txt")
    assert text.startswith("Préambule")
    assert hit.passages[0].text == text[hit.passages[0].start : hit.passages[0].end]
    assert "réseau" in {text[mark.start : mark.end].split()[0] for mark in hit.passages[0].highlights}
    assert result.index_version == library.index.status().version
    assert result.total == sum(found.total for found in result.languages)


def test_document_removed_between_search_and_reading_is_not_counted(library: Any) -> None:
    def remove() -> None:
        with library.index.writer("test") as writer:
            writer.remove([library.id("fr/reseau.txt")], "2026-01-01T00:00:00")

    result = library.serve(index=Interrupted(library.index, remove)).search(SearchRequest(q="réseau vélos 智能电网"))
    assert paths(result) == {"fr/velo.txt", "zh/dianwang.txt"}
    assert result.total == 2


def test_writer_that_never_rests_costs_passages_and_not_the_answer(
    library: Any, caplog: pytest.LogCaptureFixture
) -> None:
    turns: list[int] = []

    def rewrite() -> None:
        turns.append(1)
        library.write("fr/reseau.txt", f"Le réseau intelligent d’Issy relie {len(turns)} logements.")
        library.update()

    result = library.serve(index=Interrupted(library.index, rewrite)).search(SearchRequest(q="réseau vélos"))
    assert "fr/velo.txt" in paths(result)
    assert "faster" in caplog.text
    assert "réseau" not in caplog.text


@pytest.mark.parametrize("kind", ["lexical", "dense", "glossary"])
def test_failing_leg_leaves_an_answer_that_says_so(library: Any, kind: str) -> None:
    service = library.serve(index=Limping(library.index, kind))
    result = service.search(SearchRequest(q="réseau intelligent"))
    assert "fr/reseau.txt" in paths(result)
    assert kind not in {leg.leg for hit in result.hits for leg in hit.legs}
    assert "leg_unavailable" in codes(result)


def test_where_a_leg_failed_nothing_is_said_of_what_one_language_lacks(library: Any) -> None:
    asked = SearchRequest(q="Les vélos de la ville sont comptés")
    assert codes(library.serve().search(asked)) == {"nothing_close_in_language"}
    assert codes(library.serve(index=Limping(library.index, "glossary")).search(asked)) == {"leg_unavailable"}


def test_failing_model_leaves_the_words_and_says_so(library: Any) -> None:
    service = library.serve(embedder=FailingEmbedder(1024))
    result = service.search(SearchRequest(q="réseau intelligent"))
    assert paths(result) == {"fr/reseau.txt", "zh/dianwang.txt"}
    assert {leg.leg for hit in result.hits for leg in hit.legs} == {"lexical", "glossary"}
    assert codes(result) == {"leg_unavailable"}
    assert {found.language for found in result.languages if found.close} == {"fr", "zh"}
    assert codes(service.search(SearchRequest())) == set()


def test_failing_model_still_sorts_filters_and_pages(library: Any) -> None:
    service = library.serve(embedder=FailingEmbedder(1024))
    first = service.search(SearchRequest(q="réseau vélos 智能电网", limit=1))
    second = service.search(SearchRequest(q="réseau vélos 智能电网", limit=1, cursor=first.next))
    assert (first.total, len(paths(first) | paths(second))) == (3, 2)
    assert service.search(SearchRequest(q="réseau vélos 智能电网", lang="zh")).total == 1
    assert service.search(SearchRequest(q="恐龙")).total == 0


def test_running_service_finds_what_was_indexed_after_its_last_answer(library: Any) -> None:
    service = library.serve()
    request = SearchRequest(q="bibliothèque")
    before = service.search(request)
    library.write("fr/livres.txt", "La bibliothèque du quartier prête des livres.")
    library.update()
    after = service.search(request)
    assert "fr/livres.txt" in paths(after) - paths(before)
    assert after.index_version > before.index_version
    with library.index.writer("test") as writer:
        writer.remove([library.id("fr/livres.txt")], "2026-01-01T00:00:00")
    assert "fr/livres.txt" not in paths(service.search(request))


def test_index_of_another_model_is_refused_with_the_command_and_health_says_so(library: Any) -> None:
    service = library.serve(embedder=HashEmbedder(32))
    with pytest.raises(IndexOutdated, match="passerelle reindex"):
        service.search(SearchRequest(q="réseau"))
    health = service.health()
    assert health.status == "degraded"
    assert "passerelle reindex" in health.reasons[0]


@pytest.fixture
def own_glossary(tmp_path: Path) -> Any:
    file = tmp_path / "own.tsv"
    file.write_text("fr\tzh\nraccordement mutuel\t连接\ncafé des inventeurs\t发明家咖啡馆\n", "utf-8")
    return load_glossary(file)


def test_glossary_edit_acts_at_once_in_the_glossary_leg_and_advises_to_reindex(library: Any, own_glossary: Any) -> None:
    request = SearchRequest(q="raccordement mutuel", lang="zh")
    assert "glossary" not in {leg.leg for hit in library.serve().search(request).hits for leg in hit.legs}
    assert "reindex_advised" not in codes(library.serve().search(request))

    service = library.serve(glossary=own_glossary)
    result = service.search(request)
    [hit] = [hit for hit in result.hits if hit.path == "zh/dianwang.txt"]
    assert "glossary" in {leg.leg for leg in hit.legs}
    assert ("raccordement mutuel", "连接") in {(pair.fr, pair.zh) for pair in result.query.glossary}
    [passage] = hit.passages
    marked = [passage.text[mark.start - passage.start : mark.end - passage.start] for mark in passage.highlights]
    assert "连接" in marked
    for request in (SearchRequest(q="raccordement mutuel"), SearchRequest(), SearchRequest(q="-vélos")):
        assert "reindex_advised" in codes(service.search(request))


def test_reindex_completes_a_glossary_edit_under_a_running_service(library: Any, own_glossary: Any) -> None:
    service = library.serve(glossary=own_glossary)
    assert "reindex_advised" in codes(service.search(SearchRequest(q="logements")))
    reindex(
        library.index,
        embedder=library.embedder,
        analyzer=Analyzer(own_glossary),
        glossary=own_glossary,
    )
    result = service.search(SearchRequest(q="raccordement mutuel"))
    assert "reindex_advised" not in codes(result)
    assert "zh/dianwang.txt" in paths(result)


def test_reindex_between_search_and_reading_is_answered_from_the_new_index(library: Any, own_glossary: Any) -> None:
    turns: list[int] = []

    def reindex_once() -> None:
        turns.append(1)
        if len(turns) == 1:
            reindex(library.index, embedder=library.embedder, analyzer=Analyzer(own_glossary), glossary=own_glossary)

    service = library.serve(index=Interrupted(library.index, reindex_once), glossary=own_glossary)
    result = service.search(SearchRequest(q="réseau intelligent"))
    assert "reindex_advised" not in codes(result)
    assert result.index_version == library.index.status().version
