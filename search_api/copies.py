"""One text in several places is one hit: the better placed document stands for all of them, and says where they are.

It happens to the finished order of documents: no score and no rank changes for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from search_api.schemas import Hit, Place
from search_core.copies import STATE_KEY, CopyTable, parse_copies
from search_core.engines.base import PassageIndex, Scope
from search_core.fusion import FusedDocument
from search_core.model import Document


class CopyFolder:
    """Follows what other processes find out about the index."""

    def __init__(self, index: PassageIndex, scope: Scope) -> None:
        self._index = index
        self._scope = scope
        self._read: tuple[bytes | None, CopyTable] = (None, CopyTable())

    def fold(self, ordered: Iterable[FusedDocument]) -> list[FusedDocument]:
        """The first document of each text."""
        return [group[0] for group in self.group(ordered)]

    def spread(
        self, results: Iterable[Sequence[FusedDocument]], ordered: Iterable[FusedDocument]
    ) -> list[tuple[FusedDocument, ...]]:
        """Results with all places of their texts: what choosing the value of one place would leave of them."""
        groups = {group[0].document_id: group for group in self.group(ordered)}
        return [tuple(copy for found in result for copy in groups[found.document_id]) for result in results]

    def add_places(self, hits: Sequence[Hit]) -> list[Hit]:
        """Hits with the other places of their text, as far as readers may know of them."""
        others = {hit.document_id: self._current().others(hit.document_id) for hit in hits}
        wanted = [other for group in others.values() for other in group]
        readable = self._index.documents(wanted, self._scope) if wanted else {}
        return [hit.model_copy(update={"places": _describe_places(others[hit.document_id], readable)}) for hit in hits]

    def group(self, ordered: Iterable[FusedDocument]) -> list[list[FusedDocument]]:
        """The documents of each text, in their order."""
        table, groups = self._current(), dict[str, list[FusedDocument]]()
        for found in ordered:
            first = table.groups.get(found.document_id, (found.document_id,))[0]
            groups.setdefault(first, []).append(found)
        return list(groups.values())

    def _current(self) -> CopyTable:
        stored, (known, table) = self._index.state(STATE_KEY), self._read
        if stored != known:
            table = parse_copies(stored)
            self._read = (stored, table)
        return table


def _describe_places(ids: Sequence[str], readable: Mapping[str, Document]) -> list[Place]:
    found = [readable[each] for each in ids if each in readable]
    return [
        Place(document_id=each.document_id, path=each.path, display_path=each.path, source=each.source)
        for each in found
    ]
