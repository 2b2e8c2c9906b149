"""A file that was read to a `Document`: converted, with its metadata and a title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Protocol

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.family import Family
from indexer.find import FoundFile
from indexer.match import Fingerprints
from indexer.metadata import MetadataReader, order_declared
from indexer.progress import RunProgress
from indexer.read import ReadFile, parse_folder, parse_sidecar
from indexer.titles import choose_title
from search_core.errors import ConversionError
from search_core.model import Document, Shared
from search_core.vocabulary import Vocabulary


@dataclass(frozen=True)
class ChosenFile(Shared):
    """A file to convert, and which document it is. `notes` are for the report only."""

    found: FoundFile
    read: ReadFile
    family: Family
    document_id: str
    fingerprints: Fingerprints
    notes: tuple[str, ...] = ()


class Converter(Protocol):
    """Turns files into documents. `indexer.workers` does so in processes of their own, within limits."""

    def expect(self, count: int) -> None:
        """So many files will be given, if not more: what takes time to start can start now."""
        ...

    def convert(self, files: Sequence[ChosenFile], progress: RunProgress) -> list[Document]:
        """One document a file, in their order; one that could not be converted has the status `failed`."""
        ...


class DirectConverter:
    """Converts in this process, without limits: for files that are trusted."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary

    def expect(self, count: int) -> None:
        pass

    def convert(self, files: Sequence[ChosenFile], progress: RunProgress) -> list[Document]:  # noqa: ARG002
        return [convert_file(chosen, self._vocabulary) for chosen in files]


def convert_file(chosen: ChosenFile, vocabulary: Vocabulary) -> Document:
    """The document of a file; one that cannot be converted has the status `failed` and its reason."""
    reader = MetadataReader(vocabulary)
    folders, sidecar = [parse_folder(folder) for folder in chosen.read.folders], parse_sidecar(chosen.read.sidecar)
    problems = [f"Sidecar: {problem}." for problem in sidecar.problems]
    for place, declared in zip(chosen.read.folders, folders, strict=True):
        problems += [f"Folder metadata {place.place}: {problem}." for problem in declared.problems]
    try:
        converted = convert_bytes(chosen.read.data, chosen.family)
    except ConversionError as error:
        metadata = reader.read(*folders, sidecar)
        return replace(make_failed(chosen, str(error)), metadata=metadata, notes=(*problems, *reader.notes))
    problems += [f"Front matter: {problem}." for problem in converted.declared.problems]
    metadata = reader.read(*order_declared(converted.declared, converted.text, folders, sidecar))
    title = choose_title(metadata.title, converted, PurePosixPath(chosen.found.path).stem)
    return replace(
        _add_text(_make_document(chosen), converted),
        metadata=replace(metadata, title=title),
        fingerprint=chosen.fingerprints.incomplete if converted.partial_reason else chosen.fingerprints.complete,
        notes=(*converted.notes, *problems, *reader.notes),
    )


def make_failed(chosen: ChosenFile, reason: str) -> Document:
    """The document of a file of which nothing could be kept."""
    return replace(_make_document(chosen), status="failed", reason=reason)


def _make_document(chosen: ChosenFile) -> Document:
    return Document(
        document_id=chosen.document_id,
        source=chosen.found.source,
        path=chosen.found.path,
        language="other",
        checksum=chosen.read.checksum,
        fingerprint=chosen.fingerprints.incomplete,
        indexed_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _add_text(document: Document, converted: ConvertedFile) -> Document:
    return replace(
        document,
        language=converted.language_hint or "other",
        text=converted.text,
        media_type=converted.media_type,
        pages=converted.pages,
        headings=converted.headings,
        status="partial" if converted.partial_reason else "indexed",
        reason=converted.partial_reason,
    )
