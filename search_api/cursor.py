"""Cursors: where a page begins, bound to the question it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TypedDict

from search_api.schemas import SearchRequest
from search_core.errors import InvalidRequest


class Turning(TypedDict):
    """Where a page begins and the cursors beside it, as `SearchResult` has them."""

    offset: int
    next: str | None
    previous: str | None


def turn_pages(request: SearchRequest, offset: int, total: int) -> Turning:
    """The cursors beside the page at `offset`; behind the end, `previous` is the last page."""
    before, after = max(0, min(offset, total) - request.limit), offset + request.limit
    return {
        "offset": offset,
        "next": make_cursor(request, after) if after < total else None,
        "previous": make_cursor(request, before) if offset else None,
    }


def make_cursor(request: SearchRequest, offset: int) -> str:
    """An opaque text for the page that begins at `offset`."""
    stored = json.dumps({"offset": offset, "of": _fingerprint(request)}).encode()
    return base64.urlsafe_b64encode(stored).decode().rstrip("=")


def read_offset(request: SearchRequest) -> int:
    """Where the page asked for begins. Raises `InvalidRequest` for a cursor that was not made for this question."""
    if request.cursor is None:
        return 0
    try:
        padded = request.cursor + "=" * (-len(request.cursor) % 4)
        stored = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        offset, fingerprint = stored["offset"], stored["of"]
    except (binascii.Error, ValueError, KeyError, TypeError, RecursionError) as cause:
        raise _refuse("is not one that this service gave.") from cause
    if not isinstance(offset, int) or isinstance(offset, bool) or not 0 <= offset < 2**31:
        raise _refuse("is not one that this service gave.")
    if fingerprint != _fingerprint(request):
        raise _refuse("belongs to another question.")
    return offset


def _refuse(why: str) -> InvalidRequest:
    return InvalidRequest(f"The cursor {why}", remedy="Search again without `cursor`.", parameter="cursor")


def _fingerprint(request: SearchRequest) -> str:
    asked = request.model_dump_json(exclude={"cursor"})
    return hashlib.sha256(asked.encode("utf-8", "surrogatepass")).hexdigest()[:16]
