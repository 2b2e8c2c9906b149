"""The domain types: what a document, a passage and their metadata are, in every room and for both engines.

Offsets are half-open and counted in Unicode code points of `Document.text`.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import takewhile
from typing import Any, Literal, Self, cast, get_args

import numpy as np
import numpy.typing as npt

Language = Literal["fr", "zh", "other"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

TitleLanguage = Literal["fr", "zh"]
TITLE_LANGUAGES: tuple[TitleLanguage, ...] = get_args(TitleLanguage)
"""The languages a title may be given in besides the document's own: those of the interface."""

Status = Literal["indexed", "partial", "failed"]

Vector = npt.NDArray[np.float32]
"""Shape (dimension,), float32, Euclidean norm 1 as the model gives it."""

Matrix = npt.NDArray[np.float32]
"""Shape (n, dimension), float32."""

DEFAULT_ACCESS = "public"
"""The access label of a document that names none."""

METADATA_FIELDS: tuple[str, ...] = (
    "kind",
    "working_group",
    "city",
    "delegation",
    "organisation",
    "author",
)
"""Multi-valued metadata fields that can be filtered and counted (besides `language`, `date` and `illustrative`)."""

FILTER_FIELDS: tuple[str, ...] = ("language", *METADATA_FIELDS, "illustrative", "source")
"""Every field a filter may name; each has facet counts."""


class Shared:
    """A value that never changes and is handed on as it is.

    Haystack copies what goes into a component deeply: 2,000 passages with vectors cost half a second that way.
    """

    def __deepcopy__(self, memo: object) -> Self:
        return self


@dataclass(frozen=True)
class Metadata(Shared):
    """What is known about a document besides its text.

    `values` maps a name of `METADATA_FIELDS` to the values it has: vocabulary ids where the value is known
    (`search_core.vocabulary`), the text as found where it is not. `date` is an ISO date, possibly only
    `YYYY` or `YYYY-MM`. `titles` are translations of the title that somebody wrote, by language. `extra` keeps what
    nobody asked for, as JSON values. `proposed` names the fields (of `METADATA_FIELDS`, or `date`) that nobody
    declared: rules read them from the text.
    """

    title: str = ""
    date: str | None = None
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    language: Language | None = None
    access: tuple[str, ...] = (DEFAULT_ACCESS,)
    illustrative: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    titles: Mapping[TitleLanguage, str] = field(default_factory=dict)
    proposed: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One canonical JSON text: equal metadata, equal text."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Metadata:
        """What `to_json` wrote, now or before there were `titles` and `proposed`."""
        raw = json.loads(text)
        return cls(
            title=raw["title"],
            date=raw["date"],
            values={name: tuple(found) for name, found in raw["values"].items()},
            language=cast("Language | None", raw["language"]),
            access=tuple(raw["access"]),
            illustrative=raw["illustrative"],
            extra=raw["extra"],
            titles=raw.get("titles", {}),
            proposed=tuple(raw.get("proposed", ())),
        )


@dataclass(frozen=True)
class PageSpan:
    """One page (or slide) of a document that has pages: `label` is what is printed on it or its number.

    `confidence` (0 to 1) of a page whose picture was recognised; None where its text was read.
    """

    start: int
    end: int
    label: str
    confidence: float | None = None


def find_confidence(pages: Sequence[PageSpan], start: int, end: int) -> float | None:
    """The lowest confidence of the pages that a passage touches; None where none of them was recognised."""
    touched = pages[max(0, bisect_right(pages, start, key=lambda page: page.start) - 1) :]
    confidences = [
        page.confidence
        for page in takewhile(lambda page: page.start < end, touched)
        if page.confidence is not None and page.end > start
    ]
    return min(confidences, default=None)


@dataclass(frozen=True)
class HeadingSpan:
    """A heading inside the text; `level` 1 is the highest."""

    start: int
    end: int
    level: int


@dataclass(frozen=True)
class Document(Shared):
    """A file as it is kept: its text, where it came from and what became of it.

    `source` is the folder it was found in (absolute POSIX path, or any name a caller gives), `path` its NFC POSIX path
    relative to that. `checksum` is the SHA-256 of the file's bytes; `fingerprint` says what the record was made
    from (bytes, metadata, versions of converter and splitter). `notes` are things worth telling (an assumed
    charset, a page without text). A failed document has an empty text unless an earlier version is kept.
    """

    document_id: str
    source: str
    path: str
    language: Language
    text: str = ""
    metadata: Metadata = field(default_factory=Metadata)
    media_type: str = "text/plain"
    pages: tuple[PageSpan, ...] = ()
    headings: tuple[HeadingSpan, ...] = ()
    checksum: str = ""
    fingerprint: str = ""
    status: Status = "indexed"
    reason: str = ""
    notes: tuple[str, ...] = ()
    indexed_at: str = ""


@dataclass(frozen=True)
class Passage(Shared):
    """A piece of a document: `text` is exactly `document.text[start:end]`.

    `number` counts from 0 in reading order. `heading` is the path of headings above it, joined by " › ".
    `confidence` (0 to 1) is the lowest of the recognised pages that it touches; None where it was read.
    """

    passage_id: str
    document_id: str
    number: int
    language: Language
    start: int
    end: int
    text: str
    heading: str = ""
    page: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class IndexedPassage(Shared):
    """A passage with everything an engine stores for it.

    `tokens` are for ranking (title, heading and text, see `search_core.analysis`); `filter_tokens` answer quoted
    phrases and excluded words, and never count for a score. `embedding_key` is the key under which `vector` can be
    reused: `make_embedding_key(model identity, embedded text)`.
    """

    passage: Passage
    tokens: tuple[str, ...]
    filter_tokens: tuple[str, ...]
    embedding_key: str
    vector: Vector


@dataclass(frozen=True)
class IndexedDocument(Shared):
    """A document and all its passages: the unit that an engine replaces, wholly or not at all."""

    document: Document
    passages: tuple[IndexedPassage, ...]


def make_document_id(source: str, path: str) -> str:
    """16 hex digits of SHA-256 over source and NFC relative POSIX path, at first sight (DESIGN §3.6)."""
    return _digest(source, unicodedata.normalize("NFC", path))[:16]


def make_embedded_text(title: str, heading: str, text: str) -> str:
    """The passage template: what the model reads of a passage. Title and heading travel with each passage."""
    return "\n".join(part for part in (title.strip(), heading.strip(), text.strip()) if part)


def make_passage_id(document_id: str, embedded_text: str, occurrence: int) -> str:
    """document id + hash of the embedded text + how many equal passages of this document came before."""
    return f"{document_id}-{_digest(embedded_text)[:16]}-{occurrence}"


def make_embedding_key(model_identity: str, embedded_text: str) -> str:
    """Vectors are reused by (model identity, hash of the embedded text)."""
    return _digest(model_identity, embedded_text)[:32]


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
