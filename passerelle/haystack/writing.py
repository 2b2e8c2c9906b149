"""Haystack's documents into an index."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from haystack import Document as HaystackDocument

from indexer.analyze import SplitDocument, analyze_document, split_document
from indexer.context import Context
from indexer.documents import iter_batches
from indexer.embed import embed_documents
from indexer.prepare import prepare_index
from indexer.progress import SilentProgress
from indexer.split import Piece
from passerelle.haystack.records import make_id, read_vector, to_document
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import refresh_calibration
from search_core.embedding import Embedder
from search_core.engines.base import IndexWriter, PassageIndex
from search_core.engines.checks import check_text
from search_core.glossary import Glossary
from search_core.model import Document, IndexedDocument, Vector


def index_haystack_documents(
    written: Sequence[HaystackDocument],
    access: tuple[str, ...],
    writer: IndexWriter,
    *,
    index: PassageIndex,
    embedder: Embedder,
    analyzer: Analyzer,
    glossary: Glossary,
) -> None:
    """Write documents in place of those with the same ids.

    One with an embedding is one passage with that vector; any other is split and embedded as the documents of
    `passerelle index` are. All are analysed as those are. Raises ValueError, having written nothing, for one that could
    not be given back as it is.
    """
    documents = [to_document(each, access) for each in written]
    for document in documents:
        check_text(document)
    is_empty = not sum(index.status().documents.values())
    analyzer, _ = prepare_index(index, writer, embedder, analyzer, glossary, is_empty=is_empty)
    vectors = {make_id(each.id): read_vector(each) for each in written if each.embedding is not None}
    for batch in iter_batches(documents):
        writer.replace(list(_index(batch, vectors, index, embedder, analyzer)))
    refresh_calibration(index, writer, embedder)


def _index(
    batch: Iterable[Document],
    vectors: dict[str, Vector],
    index: PassageIndex,
    embedder: Embedder,
    analyzer: Analyzer,
) -> Iterator[IndexedDocument]:
    plain: list[Document] = []
    for document in batch:
        vector = vectors.get(document.document_id)
        if vector is None:
            plain.append(document)
        else:
            yield _index_with_vector(document, vector, analyzer)
    analyzed = [analyze_document(split_document(document, embedder), analyzer) for document in plain]
    yield from embed_documents(analyzed, (index,), embedder, SilentProgress())


def _index_with_vector(document: Document, vector: Vector, analyzer: Analyzer) -> IndexedDocument:
    """The vector stands for the whole text, so that is one passage, also where there is none (a picture)."""
    whole = Piece(0, len(document.text), "", None)
    context = Context("", document.metadata.title, "", 0)
    analyzed = analyze_document(SplitDocument(document, ((whole, context),)), analyzer)
    key = hashlib.sha256(b"given\0" + vector.tobytes()).hexdigest()[:32]
    return IndexedDocument(analyzed.document, tuple(each.with_vector(vector, key) for each in analyzed.passages))
