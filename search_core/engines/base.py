"""The engine seam: one small synchronous interface, `PassageIndex`, behind which each engine keeps its driver.

What every engine promises (the contract tests in `tests/engines` hold them to it):

1. *Tokens, not text.* Engines match tokens exactly as given and never analyse text.
2. *One call a query.* `search` answers all legs from one commit. A leg that failed is a value (`LegResult.error`).
   A lexical leg returns BM25, more is better; a dense leg the plain dot product. A leg returns its best `k`
   documents, each with its best passages. Equal scores are ordered by id.
3. *Scope is mandatory.* Every read takes the reader's scope; what is out of scope changes no hit and no count.
   (BM25 statistics and calibration samples are those of the whole collection, in either engine.)
4. *Removed documents* are out of every read, unless it says otherwise, and can be restored until they are purged.
5. *Readers see writes*: a read answers with what any process committed before it began.
6. *Atomic documents*: a document is wholly old or wholly new, whenever a writer is killed. One writer at a time. A
   rebuild is none: it makes the next index beside the living one, which others write to meanwhile.
7. *Vectors are stored as given.*
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from search_core.model import Document, IndexedDocument, Language, Passage, Shared, Status, Vector

DateOrder = Literal["newest", "oldest"]


@dataclass(frozen=True)
class Scope:
    """Which access labels a reader holds. A document is readable if it bears at least one of them.

    There is no default scope: `Scope.everything()` has to be written where it is meant.
    """

    labels: frozenset[str] | None

    @classmethod
    def of(cls, labels: Iterable[str]) -> Scope:
        return cls(frozenset(labels))

    @classmethod
    def everything(cls) -> Scope:
        """No restriction: for the operator's own commands."""
        return cls(None)

    def admits(self, access: Iterable[str]) -> bool:
        return self.labels is None or not self.labels.isdisjoint(access)


@dataclass(frozen=True)
class Filters:
    """What a hit must satisfy: values of one field OR, fields AND.

    `values` names fields of `model.FILTER_FIELDS` ("illustrative" has values "true" and "false"). Dates are ISO,
    compared inclusively; a date of less precision (`2014`, `2014-11`) covers its whole period and matches where
    the periods overlap; a document without a date never matches a date range.
    `required`: filter tokens that one and the same passage must all hold: a leg finds such passages only, browsing the
    documents that have one. `excluded`: groups of filter tokens; a document one of whose passages holds a whole group
    is out. `documents`: only those, by id; None admits all. A field without any wanted value matches nothing; an empty
    group excludes nothing. `InvalidRequest` is raised for a field that does not exist and for what is no date.
    """

    values: Mapping[str, frozenset[str]] = field(default_factory=dict)
    date_from: str | None = None
    date_to: str | None = None
    required: tuple[str, ...] = ()
    excluded: tuple[tuple[str, ...], ...] = ()
    documents: frozenset[str] | None = None


@dataclass(frozen=True)
class LexicalLeg:
    """BM25 over the tokens of one language's passages: any token may match, all count once."""

    name: str
    language: Language
    tokens: tuple[str, ...]
    filters: Filters = Filters()
    k: int = 200
    passages_per_document: int = 3


@dataclass(frozen=True)
class DenseLeg:
    """Exact or approximate nearest neighbours by dot product among one language's passages."""

    name: str
    language: Language
    vector: Vector
    filters: Filters = Filters()
    k: int = 200
    passages_per_document: int = 3


Leg = LexicalLeg | DenseLeg


@dataclass(frozen=True)
class PassageScore:
    """One passage that a leg found."""

    passage_id: str
    score: float


@dataclass(frozen=True)
class LegHit:
    """One document that a leg found, by its best passage; `passages` are best first."""

    document_id: str
    score: float
    passages: tuple[PassageScore, ...]


@dataclass(frozen=True)
class LegResult:
    """What one leg found, best first, at most `k` documents; `truncated` when it had more.

    `ceiling` of a lexical leg is what BM25 could reach at most for its tokens in this language's statistics (the sum of
    idf x (k1 + 1), absent tokens included): score / ceiling is a share in [0, 1] that means the same in every language.
    A dense leg leaves it 0. `error` is a sentence when the leg could not be run; it has no hits then.
    """

    name: str
    language: Language
    hits: tuple[LegHit, ...] = ()
    truncated: bool = False
    ceiling: float = 0.0
    error: str | None = None


