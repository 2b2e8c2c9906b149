"""Scratch indexes of a judged set: ours, and the usual one in which nothing tells the languages apart.

They are kept in the data folder, so that a second evaluation reuses the vectors of the first.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.analyze import analyze_document, split_document
from indexer.documents import index_documents, iter_batches
from indexer.embed import embed_documents
from indexer.progress import RunProgress, SilentProgress
from indexer.run import index_paths
from passerelle.evaluation.judged_set import JudgedSet
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import Glossary
from search_core.model import Document, IndexedDocument, Metadata
from search_core.vocabulary import Vocabulary


@dataclass(frozen=True)
class SetTools:
    """What a set is indexed with: the same as any collection."""

    embedder: Embedder
    analyzer: Analyzer
    glossary: Glossary
    vocabulary: Vocabulary
    progress: RunProgress


@contextmanager
def open_scratch(judged: JudgedSet, tools: SetTools, data: Path) -> Iterator[tuple[PassageIndex, PassageIndex]]:
    """Our index of the set and the usual one, both filled."""
    made_with = (judged.folder.resolve(), tools.embedder.identity, tools.analyzer.version, tools.glossary.version)
    key = hashlib.sha256(repr(made_with).encode()).hexdigest()[:8]
    folder = data / "evaluation" / f"{judged.name}-{key}"
    ours, usual = open_embedded_index(folder / "ours"), open_embedded_index(folder / "usual")
    try:
        if judged.documents is None:
            _index_files(judged, ours, tools)
        else:
            _index_documents(judged, ours, tools)
        _copy_without_languages(ours, usual, tools)
        yield ours, usual
    finally:
        ours.close()
        usual.close()


def _index_files(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> None:
    index_paths(
        [judged.folder],
        index=index,
        embedder=tools.embedder,
        analyzer=tools.analyzer,
        glossary=tools.glossary,
        vocabulary=tools.vocabulary,
        progress=tools.progress,
    )


def _iter_documents(judged: JudgedSet) -> Iterator[Document]:
    for document in judged.documents or ():
        yield Document(
            document_id=document.id,
            source=judged.name,
            path=document.id,
            language=document.language,
            text=document.text,
            metadata=Metadata(title=document.title, language=document.language),
        )


def _index_documents(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> None:
    documents = list(_iter_documents(judged))
    tools.progress.files_found(len(documents))
    _purge_others(index, {document.document_id for document in documents})
    index_documents(
        documents,
        index=index,
        embedder=tools.embedder,
        analyzer=tools.analyzer,
        glossary=tools.glossary,
        progress=tools.progress,
    )


def _purge_others(index: PassageIndex, wanted: Collection[str]) -> None:
    """Erase what an older state of the set left."""
    known = [record.document_id for record in index.records(None, Scope.everything())]
    with index.writer("evaluating a judged set") as writer:
        writer.purge([document_id for document_id in known if document_id not in wanted])


def _copy_without_languages(ours: PassageIndex, usual: PassageIndex, tools: SetTools) -> None:
    """The same passages, tokens and vectors, all in one language: what an index is to which languages are nothing."""
    ids = [record.document_id for record in ours.records(None, Scope.everything())]
    _purge_others(usual, set(ids))
    with usual.writer("evaluating a judged set") as writer:
        for batch in iter_batches(ours.documents(ids, Scope.everything()).values()):
            analyzed = [
                analyze_document(split_document(document, tools.embedder), tools.analyzer, {}) for document in batch
            ]
            embedded = embed_documents(analyzed, (ours,), tools.embedder, SilentProgress())
            writer.replace([_without_language(document) for document in embedded])


def _without_language(indexed: IndexedDocument) -> IndexedDocument:
    passages = tuple(replace(each, passage=replace(each.passage, language="other")) for each in indexed.passages)
    return replace(indexed, passages=passages)
