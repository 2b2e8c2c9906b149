"""Filters, facets, dates and browsing: one set of documents that total, facets and pages all speak of."""

from collections.abc import Callable
from typing import Any

import pytest

from search_core.model import FILTER_FIELDS

TEXTS = {
    "fr/a.txt": "Le réseau intelligent de la ville, première étude.",
    "fr/b.txt": "Le réseau intelligent de la ville, deuxième étude.",
    "fr/c.txt": "Le réseau intelligent de la ville, compte rendu.",
    "fr/d.txt": "Le réseau intelligent de la ville, rapport sans date.",
    "zh/e.txt": "城市智能电网考察记录。",
    "zh/f.txt": "城市智能电网研究报告。",
    "zh/g.txt": "城市智能电网会议纪要。",
    "zh/h.txt": "大佛景区旅游指南。",
}
METADATA: dict[str, dict[str, Any]] = {
    "fr/a.txt": {"kind": "study", "date": "2014", "city": "issy-les-moulineaux", "author": ["Dupont", "Zhang Tong"]},
    "fr/b.txt": {"kind": "study", "date": "2014-11", "city": "leshan", "illustrative": True},
    "fr/c.txt": {
        "kind": "minutes",
        "date": "2015-06-14",
        "city": ["issy-les-moulineaux", "leshan"],
        "working_group": "transport",
    },
    "fr/d.txt": {"kind": "report", "author": "Dupont"},
    "zh/e.txt": {"kind": "delegation_note", "date": "2014-11-03", "delegation": "2014-leshan", "author": "Zhang Tong"},
    "zh/f.txt": {"kind": "study", "date": "2016-02-29", "organisation": "SEM Issy Média"},
    "zh/g.txt": {"kind": "minutes", "working_group": "urban_planning"},
    "zh/h.txt": {"kind": "press", "date": "2014-11-03"},
}
QUESTION = "réseau intelligent de la ville 城市智能电网"


@pytest.fixture(scope="module")
def papers(make_collection: Callable[..., Any]) -> Any:
    return make_collection(TEXTS, METADATA)


def letters(paths: set[str]) -> str:
    return "".join(sorted(path[3] for path in paths))


@pytest.mark.parametrize("question", ["", QUESTION])
@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"kind": ("study",)}, "abf"),
        ({"kind": ("study", "minutes")}, "abcfg"),
        ({"kind": ("study", "minutes"), "language": ("fr",)}, "abc"),
        ({"kind": ("study",), "city": ("leshan",)}, "b"),
        ({"city": ("issy-les-moulineaux", "leshan")}, "abc"),
        ({"working_group": ("transport", "urban_planning")}, "cg"),
        ({"delegation": ("2014-leshan",)}, "e"),
        ({"organisation": ("SEM Issy Média",)}, "f"),
        ({"author": ("Zhang Tong",)}, "ae"),
        ({"author": ("Dupont",), "kind": ("report",)}, "d"),
        ({"illustrative": ("true",)}, "b"),
        ({"illustrative": ("false",), "language": ("fr",)}, "acd"),
        ({"language": ("zh",), "kind": ("study", "minutes", "delegation_note")}, "efg"),
        ({"kind": ("thesis",)}, ""),
        ({"kind": ("study' OR '1'='1",)}, ""),
        ({"source": ("elsewhere",)}, ""),
    ],
)
def test_values_of_one_field_are_alternatives_and_fields_narrow(
    papers: Any, question: str, filters: dict[str, tuple[str, ...]], found: str
) -> None:
    assert letters(papers.find(question, filters=filters)) == found


@pytest.mark.parametrize("question", ["", QUESTION])
def test_a_caller_within_the_program_searches_in_the_documents_it_names(papers: Any, question: str) -> None:
    ids = {hit.path: hit.document_id for hit in papers.search("", limit=100).hits}
    chosen = frozenset(ids[path] for path in ("fr/a.txt", "fr/c.txt", "zh/e.txt"))

    result = papers.search(question, only=chosen, filters={"language": ("fr",)})

    assert letters({hit.path for hit in result.hits}) == "ac"
    assert {value.value: value.count for value in result.facets["language"]} == {"fr": 2, "zh": 1}
    assert "only" not in result.model_dump()["request"]


def test_source_is_a_filter(papers: Any) -> None:
    assert letters(papers.find(filters={"source": (str(papers.folder),)})) == "abcdefgh"


@pytest.mark.parametrize("question", ["", QUESTION])
@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2014", None, "abcef"),
        ("2014", "2014", "abe"),
        ("2014-11", "2014-11", "abe"),
        ("2014-11-03", "2014-11-03", "abe"),
        ("2014-11-04", "2014-12", "ab"),
        ("2014-12", None, "acf"),
        ("2015", "2015", "c"),
        (None, "2014-10", "a"),
        (None, "2014-11-02", "ab"),
        ("2016-02-29", "2016-02-29", "f"),
        ("2016-03", None, ""),
        (None, "2013", ""),
    ],
)
def test_date_range_meets_partial_dates_where_they_overlap(
    papers: Any, question: str, first: str | None, last: str | None, found: str
) -> None:
    kinds = ("study", "minutes", "report", "delegation_note")
    asked = {"filters": {"kind": kinds}, "date_from": first, "date_to": last}
    assert letters(papers.find(question, **asked)) == found


