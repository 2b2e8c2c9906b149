"""Rendering of templates: what every page knows, in the reader's language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from search_api.marking import shown_pairs, snippet_pieces
from search_api.messages import LANGUAGE_TAGS, UI_COOKIE, UI_LANGUAGES, UI_PARAMETER, texts_for
from search_api.reasons import explain
from search_api.urls import Links, request_pairs, root_of
from search_core.vocabulary import load_vocabulary

COOKIE_S = 365 * 24 * 3600


def one_line(text: str) -> str:
    """Text for places that know no markup: without line breaks and without marks that turn its direction round."""
    harmless = (character for character in text if unicodedata.bidirectional(character) not in _TURNING)
    return " ".join("".join(harmless).split())


_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})

_templates = Environment(
    loader=PackageLoader("search_api"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    tags=LANGUAGE_TAGS,
    vocabulary=load_vocabulary(),
    snippet_pieces=snippet_pieces,
    shown_pairs=shown_pairs,
    request_pairs=request_pairs,
    explain=explain,
)
_templates.filters["one_line"] = one_line
_templates.globals["show"] = _templates.get_template("macros.html").module


def render(
    request: Request,
    name: str,
    context: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page; a language chosen with `?ui=` is remembered."""
    known = {"request": request, "t": texts_for(request), "links": Links.of(request), **_session(request)}
    body = _templates.get_template(name).render({**known, **context})
    response = HTMLResponse(body, status, dict(headers or {}))
    response.headers["Vary"] = "Accept-Language, Cookie"
    if (chosen := request.query_params.get(UI_PARAMETER)) in UI_LANGUAGES:
        path = root_of(request.scope) or "/"
        secure = request.url.scheme == "https"
        response.set_cookie(UI_COOKIE, str(chosen), COOKIE_S, path=path, secure=secure, httponly=True, samesite="lax")
    return response


def _session(request: Request) -> dict[str, Any]:
    """Whether a reader can sign out here, and the token that the form for it has to bring back."""
    session = request.scope.get("session", {})
    return {"signed_in": "ticket" in session, "form_token": session.get("form_token", "")}
