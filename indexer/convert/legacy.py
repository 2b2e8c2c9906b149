"""What office programs wrote before 2007, and what WPS Office and Works write: read as what LibreOffice makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import is_ole, stream_names
from indexer.convert.docx import DOCX
from indexer.convert.encrypted import is_old_and_encrypted, refuse_encrypted
from indexer.convert.family import Family
from indexer.convert.libreoffice import libreoffice_version, save_as
from indexer.convert.text import convert_text
from search_core.errors import ConversionError

VERSION = 1


def is_doc(data: bytes) -> bool:
    """Whether it is of Word 6 to 2003, or of the word processor of WPS Office."""
    return "WordDocument" in stream_names(data)


def is_works(data: bytes) -> bool:
    """Whether it is of the word processor of Microsoft Works, 4 to 9."""
    return not stream_names(data).isdisjoint({"MatOST", "MN0"})


def convert_old(data: bytes, suffix: str, modern: Family, media_type: str) -> ConvertedFile:
    """What the modern family reads in the file that LibreOffice saves. Raises `ConversionError` where there is none."""
    if not is_ole(data):
        return convert_text(data)  # some programs give such a name to what they write as text
    try:
        saved = save_as(data, suffix, modern.suffixes[0])
    except ConversionError:
        if is_old_and_encrypted(data):
            return refuse_encrypted(data)
        raise
    # Its language is that of LibreOffice's own settings where the file named none.
    return replace(modern.convert(saved), media_type=media_type, language_hint=None)


def _make_family(
    name: str, suffixes: tuple[str, ...], recognizes: Callable[[bytes], bool], modern: Family, media_type: str
) -> Family:
    convert = partial(convert_old, suffix=suffixes[0], modern=modern, media_type=media_type)
    version = VERSION + modern.version
    return Family(name, suffixes, recognizes, convert, version, ("olefile", *modern.packages), (libreoffice_version,))


DOC = _make_family("doc", (".doc", ".dot"), is_doc, DOCX, "application/msword")
WORKS = _make_family("works", (".wps", ".wpt"), is_works, DOCX, "application/vnd.ms-works")