@pytest.mark.parametrize("question", ["", QUESTION])
def test_filters_and_dates_and_language_narrow_together(papers: Any, question: str) -> None:
    asked = {"filters": {"kind": ("study", "delegation_note")}, "date_from": "2014-11", "date_to": "2016"}
    assert letters(papers.find(question, lang="zh", **asked)) == "ef"
    assert letters(papers.find(question, lang="fr", **asked)) == "ab"


@pytest.mark.parametrize("question", ["-étude", QUESTION, '"réseau intelligent"'])
@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"kind": ("study",)},
        {"kind": ("study", "minutes"), "city": ("issy-les-moulineaux",)},
        {"language": ("zh",), "illustrative": ("false",)},
        {"author": ("Dupont",)},
    ],
)
def test_choosing_a_facet_value_finds_as_many_as_it_said(
    papers: Any, question: str, chosen: dict[str, tuple[str, ...]]
) -> None:
    facets = papers.search(question, filters=chosen).facets
    assert list(facets) == list(FILTER_FIELDS)
    for field, values in facets.items():
        for value in values:
            assert value.selected == (value.value in chosen.get(field, ()))
            alone = papers.find(question, filters={**chosen, field: (value.value,)})
            assert len(alone) == value.count, (field, value.value)


@pytest.mark.parametrize("question", ["", QUESTION])
def test_facets_of_a_language_mode_show_the_other_language_too(papers: Any, question: str) -> None:
    result = papers.search(question, lang="zh", filters={"kind": ("study",)})
    assert {value.value: value.count for value in result.facets["language"]} == {"fr": 2, "zh": 1}
    assert {value.value: value.count for value in result.facets["illustrative"]} == {"false": 1}


def test_value_that_nothing_has_stays_listed_while_it_is_chosen(papers: Any) -> None:
    facets = papers.search(QUESTION, filters={"kind": ("thesis",)}).facets
    assert [(value.value, value.count) for value in facets["kind"] if value.selected] == [("thesis", 0)]
    assert facets["city"] == []


def test_facet_values_have_labels_in_both_languages_most_frequent_first(papers: Any) -> None:
    values = papers.search().facets["kind"]
    assert [value.count for value in values] == sorted((value.count for value in values), reverse=True)
    labels = {value.value: (value.label.fr, value.label.zh) for value in values}
    assert all(fr and zh and fr != zh for fr, zh in labels.values())
    authors = {value.value: value.label for value in papers.search().facets["author"]}
    assert authors["Zhang Tong"].fr == authors["Zhang Tong"].zh == "Zhang Tong"


def test_facets_route_says_what_search_says(papers: Any) -> None:
    from search_api.schemas import SearchRequest

    request = SearchRequest(q=QUESTION, filters={"kind": ("study",)}, limit=1)
    result, facets = papers.serve().search(request), papers.serve().facets(request)
    assert (facets.total, facets.facets, facets.more_than) == (result.total, result.facets, result.more_than)


@pytest.mark.parametrize("question", ["", "-absent", QUESTION])
@pytest.mark.parametrize(
    ("order", "expected"), [("newest", ["f", "c", "eh", "b", "a", "dg"]), ("oldest", ["a", "b", "eh", "c", "f", "dg"])]
)
def test_sorting_by_date_puts_undated_last_and_equal_dates_by_id(
    papers: Any, question: str, order: str, expected: list[str]
) -> None:
    found = papers.find(question)
    ties = [sorted((f"{'fr' if x in 'abcd' else 'zh'}/{x}.txt" for x in group), key=papers.id) for group in expected]
    wanted = [path for group in ties for path in group if path in found]
    assert [hit.path for hit in papers.search(question, sort=order, limit=100).hits] == wanted


def test_sorting_by_date_keeps_the_set(papers: Any) -> None:
    assert papers.find(QUESTION, sort="newest") == papers.find(QUESTION, sort="oldest") == papers.find(QUESTION)


def test_empty_question_lists_everything_newest_first_with_exact_counts(papers: Any) -> None:
    result = papers.search("  ")
    assert result.total == len(TEXTS)
    assert not result.more_than
    assert [hit.date for hit in result.hits] == [
        "2016-02-29",
        "2015-06-14",
        *["2014-11-03"] * 2,
        "2014-11",
        "2014",
        None,
        None,
    ]
    assert {found.language: found.total for found in result.languages} == {"fr": 4, "zh": 4, "other": 0}
    assert {value.value: value.count for value in result.facets["kind"]} == {
        "study": 3, "minutes": 2, "report": 1, "delegation_note": 1, "press": 1,
    }  # fmt: skip
    assert result.notices == []
    assert all(hit.passages == [] for hit in result.hits)


def test_equal_documents_are_ordered_by_id(make_collection: Callable[..., Any]) -> None:
    paths = [f"{number}.txt" for number in range(7)]
    texts = dict.fromkeys(paths, "Le tramway relie la gare au centre.")
    twins = make_collection(texts, {path: {"title": "Tramway"} for path in paths})
    ids = [hit.document_id for hit in twins.search("tramway").hits]
    assert len(ids) == 7
    assert ids == sorted(ids)
    assert [hit.document_id for hit in twins.search().hits] == ids
