import pytest
from starlette.datastructures import QueryParams

from search_api.inputs import MAX_FILTER_VALUES, openapi_parameters, read_request
from search_api.schemas import MAX_LIMIT, SearchRequest
from search_core.errors import InvalidRequest
from search_core.model import FILTER_FIELDS


def test_read_request_takes_every_parameter() -> None:
    query = "q=v%C3%A9lo+%E4%B9%90%E5%B1%B1&query_lang=fr&lang=zh&prefer=fr&date_from=2014&date_to=2015-02-28"
    query += "&sort=newest&limit=5&cursor=abc&kind=study&kind=minutes&language=zh&illustrative=true"
    assert read_request(QueryParams(query)) == SearchRequest(
        q="vélo 乐山",
        query_lang="fr",
        lang="zh",
        prefer="fr",
        filters={"kind": ("study", "minutes"), "language": ("zh",), "illustrative": ("true",)},
        date_from="2014",
        date_to="2015-02-28",
        sort="newest",
        limit=5,
        cursor="abc",
    )


def test_read_request_of_nothing_is_the_default_and_empty_form_fields_count_as_nothing() -> None:
    assert read_request(QueryParams("")) == SearchRequest()
    assert read_request(QueryParams("q=&date_from=&prefer=&limit=&kind=&cursor=")) == SearchRequest()


@pytest.mark.parametrize("field", FILTER_FIELDS)
def test_read_request_takes_each_filter(field: str) -> None:
    value = {"language": "other", "illustrative": "false"}.get(field, "quelque chose")
    assert read_request(QueryParams([(field, value), (field, value)])).filters == {field: (value,)}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("qq=1", "qq"),
        ("ui=fr", "ui"),
        ("%3Cscript%3E=1", "<script>"),
        ("q=a&q=b", "q"),
        ("limit=1&limit=2", "limit"),
        ("query_lang=de", "query_lang"),
        ("lang=other", "lang"),
        ("prefer=both", "prefer"),
        ("sort=score", "sort"),
        ("limit=0", "limit"),
        (f"limit={MAX_LIMIT + 1}", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=٣", "limit"),
        ("limit=" + "9" * 400, "limit"),
        ("date_from=hier", "date_from"),
        ("date_from=2014-13", "date_from"),
        ("date_from=2014-02-30", "date_from"),
        ("date_to=14", "date_to"),
        ("date_to=2014-1-1", "date_to"),
        ("date_to=0000", "date_to"),
        ("date_to=20140101", "date_to"),
        ("date_from=2015&date_to=2014-12", "date_from"),
        ("language=de", "language"),
        ("illustrative=yes", "illustrative"),
        ("cursor=" + "a" * 501, "cursor"),
        ("author=" + "a" * 501, "author"),
        ("&".join(f"author={number}" for number in range(MAX_FILTER_VALUES + 1)), "author"),
    ],
)
def test_read_request_refuses_by_name_what_it_cannot_use(query: str, parameter: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_request(QueryParams(query))
    assert refusal.value.parameter == parameter
    assert refusal.value.remedy


def test_read_request_lists_the_known_parameters_to_who_uses_another() -> None:
    with pytest.raises(InvalidRequest, match=r"`page`.*query_lang.*working_group"):
        read_request(QueryParams("page=2"))


@pytest.mark.parametrize("period", ["date_from=2014-11&date_to=2014", "date_from=2014-11-03&date_to=2014-11-03"])
def test_read_request_compares_dates_only_as_far_as_both_are_given(period: str) -> None:
    assert read_request(QueryParams(period)).date_from


def test_openapi_describes_exactly_what_is_read() -> None:
    described = {parameter["name"] for parameter in openapi_parameters()}
    assert described == (set(SearchRequest.model_fields) - {"filters", "only"}) | set(FILTER_FIELDS)
