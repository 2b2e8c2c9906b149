"""The JSON API over HTTP, from files to answers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from search_api.schemas import DocumentResult, FacetsResult, Health, Problem, SearchResult

API = "/api/v1"


def assert_problem(response: Any, status: int, code: str) -> Problem:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(response.json())
    assert (problem.type, problem.status) == (code, status)
    assert problem.title
    assert problem.detail
    assert problem.remedy
    return problem


def test_search_answers_a_french_question_with_passages_of_both_languages(client: TestClient, library: Any) -> None:
    response = client.get(f"{API}/search", params={"q": "réseau électrique intelligent"})
    result = SearchResult.model_validate(response.json())
    assert {hit.document_id for hit in result.hits} >= {library.id("study"), library.id("note"), library.id("hostile")}
    note = next(hit for hit in result.hits if hit.language == "zh")
    passage = note.passages[0]
    assert library.text("note")[passage.start : passage.end] == passage.text
    marked = {library.text("note")[mark.start : mark.end] for mark in passage.highlights}
    assert marked == {"智能电网"}
    assert note.illustrative
    assert response.headers["passerelle-index-version"] == str(result.index_version)


def test_search_pages_through_everything_with_its_cursor(client: TestClient, library: Any) -> None:
    found, cursor = [], None
    while True:
        page = client.get(f"{API}/search", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        found += [hit["document_id"] for hit in page["hits"]]
        cursor = page["next"]
        if not cursor:
            break
    assert sorted(found) == sorted(library.id(name) for name in ("study", "note", "hostile", "brochure"))


def test_search_refuses_a_cursor_of_another_question(client: TestClient) -> None:
    cursor = client.get(f"{API}/search", params={"limit": 1}).json()["next"]
    refused = client.get(f"{API}/search", params={"q": "réseau", "limit": 1, "cursor": cursor})
    assert assert_problem(refused, 422, "urn:passerelle:problem:invalid_request").parameter == "cursor"


@pytest.mark.parametrize("address", ["/search", "/facets"])
def test_unknown_parameters_are_refused_by_name(client: TestClient, address: str) -> None:
    problem = assert_problem(client.get(f"{API}{address}?page=2"), 422, "urn:passerelle:problem:invalid_request")
    assert problem.parameter == "page"
    assert problem.instance == f"{API}{address}"


def test_excessive_limit_is_refused(client: TestClient) -> None:
    refused = client.get(f"{API}/search?limit=101")
    assert assert_problem(refused, 422, "urn:passerelle:problem:invalid_request").parameter == "limit"


def test_filters_of_one_field_are_alternatives_and_fields_narrow(client: TestClient) -> None:
    def total(query: str) -> int:
        return client.get(f"{API}/search?{query}").json()["total"]

    assert total("kind=study&kind=delegation_note") == 2
    assert total("kind=study&kind=delegation_note&illustrative=true") == 1
    assert total("date_from=2014&date_to=2014-11") == 1


def test_facets_count_what_a_search_finds(client: TestClient) -> None:
    facets = FacetsResult.model_validate(client.get(f"{API}/facets?q=réseau&kind=study").json())
    assert facets.total == 1
    assert {value.value: value.selected for value in facets.facets["kind"]}["study"]


def test_documents_out_of_scope_do_not_exist(client: TestClient, library: Any) -> None:
    secret = library.id("secret")
    for address in (f"/documents/{secret}", f"/documents/{secret}/original"):
        assert_problem(client.get(API + address), 404, "urn:passerelle:problem:not_found")
    assert secret not in client.get(f"{API}/search?q=réseau réservé aux agents").text


def test_document_carries_the_passage_and_the_words_asked_for(client: TestClient, library: Any) -> None:
    hit = client.get(f"{API}/search", params={"q": "自行车", "lang": "zh"}).json()["hits"][0]
    asked = {"passage": hit["passages"][0]["passage_id"], "q": "自行车"}
    response = client.get(f"{API}/documents/{hit['document_id']}", params=asked)
    document = DocumentResult.model_validate(response.json())
    assert document.text == library.text("note")
    assert document.text[document.passage.start : document.passage.end] == "第二天\n\n代表团乘坐自行车考察。"
    assert [document.text[mark.start : mark.end] for mark in document.highlights] == ["自行车"]
    assert document.original_available


def test_document_takes_no_other_parameters(client: TestClient, library: Any) -> None:
    refused = client.get(f"{API}/documents/{library.id('study')}?page=7")
    assert assert_problem(refused, 422, "urn:passerelle:problem:invalid_request").parameter == "page"


@pytest.mark.parametrize("root", [API, ""])
def test_original_is_downloaded_under_its_own_name(client: TestClient, library: Any, root: str) -> None:
    response = client.get(f"{root}/documents/{library.id('note')}/original")
    assert response.status_code == 200
    assert response.content == library.file("note").read_bytes()
    disposition = response.headers["content-disposition"]
    assert disposition.startswith("attachment;")
    assert disposition.endswith(f"filename*=UTF-8''{quote('乐山考察记录.md')}")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert response.headers["cache-control"] == "no-store"


def test_original_that_is_gone_is_told_and_the_text_kept(make_library: Callable[[Path], Any], tmp_path: Path) -> None:
    library = make_library(tmp_path)
    library.file("study").unlink()
    client = library.client()
    address = f"{API}/documents/{library.id('study')}"
    assert_problem(client.get(f"{address}/original"), 410, "urn:passerelle:problem:original_gone")
    document = client.get(address).json()
    assert (document["original_available"], document["text"]) == (False, library.text("study"))


def test_health_tells_what_is_served(client: TestClient) -> None:
    health = Health.model_validate(client.get(f"{API}/health").json())
    assert (health.status, health.engine) == ("ok", "embedded")


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [("GET", "/nothing", 404), ("POST", "/search", 405), ("GET", "/documents/乐 山", 404)],
)
def test_what_is_not_there_is_a_problem_too(client: TestClient, method: str, address: str, status: int) -> None:
    code = "urn:passerelle:problem:not_found" if "documents" in address else "about:blank"
    response = client.request(method, API + address)
    assert assert_problem(response, status, code).instance == quote(API + address)
    assert (status == 405) == ("allow" in response.headers)


def test_openapi_describes_parameters_answers_and_problems(client: TestClient) -> None:
    description = client.get(f"{API}/openapi.json").json()
    paths = {f"{API}/{path}" for path in ("search", "facets", "health", "documents/{document_id}")}
    below = {f"{API}/documents/{{document_id}}/{name}" for name in ("original", "pages/{page}.png", "translation")}
    assert set(description["paths"]) == paths | below
    search = description["paths"][f"{API}/search"]["get"]
    assert {"q", "kind", "cursor"} <= {parameter["name"] for parameter in search["parameters"]}
    SearchResult.model_validate(search["responses"]["200"]["content"]["application/json"]["example"])
    for path in description["paths"].values():
        assert "application/problem+json" in path["get"]["responses"]["422"]["content"]


@pytest.mark.parametrize("address", ["/docs", "/redoc"])
def test_no_page_is_served_that_loads_from_other_hosts(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
