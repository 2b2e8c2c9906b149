"""What holds for every text: laws of tokens, offsets, variants and filter tokens."""

from __future__ import annotations

import unicodedata

import opencc
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from search_core.analysis.analyzer import MAX_TOKEN_LENGTH, Analyzer
from search_core.analysis.chinese import ChineseSegmenter
from search_core.analysis.normalize import fold, normalize

# fmt: off
PIECES = [
    "l’énergie", "l'été", "Saintes", "Issy-les-Moulineaux", "fort d’Issy", "vélos", "À", "a", "est-ce", "œuvre", "ça",
    "智慧城市", "乐山市", "中国农业发展银行", "的", "干", "伊西莱穆利诺", "发展", "里", "5G", "3,5 %", "3.5%", "c++",
    "R&D", "DCM-2014/117", "a.b@c.fr", "タワー", "が", "Москва", "서울", "«", "»", "（", "）", "，", "。", "-", "'",
    "%", ".", "/", " ", "  ", "\n", "\n\n", "\u00a0", "\u3000", "\u200b", "\u00ad", "\ufeff", "e\u0301", "ﾊﾞ", "ﬁ", "½",
    "㎡", "👨\u200d👩",
]
# fmt: on
texts = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
any_text = st.text(st.characters(), max_size=60) | texts
"""Lone surrogates, control characters and emoji among them."""

TO_TRADITIONAL = opencc.OpenCC("s2t")
FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


@given(text=any_text)
def test_token_law_one_to_64_code_points_without_white_space(analyzer: Analyzer, text: str) -> None:
    tokens = [token.text for token in analyzer.analyze(text)]
    for token in (*tokens, *analyzer.filter_tokens(text), *analyzer.phrase_tokens(text)):
        assert 1 <= len(token) <= 64
        assert not any(character.isspace() for character in token)


@given(text=any_text)
def test_token_offsets_lie_in_the_text_in_order(analyzer: Analyzer, text: str) -> None:
    tokens = analyzer.analyze(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert [token.start for token in tokens] == sorted(token.start for token in tokens)


@given(text=any_text)
def test_token_offsets_slice_back_to_the_word(analyzer: Analyzer, text: str) -> None:
    for token in analyzer.analyze(text):
        written = "".join(fold(text[token.start : token.end]).split())
        if token.kind in ("word", "subword") or (token.kind == "exact" and written.isalnum()):
            assert token.text == written


@given(text=any_text)
def test_subwords_lie_inside_their_word(analyzer: Analyzer, text: str) -> None:
    start, end = 0, 0
    for token in analyzer.analyze(text):
        if token.kind == "word":
            start, end = token.start, token.end
        elif token.kind == "subword":
            assert start <= token.start < token.end <= end
            assert (token.start, token.end) != (start, end)


@given(run=st.text(st.sampled_from("智慧城市乐山中国农业发展银行的伊西莱穆利诺々〇𠀀龦家庭"), min_size=1))
def test_segments_join_back_to_the_run(run: str) -> None:
    segmenter = ChineseSegmenter(["伊西莱穆利诺", "智慧城市"])
    assert "".join(segmenter.segment(run)) == run


@given(text=texts)
def test_analyze_decomposed_variant_gives_the_same_tokens(analyzer: Analyzer, text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    assert words_of(analyzer, unicodedata.normalize("NFD", text)) == words_of(analyzer, text)


@given(text=texts)
def test_analyze_full_width_variant_gives_the_same_tokens(analyzer: Analyzer, text: str) -> None:
    assert words_of(analyzer, text.translate(FULL_WIDTH)) == words_of(analyzer, text)


@given(text=texts)
def test_analyze_traditional_variant_gives_the_same_tokens_in_the_same_places(analyzer: Analyzer, text: str) -> None:
    traditional = TO_TRADITIONAL.convert(text)
    assume(len(traditional) == len(text))
    assert analyzer.analyze(traditional) == analyzer.analyze(text)


@given(text=any_text)
def test_normalize_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


def test_normalize_settles_every_character_of_the_basic_plane_at_once() -> None:
    """薴 takes two steps to its simplified form, ŉ to its apostrophe."""
    folded = {fold(chr(code)) for code in range(0x10000)}
    assert [text for text in folded if fold(text) != text] == []


@given(text=any_text, data=st.data())
def test_normalized_spans_lead_back_to_their_characters(text: str, data: st.DataObject) -> None:
    normalized = normalize(text)
    length = len(normalized.text)
    start = data.draw(st.integers(0, length))
    end = data.draw(st.integers(start, length))
    original_start, original_end = normalized.original_span(start, end)
    assert 0 <= original_start <= original_end <= len(text)
    assert normalized.text[start:end] in fold(text[original_start:original_end])


@given(before=texts, phrase=texts, after=texts)
def test_filter_tokens_of_a_phrase_found_are_among_those_of_the_text(
    analyzer: Analyzer, before: str, phrase: str, after: str
) -> None:
    text = before + phrase + after
    if analyzer.find_phrase(text, phrase):
        assert set(analyzer.filter_tokens(phrase)) <= set(analyzer.filter_tokens(text))


@given(text=any_text, data=st.data())
def test_filter_tokens_of_any_substring_found_are_among_those_of_the_text(
    analyzer: Analyzer, text: str, data: st.DataObject
) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    phrase = folded[start : data.draw(st.integers(start, len(folded)))]
    if analyzer.find_phrase(folded, phrase):
        assert set(analyzer.filter_tokens(phrase)) <= set(analyzer.filter_tokens(folded))


@given(phrase=any_text)
def test_phrase_tokens_are_filter_tokens(analyzer: Analyzer, phrase: str) -> None:
    assert set(analyzer.phrase_tokens(phrase)) <= set(analyzer.filter_tokens(phrase))


@given(text=texts, phrase=texts)
def test_find_phrase_spans_hold_the_phrase(analyzer: Analyzer, text: str, phrase: str) -> None:
    for start, end in analyzer.find_phrase(text, phrase):
        assert "".join(fold(text[start:end]).split()) == "".join(fold(phrase).split())


@given(text=texts)
def test_analyze_finds_its_own_words_again(analyzer: Analyzer, text: str) -> None:
    """A word that is searched alone, as its token is written, gives that token again."""
    for token in analyzer.analyze(text):
        if token.kind == "exact" and len(token.text) < MAX_TOKEN_LENGTH:
            assert token.text in words_of(analyzer, token.text) or is_stop_word_alone(analyzer, token.text)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "智",
        "a-",
        "a.",
        "1,",
        "+",
        "'",
        " ",
        "智\n",
        "智a",
        "a\u0301\u0327",
        "👨\u200d",
        "issy-les-",
        "https://a/",
        "\ud800",
    ],
)
def test_analyze_is_total_on_100_000_characters_of_anything(analyzer: Analyzer, text: str) -> None:
    long = text * (100_000 // len(text))
    tokens = {token.text for token in analyzer.analyze(long)}
    assert all(len(token) <= 64 for token in tokens | set(analyzer.filter_tokens(long)))


def words_of(analyzer: Analyzer, text: str) -> list[str]:
    return [token.text for token in analyzer.analyze(text)]


def is_stop_word_alone(analyzer: Analyzer, word: str) -> bool:
    """Folding can make a stop word of a word that was none: sûr, sur."""
    return words_of(analyzer, word) == []
