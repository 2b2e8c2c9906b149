"""Small collections of real files, indexed as `passerelle index` does it and asked through the real service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml

from indexer.report import RunReport
from indexer.run import index_paths
from search_api.schemas import Hit, SearchRequest, SearchResult
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, HashEmbedder
from search_core.engines.base import PassageIndex, Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.glossary import Glossary, load_glossary
from search_core.vocabulary import load_vocabulary


@dataclass
class Collection:
    """Files in `folder` and the index of them. Documents go by their paths."""

    folder: Path
    index: EmbeddedIndex
    glossary: Glossary
    analyzer: Analyzer
    embedder: Embedder = field(default_factory=lambda: HashEmbedder(1024))
    """With so many dimensions hardly two features share one: what has nothing in common is far apart."""

    def write(self, path: str, text: str, **metadata: Any) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        if metadata:
            file.with_name(f"{file.name}.meta.yaml").write_text(yaml.safe_dump(metadata, allow_unicode=True), "utf-8")

    def update(self) -> RunReport:
        self.folder.mkdir(exist_ok=True)
        return index_paths(
            [self.folder],
            index=self.index,
            embedder=self.embedder,
            analyzer=self.analyzer,
            glossary=self.glossary,
            vocabulary=load_vocabulary(),
        )

    def serve(
        self,
        *labels: str,
        index: PassageIndex | None = None,
        embedder: Embedder | None = None,
        glossary: Glossary | None = None,
    ) -> SearchService:
        scope = Scope.of(labels or {"public"})
        return SearchService(
            index or self.index, embedder or self.embedder, load_vocabulary(), glossary or self.glossary, scope
        )

    @cached_property
    def public(self) -> SearchService:
        """The service of a reader without labels of their own."""
        return self.serve()

    def search(self, q: str = "", **asked: Any) -> SearchResult:
        return self.public.search(SearchRequest(q=q, **asked))

    def find(self, q: str = "", **asked: Any) -> set[str]:
        """Paths of everything found."""
        result = self.search(q, **{"limit": 100, **asked})
        assert result.total == len(result.hits), "more than a page: ask for less"
        return paths_of(result)

    def hit(self, path: str, q: str, **asked: Any) -> Hit:
        return next(hit for hit in self.search(q, limit=100, **asked).hits if hit.path == path)

    def id(self, path: str) -> str:
        records = self.index.records(None, Scope.everything())
        return next(record.document_id for record in records if record.path == path)

    def text(self, path: str) -> str:
        document_id = self.id(path)
        return self.index.documents([document_id], Scope.everything())[document_id].text

    def marked(self, path: str, q: str, **asked: Any) -> list[tuple[str, str]]:
        """(kind, text) of the marks in all passages shown of a hit, cut from the document's text."""
        text = self.text(path)
        return [
            (mark.kind, text[mark.start : mark.end])
            for passage in self.hit(path, q, **asked).passages
            for mark in passage.highlights
        ]


def paths_of(result: SearchResult) -> set[str]:
    return {hit.path for hit in result.hits}


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return load_glossary()


@pytest.fixture(scope="session")
def analyzer(glossary: Glossary) -> Analyzer:
    return Analyzer(glossary)


@pytest.fixture(scope="session")
def make_collection(
    tmp_path_factory: pytest.TempPathFactory, glossary: Glossary, analyzer: Analyzer
) -> Iterator[Callable[..., Collection]]:
    """Makes a collection of {path: text}, metadata by path beside it, and indexes it."""
    opened: list[EmbeddedIndex] = []

    def make(texts: dict[str, str], metadata: dict[str, dict[str, Any]] | None = None) -> Collection:
        place = tmp_path_factory.mktemp("collection")
        collection = Collection(place / "documents", open_embedded_index(place / "data"), glossary, analyzer)
        opened.append(collection.index)
        for path, text in texts.items():
            collection.write(path, text, **(metadata or {}).get(path, {}))
        assert collection.update().ok
        return collection

    yield make
    for index in opened:
        index.close()


TEXTS = {
    "fr/reseau.txt": "Le réseau électrique intelligent d’Issy relie 1 600 logements. Un compteur par foyer suffit.",
    "fr/velo.txt": "Les vélos en libre-service sont comptés à part. La ville en possède six cents.",
    "fr/ecole.txt": "L’école numérique prête une tablette à chaque élève. Les parents signent une charte.",
    "fr/tourisme.txt": "Le tourisme à Leshan repose sur le grand Bouddha et le mont Emei.",
    "zh/dianwang.txt": "伊西的智能电网连接了一千六百户住宅。每户安装一个电表。",
    "zh/zixingche.txt": "公共自行车单独统计。全市共有六百辆自行车。",
    "zh/xuexiao.txt": "数字学校为每个学生提供一台平板电脑。家长签署使用守则。",
    "zh/lvyou.txt": "乐山旅游以乐山大佛和峨眉山为主。",
    "mixte.md": (
        "# Deux langues\n\n## Français\n\nLa délégation a vu le réseau électrique intelligent et posé des questions "
        "sur les logements et sur les compteurs.\n\n## 中文\n\n代表团参观了智能电网，并就住宅和电表提出了很多问题，"
        "双方同意继续交流。\n"
    ),
}


@pytest.fixture(scope="session")
def town(make_collection: Callable[..., Collection]) -> Collection:
    """Four subjects in two languages and one document in both. Shared: look, do not touch."""
    return make_collection(TEXTS)


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """The texts of `town`, for a collection of one's own."""
    return TEXTS
