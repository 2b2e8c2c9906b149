"""Many pages: several at once, each in a Tesseract of its own, in their order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from PIL import Image

from indexer.ocr.installed import Tesseract
from indexer.ocr.recognize import RecognizedPage, Script, recognize_page
from indexer.ocr.words import PageGivenUp

PAGES_AT_ONCE = 4
"""Pictures in memory, and pages that do not yet know from each other which Chinese the document is written in.

The same on every machine: what a page is read as must not depend on how many cores there are.
"""


def recognize_pages(images: Iterable[Image.Image | None], tesseract: Tesseract) -> Iterator[RecognizedPage | None]:
    """The text of each picture; None where it took too long, and of no picture. They are taken as they are needed."""
    waiting = iter(images)
    script: Script | None = None
    with ThreadPoolExecutor(min(PAGES_AT_ONCE, os.cpu_count() or 1), thread_name_prefix="ocr") as threads:
        while batch := list(islice(waiting, PAGES_AT_ONCE)):
            known = script
            for page in threads.map(lambda image: _recognize(image, tesseract, known), batch):  # noqa: B023 - used at once
                script = script or (page.script if page else None)
                yield page


def _recognize(image: Image.Image | None, tesseract: Tesseract, script: Script | None) -> RecognizedPage | None:
    try:
        return recognize_page(image, tesseract, script) if image else None
    except PageGivenUp:
        return None
