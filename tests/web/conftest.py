"""A small library of real files, indexed and served by the real application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from search_api.access import Access
from search_api.app import create_app
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded.index import EmbeddedIndex, open_embedded_index
from search_core.glossary import load_glossary
from search_core.language import detect_language
from search_core.model import (
    Document,
    HeadingSpan,
    IndexedDocument,
    IndexedPassage,
    Metadata,
    PageSpan,
    Passage,
    make_document_id,
    make_embedded_text,
    make_embedding_key,
    make_passage_id,
)
from search_core.vocabulary import load_vocabulary

PATHS = {
    "study": "fr/étude réseau.txt",
    "note": "zh/乐山考察记录.txt",
    "hostile": 'fr/"><svg onload=alert(1)>.txt',
    "secret": "fr/secret.txt",
}
TEXTS = {
    "study": "Le réseau électrique intelligent 𠮷🚲 d’Issy relie 1 600 logements.\n\nLes vélos 🚲 sont comptés à part.",
    "note": "第一天\n\n乐山市代表团参观了伊西的智能电网，并与城市管理部门座谈。\n\n第二天\n\n代表团乘坐自行车考察。",
    "hostile": "Le réseau <script>alert(1)</script> & <img src=x onerror=alert(1)> \u202ejavascript:alert(1) \" ' }}.",
    "secret": "Le réseau réservé aux agents.",
}
METADATA = {
    "study": Metadata("Étude du réseau intelligent", "2016-03", {"kind": ("study",), "author": ("Dupont, Jeanne",)}),
    "note": Metadata("伊西莱穆利诺考察记录", "2014-11-03", {"kind": ("delegation_note",)}, illustrative=True),
    "hostile": Metadata(
        "<script>alert(1)</script>\"'><b> \u202ejavascript:alert(1)",
        "<2015>",
        {"kind": ("<i>x</i>",), "author": ('"><script>alert(1)</script>',)},
        extra={"<k>": ["<v>", {"a": "javascript:alert(1)"}]},
    ),
    "secret": Metadata("Réservé", "2016", access=("agents",)),
}


@dataclass(frozen=True)
class Library:
    """Files in `folder`, and the index made from them. Documents go by their names in `PATHS`."""

    folder: Path
    index: EmbeddedIndex
    embedder: Embedder

    def id(self, name: str) -> str:
        return make_document_id(str(self.folder), PATHS[name])

    def file(self, name: str) -> Path:
        return self.folder / PATHS[name]

    def text(self, name: str) -> str:
        return TEXTS[name]

    def service(self) -> SearchService:
        return SearchService(self.index, self.embedder, load_vocabulary(), load_glossary(), Scope.of({"public"}))

    def client(self, access: Access | None = None, **known: object) -> TestClient:
        app = create_app(self.service(), access or Access())
        return TestClient(app, base_url="http://localhost", follow_redirects=False, **known)


def make_document(folder: Path, name: str, embedder: Embedder) -> IndexedDocument:
    path, text, metadata = PATHS[name], TEXTS[name], METADATA[name]
    (folder / path).parent.mkdir(exist_ok=True)
    (folder / path).write_text(text, "utf-8")
    document_id = make_document_id(str(folder), path)
    headings = [text.index(day) for day in ("第一天", "第二天") if day in text]
    document = Document(
        document_id,
        str(folder),
        path,
        detect_language(text, "fr"),
        text,
        metadata,
        pages=(PageSpan(0, len(text), "7"),) if name == "study" else (),
        headings=tuple(HeadingSpan(start, start + 3, 1) for start in headings),
    )
    return IndexedDocument(document, tuple(make_passages(document, embedder)))


def make_passages(document: Document, embedder: Embedder) -> Iterator[IndexedPassage]:
    analyzer, start = Analyzer(load_glossary()), 0
    for number, text in enumerate(document.text.split("\n\n")):
        embedded = make_embedded_text(document.metadata.title, "", text)
        passage = Passage(
            make_passage_id(document.document_id, embedded, 0),
            document.document_id,
            number,
            document.language,
            start,
            start + len(text),
            text,
            page="7" if document.pages else None,
        )
        yield IndexedPassage(
            passage,
            tuple(token.text for token in analyzer.analyze(embedded)),
            analyzer.filter_tokens(text),
            make_embedding_key(embedder.identity, embedded),
            embedder.embed_passages([embedded])[0],
        )
        start += len(text) + 2


@pytest.fixture(scope="session")
def make_library() -> Iterator[Callable[..., Library]]:
    opened: list[EmbeddedIndex] = []

    def make(folder: Path, embedder: Embedder | None = None) -> Library:
        embedder = embedder or HashEmbedder()
        files = folder / "documents"
        files.mkdir()
        index = open_embedded_index(folder / "data")
        opened.append(index)
        with index.writer("test") as writer:
            writer.replace([make_document(files, name, embedder) for name in PATHS])
        return Library(files, index, embedder)

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
