"""What all OpenDocument files have in common: an archive with a type, properties, paragraphs and objects."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lxml import etree

from indexer.convert.containers import check_archive, part_names
from indexer.convert.properties import declare_properties
from search_core.errors import ConversionError

MIMETYPE = "application/vnd.oasis.opendocument."

_ERRORS = (etree.LxmlError, zipfile.BadZipFile, KeyError, ValueError, OSError, NotImplementedError, EOFError)
"""What a damaged file makes its readers raise."""

_NAMES = "urn:oasis:names:tc:opendocument:xmlns:"
_PREFIXES = {
    name: f"{{{_NAMES}{path}}}"
    for name, path in {
        "chart": "chart:1.0", "draw": "drawing:1.0", "manifest": "manifest:1.0", "meta": "meta:1.0",
        "office": "office:1.0", "presentation": "presentation:1.0", "style": "style:1.0", "table": "table:1.0",
        "text": "text:1.0", "svg": "svg-compatible:1.0",
    }.items()
} | {"dc": "{http://purl.org/dc/elements/1.1/}", "xlink": "{http://www.w3.org/1999/xlink}"}  # fmt: skip


def name(prefixed: str) -> str:
    """`text:p` as lxml writes it."""
    prefix, _, local = prefixed.partition(":")
    return _PREFIXES[prefix] + local


_PARAGRAPHS = frozenset({name("text:p"), name("text:h")})
_SPACE, _TAB, _BREAK = name("text:s"), name("text:tab"), name("text:line-break")
_SKIPPED = frozenset(
    map(name, ("office:annotation", "office:annotation-end", "text:tracked-changes", "text:note-citation"))
)
_MOST_SPACES = 100
_KIND = re.compile(rb"mimetype" + re.escape(MIMETYPE.encode()) + rb"(text|spreadsheet|presentation)(-template)?")


def has_kind(data: bytes, kind: str) -> bool:
    """Whether an archive says that it is a `spreadsheet`, `presentation` or `text`."""
    found = _KIND.search(data, 0, 200)
    return found is not None and found[1].decode() == kind and "content.xml" in part_names(data)


@contextmanager
def open_parts(data: bytes, noun: str, program: str) -> Iterator[zipfile.ZipFile]:
    """The archive, for as long as it is read; `program` opens such files.

    Raises `ConversionError` where it is none, is too large, needs a password or turns out to be damaged.
    """
    check_archive(data, noun)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            _refuse_encrypted(parts, noun)
            yield parts
    except _ERRORS as cause:
        raise ConversionError(f"The {noun} is damaged.", remedy=f"Open it in {program} and save it again.") from cause


def _refuse_encrypted(parts: zipfile.ZipFile, noun: str) -> None:
    if "META-INF/manifest.xml" in parts.namelist():
        manifest = parse_part(parts, "META-INF/manifest.xml")
        if next(manifest.iter(name("manifest:encryption-data")), None) is not None:
            raise ConversionError(
                f"The {noun} is protected by a password.", remedy="Save a copy of it without the password."
            )


def parse_part(parts: zipfile.ZipFile, path: str) -> Any:
    """The root of one part; entities stay unread, and nothing is fetched."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True)
    return etree.fromstring(parts.read(path), parser)


def read_properties(parts: zipfile.ZipFile) -> dict[str, Any]:
    """What `meta.xml` declares, by metadata key."""
    if "meta.xml" not in parts.namelist():
        return {}
    found = {element.tag: element.text or "" for element in parse_part(parts, "meta.xml").iter() if element.text}
    return declare_properties(
        title=found.get(name("dc:title")),
        author=found.get(name("meta:initial-creator")) or found.get(name("dc:creator")),
        created=found.get(name("meta:creation-date")),
        keywords=found.get(name("meta:keyword")),
    )


def read_paragraphs(element: Any) -> list[str]:
    """The text of each paragraph inside an element, in order; comments are left out."""
    return [text for found in _iter_paragraphs(element) if (text := "".join(_iter_text(found)).strip())]


def _iter_paragraphs(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag in _PARAGRAPHS:
            yield child
        elif child.tag not in _SKIPPED:
            yield from _iter_paragraphs(child)


def _iter_text(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == _SPACE:
            yield " " * min(read_count(child, "text:c"), _MOST_SPACES)
        elif child.tag in (_TAB, _BREAK):
            yield "\t" if child.tag == _TAB else "\n"
        elif isinstance(child.tag, str) and child.tag not in _SKIPPED:  # others are entities, which stay unread
            yield from _iter_text(child)
        yield child.tail or ""


def read_count(element: Any, attribute: str) -> int:
    """A repetition or span: a whole number of at least 1."""
    given = element.get(name(attribute), "1")
    return max(1, int(given)) if given.isdecimal() and len(given) < 10 else 1
