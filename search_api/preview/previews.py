"""An image from the cache, or drawn and kept."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from threading import Lock

from anyio import CapacityLimiter

from search_api.originals import OriginalChanged, Stamp
from search_api.preview.asked import AskedPage
from search_api.preview.cache import PageCache
from search_api.preview.renderer import DrawingLimits, PageNotDrawn, render_page

DRAWN_AT_ONCE = 2

GIVEN_UP_S = 300
MOST_GIVEN_UP = 1000


class Previews:
    """Draws pages within limits. Safe to use from several threads.

    `limiter` is for whoever calls `draw` from an event loop: what waits for its turn there takes no thread, so that a
    document full of slow pages delays pages only, never a search. Without a cache nothing is kept.
    """

    def __init__(self, cache: PageCache | None = None, limits: DrawingLimits = DrawingLimits()) -> None:  # noqa: B008 - frozen
        self.limiter = CapacityLimiter(DRAWN_AT_ONCE)
        self._cache = cache
        self._limits = limits
        self._given_up: OrderedDict[tuple[object, ...], tuple[float, PageNotDrawn]] = OrderedDict()
        self._lock = Lock()

    def find(self, asked: AskedPage) -> bytes | None:
        """The image, if it is there already. Raises `PageNotDrawn` for a page that was given up a while ago."""
        with self._lock:
            when, error = self._given_up.get(_page_of(asked), (-GIVEN_UP_S, None))
        if error and time.monotonic() - when < GIVEN_UP_S:
            raise error.with_traceback(None)
        return self._cache.get(asked.document_id, asked.key) if self._cache else None

    def draw(self, asked: AskedPage) -> bytes:
        """Draw and keep a page, unless another thread just did. Raises `PageNotDrawn`, `OriginalChanged`."""
        found = self.find(asked)
        if found is not None:
            return found
        try:
            image = self._draw(asked)
        except PageNotDrawn as error:
            self._give_up(asked, error)
            raise
        if self._cache:
            self._cache.put(asked.document_id, asked.key, image)
        return image

    def forget(self, document_id: str) -> None:
        """Delete all images of a document."""
        if self._cache:
            self._cache.forget(document_id)

    def _draw(self, asked: AskedPage) -> bytes:
        try:
            file = asked.file.open("rb")
        except OSError as cause:  # it was moved this moment
            raise OriginalChanged.of(asked.path) from cause
        with file:
            if Stamp.of(os.fstat(file.fileno())) != asked.stamp:
                raise OriginalChanged.of(asked.path)
            return render_page(file, asked, self._limits)

    def _give_up(self, asked: AskedPage, error: PageNotDrawn) -> None:
        """A page that takes all the time there is takes it once, not at each look."""
        with self._lock:
            self._given_up[_page_of(asked)] = (time.monotonic(), error)
            while len(self._given_up) > MOST_GIVEN_UP:
                self._given_up.popitem(last=False)


def _page_of(asked: AskedPage) -> tuple[object, ...]:
    """What is slow to draw is so with any passage marked."""
    return asked.checksum, asked.number, asked.size
