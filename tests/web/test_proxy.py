"""Behind a reverse proxy: below a path of its host, and told by it who asks and how."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from search_api.access import FREE_GUESSES, Access
from search_api.app import create_app
from search_api.opening import open_app
from search_api.proxy import read_proxy
from search_core.errors import SettingsError
from search_core.settings import Settings

PASSWORD = "mot de passe"
NEAR, READER, OTHER_READER = "10.0.0.2", "203.0.113.7", "203.0.113.8"
WRONG = {"Authorization": "Bearer wrong"}
RIGHT = {"Authorization": f"Bearer {PASSWORD}"}


def client_at(
    library: Any, *, root_path: str = "", trusted: str = "", password: str = PASSWORD, address: str = NEAR
) -> TestClient:
    """A client that connects from `address`, to a service that is told of its proxy."""
    app = create_app(library.service(), Access(password), proxy=read_proxy(root_path, trusted))
    return TestClient(app, base_url="http://docs.example", follow_redirects=False, client=(address, 50000))


def targets_of(page: str) -> list[str]:
    return [
        str(found) for found in html.fromstring(page).xpath("//a/@href | //form/@action | //link/@href | //img/@src")
    ]


@pytest.mark.parametrize("sent", ["", "/passerelle"], ids=["prefix cut off", "prefix passed on"])
def test_everything_is_found_and_linked_below_the_root(library: Any, sent: str) -> None:
    client = client_at(library, root_path="/passerelle")
    document_id = library.id("study")
    for path in ("/", "/?q=réseau", f"/documents/{document_id}", "/report", "/nothing", "/login"):
        answer = client.get(f"{sent}{path}", headers=RIGHT)
        targets = targets_of(answer.text) if answer.status_code != 303 else [answer.headers["location"]]
        assert all(target.startswith(("/passerelle/", "#")) for target in targets), path
    for path in ("/static/style.css", "/api/v1/health", f"/documents/{document_id}/original"):
        assert client.get(f"{sent}{path}", headers=RIGHT).status_code == 200, path


def test_root_without_its_slash_is_the_search_page(library: Any) -> None:
    client = client_at(library, root_path="/passerelle")
    assert targets_of(client.get("/passerelle", headers=RIGHT).text) == targets_of(
        client.get("/passerelle/", headers=RIGHT).text
    )


def test_path_that_only_begins_like_the_root_is_not_below_it(library: Any) -> None:
    answer = client_at(library, root_path="/passerelle").get("/passerelle-2/login")
    assert answer.headers["location"].startswith("/passerelle/login?next=%2Fpasserelle%2Fpasserelle-2")


def test_signing_in_below_a_root_stays_there_with_its_cookies(library: Any) -> None:
    client = client_at(library, root_path="/ville/passerelle")
    refused = client.get("/ville/passerelle/?q=a")
    form = dict(html.fromstring(client.get(refused.headers["location"]).text).forms[0].form_values())
    welcomed = client.post("/ville/passerelle/login", data={**form, "password": PASSWORD})
    assert (welcomed.status_code, welcomed.headers["location"]) == (303, "/ville/passerelle/?q=a")
    assert "path=/ville/passerelle;" in welcomed.headers["set-cookie"].lower()
    switched = client.get("/ville/passerelle/?ui=zh")
    assert "path=/ville/passerelle;" in switched.headers["set-cookie"].lower()


def test_api_description_names_the_root_as_its_server(library: Any) -> None:
    described = client_at(library, root_path="/passerelle").get("/passerelle/api/v1/openapi.json", headers=RIGHT)
    assert described.json()["servers"] == [{"url": "/passerelle"}]


def test_problem_names_the_whole_path(library: Any) -> None:
    problem = client_at(library, root_path="/passerelle").get("/api/v1/documents/none", headers=RIGHT).json()
    assert problem["instance"] == "/passerelle/api/v1/documents/none"


@pytest.mark.parametrize("trusted", [NEAR, "192.0.2.1, 10.0.0.0/8", f"::1,{NEAR}"])
def test_https_told_by_a_trusted_proxy_makes_cookies_secure(library: Any, trusted: str) -> None:
    client = client_at(library, trusted=trusted)
    for path in ("/login", "/login?ui=zh"):
        cookies = client.get(path, headers={"X-Forwarded-Proto": "https"}).headers.get_list("set-cookie")
        assert cookies
        assert all("secure" in cookie.lower() for cookie in cookies)


@pytest.mark.parametrize("trusted", ["", "192.0.2.1", "10.0.1.0/24"])
def test_headers_of_anybody_else_are_not_believed(library: Any, trusted: str) -> None:
    client = client_at(library, trusted=trusted)
    plain = client.get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "secure" not in plain.headers["set-cookie"].lower()
    for number in range(FREE_GUESSES):
        claimed = {"X-Forwarded-For": f"203.0.113.{number}"}
        assert client.get("/api/v1/search", headers={**WRONG, **claimed}).status_code == 401
    assert client.get("/api/v1/search", headers={**WRONG, "X-Forwarded-For": READER}).status_code == 429


def test_guesses_are_counted_by_the_reader_behind_the_proxy(library: Any) -> None:
    client = client_at(library, trusted=NEAR)
    for number in range(FREE_GUESSES):  # what the reader claims stands to the left of what the proxy saw
        claimed = {"X-Forwarded-For": f"198.51.100.{number}, {READER}"}
        assert client.get("/api/v1/search", headers={**WRONG, **claimed}).status_code == 401
    assert client.get("/api/v1/search", headers={**RIGHT, "X-Forwarded-For": READER}).status_code == 429
    assert client.get("/api/v1/search", headers={**RIGHT, "X-Forwarded-For": OTHER_READER}).status_code == 200


def test_proxy_of_a_socket_for_both_families_is_known_by_its_ipv4_address(library: Any) -> None:
    client = client_at(library, trusted="10.0.0.0/24", address=f"::ffff:{NEAR}")
    assert "secure" in client.get("/login", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Prefix": "/evil"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-URL": "/evil"},
        {"X-Forwarded-Proto": "javascript"},
    ],
)
def test_other_headers_change_nothing_even_from_a_trusted_proxy(library: Any, headers: dict[str, str]) -> None:
    client = client_at(library, trusted=NEAR)
    answer = client.get("/?q=a", headers=headers)
    assert answer.headers["location"] == "/login?next=%2F%3Fq%3Da"
    assert "evil" not in client.get("/login", headers=headers).text


@pytest.mark.parametrize("trusted", ["", "127.0.0.1"])
def test_without_a_password_a_proxy_opens_nothing_to_other_machines(library: Any, trusted: str) -> None:
    client = client_at(library, password="", trusted=trusted, address="127.0.0.1")
    client.base_url = "http://localhost"
    for forwarded in (READER, f"127.0.0.1, {READER}", "unknown"):
        refused = client.get("/api/v1/search", headers={"X-Forwarded-For": forwarded})
        assert refused.status_code == 422
        assert "PASSERELLE_PASSWORD" in refused.json()["remedy"]
    on_this_machine = client.get("/api/v1/search", headers={"X-Forwarded-For": "127.0.0.1"})
    assert on_this_machine.status_code == 200


@pytest.mark.parametrize(
    "path",
    ["passerelle", "//evil.example", "/a//b", "/a b", "/a?b", "/é", "/..", "/a/../b", "https://docs.example/a", "/a;b"],
)
def test_root_that_is_no_plain_path_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="PASSERELLE_ROOT_PATH"):
        read_proxy(path, "")


@pytest.mark.parametrize(("path", "read"), [("", ""), ("/", ""), ("/a", "/a"), ("/a/b-c/", "/a/b-c"), (" /a ", "/a")])
def test_root_is_read_without_its_last_slash(path: str, read: str) -> None:
    assert read_proxy(path, "").root_path == read


@pytest.mark.parametrize("trusted", ["*", "proxy.example", "10.0.0.1/8", "10.0.0.1;10.0.0.2", "unix:"])
def test_trust_in_what_is_no_address_is_refused(trusted: str) -> None:
    with pytest.raises(SettingsError, match="PASSERELLE_TRUSTED_PROXIES"):
        read_proxy("", trusted)


def test_settings_reach_the_application(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", model="hash", root_path="/p/", trusted_proxies="testclient, 127.0.0.1")
    with pytest.raises(SettingsError, match="'testclient'"):
        open_app(settings)
    app = open_app(settings.model_copy(update={"trusted_proxies": "127.0.0.1"}))
    client = TestClient(app, base_url="http://localhost", client=("127.0.0.1", 1))
    assert client.get("/p/api/v1/health").json()["status"] == "ok"
    assert "secure" in client.get("/p/?ui=zh", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"].lower()
