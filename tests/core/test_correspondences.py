"""Foreign terms with their translation: `text[start:end]` is the term as it stands in the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.analysis.analyzer import Analyzer
from search_core.correspondences import find_pairs, read_asked
from search_core.glossary import Glossary, GlossaryEntry, GlossaryMatcher, TermLanguage

GLOSSARY = Glossary(
    (
        GlossaryEntry(("Leshan",), ("乐山", "乐山市"), name=True),
        GlossaryEntry(("Fort d'Issy",), ("伊西堡",), name=True),
        GlossaryEntry(("IssyGrid",), ("IssyGrid", "伊西智能电网"), name=True),
        GlossaryEntry(("réseau intelligent", "smart grid"), ("智能电网",)),
        GlossaryEntry(("réseau électrique",), ("电网",)),
        GlossaryEntry(("grille",), ("电网",)),
        GlossaryEntry(("réseau 5G",), ("5G网络",)),
    )
)
MATCHER = GlossaryMatcher(GLOSSARY, Analyzer(GLOSSARY))


def pairs(question: str, text: str, into: TermLanguage | None) -> list[tuple[str, str, bool]]:
    found = find_pairs(text, read_asked(question, MATCHER.match(question)), into, MATCHER)
    return [(text[pair.start : pair.end], pair.translation, pair.asked) for pair in found]


@pytest.mark.parametrize(
    ("question", "into", "text", "expected"),
    [
        ("fort d’Issy", "fr", "代表团参观了伊西堡。", [("伊西堡", "fort d’Issy", True)]),
        (
            "la ville",
            "fr",
            "乐山市的智能电网",
            [("乐山市", "Leshan", False), ("智能电网", "réseau intelligent", False)],
        ),
        ("smart grid", "fr", "乐山的智能电网", [("乐山", "Leshan", False), ("智能电网", "smart grid", True)]),
        (
            "乐山",
            "zh",
            "Le réseau intelligent de Leshan",
            [("réseau intelligent", "智能电网", False), ("Leshan", "乐山", True)],
        ),
        ("grille", "fr", "电网坏了", [("电网", "grille", True)]),
        ("réseau électrique", "fr", "电网坏了", [("电网", "réseau électrique", True)]),
        ("Leshan", "fr", "Leshan, en chinois 乐山, accueille.", [("乐山", "Leshan", True)]),
        ("乐山", "zh", "À Leshan (乐山), rien.", [("Leshan", "乐山", True)]),
    ],
)
def test_foreign_terms_stand_with_what_the_question_or_the_glossary_calls_them(
    question: str, into: TermLanguage, text: str, expected: list[tuple[str, str, bool]]
) -> None:
    assert pairs(question, text, into) == expected


def test_terms_of_a_sentence_in_both_scripts_are_told_apart_exactly() -> None:
    text = "🚲 𠮷 IssyGrid的5G网络已连到乐山smart grid。"

    assert pairs("réseaux 5G de Leshan", text, "fr") == [("5G网络", "réseaux 5G", True), ("乐山", "Leshan", True)]
    assert pairs("乐山的智能电网", text, "zh") == [("smart grid", "智能电网", True)]


def test_a_name_that_both_languages_write_alike_has_no_translation() -> None:
    assert pairs("电网", "IssyGrid fonctionne.", "zh") == []


def test_where_the_language_of_the_question_is_open_only_what_it_asks_is_told() -> None:
    assert pairs("5G Leshan", "乐山的智能电网", None) == [("乐山", "Leshan", True)]


@given(st.text(alphabet="乐山市伊西堡智能电网 IssyGridsmart5G网络é🚲𠮷\n", max_size=60))
def test_pairs_are_in_order_apart_and_inside_the_text(text: str) -> None:
    end = 0
    for pair in find_pairs(text, {}, "fr", MATCHER):
        assert end <= pair.start < pair.end <= len(text)
        end = pair.end
