"""Documents that have their text already: collections that are no files, and the documents of a reindex."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from indexer.pairs.detect import refresh_pairs
from indexer.pipeline import build_document_pipeline, run_documents
from indexer.prepare import prepare_index
from indexer.progress import RunProgress, SilentProgress
from indexer.tools import IndexingTools
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import refresh_calibration
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex
from search_core.glossary import Glossary
from search_core.model import Document
from search_core.people import PeopleStore

BATCH_DOCUMENTS = 64
BATCH_CHARS = 500_000


def index_documents(
    documents: Iterable[Document],
    *,
    index: PassageIndex,
    embedder: Embedder,
    analyzer: Analyzer,
    glossary: Glossary,
    people: PeopleStore | None = None,
    progress: RunProgress | None = None,
) -> int:
    """Index documents as they are given, in place of those with the same ids. Returns how many the engine took.

    A document's `language` decides where its text is too short to tell; what a person set, else `metadata.language`,
    decides in any case.
    """
    written: list[str] = []
    with index.writer("indexing documents") as writer:
        is_empty = not sum(index.status().documents.values())
        analyzer, _ = prepare_index(index, writer, embedder, analyzer, glossary, is_empty=is_empty)
        languages = people.languages() if people else {}
        tools = IndexingTools(embedder, analyzer, writer, (index,), languages, progress or SilentProgress())
        pipeline = build_document_pipeline(tools)
        for batch in iter_batches(documents):
            taken, refused = run_documents(pipeline, batch)
            written += [document.document_id for document in taken]
            for document in refused:
                writer.mark(document)
        refresh_calibration(index, writer, embedder)
        # Without a fingerprint of their files, nothing else tells that they changed.
        refresh_pairs(index, writer, people, again=written)
    return len(written)


def iter_batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Documents in their order, some dozens together, fewer where they are long."""
    batch: list[Document] = []
    for document in documents:
        batch.append(document)
        if len(batch) >= BATCH_DOCUMENTS or sum(len(known.text) for known in batch) >= BATCH_CHARS:
            yield batch
            batch = []
    if batch:
        yield batch
