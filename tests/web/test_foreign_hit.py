"""What a page shows of a hit that its reader cannot read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from lxml import html

from indexer.run import index_paths
from search_core.analysis.analyzer import Analyzer
from search_core.glossary import load_glossary
from search_core.vocabulary import load_vocabulary

QUESTION = "visite du réseau électrique intelligent par la délégation de Leshan"
FRENCH_PASSAGE = "Le tramway dessert les quartiers situés au nord de la ville."


@pytest.fixture(scope="module")
def titled(make_library: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The library, with a French title for its Chinese note and a French passage in it."""
    library = make_library(tmp_path_factory.mktemp("titled"))
    sidecar = Path(f"{library.file('note')}.meta.yaml")
    declared = yaml.safe_load(sidecar.read_text("utf-8")) | {"titre_fr": "Carnet <de> visite"}
    sidecar.write_text(yaml.safe_dump(declared, allow_unicode=True), "utf-8")
    with library.file("note").open("a", encoding="utf-8") as note:
        note.write(f"\n\n## 附录\n\n{FRENCH_PASSAGE}")
    glossary = load_glossary()
    index_paths(
        [library.folder],
        index=library.index,
        embedder=library.embedder,
        analyzer=Analyzer(glossary),
        glossary=glossary,
        vocabulary=load_vocabulary(),
    )
    return library


def read(client: TestClient, address: str, ui: str) -> html.HtmlElement:
    response = client.get(address, headers={"Accept-Language": ui})
    assert response.status_code == 200
    return html.fromstring(response.text)


def hit_of(page: html.HtmlElement, path: str) -> html.HtmlElement:
    return next(hit for hit in page.cssselect(".hit") if path in hit.text_content())


def words(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_a_title_in_the_reader_s_language_leads_and_the_original_stands_below(titled: Any) -> None:
    with titled.client() as client:
        french = hit_of(read(client, f"/?q={QUESTION}&lang=zh", "fr"), "考察记录.md")
        chinese = hit_of(read(client, f"/?q={QUESTION}&lang=zh", "zh"), "考察记录.md")
        document = read(client, f"/documents/{titled.id('note')}", "fr")

    assert [(title.get("lang"), title.text) for title in french.cssselect("h3 bdi, .original-title bdi")] == [
        ("fr", "Carnet <de> visite"),
        ("zh", "伊西莱穆利诺考察记录"),
    ]
    assert [title.text for title in chinese.cssselect("h3 bdi, .original-title bdi")] == ["伊西莱穆利诺考察记录"]
    assert [title.text for title in document.cssselect("h1 bdi, .original-title bdi")] == [
        "Carnet <de> visite",
        "伊西莱穆利诺考察记录",
    ]
    assert document.findtext(".//title").startswith("Carnet <de> visite")


@pytest.mark.parametrize(("ui", "place"), [("fr", "(en français)"), ("zh", "（法文段落）")])
def test_a_leg_in_another_language_than_the_document_s_says_so(titled: Any, ui: str, place: str) -> None:
    with titled.client() as client:
        hit = hit_of(read(client, f"/?q=智能电网 {FRENCH_PASSAGE}", ui), "考察记录.md")
    legs = [words(leg) for leg in hit.cssselect(".legs dd")]

    assert len(legs) == len(set(legs))
    assert any(place in leg for leg in legs)
    assert not all(place in leg for leg in legs)


def test_the_answering_sentence_is_marked_for_eyes_and_ears(titled: Any) -> None:
    with titled.client() as client:
        page = read(client, f"/?q={QUESTION}&lang=zh", "fr")
    [answer] = hit_of(page, "考察记录.md").cssselect(".answer")

    assert words(answer) == "Phrase qui répond : 乐山市代表团参观了伊西的智能电网，并与各部门座谈。"
    assert answer.cssselect(".visually-hidden")[0].get("lang") == "fr"
    assert answer.xpath("string(ancestor::*[@lang][1]/@lang)") == "zh"
    assert page.cssselect(".legend .answer")


def test_corresponding_words_stand_below_the_passage_in_both_languages(titled: Any) -> None:
    with titled.client() as client:
        hit = hit_of(read(client, f"/?q={QUESTION}&lang=zh", "fr"), "考察记录.md")
    below = hit.cssselect(".pairs")[0]
    shown = [[(word.get("lang"), word.text) for word in pair.cssselect("bdi")] for pair in below.cssselect(".pair")]

    assert [("zh", "智能电网"), ("fr", "réseau électrique intelligent")] in shown
    assert [("zh", "伊西"), ("fr", "Issy-les-Moulineaux")] in shown
    asked = [words(pair) for pair in below.cssselect(".asked")]
    assert "代表团 = délégation" in asked
    assert [words(pair) for pair in below.cssselect(".pair")][: len(asked)] == asked


def test_a_hit_in_the_question_s_language_is_shown_as_before(titled: Any) -> None:
    with titled.client() as client:
        hit = hit_of(read(client, "/?q=réseau électrique intelligent&lang=fr", "fr"), "étude réseau.txt")

    assert not hit.cssselect(".answer, .pairs, .original-title, .translate")
