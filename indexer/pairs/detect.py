"""Compares documents that are new or changed, and records which are versions of each other.

Everything is compared again when another model or method made the record, or when the collection has grown or shrunk by
more than a quarter since: what counts as chance has moved then. Passage vectors are used as they are stored.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping, Sequence

from indexer.pairs.background import COMPARED, PairBackground, make_background
from indexer.pairs.candidates import find_candidates
from indexer.pairs.evidence import EvidenceWeights, score_evidence, weigh_evidence
from indexer.pairs.portrait import Portrait, make_portrait
from indexer.pairs.record import Compared, make_mark, read_compared, write_compared
from search_core.calibration import STATE_KEY as CALIBRATION_KEY
from search_core.calibration import Calibration
from search_core.engines.base import DocumentRecord, IndexWriter, PassageIndex, Scope
from search_core.pairs import (
    MARGIN,
    THRESHOLD,
    Link,
    PairRecord,
    read_record,
    write_record,
)
from search_core.people import PeopleStore

METHOD_VERSION = 1
"""Raised when the same documents would be compared otherwise."""

KEPT = 4
"""Links kept of a document that was compared: its best, and those that speak against it."""

CHECKPOINT = 1000
"""Documents after which what was compared is kept, should the run be interrupted."""

REMEMBERED = 50_000
"""Passages whose documents are kept in memory, 2 to 4 KB each."""

_EVERYTHING = Scope.everything()


def refresh_pairs(
    index: PassageIndex, writer: IndexWriter, people: PeopleStore | None = None, *, again: Collection[str] = ()
) -> None:
    """Bring what is recorded of pairs up to what is indexed and to what people said.

    Only documents that are new, changed, removed or restored since the last time are compared, and those in `again`.
    """
    living = {
        record.document_id: record
        for record in index.records(None, _EVERYTHING)
        if record.removed_at is None and record.language in COMPARED
    }
    compared = _compare_new(index, writer, living, again)
    links = tuple(link for link in compared.links if link.score >= THRESHOLD - MARGIN)
    ends = {document_id for link in links for document_id in (link.fr, link.zh)}
    marks = {document_id: mark for document_id, mark in compared.marks.items() if document_id in ends}
    write_record(index, writer, PairRecord(links, marks, people.pair_verdicts() if people else {}))


def forget_pairs(index: PassageIndex, writer: IndexWriter, ids: Collection[str]) -> None:
    """Erase what is recorded of documents that are purged."""
    write_compared(index, writer, read_compared(index).without(ids))
    write_record(index, writer, read_record(index).without(ids))


def _compare_new(
    index: PassageIndex, writer: IndexWriter, living: Mapping[str, DocumentRecord], again: Collection[str]
) -> Compared:
    """What was compared, with what had to be compared now."""
    stored = index.state(CALIBRATION_KEY)
    if stored is None:
        return Compared()
    calibration = Calibration.from_bytes(stored)
    marks = {document_id: make_mark(record) for document_id, record in living.items()}
    known = _keep_valid(read_compared(index), marks, f"{METHOD_VERSION} {calibration.model_identity}", again)
    waiting = sorted(marks.keys() - known.marks.keys())
    if waiting:
        background = make_background(index, calibration)
        comparer = _Comparer(index, background)
        for batch in _iter_batches(waiting):
            chosen = batch if background.knows_translations else ()
            found = [link for document_id in chosen for link in comparer.compare(document_id)]
            known = known.with_links({each: marks[each] for each in batch}, found)
            write_compared(index, writer, known)
    write_compared(index, writer, known)
    return known


def _keep_valid(known: Compared, marks: Mapping[str, str], made_with: str, again: Collection[str]) -> Compared:
    """What need not be compared again."""
    if known.made_with != made_with or abs(len(marks) - known.size) > known.size / 4:
        return Compared(made_with, len(marks))
    stale = {document_id for document_id, mark in known.marks.items() if marks.get(document_id) != mark}
    return known.without(stale.union(again))


def _iter_batches(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[at : at + CHECKPOINT] for at in range(0, len(ids), CHECKPOINT))


class _Comparer:
    """Compares one document after the other with those it may be a version of."""

    def __init__(self, index: PassageIndex, background: PairBackground) -> None:
        self._index = index
        self._background = background
        self._portraits: OrderedDict[str, Portrait | None] = OrderedDict()
        self._remembered = 0
        self._weights = EvidenceWeights()

    def compare(self, document_id: str) -> list[Link]:
        """The best links of a document."""
        (portrait,) = self._read([document_id])
        if portrait is None:
            return []
        candidates = find_candidates(portrait, self._index, self._background)
        links = [self._link(portrait, other) for other in self._read(candidates) if other is not None]
        return sorted(links, key=lambda link: (-link.score, link.fr, link.zh))[:KEPT]

    def _link(self, one: Portrait, other: Portrait) -> Link:
        fr, zh = (one, other) if one.language == "fr" else (other, one)
        score = score_evidence(weigh_evidence(fr, zh, self._background), self._weights)
        return Link(fr.document_id, zh.document_id, round(score, 4))

    def _read(self, ids: Sequence[str]) -> list[Portrait | None]:
        missing = [document_id for document_id in ids if document_id not in self._portraits]
        documents = self._index.documents(missing, _EVERYTHING)
        contents = self._index.contents(missing, _EVERYTHING)
        for document_id in missing:
            document = documents.get(document_id)
            known = make_portrait(document, contents.get(document_id, ())) if document else None
            self._portraits[document_id] = known
            self._remembered += _size(known)
        portraits = [self._portraits[document_id] for document_id in ids]
        while self._remembered > REMEMBERED:
            self._remembered -= _size(self._portraits.popitem(last=False)[1])
        return portraits


def _size(portrait: Portrait | None) -> int:
    return 1 if portrait is None else 1 + len(portrait.vectors)
