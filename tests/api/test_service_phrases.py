"""Quoted phrases, excluded words and everything that only looks like syntax."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import MAX_QUERY_CHARS, SearchRequest

TEXTS = {
    "order.txt": "Le réseau intelligent d’Issy relie les logements. Plus loin, l’électricité et d’un été chaud.",
    "swapped.txt": "Un intelligent réseau de bénévoles anime le quartier. Électricité de l’, été.",
    "decomposed.txt": "Le re\u0301seau intelligent d'Issy, vu l'e\u0301te\u0301, en NFD et avec une apostrophe droite.",
    "wide.txt": "Ｌｅ　ｒéｓｅａｕ　ｉｎｔｅｌｌｉｇｅｎｔ en pleine largeur.",
    "simplified.txt": "代表团参观了智慧城市项目，并讨论了５Ｇ网络。城市智慧是另一回事。",
    "traditional.txt": "代表團參觀了智慧城市項目，樂山與伊西簽署了協議。",
    "reversed.txt": "他们谈到城市智慧，没有别的。",
    "broken.txt": "代表团参观了智慧\n城市项目，行中断开。",
}


@pytest.fixture(scope="module")
def texts(make_collection: Callable[..., Any]) -> Any:
    return make_collection(TEXTS)


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ('"réseau intelligent"', {"order.txt", "decomposed.txt", "wide.txt"}),
        ('"intelligent réseau"', {"swapped.txt"}),
        ('"RESEAU INTELLIGENT"', {"order.txt", "decomposed.txt", "wide.txt"}),
        ('"re\u0301seau intelligent"', {"order.txt", "decomposed.txt", "wide.txt"}),
        ("« réseau intelligent »", {"order.txt", "decomposed.txt", "wide.txt"}),
        ('"d\'Issy"', {"order.txt", "decomposed.txt"}),
        ('"d’Issy"', {"order.txt", "decomposed.txt"}),
        ('"réseau intel"', set()),
        ('"智慧城市"', {"simplified.txt", "traditional.txt", "broken.txt"}),
        ("“智慧城市”", {"simplified.txt", "traditional.txt", "broken.txt"}),
        ('"城市智慧"', {"simplified.txt", "reversed.txt"}),
        ('"樂山與伊西"', {"traditional.txt"}),
        ('"乐山与伊西"', {"traditional.txt"}),
        ('"5G网络"', {"simplified.txt"}),
        ('"代表团" "项目"', {"simplified.txt", "traditional.txt", "broken.txt"}),
        ('"réseau intelligent" "quartier"', set()),
        ('Issy "intelligent réseau"', {"swapped.txt"}),
    ],
)
def test_phrase_is_found_where_it_stands_in_this_order(texts: Any, question: str, found: set[str]) -> None:
    assert texts.find(question) == found


@pytest.mark.parametrize(
    ("question", "path"), [('"réseau intelligent"', "order.txt"), ('"智慧城市"', "simplified.txt")]
)
def test_phrase_is_marked_where_it_stands_and_nowhere_else(texts: Any, question: str, path: str) -> None:
    phrases = [text for kind, text in texts.marked(path, question) if kind == "phrase"]
    assert phrases == [question.strip('"')]


def test_phrase_is_found_in_headings_and_titles(make_collection: Callable[..., Any]) -> None:
    collection = make_collection(
        {"title.txt": "Rien ici.", "heading.md": "# Bilan du plan vélo\n\nRien là.", "body.txt": "Ce vélo : un bilan."},
        {"title.txt": {"title": "Bilan du plan vélo"}},
    )
    assert collection.find('"plan vélo"') == {"title.txt", "heading.md"}


def test_phrase_counts_facets_and_total_after_the_check(texts: Any) -> None:
    result = texts.search('"réseau intelligent"', lang="fr")
    assert result.total == 3
    assert {value.value: value.count for value in result.facets["language"]} == {"fr": 3}
    assert {found.language: found.total for found in result.languages} == {"fr": 3, "zh": 0, "other": 0}


def test_long_document_is_found_by_a_phrase_in_one_of_many_alike_passages(make_collection: Callable[..., Any]) -> None:
    part = "## Partie {}\n\nUn intelligent réseau, un réseau plus intelligent, un réseau et un intelligent {}.\n\n"
    parts = [part.format(number, number) for number in range(12)]
    text = "".join([*parts, "## Fin\n\nLe réseau intelligent est ici, parmi tant d’autres mots sans aucun rapport.\n"])
    assert make_collection({"long.md": text}).find('"réseau intelligent"') == {"long.md"}


@pytest.mark.parametrize(
    ("question", "gone"),
    [
        ("réseau -bénévoles", {"swapped.txt"}),
        ("réseau -BENEVOLES", {"swapped.txt"}),
        ("réseau -be\u0301ne\u0301voles", {"swapped.txt"}),
        ("réseau −bénévoles", {"swapped.txt"}),
        ("réseau -bénévole", set()),
        ('réseau -"intelligent réseau de bénévoles"', {"swapped.txt"}),
        ("城市 -樂山", {"traditional.txt"}),
        ("城市 -乐山", {"traditional.txt"}),
        ("城市 －乐山", {"traditional.txt"}),
        ("城市 -代表团", {"simplified.txt", "traditional.txt", "broken.txt"}),
        ("城市 -“代表团”", {"simplified.txt", "traditional.txt", "broken.txt"}),
        (
            "réseau 城市 -Issy -代表团",
            {"order.txt", "decomposed.txt", "simplified.txt", "traditional.txt", "broken.txt"},
        ),
    ],
)
def test_excluded_words_take_documents_out_in_both_languages(texts: Any, question: str, gone: set[str]) -> None:
    everything = texts.find(re.split(r" [-−－]", question)[0])
    assert gone <= everything
    assert texts.find(question) == everything - gone


def test_question_of_excluded_words_only_lists_everything_else(texts: Any) -> None:
    result = texts.search("-réseau -城市", limit=100)
    assert {hit.path for hit in result.hits} == set()
    result = texts.search("-réseau", limit=100)
    assert {hit.path for hit in result.hits} == {"simplified.txt", "traditional.txt", "reversed.txt", "broken.txt"}
    assert result.total == 4
    assert result.query.excluded == ["réseau"]
    assert {value.value: value.count for value in result.facets["language"]} == {"zh": 4}


@pytest.mark.parametrize(
    "question",
    [
        "réseau AND Issy",
        "réseau NEAR/3 Issy",
        "réseau OR NOT Issy",
        "rés* title:réseau",
        "(réseau",
        'un guillemet " seul',
        "^réseau {colonne}: 1",
        "réseau; DROP TABLE documents; --",
        "réseau' OR '1'='1",
        "réseau\\",
        "/réseau.*/~2",
        "réseau\x00Issy",
        "%réseau_",
        "<script>réseau</script>",
        "智慧城市 AND (网络",
        "\u202eréseau",
        "🚲 réseau",
        "-",
        '""',
        "*",
        "。。。",
    ],
)
def test_engine_syntax_is_plain_text(texts: Any, question: str) -> None:
    result = texts.search(question)
    assert result.query.phrases == result.query.excluded == []
    assert "leg_unavailable" not in {notice.code for notice in result.notices}
    if "réseau" in question:
        assert "order.txt" in {hit.path for hit in result.hits}


def test_near_is_a_word_like_any_other(make_collection: Callable[..., Any]) -> None:
    collection = make_collection(
        {"near.txt": "The NEAR protocol and the AND gate.", "far.txt": "Le protocole de la gare."}
    )
    assert collection.marked("near.txt", "NEAR")[0] == ("word", "NEAR")


def test_pasted_page_is_cut_and_the_answer_says_so(texts: Any) -> None:
    page = "Le réseau intelligent d’Issy relie les logements. " * 400
    result = texts.search(page)
    assert result.query.truncated
    assert len(result.query.text) <= MAX_QUERY_CHARS
    assert "query_truncated" in {notice.code for notice in result.notices}
    assert result.hits[0].path in {"order.txt", "decomposed.txt"}
    assert "query_truncated" not in {notice.code for notice in texts.search(page[:MAX_QUERY_CHARS]).notices}


def test_pasted_row_of_excluded_words_is_cut_and_the_answer_says_so(texts: Any) -> None:
    result = texts.search("-absent " * 400)
    assert result.query.truncated
    assert "query_truncated" in {notice.code for notice in result.notices}
    assert result.total == len(TEXTS)


@pytest.mark.parametrize("size", [1000, 100_000])
def test_one_endless_word_is_a_question_too(texts: Any, size: int) -> None:
    for letter in ("a", "智", "é", "\u0301", '"', "-"):
        assert texts.serve().search(SearchRequest(q=letter * size)).total <= len(TEXTS)
