"""What is marked, at which offsets: `text[start:end]` is the word as it stands in the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from search_core.analysis.analyzer import Analyzer
from search_core.glossary import Glossary, GlossaryEntry, GlossaryMatcher
from search_core.highlights import Mark, Wanted, find_marks, make_wanted

GLOSSARY = Glossary(
    (
        GlossaryEntry(("réseau intelligent", "smart grid"), ("智能电网",)),
        GlossaryEntry(("ville",), ("城市",)),
        GlossaryEntry(("Leshan",), ("乐山",), name=True),
    )
)
ANALYZER = Analyzer(GLOSSARY)
MATCHER = GlossaryMatcher(GLOSSARY, ANALYZER)


def want(query: str, phrases: Sequence[str] = ()) -> Wanted:
    return make_wanted(ANALYZER.analyze(query), (match.entry for match in MATCHER.match(query)), phrases)


def marked(text: str, query: str, phrases: Sequence[str] = ()) -> list[tuple[str, str]]:
    marks = find_marks(text, want(query, phrases), ANALYZER, MATCHER)
    return [(mark.kind, text[mark.start : mark.end]) for mark in marks]


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("vélo", "Le vélo roule.", [("word", "vélo")]),
        ("vélo", "Le VELO roule.", [("word", "VELO")]),
        ("vélo", "Le ve\u0301lo roule.", [("word", "ve\u0301lo")]),
        ("ve\u0301lo", "Le vélo roule.", [("word", "vélo")]),
        ("vélo", "Ｌｅ ｖéｌｏ ｒｏｕｌｅ", [("word", "ｖéｌｏ")]),
        ("vélo", "Les vélos roulent.", [("stem", "vélos")]),
        ("vélos", "Le vélo roule.", [("stem", "vélo")]),
        ("électricité", "De l’électricité, d'électricité.", [("word", "électricité"), ("word", "électricité")]),
        ("l'électricité", "De l’électricité.", [("word", "électricité")]),
        ("éco-quartier", "Un éco-quartier, des écoquartiers.", [("word", "éco-quartier"), ("stem", "écoquartiers")]),
        ("le vélo de la gare", "Le vélo de la gare.", [("word", "vélo"), ("word", "gare")]),
        ("œuvre", "L’oeuvre.", [("word", "oeuvre")]),
        ("代表团", "代表团参观。", [("word", "代表团")]),
        ("代表团", "代表團參觀。", [("word", "代表團")]),
        ("代表團", "代表团参观。", [("word", "代表团")]),
        ("代表团", "代表\n团参观。", [("word", "代表\n团")]),
        ("5G网络", "５Ｇ网络", [("word", "５Ｇ"), ("word", "网络")]),
        ("IssyGrid", "IssyGrid（伊西）", [("word", "IssyGrid")]),
        ("rien", "Tout autre chose.", []),
        ("vélo", "", []),
        ("", "Le vélo roule.", []),
    ],
)
def test_words_are_marked_as_they_stand(query: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text, query) == expected


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("réseau intelligent", "智能电网项目", [("glossary", "智能电网")]),
        ("réseaux intelligents", "智能電網項目", [("glossary", "智能電網")]),
        ("智能电网", "Un réseau intelligent.", [("glossary", "réseau intelligent")]),
        ("智能电网", "Un re\u0301seau intelligent.", [("glossary", "re\u0301seau intelligent")]),
        ("smart grid", "智能电网", [("glossary", "智能电网")]),
        ("Leshan", "樂山市", [("glossary", "樂山")]),
        ("réseau", "智能电网", []),
    ],
)
def test_translations_are_marked(query: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert marked(text, query) == expected


def test_single_chinese_characters_are_not_marked_beside_longer_words() -> None:
    assert marked("城市的网络的路", "城市的网络") == [("word", "城市"), ("word", "网络")]


def test_question_of_one_character_marks_it() -> None:
    assert ("word", "桥") in marked("一座桥。", "桥")


def test_phrase_wins_over_the_words_in_it() -> None:
    text = "Un réseau intelligent, un intelligent réseau, un réseau."
    assert marked(text, "réseau intelligent", ["réseau intelligent"]) == [
        ("phrase", "réseau intelligent"),
        ("word", "intelligent"),
        ("word", "réseau"),
        ("word", "réseau"),
    ]


def test_word_wins_over_its_stem_and_over_a_translation() -> None:
    assert marked("réseau intelligent", "réseau intelligent 智能电网") == [("word", "réseau"), ("word", "intelligent")]


def test_longer_mark_wins_over_a_shorter_one_of_its_kind() -> None:
    assert marked("un éco-quartier", "éco-quartier quartier") == [("word", "éco-quartier")]
    assert marked("农业发展银行", "农业发展银行 发展") == [("word", "农业发展银行")]


QUERIES = ["réseau intelligent", "智能电网 城市", "l’été à Leshan", "5G", '"ville"']


@given(st.text() | st.text(alphabet="réseau intelligent’'智能電网Ｌeshan乐山\u0301\n ,。"), st.sampled_from(QUERIES))
@example("e\u0301" * 5 + "té", "l’été à Leshan")
@example("ﬁn de l’ﬀort", "5G")
def test_marks_lie_in_the_text_in_order_and_apart(text: str, query: str) -> None:
    marks = find_marks(text, want(query, ["réseau intelligent"]), ANALYZER, MATCHER)
    end = 0
    for mark in marks:
        assert end <= mark.start < mark.end <= len(text)
        end = mark.end


@pytest.mark.parametrize("query", ["réseau intelligent été", "智能电网 城市"])
def test_every_spelling_of_a_text_has_the_same_marks(query: str) -> None:
    text = "L’été, le réseau intelligent d’Issy. 智能電網與城市。"
    spellings = [
        text,
        unicodedata.normalize("NFD", text),
        text.replace("’", "'"),
        text.upper(),
        "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text),
        text.replace("電網與", "电网与"),
    ]
    found = [[(kind, ANALYZER.normalize(word).text) for kind, word in marked(each, query)] for each in spellings]
    assert len(found[0]) >= 2
    assert all(each == found[0] for each in found)


@given(st.text(alphabet="éeé\u0301\u0300a ’'"), st.integers(0, 3))
def test_no_mark_cuts_a_character_from_its_accents(text: str, form: int) -> None:
    spelled = unicodedata.normalize(("NFC", "NFD", "NFKC", "NFKD")[form], text + " été")
    for mark in find_marks(spelled, want("été éa ae"), ANALYZER, MATCHER):
        assert not unicodedata.combining(spelled[mark.start])
        assert mark.end == len(spelled) or not unicodedata.combining(spelled[mark.end])


def test_marks_are_values() -> None:
    assert find_marks("vélo", want("vélo"), ANALYZER, MATCHER) == [Mark(0, 4, "word")]
