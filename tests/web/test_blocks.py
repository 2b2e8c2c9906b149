from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search_api.blocks import Block, cut_blocks, find_outline
from search_api.marking import make_marks
from search_api.schemas import DocumentResult, HeadingOut, Span


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


def blocks_of(made: DocumentResult, passage: Span | None = None) -> list[Block]:
    return blocks_within(made, 0, len(made.text), passage)


def blocks_within(made: DocumentResult, start: int, end: int, passage: Span | None = None) -> list[Block]:
    return cut_blocks(made.text, find_outline(made), Span(start=start, end=end), make_marks([], passage))


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


def test_stretch_keeps_the_levels_of_the_whole_document_and_cuts_what_goes_on() -> None:
    text = "Chapitre\nun\nDétail\ndeux mots"
    made = document(text, headings=[heading(text, "Chapitre", 1), heading(text, "Détail", 5)])
    blocks = blocks_within(made, text.index("tail"), text.index(" mots"))
    assert [(block.start, block.level, block.text) for block in blocks] == [(14, 3, "tail"), (19, 0, "deux")]


def test_block_knows_whether_it_holds_part_of_the_passage() -> None:
    blocks = blocks_of(document("un\n\ndeux\n\ntrois"), Span(start=4, end=8))
    assert [block.has_passage for block in blocks] == [False, True, False]


def test_document_without_text_has_no_blocks() -> None:
    assert blocks_of(document("")) == []
    assert blocks_of(document(" \n\n ")) == []


@given(
    st.text("a字 \n", max_size=40),
    st.lists(st.tuples(st.integers(0, 45), st.integers(0, 45), st.integers(1, 9)), max_size=5),
    st.integers(0, 40),
)
def test_blocks_of_two_stretches_hold_all_of_the_text_whatever_the_headings(
    text: str, headings: list[tuple[int, int, int]], cut: int
) -> None:
    made = document(text, headings=[HeadingOut(start=start, end=end, level=level) for start, end, level in headings])
    middle = min(cut, len(text))
    blocks = [*blocks_within(made, 0, middle), *blocks_within(made, middle, len(text))]
    assert "".join("".join(block.text for block in blocks).split()) == "".join(text.split())
