"""What a backup is, whatever the engine: an index at one commit, and beside it what people entered.

Each engine keeps backups where they outlast the machine that it runs on: the embedded one as folders of files, the
OpenSearch one as snapshots in a repository of the server. What else belongs to a collection is enclosed, bytes by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version as package_version
from typing import Protocol, Self

from search_core.engines.base import IndexStatus, PassageIndex
from search_core.errors import IndexOutdated, NotFound

FORMAT = 1
"""Raised when a backup is laid out otherwise."""

Enclosed = Mapping[str, bytes]


@dataclass(frozen=True)
class Backup:
    """One backup. `origin` says whose: engine and place of the index. `problem` says why it cannot be recovered.

    `documents` counts removed ones too, `passages` only those that can be found; `schema` is the engine's.
    """

    name: str
    made_at: str
    made_by: str
    origin: str
    engine: str
    schema: int
    documents: int
    passages: int
    model: str
    format: int = FORMAT
    problem: str = ""

    def to_json(self) -> str:
        """All but `problem`, as it lies with the backup."""
        facts = asdict(self)
        del facts["problem"]
        return json.dumps(facts, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError for what `to_json` did not write. Fields that a later version added are passed over."""
        facts = json.loads(text)
        try:
            return cls(**{name: facts[name] for name in _FIELDS})
        except (KeyError, TypeError) as error:
            raise ValueError(f"These are no facts of a backup: {error!r}.") from error


_FIELDS = tuple(name for name in Backup.__dataclass_fields__ if name != "problem")


class Recovery(Protocol):
    """An index recovered from a backup, beside the living one until `publish`."""

    @property
    def index(self) -> PassageIndex: ...

    @property
    def enclosed(self) -> Enclosed: ...

    def publish(self) -> None:
        """Make it the living index, and keep the one before, as `base.Rebuild.publish` does.

        A living index that cannot be read is left as it lies. Nothing is read from `index` afterwards.
        """
        ...


class Backups(Protocol):
    """The backups that lie in one place."""

    def find(self) -> list[Backup]:
        """Newest first. Raises `IndexUnavailable` for a place that cannot be read."""
        ...

    def back_up(self, enclose: Callable[[], Enclosed]) -> Backup:
        """Make one of the living index at its latest commit, whole or not at all. Others go on reading and writing.

        `enclose` is called after that commit. Raises `IndexUnavailable`, `IndexLocked`, `NotFound` without an index.
        """
        ...

    def recover(self, backup: Backup) -> AbstractContextManager[Recovery]:
        """Make the next index of a backup. What is not published is deleted at the end.

        Raises `IndexUnavailable` for what is not whole, `IndexOutdated` for another schema, `IndexLocked`.
        """
        ...

    def delete(self, backup: Backup) -> None: ...

    def close(self) -> None: ...


def make_name(prefix: str) -> str:
    """A name that tells when; later ones sort behind earlier ones."""
    return f"{prefix}-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}"[:-3]


def describe_backup(name: str, origin: str, schema: int, status: IndexStatus, versions: bytes | None) -> Backup:
    """The facts of a backup. `versions` is the state record of this name."""
    return Backup(
        name=name,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        made_by=package_version("passerelle"),
        origin=origin,
        engine=status.engine,
        schema=schema,
        documents=sum(status.documents.values()) + status.removed,
        passages=sum(status.passages.values()),
        model=json.loads(versions)["model_name"] if versions else "",
    )


def choose_backup(found: Sequence[Backup], name: str | None, place: str) -> Backup:
    """The backup of this name, or the newest whole one.

    Raises `NotFound` where there is none, or where backups of several collections lie together and none is named.
    """
    if name is not None:
        for backup in found:
            if backup.name == name:
                return backup
        raise NotFound(f"There is no backup {name} in {place}.", remedy=_LIST.format(place))
    whole = [backup for backup in found if not backup.problem]
    if not whole:
        raise NotFound(f"There is no whole backup in {place}.", remedy=_LIST.format(place))
    if len({backup.origin for backup in whole}) > 1:
        raise NotFound(
            f"{place} holds backups of several collections.", remedy=f"{_LIST.format(place)} Name one behind the place."
        )
    return whole[0]


_LIST = "`passerelle backup {} --list` shows what is there."


def check_schema(backup: Backup, engine: str, schema: int) -> None:
    """Raise `IndexOutdated` for a backup that this version of Passerelle cannot recover into this engine."""
    if backup.engine != engine:
        raise IndexOutdated(
            f"The backup {backup.name} is one of the engine {backup.engine}, not of {engine}.",
            remedy=f"Set PASSERELLE_ENGINE={backup.engine}, recover it there, and run `passerelle migrate`.",
        )
    if backup.format > FORMAT or backup.schema > schema:
        raise IndexOutdated(
            f"The backup {backup.name} was made by a newer Passerelle ({backup.made_by}).",
            remedy="Upgrade Passerelle, then recover it.",
        )
    if backup.schema < schema:
        raise IndexOutdated(
            f"The backup {backup.name} was made by an older Passerelle ({backup.made_by}), whose index this one does "
            f"not read (schema {backup.schema}, here {schema}).",
            remedy=f"Recover it with Passerelle {backup.made_by}, or index the documents again.",
        )
