"""The shipped glossary's terms: enough, each in one entry, whole in Chinese, unbent in French, found both ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import regex as re

from search_core.analysis.analyzer import Analyzer
from search_core.analysis.chinese import ChineseSegmenter
from search_core.analysis.french import STOP_WORDS, iter_words
from search_core.analysis.normalize import fold
from search_core.glossary import Glossary, GlossaryEntry, GlossaryMatcher, load_glossary

SHIPPED = load_glossary()
SUBJECTS = {
    "administration",
    "city_management",
    "education",
    "energy",
    "environment",
    "housing",
    "industry",
    "institution",
    "place",
    "protocol",
    "smart_city",
    "society",
    "tourism",
    "transport",
    "urban_planning",
}
SOURCES = {"communique", "officiel", "usage", "incertain"}

ONE_STEM = {
    "mair": "the mayor and the town hall: maire and mairie have the same stem",
    "conseil municipal": "the council and its members: conseil and conseiller have the same stem",
}
"""French terms of two entries that only stemming brings together."""

TWO_MEANINGS = {"路灯": "a lamp in the street, and street lighting as a service"}
"""Chinese terms of two entries."""

NEWER_THAN_JIEBA = {"低碳", "并网", "慕课", "抄表", "拼车", "控规", "友城", "失能", "清关", "灯杆", "非遗"}
"""Terms of two characters that jieba's dictionary lacks. A short term cuts sentences at chance places unless it is a
word that people write by itself, so each one is listed on purpose."""

_HAN = re.compile(r"\p{Han}+")


@pytest.fixture(scope="module")
def matcher(analyzer: Analyzer) -> GlossaryMatcher:
    return GlossaryMatcher(SHIPPED, analyzer)


def iter_pairs(entries: Iterable[GlossaryEntry]) -> Iterator[tuple[str, str]]:
    for entry in entries:
        yield from ((fold(french), fold(chinese)) for french in entry.fr for chinese in entry.zh)


def is_whole(analyzer: Analyzer, term: str, text: str) -> bool:
    """Whether a term in a text is one word, or for a term of mixed script begins and ends with one."""
    start, end = text.index(term), text.index(term) + len(term)
    spans = {(token.start, token.end) for token in analyzer.analyze(text) if token.kind != "subword"}
    if _HAN.fullmatch(term):
        return (start, end) in spans
    return start in {first for first, _ in spans} and end in {last for _, last in spans}


def test_there_are_at_least_400_pairs_and_no_problem() -> None:
    assert len(SHIPPED.entries) >= 400
    assert SHIPPED.problems == ()


def test_every_pair_names_a_known_subject_and_source() -> None:
    assert {entry.subject for entry in SHIPPED.entries} == SUBJECTS
    assert {entry.source for entry in SHIPPED.entries} == SOURCES


def test_every_uncertain_pair_is_listed_with_its_reason() -> None:
    page = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| ([^|]+) \| (\p{Han}+) \| [^|]{10,} \|$", page, re.MULTILINE)
    assert listed == [(entry.fr[0], entry.zh[0]) for entry in SHIPPED.entries if entry.source == "incertain"]


def test_the_documentation_counts_what_ships() -> None:
    page = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
    french, chinese = (sum(len(getattr(entry, side)) for entry in SHIPPED.entries) for side in ("fr", "zh"))
    assert f"{len(SHIPPED.entries):,} pairs, {french:,} French and {chinese:,} Chinese terms" in page


def test_no_pair_stands_twice() -> None:
    assert [pair for pair, count in Counter(iter_pairs(SHIPPED.entries)).items() if count > 1] == []


def test_no_chinese_term_has_two_entries_without_a_reason() -> None:
    terms = Counter(fold(term) for entry in SHIPPED.entries for term in entry.zh)
    assert {term for term, count in terms.items() if count > 1} == set(TWO_MEANINGS)


def test_no_french_term_has_two_entries_without_a_reason(analyzer: Analyzer) -> None:
    entries: dict[str, set[str]] = defaultdict(set)
    for entry in SHIPPED.entries:
        for term in entry.fr:
            words = [word.text for word in iter_words(fold(term))]
            as_written = entry.name or term.isupper()
            entries[" ".join(words if as_written else map(analyzer.stem, words))].add(entry.fr[0])
    assert {row for row, found in entries.items() if len(found) > 1} == set(ONE_STEM)


def test_no_french_term_is_also_written_as_a_chinese_one() -> None:
    french = {fold(term) for entry in SHIPPED.entries for term in entry.fr}
    assert french.isdisjoint(fold(term) for entry in SHIPPED.entries for term in entry.zh)


@pytest.mark.parametrize("sentence", ["{}", "关于{}的报告", "介绍了{}，并提出建议。"])
def test_every_chinese_term_stays_whole(analyzer: Analyzer, sentence: str) -> None:
    terms = [term for entry in SHIPPED.entries for term in entry.zh]
    assert [term for term in terms if not is_whole(analyzer, term, sentence.format(term))] == []


def test_a_chinese_term_of_two_characters_is_a_word_by_itself() -> None:
    segmenter = ChineseSegmenter([])
    names = {term for entry in SHIPPED.entries if entry.name for term in entry.zh}
    short = {term for entry in SHIPPED.entries for term in entry.zh if len(term) == 2} - names
    assert {term for term in short if segmenter.segment(term) != [term]} == NEWER_THAN_JIEBA


def test_every_french_name_survives_stemming(analyzer: Analyzer) -> None:
    names = [name for entry in SHIPPED.entries if entry.name for name in entry.fr]
    for sentence in ("{}", "la délégation d’{} à Paris"):
        tokens = {name: analyzer.analyze(sentence.format(name)) for name in names}
        start = sentence.index("{")
        stemmed = [
            name
            for name, found in tokens.items()
            if any(token.kind == "stem" and start <= token.start < start + len(name) for token in found)
        ]
        assert stemmed == []


@pytest.mark.parametrize("sentence", ["{}", "Une note sur « {} » a été remise.", "la question de {}, vue de près"])
def test_every_french_term_leads_to_its_chinese_ones(matcher: GlossaryMatcher, sentence: str) -> None:
    for entry in SHIPPED.entries:
        for term in entry.fr:
            assert set(entry.zh) <= set(matcher.translations(sentence.format(term), "zh")), term


@pytest.mark.parametrize("sentence", ["{}", "关于{}的报告", "会议讨论了{}。"])
def test_every_chinese_term_leads_to_its_french_ones(matcher: GlossaryMatcher, sentence: str) -> None:
    for entry in SHIPPED.entries:
        for term in entry.zh:
            assert set(entry.fr) <= set(matcher.translations(sentence.format(term), "fr")), term


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("les bornes de recharge", "充电桩"),
        ("des réseaux de chaleur", "集中供热"),
        ("les conseillers municipaux", "市议员"),
        ("des investissements étrangers", "外商投资"),
        ("les éco-quartiers numériques", "生态社区"),
        ("signaux d’effacement", "需求响应"),
        ("LE SENTIER DES NEUF COUDES", "九曲栈道"),
        ("le comite de gestion de la zone", "管委会"),
        ("bureau municipal de l'education", "教育局"),
        ("l’aéroport de Chengdu-Shuangliu", "双流机场"),
        ("le PLU d’Issy", "地方城市规划"),
        ("le plu d’issy", "地方城市规划"),
    ],
)
def test_terms_are_found_as_people_write_them(matcher: GlossaryMatcher, text: str, term: str) -> None:
    assert term in matcher.translations(text, "zh")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("双城合作中的伊方企业", ["entreprise"]),
        ("大渡河、青衣江与岷江", ["rivière Dadu", "rivière Qingyi", "Minjiang"]),
        ("智慧城市與市民熱線", ["ville intelligente", "ligne d'appel des citoyens"]),
        ("乐山高新区管委会", ["zone de haute technologie de Leshan", "comité de gestion"]),
    ],
)
def test_the_longest_chinese_term_counts(matcher: GlossaryMatcher, text: str, terms: list[str]) -> None:
    assert [match.entry.fr[0] for match in matcher.match(text)] == terms


def test_no_word_of_grammar_is_taken_for_a_term(matcher: GlossaryMatcher) -> None:
    assert [word for word in sorted(STOP_WORDS) if matcher.match(word)] == []


def test_an_abbreviation_is_not_found_in_a_word_of_its_stem(analyzer: Analyzer) -> None:
    assert analyzer.stem("plus") == analyzer.stem("plu")
    glossary = Glossary((GlossaryEntry(("plan local d'urbanisme", "PLU"), ("地方城市规划",)),))
    matcher = GlossaryMatcher(glossary, analyzer)
    assert matcher.match("plus de vélos") == []
    assert [match.start for match in matcher.match("un PLU")] == [3]
