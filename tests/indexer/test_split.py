from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.context import Context
from indexer.split import Piece, find_sections, make_heading, pack_units, split_text
from search_core.embedding import HashEmbedder
from search_core.model import HeadingSpan, PageSpan

count_tokens = HashEmbedder().count_tokens


def split(
    text: str,
    headings: Sequence[HeadingSpan] = (),
    pages: Sequence[PageSpan] = (),
    budget: int = 20,
    max_tokens: int = 512,
    context_tokens: int = 0,
) -> list[Piece]:
    sections = find_sections(text, headings)
    contexts = [Context(make_heading(section.path, ""), "", "", context_tokens) for section in sections]
    return split_text(text, list(zip(sections, contexts, strict=True)), pages, count_tokens, max_tokens, budget)


def texts(text: str, pieces: Sequence[Piece]) -> list[str]:
    return [text[piece.start : piece.end] for piece in pieces]


def find_headings(text: str, *titles: tuple[str, int]) -> list[HeadingSpan]:
    return [HeadingSpan(text.index(title), text.index(title) + len(title), level) for title, level in titles]


def test_split_keeps_a_short_text_whole() -> None:
    assert texts("Une phrase. Une autre.", split("Une phrase. Une autre.")) == ["Une phrase. Une autre."]


def test_split_french_at_sentences_and_not_at_abbreviations() -> None:
    text = "M. Zhang Tong, maire de Leshan, est venu à Issy. Il a signé l’art. 5 de l’accord avec M. Santini. Merci."

    assert texts(text, split(text, budget=24)) == [
        "M. Zhang Tong, maire de Leshan, est venu à Issy.",
        "Il a signé l’art. 5 de l’accord avec M. Santini. Merci.",
    ]


def test_split_chinese_at_sentences() -> None:
    text = "乐山市与伊西市签署合作协议。双方成立六个工作组！首次会议定于十二月召开；议程另发。"

    assert texts(text, split(text)) == [
        "乐山市与伊西市签署合作协议。",
        "双方成立六个工作组！",
        "首次会议定于十二月召开；议程另发。",
    ]


def test_split_merges_small_paragraphs_up_to_the_budget() -> None:
    text = "\n\n".join(f"Le point {number} est bref." for number in range(6))

    assert [piece.count("point") for piece in texts(text, split(text, budget=24))] == [3, 3]


def test_split_leaves_no_crumb_after_full_passages() -> None:
    text = " ".join(f"La phrase numéro {number} est là." for number in range(9))
    sizes = count_tokens(texts(text, split(text, budget=30)))

    assert min(sizes) * 2 >= max(sizes)


def test_split_never_goes_across_a_heading_and_keeps_it_with_its_text() -> None:
    text = "Intro.\n\nUn\n\nTexte un.\n\nDeux\n\nTexte deux.\n\nTrois\n\nQuatre\n\nTexte quatre."
    headings = find_headings(text, ("Un", 1), ("Deux", 2), ("Trois", 1), ("Quatre", 2))
    pieces = split(text, headings, budget=200)

    assert texts(text, pieces) == [
        "Intro.",
        "Un\n\nTexte un.",
        "Deux\n\nTexte deux.",
        "Trois\n\nQuatre\n\nTexte quatre.",
    ]
    assert [piece.heading for piece in pieces] == ["", "Un", "Un › Deux", "Trois › Quatre"]


def test_split_keeps_a_heading_with_the_first_sentence_of_a_long_section() -> None:
    text = "Titre\n\n" + " ".join(f"Voici la phrase numéro {number} de ce texte." for number in range(10))
    pieces = texts(text, split(text, find_headings(text, ("Titre", 1))))

    assert pieces[0].startswith("Titre\n\nVoici la phrase numéro 0")
    assert len(pieces) > 2


def test_split_keeps_a_heading_without_text() -> None:
    assert texts("Titre seul", split("Titre seul", [HeadingSpan(0, 10, 1)])) == ["Titre seul"]


