"""The search page, from files to what a reader sees."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html

QUESTION = "réseau électrique intelligent"


@pytest.fixture
def read(client: TestClient) -> Callable[..., html.HtmlElement]:
    """Get a page in one interface language and parse it."""

    def get(address: str = "/", ui: str = "fr", **params: Any) -> html.HtmlElement:
        response = client.get(address, params=params, headers={"Accept-Language": ui})
        assert response.status_code == 200
        return html.fromstring(response.text)

    return get


Read = Callable[..., html.HtmlElement]


def hits(page: html.HtmlElement) -> dict[str, html.HtmlElement]:
    return {hit.findtext(".//h3//bdi"): hit for hit in page.cssselect("li.hit")}


def texts(page: html.HtmlElement, selector: str) -> list[str]:
    return [" ".join(found.text_content().split()) for found in page.cssselect(selector)]


def follow(client: TestClient, page: html.HtmlElement, text: str) -> html.HtmlElement:
    link = next(link for link in page.iter("a") if text in link.text_content())
    return html.fromstring(client.get(link.get("href")).text)


def test_french_question_shows_the_chinese_note_with_its_translated_words_marked(read: Read) -> None:
    note = hits(read(q=QUESTION))["伊西莱穆利诺考察记录"]
    assert note.xpath(".//mark[@class='glossary']/text()") == ["智能电网"]
    assert note.cssselect("p.snippet")[0].get("lang") == "zh"
    assert texts(note, ".facts .badge") == ["中文", "Illustratif"]
    assert texts(note, ".facts time") == ["3 novembre 2014"]
    assert "le glossaire, rang 1" in texts(note, ".legs dd")


def test_chinese_question_shows_the_french_study(read: Read) -> None:
    study = hits(read(q="智能电网", ui="zh"))["Étude du réseau intelligent"]
    assert study.xpath(".//h3//bdi/@lang") == ["fr"]
    assert texts(study, ".facts .badge") == ["法文"]
    assert texts(study, ".place a") == ["查看段落"]


@pytest.mark.parametrize(
    ("ui", "told", "leg"),
    [("fr", "Noms : Dupont Jeanne ⇄ Jeanne Dupont", "le nom, rang 1"), ("zh", "人名、地名： Dupont", "人名")],
)
def test_page_tells_which_name_it_recognised_and_who_bears_it(read: Read, ui: str, told: str, leg: str) -> None:
    page = read(q="Dupont Jeanne", ui=ui)
    assert [text for text in texts(page, ".understood p") if text.startswith(told)]
    assert [text for text in texts(hits(page)["Étude du réseau intelligent"], ".legs dd") if text.startswith(leg)]


def test_hit_refers_to_its_page_or_its_heading(read: Read) -> None:
    found = hits(read(q="tramway 代表团"))
    assert texts(found["Brochure du tramway"], ".place a") == ["Lire le passage : page 1"]
    assert "Lire le passage : 第一天" in texts(found["伊西莱穆利诺考察记录"], ".place a")


def test_snippet_marks_words_exactly_after_characters_beyond_the_basic_plane(read: Read) -> None:
    study = hits(read(q="vélos logements"))["Étude du réseau intelligent"]
    assert set(study.xpath(".//mark/text()")) == {"logements", "vélos"}


@pytest.mark.parametrize(
    ("ui", "tag", "button", "total"), [("fr", "fr", "Chercher", "4 documents"), ("zh", "zh-Hans", "搜索", "4 份文件")]
)
def test_page_speaks_the_reader_s_language(read: Read, ui: str, tag: str, button: str, total: str) -> None:
    page = read(ui=ui)
    assert page.get("lang") == tag
    assert texts(page, ".ask button") == [button]
    assert texts(page, "[role=status]") == [total]


def test_language_of_the_interface_is_switched_and_remembered(library: Any) -> None:
    client = library.client()
    switched = client.get("/?q=réseau&ui=zh")
    assert "HttpOnly" in switched.headers["set-cookie"]
    assert html.fromstring(client.get("/").text).get("lang") == "zh-Hans"
    page = html.fromstring(client.get("/?q=réseau").text)
    assert page.xpath("//a[@hreflang='fr']/@href") == ["/?q=r%C3%A9seau&ui=fr"]


def test_empty_question_lists_everything_newest_first(read: Read) -> None:
    page = read()
    assert list(hits(page))[:2] == ["Étude du réseau intelligent", "伊西莱穆利诺考察记录"]
    assert texts(page, ".sorts a") == ["Plus récents", "Plus anciens"]


def test_assumed_language_is_told_and_changed_with_one_click(client: TestClient, read: Read) -> None:
    page = read(q=QUESTION)
    assert "Question lue comme : français" in texts(page, ".understood p")[0]
    changed = follow(client, page, "chinois")
    assert "Langue de la question : chinois" in texts(changed, ".understood p")[0]
    again = follow(client, changed, "détecter")
    assert texts(again, ".understood p") == texts(page, ".understood p")


def test_facet_narrows_and_is_taken_away_again(client: TestClient, read: Read) -> None:
    narrowed = follow(client, read(q=QUESTION), "Note de délégation")
    assert list(hits(narrowed)) == ["伊西莱穆利诺考察记录"]
    assert texts(narrowed, ".facet[aria-current]") == ["Note de délégation (choisi) 1"]
    widened = html.fromstring(client.get(narrowed.cssselect(".chips a")[0].get("href")).text)
    assert set(hits(widened)) > set(hits(narrowed))


def test_mode_shows_one_language_only(client: TestClient, read: Read) -> None:
    page = follow(client, read(q=QUESTION), "Chinois seulement")
    assert list(hits(page)) == ["伊西莱穆利诺考察记录"]
    assert texts(page, ".modes [aria-current]") == ["Chinois seulement"]
    assert "Français : exclu de la recherche" in texts(page, ".understood .pair")


def test_forms_keep_the_rest_of_the_question(read: Read) -> None:
    page = read(q="réseau", kind=["study", "minutes"], lang="fr", sort="newest", date_from="2014")
    ask, period = page.forms
    kept = [("lang", "fr"), ("sort", "newest"), ("kind", "study"), ("kind", "minutes")]
    assert sorted(ask.form_values()) == sorted([*kept, ("date_from", "2014"), ("q", "réseau")])
    assert sorted(period.form_values()) == sorted([*kept, ("q", "réseau"), ("date_from", "2014"), ("date_to", "")])


def test_pages_lead_on_and_back(client: TestClient, read: Read) -> None:
    first = read(limit=2)
    assert texts(first, ".range") == ["1 à 2"]
    second = follow(client, first, "Page suivante")
    assert texts(second, ".range") == ["3 à 4"]
    assert list(hits(follow(client, second, "Page précédente"))) == list(hits(first))


def test_question_without_answer_says_so_and_what_to_try(read: Read) -> None:
    page = read(q="réseau", kind="press")
    assert texts(page, "[role=status]") == ["Aucun document"]
    assert "Retirer les filtres" in texts(page, ".notice a")


@pytest.mark.parametrize(
    ("ui", "question", "told"),
    [
        ("fr", "Brochure du tramway", "Rien de vraiment proche n’a été trouvé en chinois."),
        ("zh", "Brochure du tramway", "中文文件中没有找到与问题真正相近的内容。"),
    ],
)
def test_page_says_that_no_document_in_the_other_language_is_close(
    read: Read, ui: str, question: str, told: str
) -> None:
    assert texts(read(q=question, ui=ui), "[role=note]") == [told]


def test_empty_index_is_told(make_library: Callable[[Path], Any], tmp_path: Path) -> None:
    library = make_library(tmp_path)
    with library.index.writer("test") as writer:
        writer.remove(
            [library.id(name) for name in ("study", "note", "hostile", "secret", "brochure")], "2020-01-01T00:00:00Z"
        )
    page = html.fromstring(library.client().get("/?q=réseau").text)
    assert texts(page, "[role=status]") == ["Aucun document"]
    assert texts(page, ".notice")


@pytest.mark.parametrize("query", ["limit=1000", "page=2", "date_from=hier", "kind=a&q=1&q=2"])
def test_refused_parameters_get_a_page_that_names_them(client: TestClient, query: str) -> None:
    response = client.get(f"/?{query}", headers={"Accept-Language": "zh"})
    page = html.fromstring(response.text)
    assert response.status_code == 422
    assert page.get("lang") == "zh-Hans"
    assert texts(page, "code")[0] in query
    assert page.xpath("//details/p/@lang") == ["en"]


def test_page_can_be_read_without_seeing_or_pointing(read: Read) -> None:
    page = read(q=QUESTION)
    assert page.cssselect("a.skip")[0].get("href") == "#content"
    assert [len(page.cssselect(name)) for name in ("header.site", "main#content", "footer", "h1", "search")] == [1] * 5
    assert [int(heading.tag[1]) for heading in page.cssselect("h1, h2, h3")][:3] == [1, 2, 3]
    for field in page.cssselect("input:not([type=hidden])"):
        assert field.label is not None
    for region in page.cssselect("nav, aside, section, [aria-labelledby]"):
        labelled = region.get("aria-labelledby")
        assert region.get("aria-label") or page.get_element_by_id(labelled).text_content().strip()
    assert not page.cssselect("script, style, [style], [onclick], [tabindex]:not([tabindex='-1'])")


def test_head_answers_like_get_without_a_body(client: TestClient) -> None:
    response = client.head("/")
    assert (response.status_code, response.content) == (200, b"")


def test_links_and_forms_stay_below_the_path_the_service_is_mounted_on(library: Any) -> None:
    client = library.client(root_path="/passerelle")
    page = html.fromstring(client.get(f"/?q={QUESTION}&kind=study&kind=delegation_note").text)
    targets = page.xpath("//a/@href | //form/@action | //link/@href | //img/@src")
    assert all(target.startswith(("/passerelle/", "#")) for target in targets)
    assert {target for target in targets if target.startswith("/passerelle/documents/")}
    assert client.get("/passerelle/static/style.css").status_code == 200
