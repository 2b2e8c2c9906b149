"""The state record `pairs.evidence`: what was compared, so that a run compares only what it has to.."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from search_core.engines.base import DocumentRecord, IndexWriter, PassageIndex
from search_core.pairs import Link

STATE_KEY = "pairs.evidence"


@dataclass(frozen=True)
class Compared:
    """`marks`: the state in which each document was compared; `size`: how many there were when all were compared."""

    made_with: str = ""
    size: int = 0
    marks: Mapping[str, str] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def without(self, ids: Collection[str]) -> Compared:
        """All but what concerns these documents."""
        return Compared(
            self.made_with,
            self.size,
            {document_id: mark for document_id, mark in self.marks.items() if document_id not in ids},
            tuple(link for link in self.links if link.fr not in ids and link.zh not in ids),
        )

    def with_links(self, marks: Mapping[str, str], links: Iterable[Link]) -> Compared:
        """This and what was found of some more documents."""
        known = {(link.fr, link.zh): link for link in (*self.links, *links)}
        return Compared(self.made_with, self.size, {**self.marks, **marks}, tuple(known[ids] for ids in sorted(known)))

    def to_bytes(self) -> bytes:
        rows = [(link.fr, link.zh, link.score) for link in self.links]
        return json.dumps([self.made_with, self.size, self.marks, rows], sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Compared:
        made_with, size, marks, rows = json.loads(stored)
        return cls(made_with, size, marks, tuple(Link(*row) for row in rows))


def read_compared(index: PassageIndex) -> Compared:
    """What was compared in an index; nothing before its first run."""
    stored = index.state(STATE_KEY)
    return Compared() if stored is None else Compared.from_bytes(stored)


def write_compared(index: PassageIndex, writer: IndexWriter, compared: Compared) -> None:
    """Record what was compared, unless that is recorded already."""
    fresh = compared.to_bytes()
    if index.state(STATE_KEY) != fresh:
        writer.put_state(STATE_KEY, fresh)


def make_mark(record: DocumentRecord) -> str:
    """Equal for the same document unchanged, and for two copies of one file."""
    made_from = (record.fingerprint or record.document_id, record.language, record.passages)
    return hashlib.sha256(repr(made_from).encode()).hexdigest()[:16]
