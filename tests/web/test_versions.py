"""Two versions of one document on the page: one result, both within reach of keyboard and screen reader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

from search_core.pairs import Link, PairRecord, write_record

QUESTION = "réseau intelligent 智能电网"


@pytest.fixture(scope="module")
def paired(make_library: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The library, in which the study and the note are versions of each other."""
    library = make_library(tmp_path_factory.mktemp("paired"))
    link = Link(library.id("study"), library.id("note"), 3.0)
    with library.index.writer("test") as writer:
        write_record(library.index, writer, PairRecord((link,)))
    return library


def read(client: TestClient, address: str, ui: str = "fr") -> html.HtmlElement:
    response = client.get(address, headers={"Accept-Language": ui})
    assert response.status_code == 200
    return html.fromstring(response.text)


def test_a_result_names_its_other_version_with_a_link_to_what_answers(paired: Any) -> None:
    page = read(paired.client(), f"/?q={QUESTION}&prefer=fr")
    (hit,) = (hit for hit in page.cssselect(".hit") if "Étude" in hit.cssselect("h3")[0].text_content())
    (version,) = hit.cssselect(".version")
    (link,) = version.cssselect("a")

    said = " ".join(version.text_content().split())
    assert said == "Version chinoise : 伊西莱穆利诺考察记录 (rapprochée automatiquement)"
    assert (link.get("hreflang"), link.cssselect("bdi")[0].get("lang")) == ("zh", "zh")
    assert "passage=" in link.get("href")
    assert "#passage" in link.get("href")

    other = read(paired.client(), link.get("href"))
    assert other.cssselect("h1")[0].text_content().strip() == "Étude du réseau intelligent"
    assert other.cssselect(".original-title bdi")[0].text == "伊西莱穆利诺考察记录"


def test_the_other_version_is_no_result_of_its_own(paired: Any) -> None:
    page = read(paired.client(), f"/?q={QUESTION}")
    titles = [hit.cssselect("h3")[0].text_content() for hit in page.cssselect(".hit")]

    assert sum("Étude" in title or "考察" in title for title in titles) == 1


def test_a_document_leads_to_its_other_version_in_either_interface_language(paired: Any) -> None:
    for name, ui, said in (("note", "zh", "法文版："), ("study", "fr", "Version chinoise\u00a0:")):
        page = read(paired.client(), f"/documents/{paired.id(name)}", ui)
        (version,) = page.cssselect("header .version")
        assert said in version.text_content()
        assert page.cssselect("header .version a[href]")


def test_a_document_without_another_version_says_nothing_of_it(client: TestClient, library: Any) -> None:
    assert not read(client, f"/documents/{library.id('study')}").cssselect(".version")
    assert b'class="version"' not in client.get("/").content


def test_titles_of_versions_are_text(paired: Any) -> None:
    link = Link(paired.id("hostile"), paired.id("note"), 3.0)
    with paired.index.writer("test") as writer:
        write_record(paired.index, writer, PairRecord((link,)))
    page = read(paired.client(), f"/documents/{paired.id('note')}")

    assert not page.xpath("//header[not(contains(@class, 'site'))]//script")
    assert "<script>" in page.cssselect(".version")[0].text_content()
