"""Markdown to the text that a reader sees, with its headings."""

from __future__ import annotations

from markdown_it import MarkdownIt

from indexer.convert.base import ConvertedFile, TextBuilder, clean_text
from indexer.convert.family import Family
from indexer.convert.html_blocks import HtmlWriter, parse_html
from indexer.convert.text import decode_text
from indexer.front_matter import parse_yaml, split_front_matter

VERSION = 2

_OPTIONS = {"maxNesting": 200}
"""With its usual 20, the parser leaves out the text of the tenth list within a list."""


def convert_markdown(data: bytes) -> ConvertedFile:
    """The readable text, front matter as metadata. Raises `ConversionError` for binary data."""
    decoded = decode_text(data)
    block, body = split_front_matter(clean_text(decoded.text))
    builder = TextBuilder()
    rendered = MarkdownIt("commonmark", _OPTIONS).enable(["table", "strikethrough"]).render(body)
    HtmlWriter(builder).write(parse_html(f"<html><body>{rendered}</body></html>"))
    return ConvertedFile(
        text=builder.text,
        declared=parse_yaml(block or ""),
        headings=builder.headings,
        media_type="text/markdown",
        notes=decoded.notes,
    )


MARKDOWN = Family("markdown", (".md", ".markdown"), None, convert_markdown, VERSION, ("markdown-it-py",))
