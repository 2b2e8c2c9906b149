"""What every engine promises of filters, of browsing and of facets."""

from __future__ import annotations

import pytest

from search_core.engines.base import BrowseRequest, DenseLeg, Filters, LexicalLeg, Scope
from search_core.errors import InvalidRequest

EVERYTHING = Scope.everything()


@pytest.fixture
def library(engine, make_document, put):
    """Six documents that all hold "issy", with metadata worth filtering by."""
    put(
        engine,
        make_document("study", "issy vélo", date="2014-11-05", values={"kind": ("study",), "city": ("issy",)}),
        make_document("report", "issy tram", date="2014", values={"kind": ("report",), "city": ("issy", "leshan")}),
        make_document("press", "issy bus", date="2016-03", values={"kind": ("press",)}, illustrative=True),
        make_document("minutes", "issy eau", values={"kind": ("minutes",), "city": ("leshan",)}, source="archive"),
        make_document("chinois", "issy 城市", language="zh", date="2015-01-20", values={"city": ("leshan",)}),
        make_document("mixed", "issy lune", "issy soleil", languages=["fr", "zh"], date="2015-12-31"),
    )
    return engine


def filtered(index, make_vector, filters):
    """Ids of the documents that browsing and all legs over both languages find: they must agree."""
    legs = [
        leg
        for language in ("fr", "zh")
        for leg in (
            LexicalLeg("words", language, ("issy",), filters),
            DenseLeg("near", language, make_vector("q"), filters),
        )
    ]
    fr_words, fr_near, zh_words, zh_near = (
        {hit.document_id for hit in result.hits} for result in index.search(legs, EVERYTHING).legs
    )
    browsed = {document.document_id for document in index.browse(BrowseRequest(filters), EVERYTHING).documents}
    assert fr_words == fr_near
    assert zh_words == zh_near
    assert fr_words | zh_words == browsed
    return browsed


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"kind": {"study"}}, {"study"}),
        ({"kind": {"study", "report"}}, {"study", "report"}),
        ({"kind": {"study", "report"}, "city": {"leshan"}}, {"report"}),
        ({"city": {"issy"}}, {"study", "report"}),
        ({"city": {"paris"}}, set()),
        ({"city": set()}, set()),
        ({"language": {"zh"}}, {"chinois"}),
        ({"language": {"fr", "zh"}}, {"study", "report", "press", "minutes", "chinois", "mixed"}),
        ({"illustrative": {"true"}}, {"press"}),
        ({"illustrative": {"false"}, "language": {"fr"}}, {"study", "report", "minutes", "mixed"}),
        ({"source": {"archive"}}, {"minutes"}),
        ({"kind": {"' OR 1=1 --"}}, set()),
    ],
)
def test_values_of_a_field_are_ored_and_fields_are_anded(library, make_vector, values, expected):
    filters = Filters({name: frozenset(wanted) for name, wanted in values.items()})

    assert filtered(library, make_vector, filters) == expected


@pytest.mark.parametrize(
    ("date_from", "date_to", "expected"),
    [
        ("2014", "2014", {"study", "report"}),
        ("2014-11", "2014-11", {"study", "report"}),
        ("2014-11-05", "2014-11-05", {"study", "report"}),
        ("2014-11-06", None, {"report", "chinois", "press", "mixed"}),
        ("2015", None, {"chinois", "press", "mixed"}),
        (None, "2013-12-31", set()),
        (None, "2014-01-01", {"report"}),
        ("2015-12-31", "2015-12-31", {"mixed"}),
        ("2016-03-31", "2016-03-31", {"press"}),
        ("2016-04-01", None, set()),
        ("2017", "2014", set()),
    ],
)
def test_date_range_meets_whole_periods_and_never_the_undated(library, make_vector, date_from, date_to, expected):
    assert filtered(library, make_vector, Filters(date_from=date_from, date_to=date_to)) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(required=("tram",)), {"report"}),
        (Filters(required=("issy", "vélo")), {"study"}),
        (Filters(required=("lune", "soleil")), set()),
        (Filters(required=("lune",)), {"mixed"}),
        (Filters(required=("absent",)), set()),
        (Filters(required=("a b",)), set()),
        (Filters(excluded=(("tram",),)), {"study", "press", "minutes", "chinois", "mixed"}),
        (Filters(excluded=(("tram",), ("城市",))), {"study", "press", "minutes", "mixed"}),
        (Filters(excluded=(("tram", "vélo"),)), {"study", "report", "press", "minutes", "chinois", "mixed"}),
        (Filters(excluded=(("issy", "tram"),)), {"study", "press", "minutes", "chinois", "mixed"}),
        (Filters(excluded=(("soleil",),)), {"study", "report", "press", "minutes", "chinois"}),
        (Filters(excluded=((), ("a b",))), {"study", "report", "press", "minutes", "chinois", "mixed"}),
        (Filters(required=("issy",), excluded=(("issy",),)), set()),
    ],
)
def test_required_tokens_share_a_passage_and_excluded_ones_drop_the_document(library, make_vector, filters, expected):
    assert filtered(library, make_vector, filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(documents=frozenset(["study", "chinois", "mixed"])), {"study", "chinois", "mixed"}),
        (Filters(documents=frozenset(["study", "chinois"]), required=("vélo",)), {"study"}),
        (Filters(documents=frozenset(["study", "press"]), excluded=(("vélo",),)), {"press"}),
        (Filters({"city": frozenset(["leshan"])}, documents=frozenset(["study", "chinois"])), {"chinois"}),
        (Filters(documents=frozenset(["unknown", "' OR 1=1 --"])), set()),
        (Filters(documents=frozenset()), set()),
    ],
)
def test_only_documents_that_are_named_are_found(library, make_vector, filters, expected):
    assert filtered(library, make_vector, filters) == expected


