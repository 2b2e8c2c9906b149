"""What a reader may not see changes nothing that the reader sees: no hit, no count, no facet, no notice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import SearchRequest, SearchResult
from search_core.errors import NotFound

OPEN = {
    "fr/reseau.txt": "Le réseau intelligent d’Issy relie les logements.",
    "fr/velo.txt": "Les vélos de la ville sont comptés à part.",
    "zh/dianwang.txt": "伊西的智能电网连接了住宅。",
    "zh/daxue.txt": "大学与企业合作培养人才。",
}
SECRET = {f"secret/{n}.txt": f"Le réseau intelligent réservé numéro {n}, vélos et logements d’Issy." for n in range(40)}
SECRET |= {f"secret/{n}.md": f"第{n}份内部报告：智能电网与住宅，大学与企业。" for n in range(40)}
KINDS = {"access": ["agents"], "kind": "minutes", "author": "Personne de secret", "date": "2012"}
QUESTIONS = [
    "",
    "réseau intelligent",
    "智能电网",
    "vélos logements",
    '"réseau intelligent"',
    "-réservé",
    "numéro 7",
    "内部报告",
]


@pytest.fixture(scope="module")
def archives(make_collection: Callable[..., Any]) -> tuple[Any, Any]:
    """The same open documents, alone and beside many secret ones."""
    return make_collection(OPEN), make_collection(OPEN | SECRET, dict.fromkeys(SECRET, KINDS))


def describe(result: SearchResult) -> dict[str, Any]:
    """All of an answer but what names the folder, the commit and the exact score."""
    fields = result.model_dump(mode="json", include={"total", "more_than", "languages", "notices", "query"})
    fields["facets"] = {
        name: [(value.value, value.count) for value in values]
        for name, values in result.facets.items()
        if name != "source"
    }
    fields["hits"] = {
        hit.path: (hit.title, [(leg.leg, leg.language, leg.rank) for leg in hit.legs], [p.text for p in hit.passages])
        for hit in result.hits
    }
    return fields


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("asked", [{}, {"lang": "zh"}, {"sort": "oldest"}, {"filters": {"kind": ("minutes",)}}])
def test_documents_out_of_scope_change_no_answer(
    archives: tuple[Any, Any], question: str, asked: dict[str, Any]
) -> None:
    alone, beside = (describe(archive.search(question, **asked)) for archive in archives)
    assert beside == alone


def test_documents_in_scope_are_found_by_who_may_read_them(archives: tuple[Any, Any]) -> None:
    _, beside = archives
    request = SearchRequest(q="réservé numéro 7", limit=100)
    assert "secret/7.txt" in {hit.path for hit in beside.serve("agents").search(request).hits}
    everything = SearchRequest(limit=100)
    assert beside.serve("agents").search(everything).total == len(SECRET)
    assert beside.serve("agents", "public").search(everything).total == len(SECRET) + len(OPEN)
    assert beside.serve("strangers").search(everything).total == 0


def test_document_out_of_scope_does_not_exist(archives: tuple[Any, Any]) -> None:
    _, beside = archives
    secret = beside.id("secret/7.txt")
    passage = beside.serve("agents").search(SearchRequest(q="numéro 7")).hits[0].passages[0]
    service = beside.serve()
    for ask in (service.document, service.original):
        with pytest.raises(NotFound):
            ask(secret)
    assert service.document(beside.id("fr/velo.txt"), passage.passage_id).passage is None


def test_reader_of_nothing_is_told_that_nothing_is_here(archives: tuple[Any, Any]) -> None:
    _, beside = archives
    for question in ("réseau intelligent", ""):
        result = beside.serve("strangers").search(SearchRequest(q=question))
        assert {notice.code for notice in result.notices} == {"empty_index"}
