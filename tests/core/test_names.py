"""Names: pinyin read and cut, people found in metadata values, and what of a question is taken for a name."""

from __future__ import annotations

import pytest

from search_core.analysis.analyzer import Analyzer
from search_core.analysis.normalize import normalize
from search_core.glossary import Glossary, GlossaryEntry
from search_core.names.book import NameBook
from search_core.names.forms import HanForm, LatinForm, find_forms, person_form
from search_core.names.pinyin import iter_readings, split_syllables
from search_core.names.surnames import split_person
from search_core.names.values import iter_persons

GLOSSARY = Glossary(
    (
        GlossaryEntry(("Confucius",), ("孔子",), subject="person", name=True),
        GlossaryEntry(("Emeishan", "mont Emei"), ("峨眉山",), subject="place", name=True),
        GlossaryEntry(("Liu Yang",), ("刘洋",)),
        GlossaryEntry(("tramway",), ("有轨电车",)),
    )
)
METADATA = {
    "author": ["张伟", "龙潘", "毕兰", "李小明局长", "M. ZHANG Min (transports)", "Marie Dupont", "交通工作组"],
    "organisation": ["乐山师范学院", "ville-issy-les-moulineaux"],
}


@pytest.fixture(scope="module")
def book() -> NameBook:
    return NameBook(GLOSSARY, METADATA, Analyzer(GLOSSARY))


@pytest.mark.parametrize(
    ("word", "ways"),
    [
        ("zhangwei", ["zhang wei"]),
        ("zhang1wei3", ["zhang wei"]),
        ("xian", ["xian", "xi an"]),
        ("lv", ["lu"]),
        ("lyu", ["lu"]),
        ("maison", []),
        ("zhang7", []),
        ("an" * 500, []),
        ("", []),
    ],
)
def test_word_is_cut_into_syllables(word: str, ways: list[str]) -> None:
    assert [" ".join(way) for way in split_syllables(word)] == ways


@pytest.mark.parametrize(
    ("characters", "reading"),
    [("单", "shan"), ("解", "xie"), ("仇", "qiu"), ("曾", "zeng"), ("查", "zha"), ("吕", "lu"), ("欧阳", "ou yang")],
)
def test_readings_of_family_names_are_among_those_of_their_characters(characters: str, reading: str) -> None:
    assert tuple(reading.split()) in set(iter_readings(characters))


def test_rare_reading_of_a_family_name_is_not_crowded_out() -> None:
    assert ("zeng", "chang", "le") in set(iter_readings("曾长乐"))


@pytest.mark.parametrize(
    ("characters", "parts"),
    [
        ("张伟", ("张", "伟")),
        ("欧阳修", ("欧阳", "修")),
        ("司马相如", ("司马", "相如")),
        ("张", None),
        ("智慧城市", None),
        ("Zhang", None),
    ],
)
def test_person_is_family_and_given_name(characters: str, parts: tuple[str, str] | None) -> None:
    assert split_person(characters) == parts


