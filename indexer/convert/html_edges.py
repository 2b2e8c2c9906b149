"""What stands around the main content within the smallest part that holds it: links and labels above, menus below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from indexer.convert.html_blocks import read_line

_LINK_SHARE = 0.6
_MENU_LINK_SHARE = 0.3
_MOST_LINKS = 0.5

_AROUND = frozenset({"aside", "nav", "label", "button"})
"""No headers and footers: those of articles say who wrote them, and when."""

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WHOLE = _AROUND | _HEADINGS | {"ul", "ol", "p", "table", "pre", "dl", "blockquote"}
_MENU = re.compile(r"nav|menu|pager|breadcrumb|footer", re.IGNORECASE)


def drop_edges(part: Any) -> None:
    """Take menus off both ends of a part of a page, in place; not where most of the page is links.

    Above the content whatever is links goes, below it only what calls itself a menu: sources are links too.
    """
    text = read_line(part)
    if _measure_links(part) >= _MOST_LINKS * len(text):
        return
    for element in (*_take_above(list(_iter_units(part))), *_take_below(list(_iter_units(part)))):
        element.drop_tree()


def _iter_units(element: Any) -> Iterator[Any]:
    """Pieces of a page that are kept or dropped whole, in order."""
    for child in element:
        if not isinstance(child.tag, str):
            continue
        if child.tag in _WHOLE or not len(child):
            yield child
        else:
            yield from _iter_units(child)


def _take_above(units: list[Any]) -> Iterator[Any]:
    for unit in units:
        text = read_line(unit)
        if unit.tag in _HEADINGS or (text and not (_is_menu(unit, text) or _is_links(unit, text))):
            return
        if text:
            yield unit


def _take_below(units: list[Any]) -> Iterator[Any]:
    for unit in reversed(units):
        text = read_line(unit)
        if text and not _is_menu(unit, text):
            return
        if text:
            yield unit


def _is_links(unit: Any, text: str) -> bool:
    return _measure_links(unit) >= _LINK_SHARE * len(text)


def _is_menu(unit: Any, text: str) -> bool:
    if _is_within(unit, _AROUND):
        return True
    named = _MENU.search(f"{unit.get('class')} {unit.get('id')} {unit.get('role')}")
    return named is not None and _measure_links(unit) >= _MENU_LINK_SHARE * len(text)


def _is_within(unit: Any, tags: frozenset[str]) -> bool:
    return unit.tag in tags or any(above.tag in tags for above in unit.iterancestors())


def _measure_links(unit: Any) -> int:
    links = [unit] if unit.tag == "a" or _is_within(unit, frozenset({"a"})) else unit.iter("a")
    return sum(len(read_line(link)) for link in links)
