"""What was recognised in a picture says so, and how sure that is: in the JSON and on the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from indexer.documents import index_documents
from search_api.access import Access
from search_api.app import create_app
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.model import Document, PageSpan
from search_core.vocabulary import load_vocabulary

READ = "Le tramway relie la gare au centre."
RECOGNISED = "Le tramway ne circule pas la nuit."


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    index, embedder, glossary = open_embedded_index(tmp_path / "data"), HashEmbedder(), load_glossary()
    documents = [
        Document("read", "notes", "texte.pdf", "fr", text=READ, pages=(PageSpan(0, len(READ), "1"),)),
        Document("scan", "notes", "scan.pdf", "fr", text=RECOGNISED, pages=(PageSpan(0, len(RECOGNISED), "1", 0.87),)),
    ]
    index_documents(documents, index=index, embedder=embedder, analyzer=Analyzer(glossary), glossary=glossary)
    service = SearchService(index, embedder, load_vocabulary(), glossary, Scope.of({"public"}))
    yield TestClient(create_app(service, Access()), base_url="http://localhost")
    index.close()


def test_confidence_is_in_the_json_of_search_and_document(client: TestClient) -> None:
    answer = client.get("/api/v1/search?q=tramway").json()
    pages = client.get("/api/v1/documents/scan").json()["pages"]

    assert {hit["path"]: hit["passages"][0]["confidence"] for hit in answer["hits"]} == {
        "texte.pdf": None,
        "scan.pdf": 0.87,
    }
    assert pages == [{"start": 0, "end": len(RECOGNISED), "label": "1", "confidence": 0.87}]


@pytest.mark.parametrize(
    ("ui", "mark"), [("fr", "texte reconnu (OCR), confiance 87\xa0%"), ("zh", "文字识别（OCR），置信度 87%")]
)
def test_hit_that_was_recognised_is_marked_and_no_other(client: TestClient, ui: str, mark: str) -> None:
    page = html.fromstring(client.get("/", params={"q": "tramway", "ui": ui}).text)

    assert page.xpath("//*[@class='recognised']/text()") == [mark]


def test_page_of_a_document_that_was_recognised_is_marked_and_no_other(client: TestClient) -> None:
    marks = {
        document_id: html.fromstring(client.get(f"/documents/{document_id}?ui=fr").text).xpath(
            "//p[@class='page-mark']/span[@class='recognised']/text()"
        )
        for document_id in ("read", "scan")
    }

    assert marks == {"read": [], "scan": ["texte reconnu (OCR), confiance 87\xa0%"]}
