"""The answer to a request for a page's image, on the page and in the API."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from search_api.inputs import read_choice, read_single, refuse_unknown
from search_api.preview.asked import IMAGE_SIZES
from search_api.service import SearchService
from search_core.errors import NotFound

PARAMETERS = ("passage", "size")


async def send_page_image(request: Request, service: SearchService, document_id: str, page: str) -> Response:
    """A page as a PNG image. What has to be drawn first waits for its turn without holding a thread."""
    refuse_unknown(request.query_params, PARAMETERS)
    passage = read_single(request.query_params, "passage")
    size = read_choice(request.query_params, "size", IMAGE_SIZES)
    previews = service.previews
    asked = await run_in_threadpool(service.ask_page, document_id, _read_number(page), size, passage)
    image = await run_in_threadpool(previews.find, asked)
    if image is None:
        image = await to_thread.run_sync(partial(service.draw_page, asked), limiter=previews.limiter)
    return Response(image, media_type="image/png")


def _read_number(page: str) -> int:
    if not (page.isascii() and page.isdigit() and len(page) < 7):
        raise NotFound(
            f"There is no page {page[:50]!r}.", remedy="Pages are numbered from 1, whatever is printed on them."
        )
    return int(page)
