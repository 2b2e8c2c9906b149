"""The JSON API, version 1."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from search_api.examples import DOCUMENT_EXAMPLE, PROBLEM_EXAMPLE, SEARCH_EXAMPLE
from search_api.inputs import Asked, Service, openapi_parameters, read_into, read_single, refuse_unknown
from search_api.originals import send_original
from search_api.preview.answer import send_page_image
from search_api.preview.asked import IMAGE_SIZES
from search_api.problems import MEDIA_TYPE
from search_api.schemas import DocumentResult, FacetsResult, Health, Liveness, Problem, SearchResult, Translation
from search_core.model import TITLE_LANGUAGES

VERSION_HEADER = "Passerelle-Index-Version"

Answer = TypeVar("Answer", SearchResult, FacetsResult, DocumentResult)


def _problem(meaning: str) -> dict[str, Any]:
    content = {"schema": Problem.model_json_schema(), "example": PROBLEM_EXAMPLE}
    return {"description": meaning, "content": {MEDIA_TYPE: content}}


def _example(example: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    return {200: {"content": {"application/json": {"example": example}}}}


_ALWAYS: dict[int | str, dict[str, Any]] = {
    401: _problem("A login is needed, or the password is wrong."),
    422: _problem("A parameter is unknown, repeated or cannot be used."),
    429: _problem("Too many wrong passwords came from this address."),
    503: _problem("The index or the model cannot answer now."),
}
_MISSING: dict[int | str, dict[str, Any]] = {404: _problem("No such document, or not for this reader.")}
_GONE: dict[int | str, dict[str, Any]] = {410: _problem("The file is no longer where it was indexed.")}

_NOT_DRAWN: dict[int | str, dict[str, Any]] = {503: _problem("The page cannot be drawn.")}

_ASKED = {"parameters": openapi_parameters()}

router = APIRouter(prefix="/api/v1", responses=_ALWAYS)


@router.get("/search", openapi_extra=_ASKED, responses=_example(SEARCH_EXAMPLE))
def search(asked: Asked, service: Service, response: Response) -> SearchResult:
    """Passages in both languages for a question in either, grouped by document."""
    return _stamped(response, service.search(asked))


@router.get("/facets", openapi_extra=_ASKED)
def facets(asked: Asked, service: Service, response: Response) -> FacetsResult:
    """How many documents of the same answer bear each value; a field's counts ignore its own filter."""
    return _stamped(response, service.facets(asked))


@router.get("/health")
def health(service: Service, request: Request) -> Health | Liveness:
    """Whether searching works. Without a login: only that."""
    found = service.health()
    return found if request.state.admitted else Liveness(status=found.status)


@router.get(
    "/documents/{document_id:path}/original",
    response_class=FileResponse,
    responses={**_MISSING, **_GONE, 200: {"description": "The file as it was indexed, as an attachment."}},
)
def original(document_id: str, service: Service, request: Request) -> Response:
    """The original file, as an attachment."""
    refuse_unknown(request.query_params, ())
    return send_original(*service.original(document_id))


@router.get(
    "/documents/{document_id:path}/pages/{page}.png",
    response_class=Response,
    openapi_extra={
        "parameters": [
            {"name": "passage", "in": "query", "description": "A passage to mark.", "schema": {"type": "string"}},
            {
                "name": "size",
                "in": "query",
                "description": "900 or 1800 pixels wide.",
                "schema": {"enum": list(IMAGE_SIZES), "default": IMAGE_SIZES[0]},
            },
        ]
    },
    responses={
        **_MISSING,
        **_GONE,
        **_NOT_DRAWN,
        200: {"description": "The page as an image.", "content": {"image/png": {}}},
    },
)
async def page_image(document_id: str, page: str, service: Service, request: Request) -> Response:
    """A page of a PDF file as a PNG image; pages are numbered from 1, whatever is printed on them."""
    return await send_page_image(request, service, document_id, page)


@router.get(
    "/documents/{document_id:path}/translation",
    openapi_extra={
        "parameters": [
            {
                "name": "passage",
                "in": "query",
                "required": True,
                "description": "The passage to translate.",
                "schema": {"type": "string"},
            },
            {
                "name": "into",
                "in": "query",
                "required": True,
                "description": "The language wanted.",
                "schema": {"enum": list(TITLE_LANGUAGES)},
            },
        ]
    },
    responses=_MISSING,
)
def translation(document_id: str, service: Service, request: Request) -> Translation:
    """A passage in another language, by machine; 503 where no service is set up or it gives none."""
    refuse_unknown(request.query_params, ("passage", "into"))
    passage = read_single(request.query_params, "passage")
    return service.translate(document_id, passage, read_into(request.query_params))


@router.get(
    "/documents/{document_id:path}",
    openapi_extra={
        "parameters": [
            {"name": "passage", "in": "query", "description": "A passage to point out.", "schema": {"type": "string"}},
            {"name": "q", "in": "query", "description": "A question to highlight.", "schema": {"type": "string"}},
        ]
    },
    responses={**_MISSING, **_example(DOCUMENT_EXAMPLE)},
)
def document(document_id: str, service: Service, request: Request, response: Response) -> DocumentResult:
    """One document with its whole text; every offset in any answer counts code points of this text."""
    refuse_unknown(request.query_params, ("passage", "q"))
    passage, q = (read_single(request.query_params, name) for name in ("passage", "q"))
    return _stamped(response, service.document(document_id, passage, q))


def _stamped(response: Response, answer: Answer) -> Answer:
    response.headers[VERSION_HEADER] = str(answer.index_version)
    return answer
