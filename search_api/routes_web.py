"""The pages people see: search, a document, its original file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from search_api.blocks import find_outline
from search_api.inputs import Service, read_choice, read_number, read_request, read_single, refuse_unknown
from search_api.leaves import find_page, list_contents, make_leaves
from search_api.marking import make_marks
from search_api.messages import UI_PARAMETER, texts_for
from search_api.originals import send_original
from search_api.pages import render
from search_api.parts import Part, cut_parts, part_at, part_of_page
from search_api.preview.answer import send_page_image
from search_api.schemas import DocumentResult, FacetValue, HighlightKind, SearchRequest, SearchResult
from search_api.service import SearchService
from search_api.urls import Links
from search_core.errors import InvalidRequest, NotFound, TranslationUnavailable
from search_core.model import FILTER_FIELDS

SHOWN_FACET_VALUES = 5

MODES = (
    ("both", "both", None),
    ("prefer_fr", "both", "fr"),
    ("prefer_zh", "both", "zh"),
    ("only_fr", "fr", None),
    ("only_zh", "zh", None),
)
"""Message, `lang` and `prefer` of each way to choose the language of documents."""

QUERY_LANGUAGES = ("fr", "zh", "both")

VIEWS = ("", "text")
"""Pages as images with their text, where they can be had; or the text alone."""

TRANSLATE_PARAMETER = "translate"
"""The passage to show a machine translation of."""

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class ShownTranslation:
    """A machine translation beside its passage; without a text the service gave none."""

    passage_id: str
    text: str = ""
    service: str = ""


@router.api_route("/", methods=["GET", "HEAD"])
def search_page(request: Request, service: Service) -> HTMLResponse:
    asked = read_request(request.query_params, besides=(UI_PARAMETER, TRANSLATE_PARAMETER))
    result = service.search(asked)
    context = {
        **_translation_of_hit(service, request, result),
        "asked": asked,
        "result": result,
        "facets": _shown_facets(result),
        "kinds_marked": _kinds_marked(result),
        "answers_marked": any(passage.answer for hit in result.hits for passage in hit.passages),
        "modes": MODES,
        "sorts": ("relevance", "newest", "oldest") if asked.q.strip() else ("newest", "oldest"),
        "query_languages": QUERY_LANGUAGES,
    }
    return render(request, "search.html", context)


@router.api_route("/documents/{document_id:path}/original", methods=["GET", "HEAD"])
def original_file(document_id: str, service: Service, request: Request) -> Response:
    refuse_unknown(request.query_params, (UI_PARAMETER,))
    return send_original(*service.original(document_id))


@router.api_route("/documents/{document_id:path}/pages/{page}.png", methods=["GET", "HEAD"])
async def page_image(document_id: str, page: str, service: Service, request: Request) -> Response:
    return await send_page_image(request, service, document_id, page)


@router.api_route("/documents/{document_id:path}", methods=["GET", "HEAD"])
def document_page(document_id: str, service: Service, request: Request) -> Response:
    known = ("passage", "q", "part", "page", "view", UI_PARAMETER, TRANSLATE_PARAMETER)
    refuse_unknown(request.query_params, known)
    passage, q, page = (read_single(request.query_params, name) for name in ("passage", "q", "page"))
    view = read_choice(request.query_params, "view", VIEWS)
    kept = [(name, value) for name, value in (("passage", passage), ("q", q), ("view", view)) if value]
    document = service.document(document_id, passage)
    parts = cut_parts(document)
    if number := find_page(document, page):
        at = part_of_page(parts, number - 1).number
        target = Links.of(request).document_part(document.document_id, at, kept, f"page-{number}")
        return RedirectResponse(target, status_code=303)
    part = _choose_part(parts, read_number(request.query_params, "part"), document)
    outline = find_outline(document)
    words = service.highlight(q, document.text[part.start : part.end], part.start)
    leaves = make_leaves(document, outline, part, make_marks(words, document.passage))
    context = {
        "document": document,
        "leaves": leaves,
        "contents": list_contents(document, outline, parts, part),
        "part": part,
        "parts": parts,
        "kept": kept,
        "view": view,
        "page_missing": page,
        "passage_asked": passage,
        "passage_start": next((leaf.passage_start for leaf in leaves if leaf.has_passage), None),
        "passage_part": part_at(parts, document.passage.start).number if document.passage else None,
        "asked": SearchRequest(q=q),
        **_translation_of_passage(service, request, document),
    }
    return render(request, "document.html", context)


def _choose_part(parts: Sequence[Part], asked: int | None, document: DocumentResult) -> Part:
    """The one asked for, else the one that the passage begins in, else the first."""
    if asked is None:
        return part_at(parts, document.passage.start) if document.passage else parts[0]
    if asked > len(parts):
        raise NotFound(f"The document has no part {asked}.", remedy=f"It has {len(parts)}.")
    return parts[asked - 1]


def _translation_of_hit(service: SearchService, request: Request, result: SearchResult) -> dict[str, Any]:
    """What the page of answers knows of translations."""
    asked = read_single(request.query_params, TRANSLATE_PARAMETER)
    places = {passage.passage_id: hit.document_id for hit in result.hits for passage in hit.passages}
    shown = _translate(service, request, places[asked], asked) if asked in places else None
    return {"can_translate": service.translates, "translation": shown}


def _translation_of_passage(service: SearchService, request: Request, document: DocumentResult) -> dict[str, Any]:
    """What the page of a document knows of translations."""
    asked = read_single(request.query_params, TRANSLATE_PARAMETER)
    foreign = document.language != texts_for(request).language
    shown = _translate(service, request, document.document_id, asked) if asked else None
    return {"can_translate": service.translates and foreign, "translation": shown}


def _translate(service: SearchService, request: Request, document_id: str, passage_id: str) -> ShownTranslation | None:
    """None where there is nothing to translate: no service, no such passage, or one in the reader's own language."""
    if not service.translates:
        return None
    try:
        found = service.translate(document_id, passage_id, texts_for(request).language)
    except TranslationUnavailable:
        return ShownTranslation(passage_id)
    except (InvalidRequest, NotFound):
        return None
    return ShownTranslation(passage_id, found.text, found.service)


def _shown_facets(result: SearchResult) -> list[tuple[str, Sequence[FacetValue], Sequence[FacetValue]]]:
    """Fields that leave something to choose, with their first values and the rest; selected values come first."""
    shown: list[tuple[str, Sequence[FacetValue], Sequence[FacetValue]]] = []
    for field in FILTER_FIELDS:
        values = sorted(result.facets.get(field, ()), key=lambda value: not value.selected)
        if len(values) > 1 or any(value.selected for value in values):
            shown.append((field, values[:SHOWN_FACET_VALUES], values[SHOWN_FACET_VALUES:]))
    return shown


def _kinds_marked(result: SearchResult) -> list[HighlightKind]:
    found = {mark.kind for hit in result.hits for passage in hit.passages for mark in passage.highlights}
    order: tuple[HighlightKind, ...] = ("word", "stem", "name", "glossary", "phrase")
    return [kind for kind in order if kind in found]
