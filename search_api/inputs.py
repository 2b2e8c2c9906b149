"""What a route is given: the service, and the `SearchRequest` that the address asks for (page and API alike)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar, cast

from fastapi import Depends, Request
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from search_api.schemas import DEFAULT_LIMIT, MAX_LIMIT, MAX_QUERY_CHARS, SearchRequest
from search_api.service import SearchService
from search_core.errors import InvalidRequest
from search_core.model import FILTER_FIELDS, LANGUAGES, TITLE_LANGUAGES, TitleLanguage

SINGLE: Mapping[str, tuple[str, dict[str, Any]]] = {
    "q": (f"The question; cut at {MAX_QUERY_CHARS} characters. Empty: browse.", {"type": "string"}),
    "query_lang": (
        "The language of the question, when it should not be detected.",
        {"enum": ["auto", "fr", "zh", "both"], "default": "auto"},
    ),
    "lang": ("The language of the documents wanted.", {"enum": ["both", "fr", "zh"], "default": "both"}),
    "prefer": ("The language to put first, hiding neither.", {"enum": ["fr", "zh"]}),
    "date_from": ("First date, as `2014`, `2014-11` or `2014-11-03`.", {"type": "string"}),
    "date_to": ("Last date, as `2014`, `2014-11` or `2014-11-03`.", {"type": "string"}),
    "sort": ("Order of the hits.", {"enum": ["relevance", "newest", "oldest"], "default": "relevance"}),
    "limit": (
        "Hits a page.",
        {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    ),
    "cursor": ("`next` or `previous` of an earlier answer.", {"type": "string"}),
}
"""Parameters that may be given once: what they mean, and their schema."""

CLOSED_FILTERS: Mapping[str, tuple[str, ...]] = {"language": LANGUAGES, "illustrative": ("true", "false")}
"""Filters whose values are all known."""

MAX_FILTER_VALUES = 50
MAX_VALUE_CHARS = 500

Value = TypeVar("Value", bound=str)

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)


def read_request(given: QueryParams, besides: Collection[str] = ()) -> SearchRequest:
    """The request that these query parameters describe; an empty value counts as not given.

    `besides` are parameters that the caller reads itself. Raises `InvalidRequest` naming the parameter to blame.
    """
    refuse_unknown(given, (*SINGLE, *FILTER_FIELDS, *besides))
    single = {name: value for name in SINGLE if (value := read_single(given, name))}
    for name in ("date_from", "date_to"):
        if name in single:
            _check_date(name, single[name])
    _check_period(single.get("date_from"), single.get("date_to"))
    if "limit" in single:
        _check_limit(single["limit"])
    try:
        return SearchRequest.model_validate({**single, "filters": _read_filters(given)})
    except ValidationError as error:
        raise _refusal(error, single) from error


def refuse_unknown(given: QueryParams, known: Collection[str]) -> None:
    """Raise `InvalidRequest` for the first parameter that is not among the known ones."""
    for name in given:
        if name not in known:
            raise InvalidRequest(
                f"There is no parameter `{name[:100]}`.",
                remedy=f"Known parameters: {', '.join(known)}." if known else "This address takes no parameters.",
                parameter=name[:100],
            )


def read_single(given: QueryParams, name: str) -> str:
    """The one value of a parameter, or an empty string. Raises `InvalidRequest` when it is repeated or too long."""
    values = given.getlist(name)
    if len(values) > 1:
        raise _invalid(name, f"The parameter `{name}` is given {len(values)} times.", "Give it once.")
    value = values[0] if values else ""
    if name != "q" and len(value) > MAX_VALUE_CHARS:
        raise _invalid(name, f"The value of `{name}` is too long.", f"At most {MAX_VALUE_CHARS} characters are read.")
    return value if name == "q" else value.strip()


def read_choice(given: QueryParams, name: str, values: Sequence[Value]) -> Value:
    """One of the values known, the first where none is given. Raises `InvalidRequest` for any other."""
    asked = read_single(given, name)
    for value in values:
        if value == (asked or values[0]):
            return value
    raise _invalid(name, f"`{name}` cannot be `{asked}`.", f"It is one of {', '.join(filter(None, values))}.")


def read_number(given: QueryParams, name: str) -> int | None:
    """A number from 1 on, where one is given. Raises `InvalidRequest` for anything else."""
    asked = read_single(given, name)
    if not asked:
        return None
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7 and int(asked)):
        raise _invalid(name, f"`{name}` is `{asked}`.", "It is a number from 1 on.")
    return int(asked)


def read_into(given: QueryParams) -> TitleLanguage:
    """The language to translate into. Raises `InvalidRequest` where it is none."""
    value = read_single(given, "into")
    for language in TITLE_LANGUAGES:
        if value == language:
            return language
    allowed = ", ".join(TITLE_LANGUAGES)
    raise _invalid(
        "into", f"`into` cannot be `{value}`." if value else "`into` is missing.", f"It is one of {allowed}."
    )


def openapi_parameters() -> list[dict[str, Any]]:
    """The parameters of `read_request` as OpenAPI describes them."""
    single = [_described(name, meaning, schema) for name, (meaning, schema) in SINGLE.items()]
    return single + [_described_filter(name) for name in FILTER_FIELDS]


def _read_filters(given: QueryParams) -> dict[str, tuple[str, ...]]:
    filters = {}
    for name in FILTER_FIELDS:
        values = tuple(dict.fromkeys(value.strip() for value in given.getlist(name) if value.strip()))
        _check_filter(name, values)
        if values:
            filters[name] = values
    return filters


def _check_filter(name: str, values: tuple[str, ...]) -> None:
    if len(values) > MAX_FILTER_VALUES or any(len(value) > MAX_VALUE_CHARS for value in values):
        remedy = f"At most {MAX_FILTER_VALUES} values of {MAX_VALUE_CHARS} characters are read."
        raise _invalid(name, f"The parameter `{name}` has too many or too long values.", remedy)
    allowed = CLOSED_FILTERS.get(name)
    for value in values:
        if allowed and value not in allowed:
            raise _invalid(name, f"`{name}` cannot be `{value}`.", f"It is one of {', '.join(allowed)}.")


def _check_date(name: str, value: str) -> None:
    try:
        if not _DATE.fullmatch(value):
            raise ValueError(value)
        date.fromisoformat(value + "0001-01-01"[len(value) :])
    except ValueError as error:
        message = f"`{name}` is `{value}`, which is no date."
        raise _invalid(name, message, "Write 2014, 2014-11 or 2014-11-03.") from error


def _check_period(first: str | None, last: str | None) -> None:
    if first and last and first[: len(last)] > last[: len(first)]:
        raise _invalid("date_from", f"The period begins ({first}) after its end ({last}).", "Exchange the two dates.")


def _check_limit(value: str) -> None:
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:10]) <= MAX_LIMIT):
        raise _invalid("limit", f"`limit` is `{value}`.", f"It is a number from 1 to {MAX_LIMIT}.")


def _refusal(error: ValidationError, single: Mapping[str, str]) -> InvalidRequest:
    name = str(error.errors(include_url=False)[0]["loc"][0])
    allowed = ", ".join(SINGLE[name][1].get("enum", ()))
    return _invalid(name, f"`{name}` cannot be `{single[name]}`.", f"It is one of {allowed}.")


def _invalid(name: str, message: str, remedy: str) -> InvalidRequest:
    return InvalidRequest(message, remedy=remedy, parameter=name)


def _described(name: str, meaning: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": meaning, "schema": schema}


def _described_filter(name: str) -> dict[str, Any]:
    value: dict[str, Any] = {"type": "string"}
    if name in CLOSED_FILTERS:
        value = {"enum": list(CLOSED_FILTERS[name])}
    meaning = f"Only documents with this {name.replace('_', ' ')}; repeat it for any of several."
    schema = {"type": "array", "items": value, "maxItems": MAX_FILTER_VALUES}
    return {**_described(name, meaning, schema), "style": "form", "explode": True}


async def service_of(request: Request) -> SearchService:
    return cast("SearchService", request.app.state.service)


async def read_search(request: Request) -> SearchRequest:
    return read_request(request.query_params)


Service = Annotated[SearchService, Depends(service_of)]
Asked = Annotated[SearchRequest, Depends(read_search)]
