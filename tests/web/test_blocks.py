from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search_api.blocks import Block, cut_blocks
from search_api.marking import make_marks
from search_api.schemas import DocumentResult, HeadingOut, PageOut, Span


def document(text: str, **known: Any) -> DocumentResult:
    facts = {
        "document_id": "1",
        "path": "a",
        "source": "/s",
        "title": "t",
        "language": "fr",
        "media_type": "text/plain",
    }
    return DocumentResult(**facts, status="indexed", text=text, original_available=True, index_version=1, **known)


def heading(text: str, title: str, level: int) -> HeadingOut:
    return HeadingOut(start=text.index(title), end=text.index(title) + len(title), level=level)


def blocks_of(made: DocumentResult) -> list[Block]:
    return cut_blocks(made, make_marks([]))


def test_paragraphs_end_at_blank_lines_and_keep_single_line_breaks() -> None:
    blocks = blocks_of(document("un\ndeux\n \n\n  trois\n"))
    assert [(block.level, block.text) for block in blocks] == [(0, "un\ndeux"), (0, "trois")]


def test_headings_follow_the_title_of_the_document_without_leaving_a_level_out() -> None:
    text = "Chapitre\nun\nDétail\ndeux\nSuite\nFin"
    levels = {"Chapitre": 2, "Détail": 4, "Suite": 4, "Fin": 2}
    made = document(text, headings=[heading(text, title, level) for title, level in levels.items()])
    assert [(block.level, block.text) for block in blocks_of(made)] == [
        (2, "Chapitre"),
        (0, "un"),
        (3, "Détail"),
        (0, "deux"),
        (3, "Suite"),
        (2, "Fin"),
    ]


def test_deepest_heading_is_one_that_browsers_know() -> None:
    text = "abcdefgh"
    made = document(text, headings=[HeadingOut(start=at, end=at + 1, level=at + 1) for at in range(8)])
    assert [block.level for block in blocks_of(made)] == [2, 3, 4, 5, 6, 6, 6, 6]


def test_pages_cut_paragraphs_and_empty_pages_are_still_named() -> None:
    text = "première suite"
    pages = [
        PageOut(start=0, end=8, label="i"),
        PageOut(start=8, end=8, label="ii"),
        PageOut(start=8, end=14, label="1"),
    ]
    blocks = blocks_of(document(text, pages=pages))
    assert [(block.pages, block.text) for block in blocks] == [(("i",), "première"), (("ii", "1"), "suite")]


def test_block_knows_whether_it_holds_part_of_the_passage() -> None:
    made = document("un\n\ndeux\n\ntrois")
    blocks = cut_blocks(made, make_marks([], Span(start=4, end=8)))
    assert [block.has_passage for block in blocks] == [False, True, False]


def test_document_without_text_has_no_blocks() -> None:
    assert blocks_of(document("")) == []
    assert blocks_of(document(" \n\n ")) == []


@given(
    st.text("a字 \n", max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45), st.integers(1, 9)), max_size=5),
    st.lists(st.integers(0, 45), max_size=4),
)
def test_blocks_hold_all_of_the_text_whatever_the_spans(
    text: str, headings: list[tuple[int, int, int]], pages: list[int]
) -> None:
    made = document(
        text,
        headings=[HeadingOut(start=start, end=end, level=level) for start, end, level in headings],
        pages=[PageOut(start=start, end=start, label=str(start)) for start in pages],
    )
    shown = "".join(block.text for block in blocks_of(made))
    assert "".join(shown.split()) == "".join(text.split())
