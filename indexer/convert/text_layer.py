"""Whether the text that a page brings along is what it shows, and whether what was recognised is better."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.convert.pages import PageText
from indexer.ocr.oddity import has_language, measure_oddity

ODD_SCANS = 0.004
"""Above this the layer of a document's scanned pages is looked at: what misread it leaves more behind than this."""

ODD_PAGE = 0.2
"""Above this any other page is: lists of names, tables and code stay below."""

SHORT_LAYER = 60
"""Characters: a stamp or a page number over the picture of a whole page."""

_BETTER = 0.5
"""How much less odd what was recognised must be."""


def mark_doubtful(pages: Sequence[PageText]) -> list[PageText]:
    """The pages, those marked whose text may not be what they show; scans are judged together, as one layer."""
    layer = "\n".join(page.text for page in pages if page.is_scan)
    is_odd = measure_oddity(layer) > ODD_SCANS or not has_language(layer)
    return [page._replace(doubtful=_is_doubtful(page, scans_are_odd=is_odd)) for page in pages]


def is_better(recognized: Sequence[str], layer: Sequence[str]) -> bool:
    """Whether the recognised text of some pages is in a language, or clearly less odd, unlike what they brought."""
    found, brought = "\n".join(recognized), "\n".join(layer)
    if has_language(found) != has_language(brought):
        return has_language(found)
    return measure_oddity(found) < _BETTER * measure_oddity(brought)


def is_short(page: PageText) -> bool:
    return len(page.text) < SHORT_LAYER


def _is_doubtful(page: PageText, *, scans_are_odd: bool) -> bool:
    if page.unreadable or not page.text:
        return False
    if page.is_scan:
        return scans_are_odd or is_short(page)
    return measure_oddity(page.text) > ODD_PAGE
