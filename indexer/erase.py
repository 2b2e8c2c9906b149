"""Documents erased for good: from the index, from the reports that name their files, from the calibration's samples,
from the pairs they were in, and from what people said of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from indexer.copies import STATE_KEY as SKETCHES_KEY
from indexer.copies import refresh_copies
from indexer.pairs.detect import forget_pairs, refresh_pairs
from indexer.pairs.record import STATE_KEY as COMPARED_KEY
from indexer.report import STATE_KEY as REPORT_KEY
from indexer.report import forget_documents
from search_core import calibration, pairs
from search_core.calibration import refresh_calibration
from search_core.copies import STATE_KEY as COPIES_KEY
from search_core.embedding import Embedder
from search_core.engines.base import PassageIndex, Scope
from search_core.people import PeopleStore

RESTORABLE_DAYS = 30

_TELLING = (
    *(REPORT_KEY, SKETCHES_KEY, COPIES_KEY),
    *(calibration.STATE_KEY, calibration.STATE_DIGEST_KEY),
    *(pairs.STATE_KEY, pairs.STATE_DIGEST_KEY, COMPARED_KEY),
)
"""State records that hold something of documents: names, vectors, likenesses. They are made anew from documents."""


def erase_documents(index: PassageIndex, people: PeopleStore, embedder: Embedder, ids: Sequence[str]) -> int:
    """Erase documents, removed or not, and every trace of them; returns how many. This cannot be undone."""
    with index.writer("erasing documents") as writer:
        forget_documents(index, writer, ids)
        forget_pairs(index, writer, ids)
        people.forget_documents(ids)
        count = writer.purge(ids, forget=_TELLING)
        if count:
            refresh_copies(index, writer)
            refresh_calibration(index, writer, embedder)
            refresh_pairs(index, writer, people)
    return count


def find_expired(index: PassageIndex, now: datetime) -> list[str]:
    """Ids of what was removed more than `RESTORABLE_DAYS` ago."""
    limit = (now - timedelta(days=RESTORABLE_DAYS)).isoformat(timespec="seconds")
    records = index.records(None, Scope.everything())
    return [record.document_id for record in records if record.removed_at and record.removed_at < limit]
