"""The one place where errors become answers: problem details (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from search_api.access import TooManyGuesses
from search_api.originals import OriginalChanged, OriginalGone
from search_api.pages import render
from search_api.preview.renderer import PageNotDrawn
from search_api.schemas import Problem
from search_api.urls import path_below_root
from search_core import errors

STATUS: Mapping[type[errors.PasserelleError], HTTPStatus] = {
    errors.PasserelleError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    OriginalGone: HTTPStatus.GONE,
    OriginalChanged: HTTPStatus.GONE,
    PageNotDrawn: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.AccessDenied: HTTPStatus.UNAUTHORIZED,
    TooManyGuesses: HTTPStatus.TOO_MANY_REQUESTS,
    errors.ConversionError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.ModelError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.GlossaryError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.DocumentsRefused: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.IndexUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexLocked: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.IndexOutdated: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.TranslationUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

MEDIA_TYPE = "application/problem+json"

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Answer the errors of routes here."""
    app.exception_handler(errors.PasserelleError)(respond)
    app.exception_handler(HTTPException)(_on_http)
    app.exception_handler(RequestValidationError)(_on_invalid)


def respond(request: Request, error: errors.PasserelleError) -> Response:
    """The answer to an error of the family."""
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    problem = Problem(
        type=f"urn:passerelle:problem:{error.code}",
        title=status.phrase,
        status=status,
        detail=error.message,
        remedy=error.remedy,
        instance=quote(request.url.path),
        parameter=getattr(error, "parameter", None),
    )
    return _answer(request, problem, error.code, _headers(error))


def respond_unexpected(request: Request, error: Exception) -> Response:
    """The answer to a fault of ours. The log gets where it happened, not its message, which may quote a document."""
    where = "".join(traceback.format_tb(error.__traceback__))
    _log.error("%s while answering %s %s\n%s", type(error).__name__, request.method, request.url.path, where)
    return respond(
        request, errors.PasserelleError("Something failed inside the service.", remedy="The log says where.")
    )


def _on_http(request: Request, error: HTTPException) -> Response:
    status = HTTPStatus(error.status_code)
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=f"{request.method} is not answered at this address." if status == 405 else status.description,
        remedy="GET api/v1/openapi.json lists every address and what it takes.",
        instance=quote(request.url.path),
    )
    code = errors.NotFound.code if status == 404 else errors.InvalidRequest.code
    return _answer(request, problem, code, error.headers or {})


def _on_invalid(request: Request, error: RequestValidationError) -> Response:
    name = str(error.errors()[0]["loc"][-1])
    known = errors.InvalidRequest(
        f"`{name}` is missing or cannot be used.",
        remedy="GET api/v1/openapi.json says what each address takes.",
        parameter=name,
    )
    return respond(request, known)


def _answer(request: Request, problem: Problem, code: str, headers: Mapping[str, str]) -> Response:
    if path_below_root(request.scope).startswith("/api/"):
        return JSONResponse(problem.model_dump(), problem.status, dict(headers), MEDIA_TYPE)
    return render(request, "error.html", {"problem": problem, "code": code}, problem.status, headers)


def _headers(error: errors.PasserelleError) -> dict[str, str]:
    if isinstance(error, TooManyGuesses):
        return {"Retry-After": str(error.retry_after_s)}
    if isinstance(error, errors.AccessDenied):
        return {"WWW-Authenticate": 'Bearer realm="passerelle", Basic realm="passerelle", charset="UTF-8"'}
    return {}
