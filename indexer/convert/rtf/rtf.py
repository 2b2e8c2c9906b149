"""Rich Text Format: paragraphs and tables in their order, each followed by the notes and boxes that hang on it."""

from __future__ import annotations

from indexer.convert.base import ConvertedFile, TextBuilder
from indexer.convert.family import Family
from indexer.convert.rtf.reader import RtfReader
from indexer.convert.rtf.story import write_blocks
from indexer.front_matter import Declared
from search_core.errors import ConversionError

VERSION = 1

_START = b"{\\rtf"


def is_rtf(data: bytes) -> bool:
    return data[:100].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(_START)


def convert_rtf(data: bytes) -> ConvertedFile:
    """The text of an RTF document. Raises `ConversionError` where it is none or nests too deeply."""
    if not is_rtf(data):
        raise ConversionError("This is no RTF document.", remedy="Open it in a word processor and save it again.")
    reader = RtfReader(data)
    builder = TextBuilder()
    write_blocks(builder, reader.blocks)
    for blocks in {tuple(blocks): None for blocks in reader.headers}:
        write_blocks(builder, blocks)
    return ConvertedFile(
        text=builder.text,
        declared=Declared({**reader.properties, **_read_date(reader.created)}),
        headings=builder.headings,
        media_type="application/rtf",
    )


def _read_date(created: dict[str, int]) -> dict[str, str]:
    parts = [created.get(word, 0) for word in ("yr", "mo", "dy")]
    return {"date": "{:04}-{:02}-{:02}".format(*parts)} if all(parts) else {}


RTF = Family("rtf", (".rtf",), is_rtf, convert_rtf, VERSION)
