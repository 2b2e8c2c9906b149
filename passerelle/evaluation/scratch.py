"""Scratch indexes of a judged set: the product's, and variants of it made of the same documents.

They are kept in the data folder or on the server, each with a digest of what it was made of: as long as that is the
same, nothing is split, analysed or embedded again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from indexer.analyze import AnalyzedDocument, analyze_document, split_document
from indexer.context import Context
from indexer.documents import index_documents, iter_batches
from indexer.embed import embed_documents
from indexer.prepare import prepare_index
from indexer.progress import RunProgress
from indexer.run import index_paths
from indexer.split import PASSAGE_TOKENS, SPLITTER_VERSION
from passerelle.evaluation.judged_set import JudgedSet
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import refresh_calibration
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import Glossary
from search_core.model import Document, IndexedDocument, Metadata
from search_core.versions import SCHEMA_VERSION
from search_core.vocabulary import Vocabulary

_MADE_OF = "evaluation"
_PURPOSE = "evaluating a judged set"


@dataclass(frozen=True)
class SetTools:
    """What a set is indexed with: the same as any collection."""

    embedder: Embedder
    analyzer: Analyzer
    glossary: Glossary
    vocabulary: Vocabulary
    progress: RunProgress
    open_index: Callable[[Path], PassageIndex] = open_embedded_index
    """Opens the scratch index that a folder stands for, wherever the engine keeps it."""


@dataclass(frozen=True)
class PassageVariant:
    """How passages are made; the default is the product's way.

    `title` and `heading`: whether the model reads them with each passage (the words of both are searched in any case).
    `tokens`: the splitter's budget. `languages`: False puts all passages into one language, as an index has them to
    which languages are nothing.
    """

    title: bool = True
    heading: bool = True
    tokens: int = PASSAGE_TOKENS
    languages: bool = True


PRODUCT = PassageVariant()
WITHOUT_LANGUAGES = PassageVariant(languages=False)


class ScratchIndexes:
    """The indexes of one set and one model, made when they are first asked for."""

    def __init__(self, judged: JudgedSet, tools: SetTools, data: Path) -> None:
        self._judged = judged
        self._tools = tools
        self._data = data
        self._opened: dict[PassageVariant, PassageIndex] = {}
        self._content = ""

    def get(self, variant: PassageVariant = PRODUCT) -> PassageIndex:
        """The filled index of a variant; it is closed with the others."""
        if variant not in self._opened:
            product = None if variant == PRODUCT else self.get()
            self._opened[variant] = index = self._tools.open_index(self._folder(variant))
            if product is None:
                self._content = _fill(self._judged, index, self._tools)
            else:
                _fill_variant(index, product, variant, self._content, self._tools)
        return self._opened[variant]

    def close(self) -> None:
        for index in self._opened.values():
            index.close()

    def _folder(self, variant: PassageVariant) -> Path:
        made_with = (
            self._judged.folder.resolve(),
            self._tools.embedder.identity,
            self._tools.analyzer.version,
            self._tools.glossary.version,
            SPLITTER_VERSION,
            SCHEMA_VERSION,
            variant,
        )
        key = hashlib.sha256(repr(made_with).encode()).hexdigest()[:8]
        return self._data / "evaluation" / f"{self._judged.name}-{key}"


@contextmanager
def open_scratch(judged: JudgedSet, tools: SetTools, data: Path) -> Iterator[ScratchIndexes]:
    """The scratch indexes of a set in a data folder."""
    indexes = ScratchIndexes(judged, tools, data)
    try:
        yield indexes
    finally:
        indexes.close()


def _fill(judged: JudgedSet, index: PassageIndex, tools: SetTools) -> str:
    """The product's index of a set, and a digest of what is in it."""
    if judged.documents is None:
        _index_files(judged, index, tools)
        return _digest(sorted(map(repr, index.records(None, Scope.everything()))))
    content = _digest(map(repr, judged.documents))
    if not _is_made_of(index, content):
        with _marking(index, content):
            _index_documents(judged, index, tools)
    return content


def _fill_variant(
    index: PassageIndex, product: PassageIndex, variant: PassageVariant, content: str, tools: SetTools
) -> None:
    if not _is_made_of(index, content):
        with _marking(index, content):
            _copy_documents(product, index, variant, tools)


def _is_made_of(index: PassageIndex, content: str) -> bool:
    return index.state(_MADE_OF) == content.encode()


@contextmanager
def _marking(index: PassageIndex, content: str) -> Iterator[None]:
    """Say what an index is made of once it is; while it is being made, nothing is said."""
    with index.writer(_PURPOSE) as writer:
        writer.put_state(_MADE_OF, b"")
    yield
    with index.writer(_PURPOSE) as writer:
        writer.put_state(_MADE_OF, content.encode())


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


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
    with index.writer(_PURPOSE) as writer:
        writer.purge([document_id for document_id in known if document_id not in wanted])


def _copy_documents(product: PassageIndex, index: PassageIndex, variant: PassageVariant, tools: SetTools) -> None:
    """The documents of the product's index, made into passages in another way."""
    ids = [record.document_id for record in product.records(None, Scope.everything())]
    _purge_others(index, set(ids))
    with index.writer(_PURPOSE) as writer:
        prepare_index(index, writer, tools.embedder, tools.analyzer, tools.glossary, is_empty=True)
        for batch in iter_batches(product.documents(ids, Scope.everything()).values()):
            analyzed = [_analyze_variant(document, variant, tools) for document in batch]
            embedded = embed_documents(analyzed, (product,), tools.embedder, tools.progress)
            writer.replace(embedded if variant.languages else [_without_language(document) for document in embedded])
        if variant.languages:
            refresh_calibration(index, writer, tools.embedder)


def _analyze_variant(document: Document, variant: PassageVariant, tools: SetTools) -> AnalyzedDocument:
    split = split_document(document, tools.embedder, variant.tokens)
    pieces = tuple((piece, _cut_context(context, variant)) for piece, context in split.pieces)
    return analyze_document(replace(split, pieces=pieces), tools.analyzer)


def _cut_context(context: Context, variant: PassageVariant) -> Context:
    return replace(
        context,
        title=context.title if variant.title else "",
        heading=context.heading if variant.heading else "",
    )


def _without_language(indexed: IndexedDocument) -> IndexedDocument:
    passages = tuple(replace(each, passage=replace(each.passage, language="other")) for each in indexed.passages)
    return replace(indexed, passages=passages)
