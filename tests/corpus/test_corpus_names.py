"""The names of the communiqué are found in the collection, in either order; words alone decide, no model is needed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.run import index_paths
from search_api.schemas import SearchRequest
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.vocabulary import load_vocabulary

CORPUS = Path(__file__).resolve().parents[2] / "corpus"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchService]:
    glossary, vocabulary, embedder = load_glossary(), load_vocabulary(), HashEmbedder()
    index = open_embedded_index(tmp_path_factory.mktemp("data"))
    tools = {"embedder": embedder, "analyzer": Analyzer(glossary), "glossary": glossary, "vocabulary": vocabulary}
    assert index_paths([CORPUS], index=index, **tools).ok
    yield SearchService(index, embedder, vocabulary, glossary, Scope.of({"public"}))
    index.close()


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("Xiong Zhang", {"fr/note-seminaire-printemps-2014.txt", "zh/2014年春季研讨会情况说明.html"}),
        ("Zhang Xiong", {"fr/note-seminaire-printemps-2014.txt", "zh/2014年春季研讨会情况说明.html"}),
        ("Zhang Tong", {"fr/reperes-accord-octobre-2014.md", "zh/两市合作协议要点.md"}),
        ("tong zhang", {"fr/reperes-accord-octobre-2014.md", "zh/两市合作协议要点.md"}),
    ],
)
def test_name_is_found_in_either_order_in_both_languages(service: SearchService, name: str, paths: set[str]) -> None:
    first = {hit.path for hit in service.search(SearchRequest(q=name)).hits[:6]}
    assert paths <= first
