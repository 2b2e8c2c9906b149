"""Back to the index file before the last publication."""

from __future__ import annotations

from contextlib import closing

from search_core.engines.embedded.folder import IndexFolder
from search_core.engines.embedded.store import check_file, read_file_version
from search_core.engines.embedded.writer import EmbeddedWriter
from search_core.errors import IndexLocked, NotFound


def roll_back(folder: IndexFolder, version: int) -> None:
    """`base.RebuildingIndex.roll_back`; the caller holds the locks of writers and of rebuilds."""
    living, kept = folder.current(), folder.kept()
    if living is None or kept is None:
        raise NotFound(
            "No earlier index is kept.", remedy="`passerelle reindex` keeps the one that it takes the place of."
        )
    check_file(kept)
    now = read_file_version(living)
    if now != version:
        raise IndexLocked("Another process wrote to the index meanwhile.", remedy="Run the same command again.")
    unfinished = folder.unfinished()
    if unfinished is not None:
        folder.delete(unfinished)
    with closing(EmbeddedWriter(kept)) as writer:
        writer.finish(after=now)
    folder.set_current(kept, kept=living)
