"""The same promises with no document, with one, with one language, and with three among five hundred."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_api.schemas import SearchResult
from search_core.sentences import sentence_spans

CORPUS = Path(__file__).parents[2] / "corpus"

QUESTIONS = [
    "",
    "tramway",
    "有轨电车",
    "tramway 有轨电车",
    '"tramway de la ville"',
    "“有轨电车”",
    "tramway -gare",
    "-gare",
    "réseau intelligent",
    "dossier TX-4471-B",
    "…",
]


def assert_consistent(result: SearchResult) -> None:
    assert result.total == sum(found.total for found in result.languages)
    assert result.total == sum(value.count for value in result.facets["language"])
    assert len(result.hits) == min(result.total, result.request.limit)
    assert not result.more_than
    assert all(hit.score == hit.score for hit in result.hits), "a score is a number"


def codes(result: SearchResult) -> set[str]:
    return {notice.code for notice in result.notices}


@pytest.fixture(scope="module")
def nothing(make_collection: Callable[..., Any]) -> Any:
    return make_collection({})


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("asked", [{}, {"lang": "zh"}, {"prefer": "fr"}, {"sort": "newest"}, {"date_from": "2014"}])
def test_no_document(nothing: Any, question: str, asked: dict[str, Any]) -> None:
    result = nothing.search(question, **asked)
    assert_consistent(result)
    assert result.total == 0
    assert (result.next, result.previous) == (None, None)
    assert "empty_index" in codes(result)
    assert "leg_unavailable" not in codes(result)
    assert not any(found.close for found in result.languages)


@pytest.fixture(scope="module")
def alone(make_collection: Callable[..., Any]) -> dict[str, Any]:
    return {
        "fr": make_collection({"a.txt": "Le tramway de la ville relie la gare au centre."}),
        "zh": make_collection({"a.txt": "有轨电车连接火车站和市中心。"}),
        "other": make_collection({"a.txt": "The light rail connects the station with the centre of the old town."}),
    }


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("language", ["fr", "zh", "other"])
def test_one_document(alone: dict[str, Any], language: str, question: str) -> None:
    result = alone[language].search(question)
    assert_consistent(result)
    assert result.total <= 1
    assert "empty_index" not in codes(result) or question == "-gare"


@pytest.mark.parametrize(
    ("language", "question"),
    [("fr", "tramway"), ("zh", "有轨电车"), ("zh", "tramway"), ("fr", "有轨电车"), ("other", "light rail")],
)
def test_one_document_is_found_from_either_language(alone: dict[str, Any], language: str, question: str) -> None:
    result = alone[language].search(question)
    assert [hit.language for hit in result.hits] == [language]
    assert "nothing_close" not in codes(result)


def read_sentences() -> list[str]:
    """French sentences of the sample collection."""
    files = sorted((CORPUS / "fr").glob("*.txt"))
    text = "\n\n".join(file.read_text("utf-8") for file in files)
    return [text[start:end] for start, end in sentence_spans(text) if end - start > 60]


@pytest.fixture(scope="module")
def crowds(make_collection: Callable[..., Any]) -> dict[int, Any]:
    """500 French documents with 0, 1 or 3 Chinese ones; by their number."""
    sentences = read_sentences()
    french = {f"fr/{n}.txt": f"{sentences[n % len(sentences)]} {sentences[7 * n % len(sentences)]}" for n in range(500)}
    chinese = ["代表团参观了智能电网和变电站。", "乐山大佛景区的门票实行实名制。", "学校为学生提供平板电脑。"]
    return {
        count: make_collection(french | {f"zh/{n}.txt": text for n, text in enumerate(chinese[:count])})
        for count in (0, 1, 3)
    }


@pytest.mark.slow
@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize("question", QUESTIONS)
def test_few_chinese_documents_among_500_french_ones_break_nothing(
    crowds: dict[int, Any], count: int, question: str
) -> None:
    result = crowds[count].search(question, limit=100)
    assert len({hit.document_id for hit in result.hits}) == len(result.hits)
    assert {found.language: found.total for found in result.languages}["zh"] <= count
    assert all(hit.score == hit.score for hit in result.hits)


@pytest.mark.parametrize("count", [1, 3])
def test_few_chinese_documents_do_not_flood_what_has_nothing_to_do_with_them(
    crowds: dict[int, Any], count: int
) -> None:
    questions = ["le budget de la voirie", "compte rendu des élus du quartier 12", "les écoles et les parcs", "l’eau"]
    for question in questions:
        first = crowds[count].search(question, limit=10).hits
        assert len(first) == 10
        assert [hit.language for hit in first[:3]] == ["fr"] * 3
        assert sum(hit.language == "zh" for hit in first) <= 1


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("question", ["智能电网和变电站", "代表团参观了智能电网"])
def test_few_chinese_documents_come_first_when_they_answer(crowds: dict[int, Any], count: int, question: str) -> None:
    assert crowds[count].search(question).hits[0].path == "zh/0.txt"


@pytest.mark.parametrize("count", [1, 3])
def test_few_chinese_documents_are_found_by_the_glossary(crowds: dict[int, Any], count: int) -> None:
    hit = crowds[count].search("réseau électrique intelligent", lang="zh").hits[0]
    legs = {leg.leg: leg.rank for leg in hit.legs}
    assert (hit.path, legs["glossary"]) == ("zh/0.txt", 1)


@pytest.mark.parametrize("question", ["xylophone barométrique", "恐龙化石", "zzzz qqqq"])
def test_when_nothing_is_close_the_answer_says_so_and_what_to_try(crowds: dict[int, Any], question: str) -> None:
    result = crowds[3].search(question)
    assert not any(found.close for found in result.languages)
    [notice] = [notice for notice in result.notices if notice.code == "nothing_close"]
    assert "Essayez" in notice.message.fr
    assert "请" in notice.message.zh


def test_filters_that_nothing_satisfies_are_not_an_empty_index(alone: dict[str, Any]) -> None:
    assert codes(alone["fr"].search("tramway", filters={"kind": ("study",)})) == {"nothing_close"}
