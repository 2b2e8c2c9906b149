"""Which documents are versions of each other: the same document in French and in Chinese.

Indexing compares documents (`indexer.pairs`) and people say what is and what is not a pair (`search_core.people`). The
state record `pairs` of an index holds both; from them follow the pairs, in each reader's scope apart: a document that
a reader may not see neither makes a pair nor prevents one.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, cast

from search_core.engines.base import IndexWriter, PassageIndex, Scope
from search_core.model import Shared

STATE_KEY = "pairs"
STATE_DIGEST_KEY = "pairs.digest"
"""Small enough to be asked for with every search."""

THRESHOLD = 0.0
"""The least score of a pair (`indexer.pairs.evidence`)."""

MARGIN = 0.5
"""By how much a pair beats every other that its documents could be in: of near-duplicates nobody can tell which it is.
"""

NEVER_COMPARED = -10.0
"""The score of two documents that are not even near each other."""

Verdict = Literal["confirmed", "refuted"]

PairIds = tuple[str, str]
"""Document ids: the French one, the Chinese one."""


@dataclass(frozen=True)
class Link:
    """Two documents that were compared, and how strongly the evidence says that they are versions of each other."""

    fr: str
    zh: str
    score: float

    def other(self, document_id: str) -> str:
        return self.zh if document_id == self.fr else self.fr


@dataclass(frozen=True)
class Pair(Shared):
    """Two versions of one document. `score`: how strong the evidence is, from 0 to 1, one half at the threshold."""

    fr: str
    zh: str
    score: float
    confirmed: bool = False


@dataclass(frozen=True)
class PairTable(Shared):
    """Pairs; a document is in at most one."""

    pairs: tuple[Pair, ...] = ()

    def find(self, document_id: str) -> Pair | None:
        """The pair that a document belongs to."""
        return self._by_document.get(document_id)

    def counterpart(self, document_id: str) -> str | None:
        """The id of a document's other version."""
        pair = self.find(document_id)
        if pair is None:
            return None
        return pair.zh if document_id == pair.fr else pair.fr

    @cached_property
    def _by_document(self) -> Mapping[str, Pair]:
        return {document_id: pair for pair in self.pairs for document_id in (pair.fr, pair.zh)}


@dataclass(frozen=True)
class PairRecord:
    """What is known of versions. `marks` are equal for copies of one file."""

    links: tuple[Link, ...] = ()
    marks: Mapping[str, str] = field(default_factory=dict)
    verdicts: Mapping[PairIds, Verdict] = field(default_factory=dict)

    def without(self, ids: Collection[str]) -> PairRecord:
        """All but what concerns these documents."""
        return PairRecord(
            tuple(link for link in self.links if link.fr not in ids and link.zh not in ids),
            {document_id: mark for document_id, mark in self.marks.items() if document_id not in ids},
            {pair: verdict for pair, verdict in self.verdicts.items() if not set(pair) & set(ids)},
        )

    def to_bytes(self) -> bytes:
        """As an index stores it: equal records, equal bytes."""
        links = sorted((link.fr, link.zh, link.score) for link in self.links)
        verdicts = sorted((*pair, verdict) for pair, verdict in self.verdicts.items())
        return json.dumps([links, self.marks, verdicts], sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> PairRecord:
        links, marks, verdicts = json.loads(stored)
        return cls(
            tuple(Link(*row) for row in links), marks, {(fr, zh): cast("Verdict", said) for fr, zh, said in verdicts}
        )


def read_record(index: PassageIndex) -> PairRecord:
    """What is known of versions; nothing before anything was indexed."""
    stored = index.state(STATE_KEY)
    return PairRecord() if stored is None else PairRecord.from_bytes(stored)


def write_record(index: PassageIndex, writer: IndexWriter, record: PairRecord) -> None:
    """Put it in place of what was known, unless it is the same: each write is a commit that readers have to follow."""
    fresh = record.to_bytes()
    if fresh != index.state(STATE_KEY):
        writer.put_state(STATE_KEY, fresh)
        writer.put_state(STATE_DIGEST_KEY, hashlib.sha256(fresh).hexdigest().encode())


def read_pairs(index: PassageIndex, scope: Scope) -> PairTable:
    """The pairs of the documents in scope that are not removed."""
    record = read_record(index)
    if not record.links and not record.verdicts:
        return PairTable()
    languages = {each.document_id: each.language for each in index.records(None, scope) if each.removed_at is None}
    return settle_pairs(record, languages)


def settle_pairs(record: PairRecord, languages: Mapping[str, str]) -> PairTable:
    """The pairs among the documents in `languages`. A person's word comes first; evidence decides among the rest."""

    def are_there(fr: str, zh: str) -> bool:
        return languages.get(fr) == "fr" and languages.get(zh) == "zh"

    scores = {(link.fr, link.zh): link.score for link in record.links}
    said = sorted(pair for pair, verdict in record.verdicts.items() if verdict == "confirmed")
    confirmed = [
        Pair(*pair, to_share(scores.get(pair, NEVER_COMPARED)), confirmed=True) for pair in said if are_there(*pair)
    ]
    taken = {document_id for pair in said for document_id in pair}
    free = [
        link
        for link in record.links
        if taken.isdisjoint((link.fr, link.zh))
        and record.verdicts.get((link.fr, link.zh)) != "refuted"
        and are_there(link.fr, link.zh)
    ]
    return PairTable((*confirmed, *_detect_pairs(free, record.marks)))


def to_share(score: float) -> float:
    """A score as people read it: 0 to 1, the threshold at one half."""
    return round(1 / (1 + math.exp(-score)), 4)


def _detect_pairs(links: Iterable[Link], marks: Mapping[str, str]) -> list[Pair]:
    """The pairs that are best for both of their documents, by a margin.

    A copy of a document is no rival of it, and of several copies the one with the smallest id gets the pair.
    """
    ranked: dict[str, list[Link]] = {}
    for link in sorted(links, key=lambda each: (-each.score, each.fr, each.zh)):
        for document_id in (link.fr, link.zh):
            ranked.setdefault(document_id, []).append(link)
    best = (own[0] for document_id, own in sorted(ranked.items()) if document_id == own[0].fr)
    return [Pair(link.fr, link.zh, to_share(link.score)) for link in best if _is_pair(link, ranked, marks)]


def _is_pair(link: Link, ranked: Mapping[str, list[Link]], marks: Mapping[str, str]) -> bool:
    if link.score < THRESHOLD or ranked[link.zh][0] != link:
        return False
    return all(link.score - _best_rival(ranked[each], each, marks) >= MARGIN for each in (link.fr, link.zh))


def _best_rival(own: list[Link], document_id: str, marks: Mapping[str, str]) -> float:
    """The score of a document's best link to something else than its best link leads to, or than a copy of that."""
    chosen = marks.get(own[0].other(document_id))
    rivals = (link.score for link in own[1:] if marks.get(link.other(document_id), "") != chosen)
    return next(rivals, float("-inf"))
