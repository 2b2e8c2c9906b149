"""A person asked for by name is found whatever the name is written in, and comes first.

Names are listed by the glossary and by the metadata of documents in scope; what only a text writes in pinyin is
found from the characters too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import SearchRequest
from search_core.glossary import Glossary, GlossaryEntry, load_glossary

OWN_TERMS = (
    GlossaryEntry(("Confucius",), ("孔子",), subject="person", name=True),
    GlossaryEntry(("Sima Guang",), ("司马光",)),
    GlossaryEntry(("Xi'an",), ("西安",), subject="place", name=True),
)

BORNE = {
    "zhang": "张伟",
    "li": "李小明",
    "ouyang": "欧阳修",
    "shan": "单田芳",
    "xie": "解晓东",
    "qiu": "仇英",
    "zeng": "曾荫权",
    "zha": "查良镛",
    "lü": "吕布",
}
"""Authors whom only metadata name, by what their document is called."""

TEXTS = {
    **{f"zh/{name}.txt": f"第{number}号材料：有轨电车线路的年度情况。" for number, name in enumerate(BORNE)},
    "zh/kong.txt": "孔子学院的课程安排。",
    "zh/sima.txt": "馆藏目录中有司马光的著作。",
    "zh/xian.txt": "代表团随后前往西安。",
    "zh/wang.txt": "王建国工程师谈有轨电车。",
    "zh/autre1.txt": "一张很大的图纸，说明有轨电车的走向。",
    "zh/autre2.txt": "解决办法：有轨电车优先。",
    "zh/autre3.txt": "单位里的张同志和李同志。",
    "fr/min.txt": "M. ZHANG Min a présenté la ligne de tramway.",
    "fr/hua.txt": "Le projet de tramway, par Hua Luo-geng, ingénieur.",
    "fr/lin.txt": "Une note sur les stations de tramway.",
    "fr/liste.txt": "Participants : Zhang Li, Wang Wei, Li Min, Zhao Xiaoming, au sujet du tramway.",
    "fr/autre1.txt": "Le tramway passe le long de la Seine, un long pan de mur à sa droite.",
    "fr/autre2.txt": "Bilan du tramway : trois lignes.",
    "fr/dupont.txt": "Une étude sur les haltes.",
}
METADATA: dict[str, dict[str, Any]] = {
    **{f"zh/{name}.txt": {"author": person} for name, person in BORNE.items()},
    "zh/autre2.txt": {"author": "毕兰"},
    "fr/lin.txt": {"author": "Mme LIN Huiyin (urbanisme)"},
    "fr/dupont.txt": {"author": "Marie Dupont"},
}

TYPED = [
    # either order, any case
    ("Zhang Wei", "zh/zhang.txt"),
    ("Wei Zhang", "zh/zhang.txt"),
    ("zhang wei", "zh/zhang.txt"),
    ("ZHANG Wei", "zh/zhang.txt"),
    ("Wei ZHANG", "zh/zhang.txt"),
    ("M. Zhang Wei", "zh/zhang.txt"),
    # tones, written together, full width
    ("Zhāng Wěi", "zh/zhang.txt"),
    ("wěi zhāng", "zh/zhang.txt"),
    ("zhang1 wei3", "zh/zhang.txt"),
    ("Zhangwei", "zh/zhang.txt"),
    ("zhang1wei3", "zh/zhang.txt"),
    ("Ｚｈａｎｇ Ｗｅｉ", "zh/zhang.txt"),
    # given names of two syllables
    ("Li Xiaoming", "zh/li.txt"),
    ("Li Xiao-ming", "zh/li.txt"),
    ("Li Xiao Ming", "zh/li.txt"),
    ("Xiaoming Li", "zh/li.txt"),
    ("LǏ Xiǎomíng", "zh/li.txt"),
    # family names of two syllables, family names with a reading of their own
    ("Ouyang Xiu", "zh/ouyang.txt"),
    ("Xiu Ouyang", "zh/ouyang.txt"),
    ("Ou-yang Xiu", "zh/ouyang.txt"),
    ("Shàn Tiánfāng", "zh/shan.txt"),
    ("Xie Xiaodong", "zh/xie.txt"),
    ("Qiu Ying", "zh/qiu.txt"),
    ("Zeng Yinquan", "zh/zeng.txt"),
    ("Zha Liangyong", "zh/zha.txt"),
    # ü
    ("Lü Bu", "zh/lü.txt"),
    ("Lǚ Bù", "zh/lü.txt"),
    ("Lv Bu", "zh/lü.txt"),
    ("Lu Bu", "zh/lü.txt"),
    ("lyu bu", "zh/lü.txt"),
    # names of the glossary, people and places
    ("Sima Guang", "zh/sima.txt"),
    ("Guang Sima", "zh/sima.txt"),
    ("sī mǎ guāng", "zh/sima.txt"),
    ("Kongzi", "zh/kong.txt"),
    ("Kǒng zǐ", "zh/kong.txt"),
    ("Xian", "zh/xian.txt"),
    # characters, for who is written in pinyin: in a text only, in metadata only
    ("张敏", "fr/min.txt"),
    ("張敏", "fr/min.txt"),
    ("华罗庚", "fr/hua.txt"),
    ("林徽因", "fr/lin.txt"),
    # names that are no pinyin
    ("Marie Dupont", "fr/dupont.txt"),
    ("dupont marie", "fr/dupont.txt"),
]


IN_A_QUESTION = [
    ("rapport de Zhang Wei sur le tramway", "zh/zhang.txt"),
    ("que pense xiaoming li du tramway ?", "zh/li.txt"),
    ("L’avis de M. Lǚ Bù, ingénieur, sur le tramway", "zh/lü.txt"),
    ("王建国对有轨电车的看法", "zh/wang.txt"),
    ("张敏对有轨电车的看法", "fr/min.txt"),
    ("林徽因关于有轨电车车站的意见", "fr/lin.txt"),
]


@pytest.fixture(scope="module")
def people(make_collection: Callable[..., Any]) -> Any:
    collection = make_collection(TEXTS, METADATA)
    collection.glossary = Glossary((*load_glossary().entries, *OWN_TERMS))
    collection.public = collection.serve()
    return collection


@pytest.mark.parametrize(("typed", "expected"), TYPED)
def test_person_asked_for_by_name_comes_first(people: Any, typed: str, expected: str) -> None:
    hits = people.search(typed).hits
    assert hits[0].path == expected


@pytest.mark.parametrize(("asked", "expected"), IN_A_QUESTION)
def test_question_about_a_person_puts_their_document_before_others_of_its_language(
    people: Any, asked: str, expected: str
) -> None:
    assert people.search(asked, lang=expected[:2]).hits[0].path == expected


@pytest.mark.parametrize("typed", ["Zhang Wei", "李小明", "ouyang xiu", "张敏", "Marie Dupont"])
def test_only_who_is_called_so_is_found_by_the_name(people: Any, typed: str) -> None:
    named = [hit.path for hit in people.search(typed).hits if "name" in {leg.leg for leg in hit.legs}]
    assert len(named) == 1


@pytest.mark.parametrize(
    "typed",
    [
        "le long de la Seine",
        "un long pan de mur",
        "Bilan du tramway",
        "le bilan",
        "zhang",
        "man sang lie bai",
        "解决办法",
    ],
)
def test_ordinary_words_are_no_names(people: Any, typed: str) -> None:
    result = people.search(typed)
    assert result.query.names == []
    assert "name" not in {leg.leg for hit in result.hits for leg in hit.legs}


@pytest.mark.parametrize(
    ("typed", "path", "marked"),
    [
        ("Sima Guang", "zh/sima.txt", "司马光"),
        ("guāng sīmǎ", "zh/sima.txt", "司马光"),
        ("张敏", "fr/min.txt", "ZHANG Min"),
        ("华罗庚", "fr/hua.txt", "Hua Luo-geng"),
    ],
)
def test_name_is_marked_as_it_is_written(people: Any, typed: str, path: str, marked: str) -> None:
    assert people.marked(path, typed) == [("name", marked)]
    document = people.serve(glossary=people.glossary).document(people.id(path), q=typed)
    assert [people.text(path)[mark.start : mark.end] for mark in document.highlights] == [marked]


@pytest.mark.parametrize(
    ("typed", "text", "spellings"),
    [
        ("rapport de wei zhang", "wei zhang", ["张伟"]),
        ("张敏的报告", "张敏", ["ZHANG Min"]),
        ("林徽因", "林徽因", ["LIN Huiyin"]),
        ("Kongzi", "Kongzi", ["孔子"]),
    ],
)
def test_answer_says_which_name_it_recognised(people: Any, typed: str, text: str, spellings: list[str]) -> None:
    [name] = people.search(typed).query.names
    assert (name.text, name.spellings) == (text, spellings)


def test_name_that_nothing_writes_in_pinyin_is_not_supposed(people: Any) -> None:
    assert people.search("陈独秀").query.names == []


def test_quoted_name_stays_as_it_was_typed(people: Any) -> None:
    assert people.find('"Zhang Wei"') == set()
    assert people.find('"ZHANG Min"') == {"fr/min.txt"}


def test_filters_hold_for_names_too(people: Any) -> None:
    assert people.find("Zhang Wei", filters={"author": ("李小明",)}) <= {"zh/li.txt"}
    assert people.search("Zhang Wei", filters={"author": ("张伟",)}).hits[0].path == "zh/zhang.txt"
    assert "zh/zhang.txt" not in people.find("Zhang Wei", lang="fr")


def test_name_out_of_scope_is_not_told(make_collection: Callable[..., Any]) -> None:
    texts = {"open.txt": "Le tramway de la ville.", "secret.txt": "有轨电车的内部报告。"}
    collection = make_collection(texts, {"secret.txt": {"author": "张伟", "access": ["agents"]}})
    request = SearchRequest(q="Zhang Wei")

    assert collection.serve().search(request).query.names == []
    told = collection.serve("agents").search(request)
    assert [name.spellings for name in told.query.names] == [["张伟"]]
    assert told.hits[0].path == "secret.txt"


def test_names_follow_the_index_while_it_is_served(make_collection: Callable[..., Any]) -> None:
    collection = make_collection({"a.txt": "有轨电车的报告。"})
    service, request = collection.serve(), SearchRequest(q="Li Siguang")
    assert service.search(request).query.names == []

    collection.write("b.txt", "线路的年度情况。", author="李四光")
    collection.update()
    assert service.search(request).hits[0].path == "b.txt"

    with collection.index.writer("test") as writer:
        writer.remove([collection.id("b.txt")], "2026-01-01T00:00:00+00:00")
    assert service.search(request).query.names == []
