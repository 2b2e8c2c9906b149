"""Which languages are found, which is put first, and what is told of it."""

from collections.abc import Callable
from typing import Any

import pytest

from search_api.schemas import SearchRequest

FRENCH = {"fr/reseau.txt", "fr/velo.txt", "fr/ecole.txt", "fr/tourisme.txt"}
CHINESE = {"zh/dianwang.txt", "zh/zixingche.txt", "zh/xuexiao.txt", "zh/lvyou.txt"}


@pytest.mark.parametrize(
    ("question", "own", "other"),
    [
        ("réseau électrique intelligent", "fr/reseau.txt", "zh/dianwang.txt"),
        ("智能电网", "zh/dianwang.txt", "fr/reseau.txt"),
    ],
)
def test_question_in_either_language_finds_both_through_the_glossary(
    town: Any, question: str, own: str, other: str
) -> None:
    found = {hit.path: {leg.leg for leg in hit.legs} for hit in town.search(question).hits}
    assert {own, other, "mixte.md"} <= set(found)
    assert "lexical" in found[own]
    assert "glossary" in found[other]


@pytest.mark.parametrize(("language", "others"), [("fr", CHINESE), ("zh", FRENCH)])
def test_only_one_language_hides_the_other(town: Any, language: str, others: set[str]) -> None:
    result = town.search("réseau électrique intelligent 智能电网", lang=language)
    assert {hit.language for hit in result.hits} == {language}
    assert not others & {hit.path for hit in result.hits}
    assert {found.language: found.total for found in result.languages if found.total} == {language: result.total}


@pytest.mark.parametrize("question", ["les vélos en libre-service", ""])
@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ({}, {"fr", "zh", "other"}),
        ({"prefer": "zh"}, {"fr", "zh", "other"}),
        ({"lang": "fr"}, {"fr"}),
        ({"lang": "fr", "filters": {"language": ("zh", "other")}}, {"zh", "other"}),
    ],
)
def test_answer_tells_which_languages_were_searched(
    town: Any, question: str, asked: dict[str, Any], searched: set[str]
) -> None:
    result = town.search(question, **asked)
    assert {found.language for found in result.languages if found.searched} == searched
    assert {found.language for found in result.languages if found.total or found.close} <= searched
    assert sum(found.total for found in result.languages) == result.total > 0


FRENCH_ONLY = "Les parents signent une charte"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            FRENCH_ONLY,
            {
                "fr": "Rien de vraiment proche n’a été trouvé en chinois.",
                "zh": "中文文件中没有找到与问题真正相近的内容。",
            },
        ),
        (
            "家长签署使用守则",
            {
                "fr": "Rien de vraiment proche n’a été trouvé en français.",
                "zh": "法文文件中没有找到与问题真正相近的内容。",
            },
        ),
    ],
)
def test_a_language_that_holds_nothing_close_beside_the_other_is_told(
    town: Any, question: str, message: dict[str, str]
) -> None:
    for page in (town.search(question), town.search(question, limit=1, cursor=town.search(question, limit=1).next)):
        assert [(each.code, each.message.model_dump()) for each in page.notices] == [
            ("nothing_close_in_language", message)
        ]


@pytest.mark.parametrize(
    "asked",
    [
        {"lang": "fr"},
        {"filters": {"language": ("fr",)}},
        {"filters": {"kind": ("study",)}},
        {"date_from": "2015"},
        {"q": f'"{FRENCH_ONLY}"'},
        {"q": f"{FRENCH_ONLY} -电表"},
    ],
)
def test_nothing_is_told_of_a_language_whose_documents_the_question_hides(
    make_collection: Callable[..., Any], asked: dict[str, Any]
) -> None:
    texts = {"fr/ecole.txt": f"{FRENCH_ONLY}.", "zh/dianwang.txt": "每户安装一个电表。"}
    collection = make_collection(texts, {"fr/ecole.txt": {"kind": "study", "date": "2016"}})
    assert [each.code for each in collection.search(FRENCH_ONLY).notices] == ["nothing_close_in_language"]
    result = collection.search(**{"q": FRENCH_ONLY} | asked)
    assert [hit.path for hit in result.hits] == ["fr/ecole.txt"]
    assert not result.notices


