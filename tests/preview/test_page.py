"""Which page is asked for, and what of a passage is to be marked on it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from search_api.originals import OriginalChanged, OriginalGone
from search_api.preview.page import ask_page
from search_api.schemas import Span
from search_core.errors import NotFound
from search_core.model import Document, PageSpan

TEXT = "Un début. Une phrase qui passe\n\nà la page suivante. Une fin."
TURN = TEXT.index("à la")


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    return Document(
        document_id="1",
        source=str(tmp_path),
        path="a.pdf",
        language="fr",
        text=TEXT,
        media_type="application/pdf",
        pages=(PageSpan(0, TURN - 2, "i"), PageSpan(TURN, len(TEXT), "1"), PageSpan(len(TEXT), len(TEXT), "2")),
        checksum=hashlib.sha256(b"%PDF").hexdigest(),
    )


def file_of(document: Document) -> Path:
    return Path(document.source) / document.path


@pytest.mark.parametrize(
    ("number", "wanted", "before"),
    [(1, "Une phrase qui passe", "Un début. "), (2, "à la page suivante.", ""), (3, "", "")],
)
def test_passage_over_two_pages_is_marked_on_each_as_far_as_it_stands_there(
    document: Document, number: int, wanted: str, before: str
) -> None:
    passage = Span(start=TEXT.index("Une phrase"), end=TEXT.index(" Une fin"))
    asked = ask_page(document, file_of(document), number, "small", passage)
    assert (asked.number, asked.wanted, asked.before) == (number, wanted, before)


def test_page_without_a_passage_has_nothing_to_mark(document: Document) -> None:
    asked = ask_page(document, file_of(document), 1, "large", None)
    assert (asked.size, asked.wanted, asked.before) == ("large", "", "")


def test_only_pages_of_pdf_files_can_be_asked_for(document: Document) -> None:
    for other in (replace(document, media_type="text/plain"), replace(document, pages=())):
        with pytest.raises(NotFound, match=r"a\.pdf"):
            ask_page(other, file_of(document), 1, "small", None)
    for number in (0, -1, 4):
        with pytest.raises(NotFound, match="no page"):
            ask_page(document, file_of(document), number, "small", None)


def test_only_the_file_that_was_read_is_asked_for(document: Document) -> None:
    file_of(document).write_bytes(b"%PDF-")
    with pytest.raises(OriginalChanged):
        ask_page(document, file_of(document), 1, "small", None)
    file_of(document).unlink()
    for path in (file_of(document), None):
        with pytest.raises(OriginalGone):
            ask_page(document, path, 1, "small", None)
