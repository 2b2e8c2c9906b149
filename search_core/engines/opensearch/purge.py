"""Purging from the sets of indices beside the living one."""

from __future__ import annotations

from collections.abc import Sequence

from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import Change, Committer
from search_core.engines.opensearch.lock import HeldLock
from search_core.engines.opensearch.names import IndexSet, RowKind
from search_core.engines.opensearch.sets import find_others, has_head

_KINDS: tuple[RowKind, ...] = ("passages", "documents", "texts")


def purge_beside(cluster: Cluster, living: IndexSet, lock: HeldLock, ids: Sequence[str], forget: Sequence[str]) -> None:
    """Erase documents, and state records, from all other sets: the one that is kept, and an unfinished one.

    The caller holds purges: who writes to an unfinished set waits, so that its head does not change meanwhile.
    """
    others = [names for names in find_others(cluster, living).all if has_head(cluster, names)]
    change = Change(superseded=dict.fromkeys(_KINDS, tuple(ids)), forgotten=tuple(forget), erasing=True)
    for names in others:
        committer = Committer(cluster, names, lock)
        committer.commit(change)
        committer.finish_erasing()
