"""Pages to one text, and what is said of those that could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from indexer.convert.lines import choose_seam
from search_core.model import PageSpan

_MOST_NAMED = 20


class PageText(NamedTuple):
    """A page's own text. `unreadable`: it shows something of which there is no text; `doubtful`: the text may be wrong.

    `is_scan`: a picture covers it, whatever text lies with it. `confidence` (0 to 1) where the text was recognised.
    `goes_on`: it begins in the middle of a paragraph.
    """

    label: str
    text: str
    unreadable: bool = False
    is_scan: bool = False
    doubtful: bool = False
    confidence: float | None = None
    goes_on: bool = False


def join_pages(pages: Sequence[PageText]) -> tuple[str, tuple[PageSpan, ...]]:
    """The text of all pages, a blank line between two, and where each of them lies (empty ones too)."""
    parts: list[str] = []
    spans: list[PageSpan] = []
    length = 0
    for page in pages:
        separator = "" if not length or not page.text else choose_seam(parts[-1], page.text) if page.goes_on else "\n\n"
        start = length + len(separator)
        length = start + len(page.text)
        parts += [separator, page.text]
        spans.append(PageSpan(start, length, page.label, page.confidence))
    return "".join(parts), tuple(spans)


def name_pages(numbers: Sequence[int]) -> str:
    """`Page 2`, `Pages 2, 3, 7`; of many, the first twenty and how many more."""
    listed = ", ".join(map(str, numbers[:_MOST_NAMED]))
    more = f" and {len(numbers) - _MOST_NAMED} more" if len(numbers) > _MOST_NAMED else ""
    return f"{'Page' if len(numbers) == 1 else 'Pages'} {listed}{more}"