def test_nothing_is_told_of_a_language_that_the_collection_does_not_hold(make_collection: Callable[..., Any]) -> None:
    collection = make_collection(
        {"fr/ecole.txt": f"{FRENCH_ONLY}.", "en/school.txt": "A charter is signed by parents."}
    )
    assert not collection.search(FRENCH_ONLY).notices


@pytest.mark.parametrize("language", ["fr", "zh"])
def test_preferred_language_moves_up_and_hides_neither(town: Any, language: str) -> None:
    question = "les vélos en libre-service et les compteurs 公共自行车和电表"

    def order(**asked: Any) -> list[str]:
        return [hit.language for hit in town.search(question, **asked).hits if hit.path != "mixte.md"]

    preferring, fair = order(prefer=language), order()
    assert sorted(preferring) == sorted(fair)
    assert preferring != fair
    assert all(preferring[:size].count(language) >= fair[:size].count(language) for size in range(1, len(fair) + 1))


def test_document_in_both_languages_appears_once_with_passages_and_legs_of_both(town: Any) -> None:
    result = town.search("réseau électrique intelligent 智能电网")
    [mixed] = [hit for hit in result.hits if hit.path == "mixte.md"]
    assert {passage.language for passage in mixed.passages} == {"fr", "zh"}
    assert {leg.language for leg in mixed.legs} == {"fr", "zh"}
    assert len({hit.document_id for hit in result.hits}) == len(result.hits) == result.total


def test_hit_tells_which_legs_found_it_at_which_rank(town: Any) -> None:
    legs = town.hit("zh/dianwang.txt", "réseau électrique intelligent").legs
    assert {(leg.leg, leg.language) for leg in legs} >= {("glossary", "zh")}
    assert ("lexical", "zh") not in {(leg.leg, leg.language) for leg in legs}
    own = {(leg.leg, leg.language): leg.rank for leg in town.hit("fr/reseau.txt", "compteur par foyer").legs}
    assert own[("lexical", "fr")] == 1
    assert own[("dense", "fr")] == 1


@pytest.mark.parametrize(
    ("question", "given", "language"),
    [
        ("les vélos de la ville", "auto", "fr"),
        ("公共自行车", "auto", "zh"),
        ("Issy", "auto", "both"),
        ("Issy", "fr", "fr"),
        ("公共自行车", "fr", "fr"),
    ],
)
def test_language_of_the_question_is_told(town: Any, question: str, given: str, language: str) -> None:
    query = town.search(question, query_lang=given).query
    assert (query.language, query.language_given) == (language, given != "auto")


def test_document_language_follows_most_of_its_text_and_passages_theirs(make_collection: Callable[..., Any]) -> None:
    collection = make_collection(
        {
            "note.md": "# Note\n\nLa délégation a visité le musée des jouets et de la carte à jouer, puis la "
            "médiathèque.\n\n## 附注\n\n代表团参观了博物馆。\n"
        }
    )
    hit = collection.hit("note.md", "博物馆")
    assert hit.language == "fr"
    assert hit.passages[0].language == "zh"


def test_three_passages_of_a_document_at_most_best_first(make_collection: Callable[..., Any]) -> None:
    part = "Le tramway relie la gare au centre, et son horaire est affiché dans chaque station de la ligne."
    parts = [f"## Partie {number}\n\n{part}\n\n" for number in range(6)]
    best = "## Le meilleur\n\nQuel est le coût du tramway ? Le coût du tramway est connu.\n\n"
    collection = make_collection({"note.md": "".join([*parts[:3], best, *parts[3:]])})
    [hit] = collection.search("coût du tramway").hits
    assert len(hit.passages) == 3
    assert "Le coût du tramway" in hit.passages[0].text


@pytest.mark.parametrize("question", ["réseau", "智能电网", "réseau 智能电网", "Issy", "1600"])
def test_every_answer_carries_the_version_of_the_index(town: Any, question: str) -> None:
    version = town.index.status().version
    service = town.serve()
    assert service.search(SearchRequest(q=question)).index_version == version
    assert service.facets(SearchRequest(q=question)).index_version == version
    assert service.search(SearchRequest()).index_version == version
    assert service.document(town.id("fr/velo.txt")).index_version == version
    assert service.health().index_version == version
