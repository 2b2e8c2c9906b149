"""The engines under test, and small documents to put into them.

An engine is one fixture and one line in `ENGINES`: every contract test then runs on it. Those on OpenSearch are marked
`opensearch` (`make test-opensearch`) and fail without a server; each makes indices of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tenacity import Retrying, stop_after_attempt

from search_core.engines.base import DenseLeg, Filters, LexicalLeg, PassageIndex, Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.engines.opensearch.pace import Pace
from search_core.model import (
    Document,
    IndexedDocument,
    IndexedPassage,
    Language,
    Metadata,
    Passage,
    Vector,
)

ENGINES = {
    "embedded": pytest.param("embedded"),
    "opensearch": pytest.param("opensearch_index", marks=pytest.mark.opensearch),
}
"""The fixture that opens an empty index of each engine."""

DIMENSION = 8

EVERYTHING = Scope.everything()


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def engine(request: pytest.FixtureRequest) -> PassageIndex:
    """An empty index of each engine."""
    index: PassageIndex = request.getfixturevalue(request.param)
    return index


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The data folder of `embedded`."""
    return tmp_path / "data"


@pytest.fixture
def embedded(folder: Path) -> Iterator[EmbeddedIndex]:
    """An empty embedded index."""
    index = open_embedded_index(folder)
    yield index
    index.close()


@pytest.fixture
def no_second_try() -> Pace:
    """A pace at which nothing is asked for twice."""
    once = Retrying(stop=stop_after_attempt(1), reraise=True)
    return Pace(read_s=30, write_s=90, reading=once, writing=once)


@pytest.fixture
def make_document() -> Callable[..., IndexedDocument]:
    return _make_document


@pytest.fixture
def make_vector() -> Callable[..., Vector]:
    return _make_vector


@pytest.fixture
def put() -> Callable[..., None]:
    """Write documents in one commit."""

    def put_documents(index: PassageIndex, *documents: IndexedDocument) -> None:
        with index.writer("test") as writer:
            writer.replace(documents)

    return put_documents


@pytest.fixture
def find() -> Callable[..., list[str]]:
    """Ids of the documents that one lexical leg finds, best first."""

    def find_documents(
        index: PassageIndex,
        tokens: str,
        language: Language = "fr",
        scope: Scope = EVERYTHING,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        k: int = 200,
    ) -> list[str]:
        leg = LexicalLeg("lexical", language, tuple(tokens.split()), filters, k)
        (result,) = index.search([leg], scope).legs
        assert result.error is None
        return [hit.document_id for hit in result.hits]

    return find_documents


@pytest.fixture
def find_near() -> Callable[..., list[str]]:
    """Ids of the documents that one dense leg finds, nearest first."""

    def find_documents(
        index: PassageIndex,
        vector: Vector,
        language: Language = "fr",
        scope: Scope = EVERYTHING,
        filters: Filters = Filters(),  # noqa: B008 - frozen
        k: int = 200,
    ) -> list[str]:
        (result,) = index.search([DenseLeg("dense", language, vector, filters, k)], scope).legs
        assert result.error is None
        return [hit.document_id for hit in result.hits]

    return find_documents


def _make_document(
    document_id: str,
    *passages: str,
    language: Language = "fr",
    languages: Sequence[Language] = (),
    vectors: Sequence[Vector] = (),
    source: str = "notes",
    path: str = "",
    **metadata: Any,
) -> IndexedDocument:
    """A document whose passages are lines of space-separated tokens.

    `languages` and `vectors`, where given, are those of the passages; a vector follows from the passage otherwise.
    """
    text = "\n".join(passages)
    document = Document(
        document_id,
        source,
        path or f"{document_id}.txt",
        language,
        text=text,
        metadata=Metadata(**metadata),
        checksum=f"checksum of {document_id}",
        fingerprint=f"fingerprint of {document_id}",
    )
    pieces = [
        _make_passage(document, number, line, languages[number] if languages else language)
        for number, line in enumerate(passages)
    ]
    indexed = [
        IndexedPassage(
            passage=piece,
            tokens=tuple(piece.text.split(" ")),
            filter_tokens=tuple(piece.text.split(" ")),
            embedding_key=f"key of {piece.text}",
            vector=vectors[piece.number] if vectors else _make_vector(piece.text),
        )
        for piece in pieces
    ]
    return IndexedDocument(document, tuple(indexed))


def _make_passage(document: Document, number: int, line: str, language: Language) -> Passage:
    start = sum(len(earlier) + 1 for earlier in document.text.split("\n")[:number])
    return Passage(
        passage_id=f"{document.document_id}-{number}",
        document_id=document.document_id,
        number=number,
        language=language,
        start=start,
        end=start + len(line),
        text=line,
        heading="Bilan › Transports",
        page=str(number + 1),
    )


def _make_vector(seed: str, dimension: int = DIMENSION) -> Vector:
    """A unit vector that depends on nothing but `seed`."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    vector = np.random.default_rng(number).normal(size=dimension).astype(np.float32)
    return vector / np.linalg.norm(vector)
