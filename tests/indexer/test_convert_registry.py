from __future__ import annotations

import pickle
from collections.abc import Callable

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes, limit_text
from indexer.convert.family import Family
from indexer.convert.registry import FAMILIES, find_family
from search_core.errors import ConversionError
from search_core.model import HeadingSpan, PageSpan


@pytest.mark.parametrize(
    ("data", "name", "family"),
    [
        (b"%PDF-1.4 ...", "note.txt", "pdf"),
        (b"II*\0 ...", "scan.pdf", "image"),
        (b"RIFF....WEBPVP8 ...", "photo", "image"),
        (b"RIFF....WAVE ...", "son.wav", None),
        (b"BM, la suite", "note.txt", "text"),
        (b"<!DOCTYPE html><html>", "note.md", "html"),
        (b"\xef\xbb\xbf\n<!-- x --><HTML>", "note", "html"),
        (b"# Titre", "note.MD", "markdown"),
        (b"texte", "note.txt", "text"),
        (b"texte", "LISEZMOI", "text"),
        (b"junk", "note.pdf", "pdf"),
        (b"a;b", "table.csv", "csv"),
        (b"a;b", "table.txt", "text"),
        (b"a;b", "table.xyz", None),
        (b"PK\x03\x04junk", "archive.zip", None),
        (b"<b>gras</b>", "note.txt", "text"),
    ],
)
def test_family_is_found_by_content_first_and_name_second(data: bytes, name: str, family: str | None) -> None:
    found = find_family(data, name)

    assert (found.name if found else None) == family


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_family_can_be_sent_to_a_worker_process(family: Family) -> None:
    assert pickle.loads(pickle.dumps(family)) == family


def test_a_word_document_is_known_under_any_name(make_docx: Callable[..., bytes]) -> None:
    found = find_family(make_docx("<w:p/>"), "note.bin")

    assert found is not None
    assert found.name == "docx"


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
@pytest.mark.parametrize("data", [b"", b"\0\1\2\3" * 100, b"PK\x03\x04" + bytes(range(256)) * 4, b" \n"])
def test_what_is_no_text_is_refused_with_a_reason_and_a_remedy(data: bytes, family: Family) -> None:
    with pytest.raises(ConversionError) as refused:
        convert_bytes(data, family)

    assert refused.value.message
    assert refused.value.remedy


def test_a_text_beyond_the_limit_is_cut_and_says_so() -> None:
    converted = ConvertedFile(
        "abcdefghij",
        pages=(PageSpan(0, 4, "1"), PageSpan(4, 10, "2", 0.8)),
        headings=(HeadingSpan(0, 3, 1), HeadingSpan(5, 9, 1)),
    )
    cut = limit_text(converted, 6)

    assert cut.text == "abcdef"
    assert cut.pages == (PageSpan(0, 4, "1"), PageSpan(4, 6, "2", 0.8))
    assert cut.headings == (HeadingSpan(0, 3, 1),)
    assert cut.partial_reason == "Only the first 6 of 10 characters were kept."
