"""Hit, document page and JSON show where people know a file to be, and a file in an archive is handed out."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from indexer.run import index_paths
from search_api.access import Access
from search_api.app import create_app
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.shown_paths import set_prefix
from search_core.vocabulary import load_vocabulary

TEXT = "Le tramway de la ville relie la gare au centre, toutes les dix minutes."
SHOWN = r"\\mairie\commun\envoi.zip\réunions\tramway.txt"


@pytest.fixture
def client(tmp_path: Path):
    folder = tmp_path / "documents"
    folder.mkdir()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("réunions/tramway.txt", TEXT)
    (folder / "envoi.zip").write_bytes(packed.getvalue())
    index, embedder = open_embedded_index(tmp_path / "data"), HashEmbedder()
    glossary, vocabulary = load_glossary(), load_vocabulary()
    tools = {"embedder": embedder, "analyzer": Analyzer(glossary), "glossary": glossary, "vocabulary": vocabulary}
    index_paths([folder], index=index, **tools)
    with index.writer("test") as writer:
        set_prefix(index, writer, str(folder), r"\\mairie\commun")
    service = SearchService(index, embedder, vocabulary, glossary, Scope.everything())
    with TestClient(create_app(service, Access()), base_url="http://localhost") as opened:
        yield opened
    index.close()


def test_place_is_shown_as_people_know_it(client: TestClient) -> None:
    (hit,) = client.get("/api/v1/search?q=tramway").json()["hits"]
    assert (hit["path"], hit["display_path"]) == ("envoi.zip/réunions/tramway.txt", SHOWN)
    assert SHOWN in client.get("/?q=tramway").text
    document = client.get(f"/api/v1/documents/{hit['document_id']}").json()
    assert document["display_path"] == SHOWN
    assert SHOWN in client.get(f"/documents/{hit['document_id']}").text


def test_original_in_an_archive_is_handed_out(client: TestClient) -> None:
    (hit,) = client.get("/api/v1/search?q=tramway").json()["hits"]
    address = f"/documents/{hit['document_id']}/original"

    assert client.get(f"/api/v1/documents/{hit['document_id']}").json()["original_available"]
    for path in (address, f"/api/v1{address}"):
        answer = client.get(path)
        assert answer.text == TEXT
        assert answer.headers["content-disposition"].startswith('attachment; filename="tramway.txt"')
