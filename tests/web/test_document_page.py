"""The page of one document."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from lxml import html

from search_core.vocabulary import load_vocabulary


def read(client: TestClient, address: str, ui: str = "fr") -> html.HtmlElement:
    response = client.get(address, headers={"Accept-Language": ui})
    assert response.status_code == 200
    return html.fromstring(response.text)


def open_first_hit(client: TestClient, question: str) -> html.HtmlElement:
    results = read(client, f"/?q={question}")
    return read(client, results.cssselect(".hit .place a")[0].get("href"))


def facts(page: html.HtmlElement) -> dict[str, str]:
    return {term.text: term.getnext().text_content().strip() for term in page.cssselect(".about dt")}


def test_passage_that_answers_is_marked_and_nothing_else(client: TestClient) -> None:
    page = open_first_hit(client, "自行车&lang=zh")
    passage = page.get_element_by_id("passage")
    marked = "".join(part.text_content() for part in page.cssselect(".in-passage")).removeprefix("Passage trouvé")
    assert marked == "第二天代表团乘坐自行车考察。"
    assert passage.xpath("string(ancestor::section/@lang)") == "zh"
    assert [found.tag for found in page.cssselect(".found")] == ["h2", "p"]
    assert passage.getparent().tag == "h2"


def test_words_of_the_question_are_marked_in_the_whole_text(client: TestClient, library: Any) -> None:
    page = read(client, f"/documents/{library.id('study')}?q=vélos logements")
    assert page.xpath("//section[contains(@class, 'text')]//mark/text()") == ["logements", "vélos"]


def test_text_is_whole_with_its_headings_and_pages(client: TestClient, library: Any) -> None:
    page = read(client, f"/documents/{library.id('note')}")
    text = page.cssselect("section.text")[0]
    assert [heading.text_content() for heading in text.cssselect("h2")] == ["第一天", "第二天"]
    assert "".join(text.text_content().split()) == "".join(library.text("note").split())
    assert page.xpath("//nav//a[text() or bdi]/bdi/text()")[-2:] == ["第一天", "第二天"]
    brochure = read(client, f"/documents/{library.id('brochure')}")
    assert [mark.text_content().strip() for mark in brochure.cssselect(".page-mark")] == ["page 1", "page 2"]


def test_facts_are_labelled_in_the_reader_s_language(client: TestClient, library: Any) -> None:
    note = f"/documents/{library.id('note')}"
    french, chinese = facts(read(client, note)), facts(read(client, note, ui="zh"))
    kind, named = (load_vocabulary().label("kind", "delegation_note"), load_vocabulary().field_label("kind"))
    assert (french[named[0]], chinese[named[1]]) == kind
    assert (french["Date"], chinese["日期"]) == ("3 novembre 2014", "2014年11月3日")
    assert french["Fichier"] == "zh/乐山考察记录.md"


def test_invented_document_says_that_it_is_invented(client: TestClient, library: Any) -> None:
    page = read(client, f"/documents/{library.id('note')}")
    assert "inventé" in page.cssselect(".notice")[0].text_content()


def test_original_is_offered_while_it_is_there(make_library: Callable[[Path], Any], tmp_path: Path) -> None:
    library = make_library(tmp_path)
    client, address = library.client(), f"/documents/{library.id('study')}"
    assert read(client, address).xpath("//a[@download]/@href") == [f"{address}/original"]
    library.file("study").unlink()
    page = read(client, address)
    assert not page.xpath("//a[@download]")
    assert "n’est plus à sa place" in page.cssselect(".notice")[0].text_content()
    assert "1 600 logements" in page.cssselect("section.text")[0].text_content()
    gone = client.get(f"{address}/original")
    assert gone.status_code == 410
    assert address in html.fromstring(gone.text).xpath("//a[@class='button']/@href")


def test_passage_that_is_gone_is_told(client: TestClient, library: Any) -> None:
    page = read(client, f"/documents/{library.id('study')}?passage=0000-0")
    assert "n’existe plus" in page.cssselect(".notice")[0].text_content()
    other = read(client, f"/documents/{library.id('note')}?passage={passage_of(client, library, 'study')}")
    assert not other.cssselect(".in-passage")


def passage_of(client: TestClient, library: Any, name: str) -> str:
    hits = client.get("/api/v1/search?q=réseau électrique").json()["hits"]
    return next(hit["passages"][0]["passage_id"] for hit in hits if hit["document_id"] == library.id(name))


def test_unknown_document_gets_a_page_that_helps(client: TestClient, library: Any) -> None:
    for document_id in ("0" * 16, library.id("secret"), "a/b", "%22%3E%3Cb%3E"):
        response = client.get(f"/documents/{document_id}")
        page = html.fromstring(response.text)
        assert response.status_code == 404
        assert page.findtext(".//h1") == "Rien à cette adresse"
        assert page.xpath("//a[@class='button']/@href") == ["/"]


def test_way_back_keeps_the_question(client: TestClient, library: Any) -> None:
    page = read(client, f"/documents/{library.id('study')}?q=vélos")
    assert page.xpath("//article/header//a/@href")[0] == "/?q=v%C3%A9los"


def test_a_field_that_nobody_declared_is_marked_as_proposed(client: TestClient, library: Any) -> None:
    address = f"/documents/{library.id('brochure')}"
    for ui, mark, label in (("fr", "(proposé)", 0), ("zh", "(推断)", 1)):
        page = read(client, address, ui)
        marked = {term.text.strip() for term in page.cssselect(".about dt") if mark in term.text_content()}
        assert marked == {load_vocabulary().field_label("working_group")[label]}
    assert client.get(f"/api/v1{address}").json()["proposed"] == ["working_group"]