@dataclass(frozen=True)
class SearchReply(Shared):
    """One result a leg, in the order of the legs, with the documents they found and the commit.

    The documents come without `text`, `pages` and `headings`, which `PassageIndex.documents` has.
    """

    legs: tuple[LegResult, ...]
    documents: Mapping[str, Document]
    version: int


@dataclass(frozen=True)
class BrowseRequest:
    """All readable documents, ordered by date then id; those without a date come last in either order."""

    filters: Filters = Filters()
    order: DateOrder = "newest"
    offset: int = 0
    limit: int = 20
    facet_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class BrowsePage:
    """`facets` map field to value to count, each ignoring its own field's filter.

    The documents come without `text`, `pages` and `headings`, which `PassageIndex.documents` has.
    """

    documents: tuple[Document, ...]
    total: int
    facets: Mapping[str, Mapping[str, int]]
    version: int


@dataclass(frozen=True)
class DocumentRecord:
    """What a run has to know of a document it may meet again, removed ones included.

    `written` is the commit that last changed anything of the document; it says nothing about what the document is.
    """

    document_id: str
    source: str
    path: str
    checksum: str
    fingerprint: str
    status: Status
    reason: str
    language: Language
    passages: int
    removed_at: str | None
    notes: tuple[str, ...] = ()
    written: int = field(default=0, compare=False)


@dataclass(frozen=True)
class SampledPassage:
    """A passage of a language's background sample, with its stored vector."""

    passage: Passage
    title: str
    vector: Vector


@dataclass(frozen=True)
class StoredPassage:
    """A passage of a document, with its stored vector."""

    passage: Passage
    vector: Vector


@dataclass(frozen=True)
class IndexStatus:
    """Counts by language over everything that is not removed; `bytes` on disk."""

    engine: str
    location: str
    version: int
    documents: Mapping[str, int]
    passages: Mapping[str, int]
    removed: int
    bytes: int


class PassageIndex(Protocol):
    """Where passages live. All methods are safe to call from several threads at once."""

    def search(self, legs: Sequence[Leg], scope: Scope) -> SearchReply: ...

    def browse(self, request: BrowseRequest, scope: Scope) -> BrowsePage: ...

    def documents(self, ids: Sequence[str], scope: Scope, *, removed_too: bool = False) -> dict[str, Document]:
        """Whole documents by id; unknown, removed and unreadable ones are simply absent.

        With `removed_too` removed ones are there: a reindex takes them along.
        """
        ...

    def passages(self, ids: Sequence[str], scope: Scope) -> dict[str, Passage]:
        """Passages by id; unknown, removed and unreadable ones are simply absent."""
        ...

    def contents(self, ids: Sequence[str], scope: Scope) -> dict[str, tuple[StoredPassage, ...]]:
        """The passages of documents by their id, in reading order, without those of removed and unreadable ones.

        A document without passages is absent.
        """
        ...

    def indexed(self, ids: Sequence[str], scope: Scope) -> dict[str, IndexedDocument]:
        """Documents by id, removed ones too, exactly as `IndexWriter.replace` was given them: what a migration takes.

        Of a passage its `text` and `confidence` follow from the document. Unknown and unreadable ones are absent.
        """
        ...

    def sample(self, language: Language, size: int, scope: Scope) -> list[SampledPassage]:
        """Up to `size` passages of a language, chosen by a hash of their id: stable, unbiased, slow to change."""
        ...

    def vectors(self, embedding_keys: Sequence[str]) -> dict[str, Vector]:
        """Stored vectors by `IndexedPassage.embedding_key`, removed documents included; unknown keys are absent."""
        ...

    def records(self, source: str | None, scope: Scope) -> Iterator[DocumentRecord]:
        """Every document, removed ones too, of one source or of all, by source and path."""
        ...

    def state(self, key: str) -> bytes | None:
        """A state record (versions, compiled glossary, language means, reports), or None."""
        ...

    def state_keys(self) -> list[str]:
        """The keys of all state records, in order."""
        ...

    def status(self) -> IndexStatus: ...

    def writer(self, purpose: str) -> AbstractContextManager[IndexWriter]:
        """The one writer, until the context ends. Raises `IndexLocked` naming who writes and for what `purpose`.

        While a rebuild takes over the last changes, which is soon done, it waits.
        """
        ...

    def close(self) -> None: ...


