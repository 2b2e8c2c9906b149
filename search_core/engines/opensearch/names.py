"""The names of the indices, and which of them live.

passerelle-passages-v1-20261126093000123456    the passages of one set of indices
passerelle-documents-v1-20261126093000123456   its documents without their text
passerelle-texts-v1-20261126093000123456       their texts
passerelle-state-v1-20261126093000123456       its head and its state records
passerelle-passages, -documents, -texts, -state    aliases of the living set
passerelle-kept                                    alias of the state index of the set that was the living one before
passerelle-lock                                    who writes, rebuilds, purges
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, get_args

from search_core.engines.opensearch.mapping import SCHEMA_VERSION
from search_core.errors import IndexOutdated, IndexUnavailable

RowKind = Literal["passages", "documents", "texts", "state"]
ROW_KINDS: tuple[RowKind, ...] = get_args(RowKind)

_NAME = re.compile(rf"(?P<prefix>.+)-(?:{'|'.join(ROW_KINDS)})-(?P<stamp>v(?P<schema>[0-9]+)-[0-9]{{20}})")


@dataclass(frozen=True, order=True)
class IndexSet:
    """The four indices that belong together; a later one has a later `stamp`."""

    prefix: str
    stamp: str

    def index(self, kind: RowKind) -> str:
        return f"{self.prefix}-{kind}-{self.stamp}"

    @property
    def indices(self) -> list[str]:
        return [self.index(kind) for kind in ROW_KINDS]

    def aliases(self, action: Literal["add", "remove"]) -> list[dict[str, dict[str, str]]]:
        return [{action: {"index": self.index(kind), "alias": alias(self.prefix, kind)}} for kind in ROW_KINDS]


def make_set(prefix: str) -> IndexSet:
    """A new name, later than all others."""
    return IndexSet(prefix, f"v{SCHEMA_VERSION}-{datetime.now(UTC):%Y%m%d%H%M%S%f}")


def alias(prefix: str, kind: RowKind) -> str:
    return f"{prefix}-{kind}"


def kept_alias(prefix: str) -> str:
    return f"{prefix}-kept"


def lock_index(prefix: str) -> str:
    return f"{prefix}-lock"


def read_set(state_index: str) -> IndexSet:
    """The set that an index of state records belongs to. Raises `IndexOutdated` for another schema."""
    found = _NAME.fullmatch(state_index)
    if found is None:
        raise IndexUnavailable(
            f"The index {state_index} was not made by Passerelle.",
            remedy="Set PASSERELLE_OPENSEARCH_PREFIX to another beginning of names.",
        )
    if int(found["schema"]) != SCHEMA_VERSION:
        raise _outdated(state_index, int(found["schema"]))
    return IndexSet(found["prefix"], found["stamp"])


def _outdated(state_index: str, schema: int) -> IndexOutdated:
    schemas = f"(schema {schema}, this one reads {SCHEMA_VERSION})"
    if schema > SCHEMA_VERSION:
        return IndexOutdated(
            f"{state_index} was made by a newer Passerelle {schemas}.",
            remedy="Upgrade Passerelle, or set PASSERELLE_OPENSEARCH_PREFIX to another name.",
        )
    return IndexOutdated(
        f"{state_index} was made by an older Passerelle {schemas}.",
        remedy="Use that version; or set PASSERELLE_OPENSEARCH_PREFIX to another name and run `passerelle index` or "
        "`passerelle sync` again: what people entered stays.",
    )


def parse_sets(prefix: str, names: Iterable[str]) -> list[IndexSet]:
    """The sets of this schema among the names of all indices, oldest first."""
    found = (_NAME.fullmatch(name) for name in names)
    stamps = {
        each["stamp"] for each in found if each and each["prefix"] == prefix and int(each["schema"]) == SCHEMA_VERSION
    }
    return sorted(IndexSet(prefix, stamp) for stamp in stamps)
