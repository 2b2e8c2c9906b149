"""One text in several files is one hit that names its other places, as far as readers may know of them."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from indexer.run import index_paths
from search_api.access import Access
from search_api.app import create_app
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.vocabulary import load_vocabulary

TEXT = "Le tramway de la ville relie la gare au centre, toutes les dix minutes."


@pytest.fixture
def client(tmp_path: Path):
    folder = tmp_path / "documents"
    folder.mkdir()
    for name in ("copie.txt", "original.txt", "réservé.txt"):
        (folder / name).write_text(TEXT, "utf-8")
    (folder / "autre.txt").write_text("Le tramway ne circule pas la nuit.", "utf-8")
    (folder / "réservé.txt.meta.yaml").write_text("access: agents", "utf-8")
    index, embedder, glossary = open_embedded_index(tmp_path / "data"), HashEmbedder(), load_glossary()
    vocabulary = load_vocabulary()
    index_paths(
        [folder],
        index=index,
        embedder=embedder,
        analyzer=Analyzer(glossary),
        glossary=glossary,
        vocabulary=vocabulary,
    )
    service = SearchService(index, embedder, vocabulary, glossary, Scope.of({"public"}))
    yield TestClient(create_app(service, Access()), base_url="http://localhost")
    index.close()


def test_copies_are_one_hit_with_places(client: TestClient) -> None:
    answer = client.get("/api/v1/search?q=tramway").json()
    hits = {hit["path"]: [place["path"] for place in hit["places"]] for hit in answer["hits"]}
    assert answer["total"] == len(hits) == 2
    assert hits.pop("autre.txt") == []
    assert hits in ({"copie.txt": ["original.txt"]}, {"original.txt": ["copie.txt"]})
    assert {value["value"]: value["count"] for value in answer["facets"]["language"]} == {"fr": 2}
    assert next(each["total"] for each in answer["languages"] if each["language"] == "fr") == 2


def test_page_names_the_other_places(client: TestClient) -> None:
    page = html.fromstring(client.get("/?q=tramway", headers={"Accept-Language": "fr"}).text)
    assert len(page.cssselect(".hit")) == 2
    (places,) = page.cssselect(".places")
    assert places.xpath("string(../summary)") == "Le même texte se trouve dans 1 autre fichier"
    assert places.cssselect("a")[0].get("href").startswith("/documents/")


def test_list_of_everything_hides_no_file(client: TestClient) -> None:
    answer = client.get("/api/v1/search").json()
    assert answer["total"] == 3
    assert sorted(len(hit["places"]) for hit in answer["hits"]) == [0, 1, 1]
