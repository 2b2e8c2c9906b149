"""Snippets: whole sentences of either language, those with most of the words asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search_core.highlights import Mark
from search_core.sentences import sentence_spans
from search_core.snippets import MAX_WIDTH, choose_snippet, display_width

FRENCH = "Le maire ouvre la séance. M. Zhang présente le réseau. Le coût du réseau est connu. On passe au vélo."
CHINESE = "市长宣布开会。张先生介绍了智能电网。电网的造价已经公布。然后讨论自行车。"


def mark_all(text: str, *words: str) -> list[Mark]:
    return [Mark(at, at + len(word), "word") for word in words for at in range(len(text)) if text.startswith(word, at)]


def cut(text: str, *words: str, width: int = MAX_WIDTH) -> str:
    span = choose_snippet(text, mark_all(text, *words), width)
    assert span
    return text[span[0] : span[1]]


@pytest.mark.parametrize(
    ("text", "words", "width", "expected"),
    [
        (FRENCH, ("coût",), 40, "Le coût du réseau est connu."),
        (FRENCH, ("Zhang",), 40, "M. Zhang présente le réseau."),
        (FRENCH, ("réseau",), 40, "M. Zhang présente le réseau."),
        (FRENCH, ("réseau", "coût"), 40, "Le coût du réseau est connu."),
        (FRENCH, ("Zhang", "coût"), 60, "M. Zhang présente le réseau. Le coût du réseau est connu."),
        (FRENCH, (), 30, "Le maire ouvre la séance."),
        (FRENCH, ("vélo",), 10, "On passe au vélo."),
        (CHINESE, ("造价",), 24, "电网的造价已经公布。"),
        (CHINESE, ("电网", "造价"), 24, "电网的造价已经公布。"),
        (CHINESE, ("张先生", "造价"), 44, "张先生介绍了智能电网。电网的造价已经公布。"),
        (CHINESE, (), 20, "市长宣布开会。"),
        ("un mot sans point", ("mot",), 5, "un mot sans point"),
        ("  Du vide autour. \n\n", ("vide",), 40, "Du vide autour."),
    ],
)
def test_snippet_is_the_run_of_whole_sentences_with_most_words(
    text: str, words: tuple[str, ...], width: int, expected: str
) -> None:
    assert cut(text, *words, width=width) == expected


def test_same_word_again_counts_once() -> None:
    text = "Vélo, vélo, vélo. Le vélo et le tram."
    assert cut(text, "vélo", "Vélo", "tram", width=20) == "Le vélo et le tram."


def test_more_sentences_are_shown_while_they_fit() -> None:
    assert cut(FRENCH) == FRENCH
    assert cut(CHINESE, width=30) == "市长宣布开会。"
    assert cut(CHINESE, width=36) == "市长宣布开会。张先生介绍了智能电网。"


@pytest.mark.parametrize("text", ["", " \n ", "\u3000"])
def test_text_without_words_has_no_snippet(text: str) -> None:
    assert choose_snippet(text, []) is None


@pytest.mark.parametrize(
    ("text", "width"), [("vélo", 4), ("乐山", 4), ("５Ｇ", 4), ("5G乐", 4), ("", 0), ("e\u0301", 1)]
)
def test_full_width_characters_take_two_columns(text: str, width: int) -> None:
    assert display_width(text) == width


@given(st.text(alphabet="aé乐山。. \n!？M1-"), st.integers(0, 60), st.integers(0, 20))
def test_snippet_begins_and_ends_at_sentence_borders(text: str, width: int, at: int) -> None:
    span = choose_snippet(text, [Mark(at, at + 1, "word")] if at < len(text) else [], width)
    spans = sentence_spans(text)
    if span is None:
        assert not spans
        return
    assert span[0] in {start for start, _ in spans}
    assert span[1] in {end for _, end in spans}
    assert display_width(text[span[0] : span[1]]) <= width or span in spans


@pytest.mark.slow
def test_very_long_passage_is_cut_in_reasonable_time() -> None:
    text = "Une phrase de plus. " * 5000
    assert cut(text, "phrase").startswith("Une phrase")
