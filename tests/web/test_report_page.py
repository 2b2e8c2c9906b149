"""The page that says what became of every file."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from search_api.access import Access


def read(client: TestClient, address: str, ui: str = "fr") -> html.HtmlElement:
    response = client.get(address, headers={"Accept-Language": ui})
    assert response.status_code == 200
    return html.fromstring(response.text)


def listed(page: html.HtmlElement) -> dict[str, str]:
    """Path to status, as the table shows them."""
    return {
        row.xpath("string(th//bdi)"): row.cssselect(".status")[0].text_content() for row in page.cssselect("tbody tr")
    }


def test_report_lists_what_readers_may_know_of(client: TestClient) -> None:
    files = listed(read(client, "/report"))
    assert files["fr/étude réseau.txt"] == "lu en entier"
    assert files["zh/乐山考察记录.md"] == "lu en entier"
    assert "fr/secret.txt" not in files


def test_report_is_reached_from_every_page_and_speaks_both_languages(client: TestClient) -> None:
    link = read(client, "/", ui="zh").cssselect("footer a")[0]
    assert (link.text, link.get("href")) == ("各文件的处理情况", "/report")
    page = read(client, "/report", ui="zh")
    assert page.xpath("string(//h1)") == "各文件的处理情况"
    assert "已完整读取" in listed(page).values()


def test_report_can_be_read_by_status(client: TestClient) -> None:
    page = read(client, "/report?status=indexed")
    assert set(listed(page).values()) == {"lu en entier"}
    assert page.cssselect(".modes a[aria-current]")[0].text.strip() == "lu en entier"
    assert listed(read(client, "/report?status=skipped")) == {}


def test_table_is_named_and_its_rows_have_headings(client: TestClient) -> None:
    page = read(client, "/report")
    assert page.cssselect("table caption")[0].text == "Fichiers, page 1 sur 1"
    assert all(row.cssselect("th[scope=row]") for row in page.cssselect("tbody tr"))
    region = page.cssselect("[role=region]")[0]
    assert (region.get("tabindex"), region.get("aria-labelledby")) == ("0", "files-caption")


@pytest.mark.parametrize("address", ["/report?status=lost", "/report?page=0", "/report?page=x", "/report?q=1"])
def test_what_the_report_does_not_know_is_refused(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 422


def test_report_needs_the_login_that_the_documents_need(library: Any) -> None:
    client: Callable[..., TestClient] = library.client
    response = client(Access(password="a secret")).get("/report")
    assert response.status_code in (302, 303, 307, 401)
    assert "étude" not in response.text
