"""A new index from the texts of the old one, with the analysis, glossary and model of today.

It is built beside the old one, which serves and is written to until it is done: what is written meanwhile is copied
round after round (copying.py), and the last time while writers wait. An interrupted reindex goes on where it stopped,
unless it was made for something else. Removed documents come along, removed; so do the reports. Only what has another
embedding key is embedded again. Which documents are versions of each other is worked out anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager

from indexer.check_copy import check_copy
from indexer.copies import STATE_KEY as SKETCHES_KEY
from indexer.copying import Copier, begin_copying
from indexer.pairs.detect import refresh_pairs
from indexer.prepare import make_versions
from indexer.progress import RunProgress, SilentProgress
from indexer.report import STATE_KEY as REPORT_KEY
from indexer.report import RunReport
from indexer.sources import STATE_KEY as SOURCES_KEY
from indexer.tools import IndexingTools
from search_core import calibration
from search_core.analysis.analyzer import Analyzer
from search_core.copies import STATE_KEY as COPIES_KEY
from search_core.embedding import Embedder
from search_core.engines.base import LivingIndex, PassageIndex, Rebuild
from search_core.errors import IndexLocked
from search_core.glossary import Glossary
from search_core.people import PeopleStore
from search_core.shown_paths import STATE_KEY as SHOWN_KEY

FEW = 64
"""Documents that are copied while writers wait; a round with more is done while they go on."""

ROUNDS = 20
"""After so many, writers wait for more than a few: they write faster than it can be copied."""

LOOK_S = 2.0
"""How often to look whether the one who writes has finished."""

_CARRIED_STATE = (REPORT_KEY, SOURCES_KEY, COPIES_KEY, SKETCHES_KEY, SHOWN_KEY)


def reindex(
    index: LivingIndex,
    *,
    embedder: Embedder,
    analyzer: Analyzer,
    glossary: Glossary,
    people: PeopleStore | None = None,
    progress: RunProgress | None = None,
    tell: Callable[[str], None] | None = None,
) -> RunReport:
    """Make every document's passages anew from its stored text. `analyzer` is that of `glossary`.

    The report has an entry a document: `indexed`, or `unchanged` where an interrupted reindex had done it already.
    `tell` is given a sentence when it waits for somebody who writes. Raises `IndexLocked` while another process
    reindexes, `IndexUnavailable`, with the old index as it was, when the new one is not what it should be.
    """
    progress = progress or SilentProgress()
    languages = people.languages() if people else {}
    with index.rebuild("reindexing") as rebuild:
        caught_up = begin_copying(index, rebuild, make_versions(embedder, analyzer, glossary), glossary)
        tools = IndexingTools(embedder, analyzer, rebuild.writer, (rebuild.index, index), languages, progress)
        copier = Copier(index, rebuild, tools, caught_up)
        _catch_up(copier)
        _prepare_state(index, rebuild, embedder, people)
        with _holding_writers(rebuild, copier, tell or _say_nothing):
            _bring_state(index, rebuild, embedder, people)
            check_copy(copier.records, rebuild.index, copier.passages)
            copier.finish()
            rebuild.publish()
    return RunReport(copier.entries)


def _catch_up(copier: Copier) -> None:
    """Copy until hardly anything has changed since the round before."""
    for _ in range(ROUNDS):
        changes = copier.find_changes()
        copier.copy(changes)
        if len(changes) <= FEW:
            return


@contextmanager
def _holding_writers(rebuild: Rebuild, copier: Copier, tell: Callable[[str], None]) -> Iterator[None]:
    """Keep writers out, once the next index is what the living one is; until somebody has finished, copy and wait."""
    told, tries = "", 0
    while True:
        with ExitStack() as held:
            try:
                held.enter_context(rebuild.hold_writers())
            except IndexLocked as busy:
                if busy.message != told:
                    tell(f"{busy.message} The new index is ready and waits until that has finished.")
                told = busy.message
            else:
                tries += 1
                changes = copier.find_changes()
                if len(changes) <= FEW or tries > ROUNDS:
                    copier.copy(changes)
                    yield
                    return
        if copier.is_behind:
            _catch_up(copier)
        else:
            time.sleep(LOOK_S)


def _prepare_state(index: PassageIndex, rebuild: Rebuild, embedder: Embedder, people: PeopleStore | None) -> None:
    """Work out before the last round what takes long; then only what changed since has to be.

    Calibration holds vectors of passages: a purge must not come between their reading and their writing.
    """
    with rebuild.hold_purges():
        if rebuild.index.state(calibration.STATE_KEY) is None:
            _carry(index, rebuild, (calibration.STATE_KEY, calibration.STATE_DIGEST_KEY))
        calibration.refresh_calibration(rebuild.index, rebuild.writer, embedder)
        refresh_pairs(rebuild.index, rebuild.writer, people)


def _bring_state(index: PassageIndex, rebuild: Rebuild, embedder: Embedder, people: PeopleStore | None) -> None:
    _carry(index, rebuild, _CARRIED_STATE)
    calibration.refresh_calibration(rebuild.index, rebuild.writer, embedder)
    refresh_pairs(rebuild.index, rebuild.writer, people)


def _carry(index: PassageIndex, rebuild: Rebuild, keys: Sequence[str]) -> None:
    for key in keys:
        stored = index.state(key)
        if stored is not None and stored != rebuild.index.state(key):
            rebuild.writer.put_state(key, stored)


def _say_nothing(_: str) -> None:
    pass