class IndexWriter(Protocol):
    """Each call is one transaction: when it returns, readers of any process see its result."""

    def replace(self, documents: Sequence[IndexedDocument]) -> None:
        """Put these documents in place of whatever had their ids, removed versions included.

        Raises `DocumentsRefused` for those that the engine itself does not take: they stay as they were, and all
        others are written.
        Raises ValueError, having written nothing, for what could not be found again: a vector that is not finite or
        of another dimension than the index, a token with white space.
        """
        ...

    def mark(self, document: Document) -> None:
        """Record status, reason, source, path, checksum, fingerprint of a document that could not be converted.

        A version that was indexed earlier stays searchable (or removed), with its text, metadata and passages; a new
        document is kept without passages.
        """
        ...

    def move(self, document_id: str, source: str, path: str) -> None:
        """The file lies elsewhere now: same document, same passages, same vectors. Raises `NotFound`."""
        ...

    def remove(self, ids: Sequence[str], at: str) -> int:
        """Take documents out of every search, keeping them restorable; `at` is an ISO time. Returns how many."""
        ...

    def restore(self, ids: Sequence[str]) -> int:
        """Bring removed documents back as they were, without re-embedding. Returns how many."""
        ...

    def purge(self, ids: Sequence[str], forget: Sequence[str] = ()) -> int:
        """Erase documents, removed or not, and every trace of their text from the files on disk. Returns how many.

        They are erased from the index that is kept and from an unfinished one too, also while that is being made; so
        are these state records there, which tell of documents. Those of the living index are the caller's to renew.
        """
        ...

    def put_state(self, key: str, value: bytes) -> None: ...


class RebuildingIndex(Protocol):
    """An index that can be rebuilt beside itself: the old one serves, and is written to, until `Rebuild.publish`.

    The one before is kept from each publication on.
    """

    def rebuild(self, purpose: str) -> AbstractContextManager[Rebuild]:
        """The next index, empty or as far as an interrupted rebuild got. Raises `IndexLocked` while another runs."""
        ...

    def unfinished(self) -> AbstractContextManager[PassageIndex | None]:
        """For reading: what a rebuild has made so far that is running, or was interrupted. None where there is none."""
        ...

    def discard(self) -> bool:
        """Delete what an interrupted rebuild made; whether there was anything. Raises `IndexLocked` while one runs."""
        ...

    def kept(self) -> AbstractContextManager[PassageIndex | None]:
        """For reading: the index that was the living one before this one. None where none is kept."""
        ...

    def roll_back(self, version: int) -> None:
        """Make the kept index the living one and keep this one, in one step, if it is at `version` still.

        Versions go on counting. What an interrupted rebuild made is discarded: it was made of another index. Raises
        `IndexLocked` for another version and while another process writes or rebuilds, `NotFound` where none is kept.
        """
        ...


class LivingIndex(PassageIndex, RebuildingIndex, Protocol):
    """An index that serves and can be rebuilt: what every engine opens."""


class Rebuild(Protocol):
    """An index being built beside the living one."""

    @property
    def index(self) -> PassageIndex: ...

    @property
    def writer(self) -> IndexWriter:
        """Writes and purges in this index only; the living one stays as it is."""
        ...

    def clear(self) -> None:
        """Begin again with an empty index, when an interrupted rebuild was made for something else.

        `index` and `writer` are other objects then.
        """
        ...

    def hold_purges(self) -> AbstractContextManager[None]:
        """Let those wait who purge from the living index. They purge from this one too.

        A document copied from there is looked for once more inside, and written if it is there still: so no copy is
        written behind the back of a purge that has returned.
        """
        ...

    def hold_writers(self) -> AbstractContextManager[None]:
        """Keep the living index as it is, for a moment: its writers wait. Raises `IndexLocked` if somebody writes."""
        ...

    def publish(self) -> None:
        """Make it the living index, atomically, and keep the old one aside. Nothing is written to it afterwards.

        Holds writers itself where they are not held. Raises `IndexLocked` if somebody writes.
        """
        ...
