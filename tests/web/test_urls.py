import pytest
from starlette.datastructures import QueryParams
from starlette.requests import Request

from search_api.inputs import read_request
from search_api.schemas import SearchRequest
from search_api.urls import Links, is_local_path, path_below_root, request_pairs

ASKED = SearchRequest(
    q="vélo & 乐山 #1",
    lang="zh",
    filters={"kind": ("study",), "author": ("Dupont, Jean", "王")},
    date_from="2014",
    limit=20,
    cursor="next page",
)


def request_at(path: str, query: str = "", root: str = "") -> Request:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": root, "query_string": query.encode()}
    return Request({**scope, "headers": []})


def query_of(link: str) -> QueryParams:
    return QueryParams(link.partition("?")[2])


def test_search_link_is_read_back_as_the_same_request() -> None:
    assert read_request(query_of(Links("").search(ASKED))) == ASKED


def test_request_at_its_defaults_has_an_empty_query() -> None:
    assert request_pairs(SearchRequest()) == []
    assert Links("").search(SearchRequest()) == "/"


def test_changing_a_question_goes_back_to_its_first_page() -> None:
    changed = read_request(query_of(Links("").changed(ASKED, sort="newest")))
    assert changed == ASKED.model_copy(update={"sort": "newest", "cursor": None})


def test_toggling_adds_and_takes_away_one_value() -> None:
    links = Links("")
    added = read_request(query_of(links.toggled(ASKED, "kind", "minutes")))
    assert added.filters["kind"] == ("study", "minutes")
    taken = read_request(query_of(links.toggled(ASKED, "kind", "study")))
    assert taken.filters == {"author": ("Dupont, Jean", "王")}


def test_document_link_escapes_ids_of_any_source() -> None:
    assert Links("/p").document("a/b?c", "x&y", "é") == "/p/documents/a%2Fb%3Fc?passage=x%26y&q=%C3%A9#passage"


@pytest.mark.parametrize(("path", "root"), [("/documents/a", ""), ("/p/documents/a", "/p"), ("/documents/a", "/p/")])
def test_links_stay_below_the_path_the_service_is_mounted_on(path: str, root: str) -> None:
    request = request_at(path, "passage=x&ui=fr", root)
    assert path_below_root(request.scope) == "/documents/a"
    assert Links.of(request).here(request, ui="zh") == f"{root.rstrip('/')}/documents/a?passage=x&ui=zh"


def test_link_to_the_present_address_never_names_another_host() -> None:
    request = request_at("//evil.example/x")
    assert Links.of(request).here(request) == "/evil.example/x"


@pytest.mark.parametrize("target", ["/", "/?q=a%20b", "/documents/1?passage=x#passage"])
def test_local_paths_are_followed(target: str) -> None:
    assert is_local_path(target)


@pytest.mark.parametrize(
    "target",
    ["", "documents", "https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "/\n", " //e",
     "javascript:alert(1)", "/a b", "\\\\evil.example", "/\u2028/"],
)  # fmt: skip
def test_other_targets_are_not_followed(target: str) -> None:
    assert not is_local_path(target)
