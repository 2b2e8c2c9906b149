from hypothesis import given
from hypothesis import strategies as st

from search_api.marking import cut_pieces, make_marks, snippet_pieces
from search_api.schemas import Highlight, PassageHit, Span

SPANS = st.tuples(st.integers(0, 40), st.integers(1, 12)).map(lambda pair: (pair[0], pair[0] + pair[1]))


def word(start: int, end: int) -> Highlight:
    return Highlight(start=start, end=end, kind="word")


def marked(text: str, start: int, *highlights: Highlight) -> list[str]:
    return [piece.text for piece in cut_pieces(text, start, make_marks(highlights)) if piece.kind]


def test_offsets_count_code_points_even_beyond_the_basic_plane() -> None:
    text = "𠮷野家 🚲 vélo"
    assert marked(text, 100, word(100, 101), word(106, 110)) == ["𠮷", "vélo"]


def test_overlapping_highlights_share_the_text_without_repeating_it() -> None:
    pieces = cut_pieces("智慧城市群", 0, make_marks([word(0, 4), Highlight(start=2, end=5, kind="glossary")]))
    assert [(piece.text, piece.kind) for piece in pieces] == [("智慧城市", "word"), ("群", "glossary")]


def test_passage_and_highlight_are_marked_apart() -> None:
    pieces = cut_pieces("abcdef", 10, make_marks([word(12, 13)], Span(start=11, end=15)))
    assert [(piece.text, piece.kind, piece.in_passage) for piece in pieces] == [
        ("a", None, False),
        ("b", None, True),
        ("c", "word", True),
        ("de", None, True),
        ("f", None, False),
    ]


@given(st.text(min_size=1, max_size=40), st.integers(0, 30), st.lists(SPANS, max_size=6), SPANS)
def test_pieces_always_join_back_to_the_text(
    text: str, start: int, highlights: list[tuple[int, int]], passage: tuple[int, int]
) -> None:
    marks = make_marks([word(*span) for span in highlights], Span(start=passage[0], end=passage[1]))
    pieces = cut_pieces(text, start, marks)
    assert "".join(piece.text for piece in pieces) == text
    covered = {offset for left, right in highlights for offset in range(left, right)}
    found = {offset for piece in pieces if piece.kind for offset in range(piece.start, piece.start + len(piece.text))}
    assert found == covered & set(range(start, start + len(text)))


def test_snippets_are_cut_from_the_passage_at_document_offsets() -> None:
    passage = PassageHit(
        passage_id="p",
        language="fr",
        text="Un. Deux vélos. Trois.",
        start=50,
        end=72,
        highlights=[word(59, 64)],
        snippets=[Span(start=54, end=65), Span(start=66, end=72)],
    )
    texts = [[(piece.text, piece.kind) for piece in pieces] for pieces in snippet_pieces(passage)]
    assert texts == [[("Deux ", None), ("vélos", "word"), (".", None)], [("Trois.", None)]]


def test_passage_without_snippets_is_shown_whole() -> None:
    passage = PassageHit(passage_id="p", language="zh", text="全文。", start=5, end=8)
    assert [piece.text for pieces in snippet_pieces(passage) for piece in pieces] == ["全文。"]


def snippet_of(text: str, heading: str, *highlights: Highlight) -> str:
    snippets = [Span(start=0, end=len(text))]
    passage = PassageHit(
        passage_id="p",
        language="fr",
        text=text,
        start=0,
        end=len(text),
        heading=heading,
        highlights=list(highlights),
        snippets=snippets,
    )
    return "".join(piece.text for pieces in snippet_pieces(passage) for piece in pieces)


def test_snippet_does_not_repeat_the_heading_that_stands_beside_it() -> None:
    assert snippet_of("Coûts\n\nLe relevé a coûté 118 euros.", "Étude › Coûts") == "Le relevé a coûté 118 euros."
    assert snippet_of("Coûts et délais.", "Étude › Délais") == "Coûts et délais."
    assert snippet_of("Coûts\n", "Étude › Coûts") == "Coûts\n"
    assert snippet_of("Coûts\n\nLe relevé.", "Coûts", word(0, 5)) == "Coûts\n\nLe relevé."
