"""The page that says what became of every file: indexed, read in part, failed, skipped, and what to do."""

from __future__ import annotations

from typing import get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from search_api.inputs import Service, read_single, refuse_unknown
from search_api.messages import UI_PARAMETER
from search_api.pages import render
from search_core.errors import InvalidRequest
from search_core.report import FileStatus

FILES_SHOWN = 200
STATUSES = get_args(FileStatus)

router = APIRouter(include_in_schema=False)


@router.api_route("/report", methods=["GET", "HEAD"])
def report_page(service: Service, request: Request) -> HTMLResponse:
    refuse_unknown(request.query_params, ("status", "page", UI_PARAMETER))
    status = _check_status(read_single(request.query_params, "status"))
    page = _check_page(read_single(request.query_params, "page"))
    found = service.report()
    chosen = [entry for entry in found.files if status in ("", entry.status)]
    first = (page - 1) * FILES_SHOWN
    context = {
        "status": status,
        "page": page,
        "pages": max(1, -(-len(chosen) // FILES_SHOWN)),
        "counts": [(each, found.counts[each]) for each in STATUSES if each in found.counts],
        "total": len(found.files),
        "entries": chosen[first : first + FILES_SHOWN],
    }
    return render(request, "report.html", context)


def _check_status(given: str) -> str:
    if given and given not in STATUSES:
        raise InvalidRequest(
            f"`status` cannot be `{given}`.", remedy=f"It is one of {', '.join(STATUSES)}.", parameter="status"
        )
    return given


def _check_page(given: str) -> int:
    if given and not (given.isascii() and given.isdigit() and 1 <= int(given[:10]) < 10**6):
        raise InvalidRequest(f"`page` is `{given}`.", remedy="It is a number from 1 on.", parameter="page")
    return int(given or 1)
