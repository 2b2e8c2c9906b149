"""A document in parts, and what is shown of one."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from search_api.blocks import find_outline
from search_api.leaves import CONTENTS_ENTRIES, find_page, list_contents, make_leaves
from search_api.marking import make_marks
from search_api.parts import PART_CHARS, PART_PAGES, cut_parts, part_at, part_of_page
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


def paged(*pages: str, labels: tuple[str, ...] = ()) -> DocumentResult:
    text, spans = "", []
    for number, page in enumerate(pages):
        label = labels[number] if labels else str(number + 1)
        spans.append(PageOut(start=len(text), end=len(text) + len(page), label=label))
        text += page
    return document(text, pages=spans)


def test_short_document_is_one_part() -> None:
    for made in (document(""), document("un"), paged("un", "deux")):
        (part,) = cut_parts(made)
        assert (part.number, part.start, part.end) == (1, 0, len(made.text))


def test_long_document_is_cut_between_pages() -> None:
    page = "a" * (PART_CHARS // 4)
    parts = cut_parts(paged(*[page] * 9))
    assert [part.pages for part in parts] == [(0, 1, 2, 3), (4, 5, 6, 7), (8,)]
    assert [part.start for part in parts] == [0, 4 * len(page), 8 * len(page)]


def test_scan_without_text_is_cut_by_its_number_of_pages() -> None:
    parts = cut_parts(paged(*[""] * (2 * PART_PAGES + 1)))
    assert [len(part.pages) for part in parts] == [PART_PAGES, PART_PAGES, 1]


def test_text_without_pages_is_cut_between_paragraphs() -> None:
    paragraph = "mot " * 2000 + "\n\n"
    text = paragraph * 10
    parts = cut_parts(document(text))
    assert len(parts) > 2
    assert all(part.start % len(paragraph) == 0 for part in parts)


def test_million_lines_without_a_blank_one_are_cut_between_lines() -> None:
    text = "colonne;valeur\n" * 20_000
    parts = cut_parts(paged(text))
    assert all(part.end - part.start <= PART_CHARS and text[part.end - 1] == "\n" for part in parts)
    assert [part.pages for part in parts] == [(0,)] * len(parts)


@given(
    st.text("a字 \n", max_size=30).flatmap(lambda text: st.just(text * 4000)),
    st.lists(st.integers(0, 120_000), max_size=8),
)
def test_parts_hold_the_whole_document_in_order_within_their_size(text: str, starts: list[int]) -> None:
    cuts = sorted({min(start, len(text)) for start in starts})
    pages = [PageOut(start=start, end=start, label="") for start in cuts]
    stretches = [stretch for part in cut_parts(document(text, pages=pages)) for stretch in part.stretches]
    assert "".join(text[each.start : each.end] for each in stretches) == text
    assert all(one.end == other.start for one, other in pairwise(stretches))
    assert [each.page for each in stretches if each.page is not None and each.start in cuts] == list(range(len(pages)))
    assert all(part.end - part.start <= PART_CHARS for part in cut_parts(document(text, pages=pages)))


def test_places_and_pages_are_found_in_their_part() -> None:
    made = paged(*["a" * PART_CHARS] * 3)
    parts = cut_parts(made)
    assert [part_at(parts, place).number for place in (0, PART_CHARS, len(made.text))] == [1, 2, 3]
    assert [part_of_page(parts, page).number for page in (0, 1, 2)] == [1, 2, 3]


def test_pages_are_found_by_their_label_before_their_number() -> None:
    made = paged("", "", "", "", "", labels=("i", "ii", "1", "2", ""))
    asked = ("ii", "1", "2", "5", "0", "6", "", "iii", "²", "9" * 5000)
    assert [find_page(made, each) for each in asked] == [2, 3, 4, 5, None, None, None, None, None, None]


def test_leaves_are_the_pages_of_a_part_those_without_text_too() -> None:
    made = paged("un\n\n", "", "deux\n\ntrois")
    (part,) = cut_parts(made)
    passage = Span(start=made.text.index("trois"), end=len(made.text))
    leaves = make_leaves(made, find_outline(made), part, make_marks([], passage))
    shown = [(leaf.number, leaf.label, [block.text for block in leaf.blocks]) for leaf in leaves]
    assert shown == [(1, "1", ["un"]), (2, "2", []), (3, "3", ["deux", "trois"])]
    assert [leaf.passage_start for leaf in leaves] == [None, None, passage.start]


def test_page_that_goes_on_in_the_next_part_begins_in_one_only() -> None:
    made = paged("avant", "mot " * PART_CHARS)
    parts = cut_parts(made)
    begins = [leaf.begins for part in parts for leaf in make_leaves(made, [], part, make_marks([])) if leaf.number == 2]
    assert begins == [True] + [False] * (len(begins) - 1)
    assert len(begins) > 2


def test_entries_of_the_table_of_contents_know_their_page() -> None:
    made = paged("préface\n", "Un\n", "", "suite\n\nDeux\n")
    starts = [made.text.index(title) for title in ("Un", "Deux")]
    made = made.model_copy(update={"headings": [HeadingOut(start=each, end=each + 2, level=1) for each in starts]})
    entries = list_contents(made, find_outline(made), parts := cut_parts(made), parts[0])
    assert [(entry.text, entry.page) for entry in entries] == [("Un", 2), ("De", 4)]


def test_long_table_of_contents_shows_what_is_around_the_part() -> None:
    text = "".join(f"Titre {number:04}\n" + "mot " * 200 + "\n\n" for number in range(1000))
    headings = [HeadingOut(start=at, end=at + 10, level=1) for at in range(0, len(text), len(text) // 1000)]
    made = document(text, headings=headings)
    parts, outline = cut_parts(made), find_outline(made)
    for part in (parts[0], parts[13], parts[-1]):
        entries = list_contents(made, outline, parts, part)
        assert len(entries) == CONTENTS_ENTRIES
        assert {entry.part for entry in entries} >= {part.number}
        assert all(entry.text == f"Titre {entry.start // (len(text) // 1000):04}" for entry in entries)
