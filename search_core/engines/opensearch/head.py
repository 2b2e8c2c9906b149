"""One record says which commit counts: the whole of the engine's atomicity.

Every row says by its `since` which commit wrote it. A commit writes its rows as `since` = version + 1, makes them
searchable, and only then writes the head with the new version: this one write is the commit. A reader takes the head
first (a get sees it at once, unlike a search) and looks at rows up to its version, so all legs of a search are of one
commit, and a commit of a hundred documents is there wholly or not at all.

What a commit replaces is named in the head as `superseded`: rows of these ids that are older than the version do not
count. They are deleted after the commit, and searches see that after the next one's refresh: a commit has one. A reader
that began before may miss them then, so it looks at the head once more at the end, and reads again if there was another
commit.

A writer killed before the head is written leaves rows from the future, which nobody sees; one killed after it leaves
superseded rows, which nobody sees either. The next writer deletes both before it writes (commit.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self, TypeVar

from search_core.engines.opensearch.cluster import Cluster, StoredRecord
from search_core.engines.opensearch.failures import is_gone
from search_core.engines.opensearch.names import IndexSet, RowKind, alias, read_set
from search_core.engines.opensearch.queries import all_of, any_of
from search_core.errors import IndexUnavailable

HEAD = "head"

_ATTEMPTS = 20
"""A commit takes a tenth of a second at least: this often in a row, nobody is overtaken."""

Found = TypeVar("Found")

OWNERS: Mapping[RowKind, str] = {
    "passages": "document_id",
    "documents": "document_id",
    "texts": "document_id",
    "state": "key",
}
"""The field by whose values rows are superseded."""


@dataclass(frozen=True)
class Head:
    """What counts in a set of indices.

    `states` maps the key of a state record to the commit that wrote it. `erasing`: traces of purged documents may be
    left in the files. `writer` is the session that wrote this.
    """

    version: int = 0
    dimension: int | None = None
    superseded: Mapping[RowKind, tuple[str, ...]] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    erasing: bool = False
    writer: str = ""

    def to_source(self) -> dict[str, Any]:
        return {HEAD: asdict(self)}

    @classmethod
    def from_source(cls, source: Mapping[str, Any]) -> Self:
        """Fields of other versions are passed over: `published` stood there once."""
        found = cls(**{each.name: source[HEAD][each.name] for each in fields(cls) if each.name in source[HEAD]})
        return replace(found, superseded={kind: tuple(ids) for kind, ids in found.superseded.items()})


@dataclass(frozen=True)
class View:
    """What one read sees: a set of indices at one commit."""

    cluster: Cluster
    names: IndexSet
    head: Head

    def search(self, kind: RowKind, body: dict[str, Any]) -> dict[str, Any]:
        return self.cluster.search(self.names.index(kind), body)

    def counting(self, kind: RowKind) -> dict[str, Any]:
        """A query for the rows that count at this commit."""
        version = self.head.version
        clauses: dict[str, Any] = {"filter": [{"range": {"since": {"lte": version}}}]}
        superseded = self.head.superseded.get(kind)
        if superseded:
            clauses["must_not"] = [superseded_rows(kind, superseded, version)]
        return {"bool": clauses}


def superseded_rows(kind: RowKind, ids: tuple[str, ...], version: int) -> dict[str, Any]:
    """A query for the rows of these ids that are older than a version."""
    return all_of([any_of(OWNERS[kind], ids), {"range": {"since": {"lt": version}}}])


class HeadReader:
    """Finds the head of the living set, or of the one set that it is given."""

    def __init__(self, cluster: Cluster, prefix: str, names: IndexSet | None = None) -> None:
        self._cluster = cluster
        self._index = names.index("state") if names else alias(prefix, "state")

    def view(self) -> View:
        """Raises `IndexUnavailable` where there is no set, `IndexOutdated` for another schema."""
        stored = self.stored()
        return View(self._cluster, read_set(stored.index), Head.from_source(stored.source))

    def stored(self) -> StoredRecord:
        stored = self._cluster.get(self._index, HEAD)
        if stored is None:
            raise IndexUnavailable(
                f"The index {self._index} on {self._cluster.name} is damaged: it has no head.",
                remedy="Run `passerelle recover`, or delete the indices of this prefix and index again.",
            )
        return stored

    def read(self, ask: Callable[[View], Found]) -> Found:
        """What `ask` finds at one commit: asked again when it was overtaken by another one."""
        view = self.view()
        for _ in range(_ATTEMPTS):
            found = self._try(ask, view)
            now = self.view()
            if found and (now.names, now.head.version) == (view.names, view.head.version):
                return found[0]
            view = now
        raise IndexUnavailable(
            f"The index on {self._cluster.name} changed faster than it could be read.", remedy="Try again."
        )

    def _try(self, ask: Callable[[View], Found], view: View) -> tuple[Found] | None:
        try:
            return (ask(view),)
        except IndexUnavailable as error:
            if not is_gone(error):
                raise
            # Gone with a set that another one took the place of, unless it is the living one still.
            now = self.view()
            if (now.names, now.head.version) == (view.names, view.head.version):
                raise
            return None
