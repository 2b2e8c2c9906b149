"""Documents and addresses that were written to do harm."""

import logging
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}

ATTACK = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202ejavascript:alert(1){{7*7}}"


def assert_harmless(text: str) -> html.HtmlElement:
    """Only our own elements, attributes and addresses."""
    page = html.fromstring(text)
    assert not page.cssselect("script, svg, iframe, object, style, b, i")
    assert [image.get("src") for image in page.iter("img")] == ["/static/icon.svg"]
    for element in page.iter(html.etree.Element):
        assert not [name for name in element.attrib if name.startswith("on")]
    for target in page.xpath("//@href | //@src | //@action"):
        assert target.startswith(("/", "#"))
        assert not target.startswith("//")
    return page


@pytest.mark.parametrize("ui", ["fr", "zh"])
def test_hostile_documents_are_only_text(client: TestClient, library: Any, ui: str) -> None:
    results = assert_harmless(client.get(f"/?q=réseau script alert&ui={ui}").text)
    assert any("<script>alert(1)</script>" in title for title in results.xpath("//li//h3//bdi/text()"))
    document = assert_harmless(client.get(f"/documents/{library.id('hostile')}?q=script&ui={ui}").text)
    assert "<img src=x onerror=alert(1)>" in document.cssselect("section.text")[0].text_content()


def test_turned_text_stays_inside_its_own_element(client: TestClient, library: Any) -> None:
    document = html.fromstring(client.get(f"/documents/{library.id('hostile')}").text)
    assert "\u202e" not in document.findtext("head/title")
    turned = [element for element in document.iter() if "\u202e" in (element.text or "")]
    assert turned
    assert all(element.tag == "bdi" or element.get("dir") == "auto" for element in map(isolating, turned))


def isolating(element: html.HtmlElement) -> html.HtmlElement:
    return next(each for each in [element, *element.iterancestors()] if each.tag == "bdi" or each.get("dir"))


@pytest.mark.parametrize(
    "address",
    ["/", "/documents/x", "/api/v1/search", "/nothing", "/login", "/documents/x/original", "/static/x", "/?ui=zh"],
)
@pytest.mark.parametrize("name", ["q", "kind", "passage", "cursor", "lang", "date_from", "limit", "next", ATTACK])
def test_hostile_addresses_are_only_text(client: TestClient, address: str, name: str) -> None:
    response = client.get(address, params={name: ATTACK})
    assert response.status_code < 500
    if response.headers.get("content-type", "").startswith("text/html"):
        assert_harmless(response.text)
    else:
        assert "json" in response.headers.get("content-type", "json")


@pytest.mark.parametrize(
    "address", ["//localhost//evil.example/?ui=zh", "/%2F%2Fevil.example", "/..%2f..%2fetc/passwd", "/%00", "/%FF"]
)
def test_hostile_paths_lead_nowhere(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert_harmless(response.text)


@pytest.mark.parametrize(
    "query", ["q=%00", "q=%ED%A0%80", "q=%FF", "q=" + "a%20" * 5000, "q=%22", "q=NEAR(*", "q=" + "(" * 999]
)
def test_hostile_questions_are_answered(client: TestClient, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 200
    assert client.get(f"/api/v1/search?{query}").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/", "/documents/0", "/nothing", "/api/v1/search", "/api/v1/search?page=1", "/api/v1/nothing", "/api/v1/health"],
)
def test_every_answer_has_the_security_headers(client: TestClient, address: str) -> None:
    response = client.get(address)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS


def test_static_files_have_them_too_and_may_be_kept(client: TestClient) -> None:
    response = client.get("/static/style.css")
    assert response.headers["cache-control"] == "max-age=3600"
    assert response.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "http" not in response.text


def test_foreign_host_names_are_refused_without_a_password(client: TestClient) -> None:
    for host in ("evil.example", "localhost.evil.example", "192.168.1.4", "", "127.0.0.1.nip.io", "[::1"):
        response = client.get("/api/v1/search", headers={"Host": host})
        assert response.status_code == 422
        assert "hits" not in response.text
    for host in ("localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"):
        assert client.get("/", headers={"Host": host}).status_code == 200


def test_request_that_came_over_the_network_is_refused_without_a_password(library: Any) -> None:
    client = TestClient(library.client().app, base_url="http://192.168.1.4")
    assert client.get("/", headers={"Host": "localhost"}).status_code == 422


def test_fault_of_ours_is_told_without_its_message(library: Any, caplog: pytest.LogCaptureFixture) -> None:
    client, message = library.client(), "confidential words"

    def fail() -> None:
        raise RuntimeError(message)

    client.app.add_api_route("/api/v1/fault", fail)
    client.app.add_api_route("/fault", fail)
    with caplog.at_level(logging.ERROR):
        problem, page = client.get("/api/v1/fault?q=confidential"), client.get("/fault")
    assert (problem.status_code, problem.json()["type"]) == (500, "urn:passerelle:problem:error")
    assert page.status_code == 500
    assert problem.headers["content-security-policy"] == HEADERS["content-security-policy"]
    assert "confidential" not in problem.text + page.text + caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_hostile.py" in caplog.text