def test_one_hundred_thousand_documents_may_be_named(library, make_vector):
    names = frozenset(["mixed", *(f"{number:016x}" for number in range(100_000))])

    assert filtered(library, make_vector, Filters(documents=names)) == {"mixed"}


def test_leg_finds_only_passages_that_hold_the_required_tokens(engine, make_document, put):
    put(engine, make_document("d", "tram vert", "tram bleu", "tram vert clair"))
    filters = Filters(required=("vert",))

    for leg in (
        LexicalLeg("words", "fr", ("tram",), filters),
        DenseLeg("near", "fr", make_document("q", "tram").passages[0].vector, filters),
    ):
        (result,) = engine.search([leg], EVERYTHING).legs
        assert {passage.passage_id for passage in result.hits[0].passages} == {"d-0", "d-2"}


def test_filter_narrows_before_the_cut(engine, make_document, put, find):
    put(engine, *(make_document(f"a{n}", "tram", values={"kind": ("press",)}) for n in range(20)))
    put(engine, make_document("z", "tram " + "mot " * 40 + "fin", values={"kind": ("study",)}))

    assert find(engine, "tram", filters=Filters({"kind": frozenset(["study"])}), k=1) == ["z"]


def test_legs_of_one_search_keep_their_own_filters(library):
    legs = [
        LexicalLeg("all", "fr", ("issy",)),
        LexicalLeg("studies", "fr", ("issy",), Filters({"kind": frozenset(["study"])})),
        LexicalLeg("reports", "fr", ("issy",), Filters({"kind": frozenset(["report"])})),
    ]

    found = [[hit.document_id for hit in result.hits] for result in library.search(legs, EVERYTHING).legs]

    assert [len(found[0]), found[1], found[2]] == [5, ["study"], ["report"]]


@pytest.mark.parametrize("name", ["title", "access", "id; DROP TABLE documents", ""])
def test_filter_by_an_unknown_field_is_refused(library, name):
    filters = Filters({name: frozenset(["public"])})

    with pytest.raises(InvalidRequest, match="no field"):
        library.browse(BrowseRequest(filters), EVERYTHING)
    with pytest.raises(InvalidRequest, match="no field"):
        library.browse(BrowseRequest(facet_fields=("kind", name)), EVERYTHING)
    with pytest.raises(InvalidRequest, match="no field"):
        library.search([LexicalLeg("words", "fr", ("issy",), filters)], EVERYTHING)


@pytest.mark.parametrize("date", ["", "hier", "2014-1", "14-11-05", "2014-11-05T10:00", "２０１４", "2014-11-05\n"])
def test_date_that_is_none_is_refused_naming_the_parameter(library, date):
    with pytest.raises(InvalidRequest) as caught:
        library.browse(BrowseRequest(Filters(date_from=date)), EVERYTHING)

    assert caught.value.parameter == "date_from"


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("newest", ["press", "mixed", "chinois", "study", "report", "minutes"]),
        ("oldest", ["report", "study", "chinois", "mixed", "press", "minutes"]),
    ],
)
def test_browse_orders_by_date_with_undated_documents_last(library, order, expected):
    page = library.browse(BrowseRequest(order=order), EVERYTHING)

    assert [document.document_id for document in page.documents] == expected
    assert page.version == library.status().version


def test_browse_orders_equal_dates_by_id(engine, make_document, put):
    put(engine, *(make_document(name, "a", date="2014") for name in "cab"), make_document("no", "a", date="jadis"))

    for order in ("newest", "oldest"):
        page = engine.browse(BrowseRequest(order=order), EVERYTHING)
        assert [document.document_id for document in page.documents] == ["a", "b", "c", "no"]


def test_browse_pages_join_to_the_whole_with_an_exact_total(library):
    whole = library.browse(BrowseRequest(limit=100), EVERYTHING)

    pages = [library.browse(BrowseRequest(offset=offset, limit=2), EVERYTHING) for offset in (0, 2, 4, 6)]

    assert sum((page.documents for page in pages), ()) == whole.documents
    assert {page.total for page in pages} == {6}
    assert pages[-1].documents == ()


def test_browse_of_an_empty_index_is_empty(engine):
    page = engine.browse(BrowseRequest(facet_fields=("kind",)), EVERYTHING)

    assert (page.documents, page.total, page.facets) == ((), 0, {"kind": {}})


def test_facets_count_documents_once_a_value(library):
    page = library.browse(BrowseRequest(facet_fields=("kind", "city", "language", "illustrative")), EVERYTHING)

    assert page.facets == {
        "kind": {"minutes": 1, "press": 1, "report": 1, "study": 1},
        "city": {"leshan": 3, "issy": 2},
        "language": {"fr": 5, "zh": 1},
        "illustrative": {"false": 5, "true": 1},
    }


def test_facet_ignores_its_own_filter_and_obeys_the_others(library):
    filters = Filters({"city": frozenset(["issy"]), "kind": frozenset(["study"])})

    page = library.browse(BrowseRequest(filters, facet_fields=("kind", "city", "language")), EVERYTHING)

    assert page.total == 1
    assert page.facets == {"kind": {"study": 1, "report": 1}, "city": {"issy": 1}, "language": {"fr": 1}}


def test_facets_follow_dates_required_and_excluded_tokens(library):
    filters = Filters(date_from="2014", date_to="2015", required=("issy",), excluded=(("vélo",),))

    page = library.browse(BrowseRequest(filters, facet_fields=("language",)), EVERYTHING)

    assert (page.total, page.facets) == (3, {"language": {"fr": 2, "zh": 1}})
