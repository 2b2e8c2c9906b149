"""A small library of real files, indexed and served by the real application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi.testclient import TestClient
from reportlab.pdfgen.canvas import Canvas

from indexer.run import index_paths
from search_api.access import Access
from search_api.app import create_app
from search_api.preview.cache import PageCache
from search_api.preview.previews import Previews
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.glossary import load_glossary
from search_core.vocabulary import load_vocabulary

PATHS = {
    "study": "fr/étude réseau.txt",
    "note": "zh/乐山考察记录.md",
    "hostile": 'fr/"><svg onload=alert(1)>.txt',
    "secret": "fr/secret.txt",
    "brochure": "fr/brochure.pdf",
}
TEXTS = {
    "study": "Le réseau électrique intelligent 𠮷🚲 d’Issy relie 1 600 logements.\n\nLes vélos 🚲 sont comptés à part.",
    "note": "## 第一天\n\n乐山市代表团参观了伊西的智能电网，并与各部门座谈。\n\n## 第二天\n\n代表团乘坐自行车考察。",
    "hostile": "Le réseau <script>alert(1)</script> & <img src=x onerror=alert(1)> \u202ejavascript:alert(1) \" ' }}.",
    "secret": "Le réseau réservé aux agents.",
}
BROCHURE_PAGES = ("Le tramway relie la gare au centre.", "Les horaires du tramway changent en hiver.")
METADATA: dict[str, dict[str, Any]] = {
    "study": {"title": "Étude du réseau intelligent", "date": "2016-03", "kind": "study", "author": "Dupont, Jeanne"},
    "note": {"title": "伊西莱穆利诺考察记录", "date": "2014-11-03", "kind": "delegation_note", "illustrative": True},
    "hostile": {
        "title": "<script>alert(1)</script>\"'><b> \u202ejavascript:alert(1)",
        "date": "<2015>",
        "kind": "<i>x</i>",
        "author": ['"><script>alert(1)</script>'],
        "<k>": ["<v>", {"a": "javascript:alert(1)"}],
    },
    "secret": {"title": "Réservé", "date": "2016", "access": "agents"},
    "brochure": {"title": "Brochure du tramway", "date": "2013", "kind": "press"},
}


@dataclass(frozen=True)
class Library:
    """Files in `folder`, and the index made from them. Documents go by their names in `PATHS`."""

    folder: Path
    index: EmbeddedIndex
    embedder: Embedder

    def id(self, name: str) -> str:
        records = self.index.records(None, Scope.everything())
        return next(record.document_id for record in records if record.path == PATHS[name])

    def text(self, name: str) -> str:
        document_id = self.id(name)
        return self.index.documents([document_id], Scope.everything())[document_id].text

    def file(self, name: str) -> Path:
        return self.folder / PATHS[name]

    def service(self, previews: Previews | None = None) -> SearchService:
        previews = previews or Previews(PageCache(self.folder.with_name("data"), most_mb=16))
        scope = Scope.of({"public"})
        return SearchService(self.index, self.embedder, load_vocabulary(), load_glossary(), scope, previews=previews)

    def client(self, access: Access | None = None, previews: Previews | None = None, **known: Any) -> TestClient:
        app = create_app(self.service(previews), access or Access())
        return TestClient(app, base_url="http://localhost", follow_redirects=False, **known)


def write_file(folder: Path, name: str) -> None:
    file = folder / PATHS[name]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.with_name(file.name + ".meta.yaml").write_text(yaml.safe_dump(METADATA[name], allow_unicode=True), "utf-8")
    if name in TEXTS:
        file.write_text(TEXTS[name], "utf-8")
    else:
        draw_pages(file)


def draw_pages(file: Path) -> None:
    canvas = Canvas(str(file))
    for text in BROCHURE_PAGES:
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()


@pytest.fixture(scope="session")
def make_library() -> Iterator[Callable[..., Library]]:
    opened: list[EmbeddedIndex] = []
    glossary, vocabulary = load_glossary(), load_vocabulary()

    def make(folder: Path, embedder: Embedder | None = None) -> Library:
        library = Library(folder / "documents", open_embedded_index(folder / "data"), embedder or HashEmbedder())
        opened.append(library.index)
        for name in PATHS:
            write_file(library.folder, name)
        index_paths(
            [library.folder],
            index=library.index,
            embedder=library.embedder,
            analyzer=Analyzer(glossary),
            glossary=glossary,
            vocabulary=vocabulary,
        )
        return library

    yield make
    for index in opened:
        index.close()


@pytest.fixture(scope="session")
def library(make_library: Callable[..., Library], tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Shared by all tests: look, do not touch."""
    return make_library(tmp_path_factory.mktemp("library"))


@pytest.fixture
def client(library: Library) -> TestClient:
    """A reader on this machine, without a login and without cookies."""
    return library.client()