def test_the_heading_path_leaves_out_the_title() -> None:
    assert make_heading(("Rapport", "Transports", "Vélo"), "rapport") == "Transports › Vélo"
    assert make_heading(("Rapport",), "Rapport") == ""
    assert make_heading(("Transports",), "Rapport") == "Transports"


def test_an_over_long_sentence_is_cut_at_a_clause() -> None:
    text = "la gare, le centre, la mairie, le lycée, le stade, la place, le marché, le musée, la tour et le pont"
    pieces = texts(text, split(text))

    assert len(pieces) > 1
    assert all(piece.endswith(",") for piece in pieces[:-1])


def test_an_endless_word_is_cut_hard() -> None:
    pieces = split("x" * 5000)

    assert max(count_tokens(texts("x" * 5000, pieces))) <= 20


def test_a_cut_never_separates_an_accent_from_its_letter() -> None:
    text = "e\u0301\u0302" * 400

    assert all(not piece.startswith(("\u0301", "\u0302")) for piece in texts(text, split(text)))


def test_a_passage_is_on_the_page_where_it_begins() -> None:
    text = "Première page ici.\n\nDeuxième page là."
    pages = [PageSpan(0, 18, "i"), PageSpan(18, 18, "ii"), PageSpan(20, 37, "iii", 0.9)]

    assert [piece.page for piece in split(text, pages=pages, budget=8)] == ["i", "iii"]
    assert [piece.page for piece in split(text, budget=8)] == [None, None]


def test_title_and_headings_take_their_share_of_what_the_model_reads() -> None:
    text = " ".join(f"La phrase numéro {number} est là." for number in range(60))
    sizes = count_tokens(texts(text, split(text, budget=256, max_tokens=160, context_tokens=60)))

    assert max(sizes) <= 100


@pytest.mark.parametrize(
    ("sizes", "costs", "ranges"),
    [
        ([], [], []),
        ([5], [0], [(0, 1)]),
        ([6, 6, 6], [0, 0, 0], [(0, 1), (1, 2), (2, 3)]),
        ([3, 3, 3, 3], [0, 0, 0, 0], [(0, 2), (2, 4)]),
        ([8, 4, 4], [1, 0, 0], [(0, 1), (1, 3)]),
        ([20, 2], [0, 0], [(0, 1), (1, 2)]),
    ],
)
def test_units_are_packed_evenly(sizes: list[int], costs: list[float], ranges: list[tuple[int, int]]) -> None:
    assert pack_units(sizes, costs, 10) == ranges


ALPHABET = "aéE 乐山。.!？；,，\n|-1»«\u0301\u200d\u00a0"


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[HeadingSpan]]:
    text = draw(st.text(alphabet=ALPHABET, max_size=300))
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    levels = st.integers(1, 3)
    spans = [(start, end) for start, end in list(pairwise(borders))[::2] if text[start:end].strip()]
    return text, [HeadingSpan(start, end, draw(levels)) for start, end in spans]


@given(documents(), st.integers(1, 40))
@settings(deadline=None)
def test_passages_hold_everything_but_white_space_once_and_in_order(
    document: tuple[str, list[HeadingSpan]], budget: int
) -> None:
    text, headings = document
    pieces = texts(text, split(text, headings, budget=budget))

    assert "".join("".join(piece.split()) for piece in pieces) == "".join(text.split())
    assert all(piece == piece.strip() != "" for piece in pieces)


@given(documents(), st.integers(4, 40))
@settings(deadline=None)
def test_no_passage_holds_text_from_both_sides_of_a_heading(
    document: tuple[str, list[HeadingSpan]], budget: int
) -> None:
    text, headings = document
    for piece in split(text, headings, budget=budget):
        inside = [heading for heading in headings if piece.start < heading.start < piece.end]
        before = [text[piece.start : heading.start] for heading in inside]
        above = [heading for heading in headings if heading.start <= piece.start < heading.end]
        for heading, cut in zip(inside, before, strict=True):
            own = [found for found in headings if piece.start <= found.start and found.end <= heading.start]
            assert len("".join(cut.split())) <= sum(found.end - found.start for found in own + above)