@pytest.mark.parametrize(
    ("value", "people"),
    [
        ("张伟", ["张伟"]),
        ("張偉", ["张伟"]),
        ("张 伟", ["张伟"]),
        ("张伟副局长", ["张伟"]),
        ("张伟（乐山市交通局）", ["张伟"]),
        ("张伟、李小明", ["张伟", "李小明"]),
        ("M. ZHANG Wei, Mme Li Na", ["ZHANG Wei", "Li Na"]),
        ("Wei Zhang (direction des transports)", ["Wei Zhang"]),
        ("Zhangwei", ["Zhangwei"]),
        ("Dupont, Jeanne", ["Jeanne Dupont"]),
        ("Jean de La Fontaine", ["Jean de La Fontaine"]),
        ("让・马丁", ["让·马丁"]),
        ("交通工作组", []),
        ("Groupe Transports", []),
        ("service de presse", []),
        ("", []),
    ],
)
def test_people_are_read_out_of_metadata(value: str, people: list[str]) -> None:
    assert list(iter_persons(value)) == people


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Zhang Wei arrive.", "Zhang Wei"),
        ("Wei ZHANG, maire", "Wei ZHANG"),
        ("Zhang-Wei", "Zhang-Wei"),
        ("Zhang\nWei", "Zhang\nWei"),
        ("Zhāng Wěi", "Zhāng Wěi"),
        ("Zhang Li, Wang Wei", None),
        ("Li Wei, Zhang Min", None),
        ("zhang wei", None),
        ("Zhang Weimin", None),
        ("Zhang Wei-min", None),
    ],
)
def test_name_is_found_where_its_words_make_it(text: str, expected: str | None) -> None:
    spans = find_forms([person_form(("zhang",), ("wei",))], normalize(text), text)
    assert [text[start:end] for start, end in spans] == ([expected] if expected else [])


@pytest.mark.parametrize(("text", "found"), [("張偉先生", ["張偉"]), ("张　伟", ["张　伟"]), ("一张很伟大", [])])
def test_characters_are_found_in_any_variant_and_spacing(text: str, found: list[str]) -> None:
    spans = find_forms([HanForm("张伟")], normalize(text), text)
    assert [text[start:end] for start, end in spans] == found


def test_name_of_two_given_syllables_may_be_one_word_or_two() -> None:
    form = LatinForm((("wang",), ("jian", "guo")), of_syllables=True)
    assert form.token_groups == (("wang", "jianguo"), ("wang", "jian", "guo"))


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Zhang Wei", ["张伟"]),
        ("rapport de Wei Zhang sur le tramway", ["张伟"]),
        ("RAPPORT DE ZHANG WEI", ["张伟"]),
        ("rapport de zhangwei", ["张伟"]),
        ("一份张伟的报告", ["张伟"]),
        ("张敏", ["ZHANG Min"]),
        ("Li Xiao-Ming", ["李小明"]),
        ("emei-shan", ["峨眉山"]),
        ("Kǒngzǐ", ["孔子"]),
        ("yang liu", ["刘洋"]),
        ("leshan shifan xueyuan", ["乐山师范学院"]),
        ("note de marie dupont", ["Marie Dupont"]),
        ("Dupont Marie", ["Marie Dupont"]),
        ("Long Pan", ["龙潘"]),
        ("un long pan de mur", []),
        ("Bilan du séjour", []),
        ("le bilan", []),
        ("Zhang", []),
        ("Wei", []),
        ("sang lie bai man", []),
        ("yuan xueyuan shifan leshan", []),
        ("乐山师范学院", []),
        ("交通工作组", []),
        ("安全生产的报告", []),
        ("", []),
    ],
)
def test_listed_names_are_recognised_and_nothing_else(book: NameBook, question: str, names: list[str]) -> None:
    assert [known.text for match in book.match(question) for known in match.known] == names


def test_name_stands_where_it_was_typed(book: NameBook) -> None:
    question = "le rapport de Zhāng Wěi, puis celui de 李小明"
    assert [question[name.start : name.end] for name in book.match(question)] == ["Zhāng Wěi", "李小明"]


def test_unlisted_characters_are_supposed_to_be_a_name_only_where_they_may_be(book: NameBook) -> None:
    supposed = {
        question: [name.text for name in book.match(question)]
        for question in ("王建国", "王建国的报告", "高新区的报告", "智慧城市")
    }
    assert supposed == {"王建国": ["王建国"], "王建国的报告": ["王建国"], "高新区的报告": [], "智慧城市": []}


@pytest.mark.parametrize("question", ["an " * 333, "le long pan de ma " * 55, "王" * 1000, "zhang1" * 160, "·" * 1000])
def test_hostile_questions_name_few(book: NameBook, question: str) -> None:
    assert len(book.match(question)) <= 4
