"""Which folders are synced, and which documents there are not theirs: `index` added them, so sync never removes them.

A document belongs to a synced folder when its source is that folder and it is no guest there. What sync adds belongs to
it from the commit that writes it: a run may be killed anywhere. The state record holds the guests by folder.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from search_core.engines.base import DocumentRecord, IndexWriter, PassageIndex

STATE_KEY = "sources"


@dataclass(frozen=True)
class Sources:
    """Synced folders, each with the ids of its guests."""

    guests: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def own(self, record: DocumentRecord) -> bool:
        """Whether a document belongs to the synced folder that is its source."""
        return record.source in self.guests and record.document_id not in self.guests[record.source]

    def with_guests(self, source: str, ids: Iterable[str]) -> Sources:
        return Sources({**self.guests, source: self.guests.get(source, frozenset()) | frozenset(ids)})

    def without_guests(self, source: str) -> Sources:
        return Sources({**self.guests, source: frozenset()})


def read_sources(index: PassageIndex) -> Sources:
    stored = index.state(STATE_KEY)
    rows: Mapping[str, list[str]] = json.loads(stored) if stored else {}
    return Sources({source: frozenset(ids) for source, ids in rows.items()})


def write_sources(writer: IndexWriter, sources: Sources) -> None:
    rows = {source: sorted(ids) for source, ids in sorted(sources.guests.items())}
    writer.put_state(STATE_KEY, json.dumps(rows, ensure_ascii=False).encode("utf-8", "surrogatepass"))


class GuestBook:
    """Has what `index` adds to a synced folder noted as a guest there, before it is written."""

    def __init__(self, index: PassageIndex, writer: IndexWriter) -> None:
        self.sources = read_sources(index)
        self._writer = writer

    def note(self, ids: Collection[str], source: str) -> None:
        if source in self.sources.guests and not self.sources.guests[source].issuperset(ids):
            self.sources = self.sources.with_guests(source, ids)
            write_sources(self._writer, self.sources)
