"""Files without text: refused, with what they hold instead."""

from __future__ import annotations

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import holds_pictures
from search_core.errors import ConversionError


def check_text(converted: ConvertedFile, data: bytes) -> ConvertedFile:
    """What was converted from `data`. Raises `ConversionError` where there is no text in it and no reason given."""
    if converted.text.strip() or converted.partial_reason:
        return converted
    if holds_pictures(data):  # most often scanned pages that someone put into a document
        raise ConversionError(
            "There is no text in this file, only pictures.",
            remedy="Save it as PDF: text in the pictures of a PDF is recognised.",
        )
    raise ConversionError("There is no text in this file.", remedy="Check that it is the right one.")
