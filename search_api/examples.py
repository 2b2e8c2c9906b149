"""The answers shown in the API's description: a French question finds a Chinese note."""

from __future__ import annotations

from search_api.schemas import (
    DocumentResult,
    FacetValue,
    Highlight,
    Hit,
    Label,
    LegRank,
    PassageHit,
    Problem,
    SearchedLanguage,
    SearchRequest,
    SearchResult,
    Span,
    UsedQuery,
)

_TEXT = "乐山市代表团参观了伊西的智能电网。"

_HIT = Hit(
    document_id="3f0c9a1e5b7d2468",
    path="zh/考察记录.md",
    source="/srv/documents",
    title="伊西莱穆利诺考察记录",
    language="zh",
    date="2014-11-03",
    metadata={"kind": ["delegation_note"], "city": ["issy-les-moulineaux", "leshan"]},
    illustrative=True,
    media_type="text/markdown",
    status="indexed",
    score=0.93,
    legs=[LegRank(leg="glossary", language="zh", rank=1), LegRank(leg="dense", language="zh", rank=2)],
    passages=[
        PassageHit(
            passage_id="3f0c9a1e5b7d2468-0a1b2c3d4e5f6071-0",
            language="zh",
            text=_TEXT,
            start=0,
            end=len(_TEXT),
            page=None,
            heading="第二天",
            highlights=[Highlight(start=12, end=16, kind="glossary")],
            snippets=[Span(start=0, end=len(_TEXT))],
        )
    ],
)

SEARCH_EXAMPLE = SearchResult(
    query=UsedQuery(
        text="réseau électrique intelligent",
        language="fr",
        language_given=False,
        truncated=False,
        glossary=[Label(fr="réseau électrique intelligent", zh="智能电网")],
    ),
    request=SearchRequest(q="réseau électrique intelligent"),
    total=1,
    hits=[_HIT],
    next=None,
    previous=None,
    languages=[
        SearchedLanguage(language="fr", searched=True, total=0, close=False),
        SearchedLanguage(language="zh", searched=True, total=1, close=True),
        SearchedLanguage(language="other", searched=True, total=0, close=False),
    ],
    facets={"language": [FacetValue(value="zh", label=Label(fr="Chinois", zh="中文"), count=1)]},
    index_version=42,
    took_ms=18,
).model_dump(mode="json")

DOCUMENT_EXAMPLE = DocumentResult(
    **_HIT.model_dump(exclude={"score", "legs", "passages"}),
    text=_TEXT,
    passage=Span(start=0, end=len(_TEXT)),
    original_available=True,
    index_version=42,
).model_dump(mode="json")

PROBLEM_EXAMPLE = Problem(
    type="urn:passerelle:problem:invalid_request",
    title="Unprocessable Entity",
    status=422,
    detail="`limit` is `500`.",
    remedy="It is a number from 1 to 100.",
    instance="/api/v1/search",
    parameter="limit",
).model_dump()
