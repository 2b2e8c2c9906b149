"""The indexing pipeline: thin Haystack components around the functions beside them.

    files -> FileConverter -> FieldProposer -> PassageSplitter -> PassageAnalyzer -> PassageEmbedder -> PassageWriter

Haystack is imported here and nowhere else in the indexer: it takes two seconds, which `--help` does not need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

from haystack import Pipeline, component
from haystack.core.errors import PipelineRuntimeError

from indexer.analyze import AnalyzedDocument, SplitDocument, analyze_document, split_document
from indexer.convert_file import ChosenFile, Converter, make_failed
from indexer.embed import embed_documents
from indexer.progress import RunProgress
from indexer.propose import MetadataProposer
from indexer.tools import IndexingTools
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex
from search_core.errors import DocumentsRefused, PasserelleError
from search_core.model import Document, IndexedDocument, Language


class Refused(NamedTuple):
    """A document that the engine does not take, and why."""

    document_id: str
    reason: str

    def __str__(self) -> str:
        return f"The engine does not take it: {self.reason}."


@component
class FileConverter:
    """Files to documents; those that failed have no text and go no further."""

    def __init__(self, converter: Converter, progress: RunProgress) -> None:
        self._converter = converter
        self._progress = progress

    @component.output_types(documents=list[Document], failed=list[Document])
    def run(self, files: list[ChosenFile]) -> dict[str, list[Document]]:
        documents = self._converter.convert(files, self._progress)
        return {
            "documents": [document for document in documents if document.status != "failed"],
            "failed": [document for document in documents if document.status == "failed"],
        }


@component
class FieldProposer:
    """Documents with values for what nobody declared of them."""

    def __init__(self, proposer: MetadataProposer) -> None:
        self._proposer = proposer

    @component.output_types(documents=list[Document])
    def run(self, documents: list[Document]) -> dict[str, list[Document]]:
        return {"documents": [self._proposer.propose(document) for document in documents]}


@component
class PassageSplitter:
    """Documents to pieces that the model can read whole."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    @component.output_types(documents=list[SplitDocument])
    def run(self, documents: list[Document]) -> dict[str, list[SplitDocument]]:
        return {"documents": [split_document(document, self._embedder) for document in documents]}


@component
class PassageAnalyzer:
    """Pieces to passages with language and tokens."""

    def __init__(self, analyzer: Analyzer, languages: Mapping[str, Language]) -> None:
        self._analyzer = analyzer
        self._languages = languages

    @component.output_types(documents=list[AnalyzedDocument])
    def run(self, documents: list[SplitDocument]) -> dict[str, list[AnalyzedDocument]]:
        return {"documents": [analyze_document(split, self._analyzer, self._languages) for split in documents]}


@component
class PassageEmbedder:
    """Passages to vectors, stored ones first."""

    def __init__(self, embedder: Embedder, stored: Sequence[PassageIndex], progress: RunProgress) -> None:
        self._embedder = embedder
        self._stored = stored
        self._progress = progress

    @component.output_types(documents=list[IndexedDocument])
    def run(self, documents: list[AnalyzedDocument]) -> dict[str, list[IndexedDocument]]:
        return {"documents": embed_documents(documents, self._stored, self._embedder, self._progress)}


class DocumentWriter(Protocol):
    """What a pipeline needs of an `IndexWriter`."""

    def replace(self, documents: Sequence[IndexedDocument]) -> None: ...


@component
class PassageWriter:
    """Replaces each document's older passages: all documents of a batch in one transaction.

    Those that the engine refuses are told with its reason.
    """

    def __init__(self, writer: DocumentWriter) -> None:
        self._writer = writer

    @component.output_types(written=list[Document], refused=list[Refused])
    def run(self, documents: list[IndexedDocument]) -> dict[str, Any]:
        refused: dict[str, str] = {}
        try:
            if documents:
                self._writer.replace(documents)
        except DocumentsRefused as error:
            refused = error.reasons
        return {
            "written": [each.document for each in documents if each.document.document_id not in refused],
            "refused": [Refused(document_id, reason) for document_id, reason in refused.items()],
        }


def build_document_pipeline(tools: IndexingTools, writer: DocumentWriter | None = None) -> Pipeline:
    """From documents that have their text: for a reindex, and for collections that are no files.

    `writer`: where it is not the tools' own.
    """
    pipeline = Pipeline()
    pipeline.add_component("splitter", PassageSplitter(tools.embedder))
    pipeline.add_component("analyzer", PassageAnalyzer(tools.analyzer, tools.languages))
    pipeline.add_component("embedder", PassageEmbedder(tools.embedder, tools.stored, tools.progress))
    pipeline.add_component("writer", PassageWriter(writer or tools.writer))
    pipeline.connect("splitter.documents", "analyzer.documents")
    pipeline.connect("analyzer.documents", "embedder.documents")
    pipeline.connect("embedder.documents", "writer.documents")
    return pipeline


def build_file_pipeline(tools: IndexingTools, converter: Converter, proposer: MetadataProposer) -> Pipeline:
    """From files."""
    pipeline = build_document_pipeline(tools)
    pipeline.add_component("converter", FileConverter(converter, tools.progress))
    pipeline.add_component("proposer", FieldProposer(proposer))
    pipeline.connect("converter.documents", "proposer.documents")
    pipeline.connect("proposer.documents", "splitter.documents")
    return pipeline


def run_files(pipeline: Pipeline, files: Sequence[ChosenFile]) -> list[Document]:
    """Index a batch of files: the documents that were written, and those that failed. Raises what the engine raises.

    What breaks the pipeline in an unforeseen way costs the one file that does it, not the batch or the run.
    """
    try:
        output = _run(pipeline, {"converter": {"files": list(files)}})
    except PipelineRuntimeError as error:
        if len(files) > 1:
            return [document for chosen in files for document in run_files(pipeline, [chosen])]
        return [make_failed(files[0], f"Unforeseen: {error.__cause__ or error}.")]
    failed: list[Document] = output["converter"]["failed"]
    written: list[Document] = output["writer"]["written"]
    chosen_by_id = {chosen.document_id: chosen for chosen in files}
    refused = [make_failed(chosen_by_id[each.document_id], str(each)) for each in output["writer"]["refused"]]
    return failed + refused + written


def run_documents(pipeline: Pipeline, documents: Sequence[Document]) -> tuple[list[Document], list[Document]]:
    """Index a batch of documents that have their text: those that were written, and, as failed ones, those refused.

    Raises what the engine raises.
    """
    output = _run(pipeline, {"splitter": {"documents": list(documents)}})["writer"]
    written: list[Document] = output["written"]
    reasons = {each.document_id: str(each) for each in output["refused"]}
    refused = [
        replace(document, status="failed", reason=reasons[document.document_id], text="", pages=(), headings=())
        for document in documents
        if document.document_id in reasons
    ]
    return written, refused


def _run(pipeline: Pipeline, inputs: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Haystack wraps what a component raises; our own errors come out as they were."""
    try:
        outputs: dict[str, dict[str, Any]] = pipeline.run(inputs)
    except PipelineRuntimeError as error:
        if isinstance(error.__cause__, PasserelleError):
            raise error.__cause__ from error
        raise
    return outputs
