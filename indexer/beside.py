"""What lies beside the living index: how far a reindex has got, and what a rollback goes back to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from search_core.engines.base import IndexWriter, LivingIndex, PassageIndex
from search_core.versions import read_versions

STATE_KEY = "reindex"


@dataclass(frozen=True)
class CaughtUp:
    """`version`: documents that this commit of the living index wrote last, or an earlier one, are as there.

    `since` is when the reindex began, in ISO form, empty where none did.
    """

    version: int = -1
    since: str = ""

    @classmethod
    def beginning(cls, version: int) -> CaughtUp:
        return cls(version, datetime.now(UTC).isoformat(timespec="seconds"))

    def at(self, version: int) -> CaughtUp:
        return replace(self, version=version)


def read_caught_up(index: PassageIndex) -> CaughtUp:
    """What an index that is being made says of itself. What says nothing has caught up with nothing."""
    stored = index.state(STATE_KEY)
    return CaughtUp() if stored is None else CaughtUp(**json.loads(stored))


def write_caught_up(writer: IndexWriter, caught_up: CaughtUp) -> None:
    writer.put_state(STATE_KEY, json.dumps(asdict(caught_up)).encode())


def describe_unfinished(index: LivingIndex) -> dict[str, Any] | None:
    """How far an unfinished reindex is, whether it runs or was interrupted: documents made, of how many, since when."""
    with index.unfinished() as made:
        if made is None:
            return None
        return {"documents": _count(made), "of": _count(index), "since": read_caught_up(made).since}


def describe_kept(index: LivingIndex) -> dict[str, Any] | None:
    """How many documents the index before the last reindex has, and what model it was made with."""
    with index.kept() as kept:
        if kept is None:
            return None
        versions = read_versions(kept)
        count = sum(kept.status().documents.values())
        return {"documents": count, "model": versions.model_name if versions else ""}


def _count(index: PassageIndex) -> int:
    status = index.status()
    return sum(status.documents.values()) + status.removed
