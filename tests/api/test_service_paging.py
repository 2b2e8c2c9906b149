"""Pages: every document of the window exactly once, in the same order, whatever the size of the page."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from search_api.cursor import make_cursor
from search_api.schemas import SearchRequest, SearchResult
from search_api.window import WINDOW_SIZE
from search_core.errors import InvalidRequest


@pytest.fixture(scope="module")
def shelf(make_collection: Callable[..., Any]) -> Any:
    texts = {f"fr/{n}.txt": f"Le tramway numéro {n} relie la gare au centre." for n in range(23)}
    texts |= {f"zh/{n}.txt": f"第{n}路有轨电车连接火车站和市中心。" for n in range(14)}
    return make_collection(texts, {f"fr/{n}.txt": {"date": f"20{10 + n % 5}"} for n in range(20)})


def walk(shelf: Any, **asked: Any) -> list[SearchResult]:
    service, pages, cursor = shelf.serve(), [], None
    while True:
        pages.append(service.search(SearchRequest(**asked, cursor=cursor)))
        cursor = pages[-1].next
        if cursor is None:
            return pages


def ids_of(pages: list[SearchResult]) -> list[str]:
    return [hit.document_id for page in pages for hit in page.hits]


@pytest.mark.parametrize("limit", [1, 7, 36, 37, 100])
@pytest.mark.parametrize(
    "asked",
    [
        {"q": "tramway 有轨电车"},
        {"q": "tramway 有轨电车", "sort": "oldest"},
        {"q": '"tramway numéro"'},
        {"q": "tramway 有轨电车", "prefer": "zh", "lang": "zh"},
        {"q": ""},
        {"q": "-absent", "sort": "newest"},
    ],
)
def test_walking_all_pages_meets_every_document_once(shelf: Any, asked: dict[str, Any], limit: int) -> None:
    pages = walk(shelf, limit=limit, **asked)
    whole = shelf.search(**asked, limit=100)
    assert ids_of(pages) == ids_of([whole])
    assert len(set(ids_of(pages))) == whole.total
    assert {page.total for page in pages} == {whole.total}
    assert [page.offset for page in pages] == list(range(0, max(whole.total, 1), limit))
    assert [len(page.hits) for page in pages[:-1]] == [limit] * (len(pages) - 1)


@pytest.mark.parametrize("question", ["tramway 有轨电车", ""])
def test_previous_leads_back_to_the_page_before(shelf: Any, question: str) -> None:
    pages = walk(shelf, q=question, limit=10)
    assert pages[0].previous is None
    for before, page in pairwise(pages):
        again = shelf.search(question, limit=10, cursor=page.previous)
        assert ids_of([again]) == ids_of([before])


def test_page_stays_the_same_when_asked_again(shelf: Any) -> None:
    cursor = shelf.search("tramway 有轨电车", limit=5).next
    first, again = (shelf.search("tramway 有轨电车", limit=5, cursor=cursor) for _ in range(2))
    assert first.model_copy(update={"took_ms": 0}) == again.model_copy(update={"took_ms": 0})


@pytest.mark.parametrize(
    "other",
    [
        {"q": "tram"},
        {"limit": 6},
        {"sort": "newest"},
        {"lang": "fr"},
        {"prefer": "fr"},
        {"filters": {"kind": ("study",)}},
        {"date_from": "2014"},
        {"query_lang": "fr"},
    ],
)
def test_cursor_of_another_question_is_refused(shelf: Any, other: dict[str, Any]) -> None:
    asked = {"q": "tramway", "limit": 5}
    cursor = shelf.search(**asked).next
    with pytest.raises(InvalidRequest, match="another question") as refusal:
        shelf.search(**{**asked, **other}, cursor=cursor)
    assert refusal.value.parameter == "cursor"


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "e30",
        "bnVsbA",
        "W10",
        "[" * 400,
        "eyJvZmZzZXQiOi0xLCJvZiI6IngifQ",
        "eyJvZmZzZXQiOnRydWUsIm9mIjoieCJ9",
    ],
)
def test_cursor_that_nobody_gave_is_refused(shelf: Any, cursor: str) -> None:
    with pytest.raises(InvalidRequest, match="cursor"):
        shelf.search("tramway", cursor=cursor)


@pytest.mark.parametrize("question", ["tramway 有轨电车", ""])
def test_page_behind_the_end_leads_back_to_the_last_one(shelf: Any, question: str) -> None:
    request = SearchRequest(q=question, limit=10)
    behind = shelf.search(question, limit=10, cursor=make_cursor(request, 2**31 - 1))
    assert (behind.hits, behind.next, behind.total) == ([], None, 37)
    last = shelf.search(question, limit=10, cursor=behind.previous)
    assert ids_of([last]) == ids_of([shelf.search(question, limit=100)])[-10:]


def test_window_is_cut_for_each_language_and_says_so(make_collection: Callable[..., Any]) -> None:
    crowd = make_collection({f"{n}.txt": f"Tramway {n}." for n in range(WINDOW_SIZE + 30)} | {"zh.txt": "有轨电车。"})
    pages = walk(crowd, q="tramway", limit=100)
    assert pages[0].more_than
    assert pages[0].total == len(set(ids_of(pages))) == len(ids_of(pages))
    assert WINDOW_SIZE <= pages[0].total <= WINDOW_SIZE + 1
    assert sum(value.count for value in pages[0].facets["language"]) == pages[0].total
    everything = walk(crowd, q="", limit=100)
    assert (everything[0].total, everything[0].more_than) == (WINDOW_SIZE + 31, False)
    assert len(set(ids_of(everything))) == WINDOW_SIZE + 31
    assert not crowd.search("tramway", lang="zh").more_than
