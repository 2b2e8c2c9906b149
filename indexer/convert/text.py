"""Plain text, in whatever charset it is written."""

from __future__ import annotations

from indexer.convert.base import ConvertedFile, clean_text
from indexer.convert.charset import DecodedText, NotText, decode_bytes
from indexer.convert.family import Family
from indexer.convert.plain_headings import find_plain_headings
from indexer.front_matter import parse_yaml, split_front_matter
from search_core.errors import ConversionError

VERSION = 2


def convert_text(data: bytes) -> ConvertedFile:
    """The text as it is, without front matter. Raises `ConversionError` for binary data."""
    decoded = decode_text(data)
    block, body = split_front_matter(clean_text(decoded.text))
    text = body.strip("\n").rstrip()
    return ConvertedFile(
        text=text, declared=parse_yaml(block or ""), headings=find_plain_headings(text), notes=decoded.notes
    )


def decode_text(data: bytes, declared: str | None = None) -> DecodedText:
    """The bytes of a text file as text. Raises `ConversionError` for binary data."""
    try:
        return decode_bytes(data, declared)
    except NotText as problem:
        raise ConversionError(
            f"This is no text: {problem}.", remedy="Give the file the ending of its real format, or save it as UTF-8."
        ) from problem


TEXT = Family("text", (".txt", ".text", ""), None, convert_text, VERSION, ("charset-normalizer",))
