"""The sets of indices of a collection: the living one, the one kept, and one that a rebuild is making."""

from __future__ import annotations

from dataclasses import dataclass

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import make_first_head
from search_core.engines.opensearch.failures import is_gone
from search_core.engines.opensearch.head import HEAD
from search_core.engines.opensearch.mapping import documents_index, passages_index, state_index, texts_index
from search_core.engines.opensearch.names import IndexSet, kept_alias, make_set, parse_sets
from search_core.errors import IndexUnavailable


@dataclass(frozen=True)
class OtherSets:
    """The sets beside the living one. `leftover` is what a killed process has not finished making, or deleting."""

    kept: IndexSet | None
    unfinished: IndexSet | None
    leftover: tuple[IndexSet, ...]

    @property
    def all(self) -> list[IndexSet]:
        return [names for names in (self.kept, self.unfinished, *self.leftover) if names]


def find_others(cluster: Cluster, living: IndexSet) -> OtherSets:
    """The sets beside the living one."""
    aliases = cluster.aliases(f"{living.prefix}-passages-v*")
    others = [names for names in parse_sets(living.prefix, aliases) if names != living]
    kept = next((names for names in others if kept_alias(living.prefix) in aliases[names.index("passages")]), None)
    later = [names for names in others if names > max(living, kept or living) and has_head(cluster, names)]
    unfinished = later[-1] if later else None
    return OtherSets(kept, unfinished, tuple(names for names in others if names not in (kept, unfinished)))


def create_set(cluster: Cluster, prefix: str) -> IndexSet:
    """A new set of empty indices. Its head is made last: a set that has one is whole."""
    names = make_set(prefix)
    cluster.create(names.index("passages"), passages_index())
    cluster.create(names.index("documents"), documents_index())
    cluster.create(names.index("texts"), texts_index())
    cluster.create(names.index("state"), state_index())
    make_first_head(cluster, names)
    return names


def publish_set(cluster: Cluster, names: IndexSet, living: IndexSet, kept: IndexSet | None) -> None:
    """Make a set the living one and keep that, in one step."""
    alias = kept_alias(living.prefix)
    keeping = [{"remove": {"index": kept.index("passages"), "alias": alias}}] if kept else []
    keeping.append({"add": {"index": living.index("passages"), "alias": alias}})
    cluster.point([*living.aliases("remove"), *names.aliases("add"), *keeping])


def publish_next(cluster: Cluster, names: IndexSet, living: IndexSet) -> list[str]:
    """Make a new set the living one and keep that. Returns the indices of all sets that nobody needs then."""
    others = find_others(cluster, living)
    publish_set(cluster, names, living, others.kept)
    return [index for other in others.all if other != names for index in other.indices]


def has_head(cluster: Cluster, names: IndexSet) -> bool:
    """Whether all indices of a set were made."""
    try:
        return cluster.get(names.index("state"), HEAD) is not None
    except IndexUnavailable as error:
        if not is_gone(error):
            raise
        return False
