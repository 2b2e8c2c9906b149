"""Back to the index before the last reindex: what would be lost by it, and whether today's tools can search it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields

from indexer.copies import refresh_copies
from indexer.pairs.detect import refresh_pairs
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import refresh_calibration
from search_core.embedding import Embedder
from search_core.engines.base import DocumentRecord, LivingIndex, PassageIndex, Scope
from search_core.errors import IndexOutdated, NotFound
from search_core.people import PeopleStore
from search_core.versions import SCHEMA_VERSION, read_versions

_EVERYTHING = Scope.everything()

_READ_AT_ONCE = 64


@dataclass(frozen=True)
class Loss:
    """Paths of documents of which the kept index knows nothing, or something else. `removed` would be found again."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    restored: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, each.name) for each in fields(self))

    def to_dict(self) -> dict[str, tuple[str, ...]]:
        """Paths by what happened to the documents, without what happened to none."""
        named = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: paths for name, paths in named.items() if paths}


@dataclass(frozen=True)
class Offer:
    """A way back: the kept index, with what going there would lose at this `version` of the living one."""

    version: int
    documents: int
    model: str
    loss: Loss


def offer_rollback(index: LivingIndex, embedder: Embedder, analyzer: Analyzer) -> Offer:
    """What going back means. Raises `NotFound` where no index is kept, `IndexOutdated` for one that today's analysis or
    model cannot search.
    """
    with index.kept() as kept:
        if kept is None:
            raise NotFound(
                "No earlier index is kept.", remedy="`passerelle reindex` keeps the one that it takes the place of."
            )
        model = _check_usable(kept, embedder, analyzer)
        version = index.status().version
        return Offer(version, sum(kept.status().documents.values()), model, find_loss(index, kept))


def roll_back(index: LivingIndex, offer: Offer, embedder: Embedder, people: PeopleStore) -> None:
    """Accept an offer. Raises `IndexLocked` if the index was written to since it was made, or somebody writes now."""
    index.roll_back(offer.version)
    # A purge takes from the kept index what it had worked out from all documents.
    with index.writer("completing the index after a rollback") as writer:
        refresh_copies(index, writer)
        refresh_calibration(index, writer, embedder)
        refresh_pairs(index, writer, people)


def find_loss(living: PassageIndex, kept: PassageIndex) -> Loss:
    """What happened to documents since the kept index was the living one."""
    before = {record.document_id: record for record in kept.records(None, _EVERYTHING)}
    now = {record.document_id: record for record in living.records(None, _EVERYTHING)}
    both = [name for name in now if name in before]
    doubtful = [name for name in both if not now[name].fingerprint and _content(now[name]) == _content(before[name])]
    rewritten = frozenset(_iter_rewritten(living, kept, doubtful))

    def choose(names: Sequence[str], happened: Callable[[DocumentRecord, DocumentRecord], bool]) -> tuple[str, ...]:
        return tuple(now[name].path for name in names if happened(before[name], now[name]))

    return Loss(
        added=tuple(record.path for name, record in now.items() if name not in before),
        changed=choose(both, lambda old, new: _content(old) != _content(new) or new.document_id in rewritten),
        moved=choose(both, lambda old, new: (old.source, old.path) != (new.source, new.path)),
        removed=choose(both, lambda old, new: old.removed_at is None and new.removed_at is not None),
        restored=choose(both, lambda old, new: old.removed_at is not None and new.removed_at is None),
    )


def _content(record: DocumentRecord) -> tuple[object, ...]:
    return record.checksum, record.fingerprint, record.status, record.reason, record.notes


def _iter_rewritten(living: PassageIndex, kept: PassageIndex, ids: Sequence[str]) -> Iterator[str]:
    """Documents that are no files have no fingerprint: those whose texts or metadata differ."""
    for at in range(0, len(ids), _READ_AT_ONCE):
        part = ids[at : at + _READ_AT_ONCE]
        old, new = (each.documents(part, _EVERYTHING, removed_too=True) for each in (kept, living))
        for name in old.keys() & new.keys():
            if (old[name].text, old[name].metadata) != (new[name].text, new[name].metadata):
                yield name


def _check_usable(kept: PassageIndex, embedder: Embedder, analyzer: Analyzer) -> str:
    """The name of the model it was made with, which has to be today's."""
    versions = read_versions(kept)
    if versions is None:
        return embedder.name
    if versions.schema != SCHEMA_VERSION or versions.analysis != analyzer.version:
        raise IndexOutdated(
            "The kept index was made with another text analysis.",
            remedy="Go back with the version of Passerelle that made it: install that, then `passerelle rollback`.",
        )
    if versions.model != embedder.identity:
        raise IndexOutdated(
            f"The kept index was made with another embedding model ({versions.model_name}).",
            remedy=f"Set PASSERELLE_MODEL and PASSERELLE_ADAPTER to what it was made with ({versions.model_name}), "
            "then `passerelle rollback`.",
        )
    return versions.model_name
