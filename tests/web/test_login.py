"""Signing in with the shared password, in a browser and from a program."""

import base64
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from search_api.access import FREE_GUESSES, Access

PASSWORD = "clé 双城"


@pytest.fixture
def client(library: Any) -> TestClient:
    """A reader who has not signed in, at a service that is open to other machines."""
    return TestClient(library.client(Access(PASSWORD)).app, base_url="https://docs.example", follow_redirects=False)


def form_of(client: TestClient, address: str = "/login") -> dict[str, str]:
    return dict(html.fromstring(client.get(address).text).forms[0].form_values())


def sign_in(client: TestClient, password: str = PASSWORD, **fields: str) -> Any:
    return client.post("/login", data={**form_of(client), "password": password, **fields})


def basic(password: str, user: str = "someone") -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(password: str) -> dict[str, bytes]:
    return {"Authorization": b"Bearer " + password.encode()}


@pytest.mark.parametrize(
    "address",
    ["/?q=r%C3%A9seau&kind=study", "/documents/0?passage=1", "/nothing", "/?q=" + "%E4%B9%90" * 1000],
    ids=["question", "document", "nothing", "pasted page"],
)
def test_reader_is_sent_to_the_login_page_and_back(client: TestClient, address: str) -> None:
    refused = client.get(address)
    assert refused.status_code == 303
    form = form_of(client, refused.headers["location"])
    welcomed = client.post("/login", data={**form, "password": PASSWORD})
    assert (welcomed.status_code, welcomed.headers["location"]) == (303, address)
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/", "/documents/0/original", "/api/v1/openapi.json", "/static", "/staticx", "/api/v1/health/", "/nothing"],
)
def test_nothing_else_is_open_without_a_login(client: TestClient, address: str) -> None:
    assert client.get(address).status_code in (303, 401)
    assert client.post(address).status_code in (303, 401)


def test_login_page_styles_and_liveness_are_open(client: TestClient) -> None:
    assert client.get("/login").status_code == 200
    assert client.get("/static/style.css").status_code == 200
    assert client.get("/api/v1/health").json() == {"status": "ok"}


def test_program_without_a_password_gets_a_problem(client: TestClient) -> None:
    refused = client.get("/api/v1/search?q=réseau")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:passerelle:problem:access_denied")
    assert refused.headers["content-type"] == "application/problem+json"
    assert "Basic" in refused.headers["www-authenticate"]
    assert "hits" not in refused.json()


@pytest.mark.parametrize("headers", [basic(PASSWORD), basic(PASSWORD, ""), bearer(PASSWORD)])
def test_program_with_the_password_is_answered(client: TestClient, headers: Any) -> None:
    assert client.get("/api/v1/search", headers=headers).status_code == 200
    assert "engine" in client.get("/api/v1/health", headers=headers).json()


@pytest.mark.parametrize(
    "headers",
    [basic("wrong"), basic(""), bearer("wrong"), bearer(""), {"Authorization": "Basic %%%"}, {"Authorization": "Basic"},
     {"Authorization": PASSWORD.encode()}, {"Authorization": b"Digest " + PASSWORD.encode()}, basic(PASSWORD + "x")],
)  # fmt: skip
def test_program_with_anything_else_is_refused(client: TestClient, headers: Any) -> None:
    assert client.get("/api/v1/search", headers=headers).status_code == 401


def test_wrong_password_is_told_and_nothing_opened(client: TestClient) -> None:
    refused = sign_in(client, "wrong")
    assert refused.status_code == 401
    assert html.fromstring(refused.text).cssselect("[role=alert]")[0].text_content()
    assert client.get("/").status_code == 303


def test_guesses_are_stopped_even_when_the_next_one_is_right(client: TestClient) -> None:
    for _ in range(FREE_GUESSES):
        assert client.get("/api/v1/search", headers=basic("wrong")).status_code == 401
    stopped = client.get("/api/v1/search", headers=basic(PASSWORD))
    assert (stopped.status_code, stopped.json()["type"]) == (429, "urn:passerelle:problem:too_many_guesses")
    assert int(stopped.headers["retry-after"]) > 0
    on_page = sign_in(client)
    assert on_page.status_code == 429
    assert int(on_page.headers["retry-after"]) > 0


def test_reader_who_is_signed_in_is_not_stopped_by_the_guesses_of_others(client: TestClient) -> None:
    sign_in(client)
    for _ in range(FREE_GUESSES + 1):
        TestClient(client.app, base_url="https://docs.example").get("/api/v1/search", headers=basic("wrong"))
    assert client.get("/").status_code == 200


def test_form_of_another_site_cannot_sign_in(client: TestClient) -> None:
    assert client.post("/login", data={"password": PASSWORD}).status_code == 403
    form_of(client)
    assert client.post("/login", data={"password": PASSWORD, "form_token": "guessed"}).status_code == 403
    assert client.get("/").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example", "//evil.example", "/\\evil.example", "/\tx", "javascript:alert(1)", ""]
)
def test_login_leads_to_no_other_host(client: TestClient, target: str) -> None:
    assert form_of(client, "/login?next=" + target.replace("\\", "%5C").replace("\t", "%09"))["next"] == "/"
    assert sign_in(client, next=target).headers["location"] == "/"


def test_session_cookie_is_kept_from_scripts_and_other_sites(client: TestClient, library: Any) -> None:
    cookie = sign_in(client).headers["set-cookie"].lower()
    assert {"httponly", "samesite=lax", "secure"} <= {part.strip() for part in cookie.split(";")}
    plain = TestClient(library.client(Access(PASSWORD)).app, base_url="http://docs.example", follow_redirects=False)
    assert "secure" not in sign_in(plain).headers["set-cookie"].lower()


def test_signing_in_makes_another_form_token(client: TestClient) -> None:
    before = form_of(client)["form_token"]
    sign_in(client)
    assert form_of(client, "/")["form_token"] != before


def test_signing_out_needs_the_token_and_ends_the_session(client: TestClient) -> None:
    sign_in(client)
    client.post("/logout", data={"form_token": "guessed"})
    page = html.fromstring(client.get("/").text)
    form = next(form for form in page.forms if form.action == "/logout")
    client.post("/logout", data=dict(form.form_values()))
    assert client.get("/").status_code == 303


def test_changed_cookie_is_no_session(client: TestClient) -> None:
    sign_in(client)
    value = client.cookies["passerelle_session"]
    client.cookies.clear()
    client.cookies["passerelle_session"] = "x" + value[1:]
    assert client.get("/").status_code == 303


def test_service_without_a_password_has_no_login(library: Any) -> None:
    client = library.client()
    assert client.get("/login").headers["location"] == "/"
    assert not client.get("/").cookies
    assert "/logout" not in client.get("/").text


def test_login_stays_below_the_path_the_service_is_mounted_on(library: Any) -> None:
    app = library.client(Access(PASSWORD)).app
    client = TestClient(app, base_url="https://docs.example", root_path="/p", follow_redirects=False)
    assert client.get("/p/?q=a").headers["location"] == "/p/login?next=%2Fp%2F%3Fq%3Da"
    assert client.get("/p/api/v1/search").status_code == 401
    assert client.get("/p/static/style.css").status_code == 200
