"""Which documents hold the same text as others: one text in several places.

Worked out when documents are written (`indexer.copies`), shown as one hit with its places. No score knows of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from search_core.engines.base import PassageIndex

STATE_KEY = "copies"


@dataclass(frozen=True)
class CopyTable:
    """Document id to the ids of its group, in order, itself among them; a document with a text of its own is absent."""

    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, groups: Iterable[Iterable[str]]) -> CopyTable:
        ordered = [tuple(sorted(group)) for group in groups]
        return cls({document_id: group for group in ordered for document_id in group})

    def to_json(self) -> bytes:
        return json.dumps(sorted(set(self.groups.values()))).encode()

    def others(self, document_id: str) -> tuple[str, ...]:
        return tuple(other for other in self.groups.get(document_id, ()) if other != document_id)


def parse_copies(stored: bytes | None) -> CopyTable:
    return CopyTable.of(json.loads(stored)) if stored else CopyTable()


def read_copies(index: PassageIndex) -> CopyTable:
    return parse_copies(index.state(STATE_KEY))
