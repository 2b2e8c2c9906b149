"""A source is kept equal to its folder: looked at after a change event, or every so often where none arrive."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from watchfiles import watch

from indexer.find import Listing
from indexer.seen import SeenFiles, take_stamp
from indexer.sync import SyncReport, list_source
from search_core.disks import network_filesystem
from search_core.errors import IndexLocked, InvalidRequest

NETWORK_POLL_S = 30.0
"""How often a network share is looked at: the system tells of no change that another machine made."""

CAREFUL_POLL_S = 60.0
"""How often a local folder is looked at without an event: some get lost, and a disk may be connected again."""

_DEBOUNCE_MS = 1600
"""Many changes at once are one: whoever copies a folder is not looked at after each file."""


class Watcher:
    """Syncs a folder when it looks otherwise than after the last time. `sync` is one round, `tell` takes a sentence."""

    def __init__(self, folder: Path, sync: Callable[[SeenFiles], SyncReport], tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._sync = sync
        self._tell = tell
        self._seen = SeenFiles()
        self._looked: object = None
        self._told = ""

    def look(self) -> SyncReport | None:
        """The report of a round; None where nothing has changed, or nothing can be done, which is told once."""
        try:
            listing = list_source(self._folder, self._seen.archives)
            looks = _describe(listing)
            if looks == self._looked:
                return None
            report = self._sync(self._seen)
        except (InvalidRequest, IndexLocked) as error:
            self._complain(str(error))
            return None
        self._told = ""
        # A file that could not be read, or was written to a moment ago, is looked at again in any case.
        self._looked = None if self._seen.has_unsettled(listing.files) else looks
        return report

    def _complain(self, sentence: str) -> None:
        if sentence != self._told:
            self._tell(sentence)
        self._told = sentence


def _describe(listing: Listing) -> object:
    """Equal for two listings between which nothing has changed."""
    return {found: take_stamp(found) for found in listing.files}, listing.passed_over, listing.unread, listing.unopened


def choose_interval(folder: Path, poll_s: float) -> float:
    """Seconds between two looks; 0 where change events are waited for. What is asked for comes first."""
    if poll_s:
        return poll_s
    return NETWORK_POLL_S if network_filesystem(folder.absolute(), psutil.disk_partitions(all=True)) else 0


def iter_looks(folder: Path, poll_s: float, tell: Callable[[str], None]) -> Iterator[None]:
    """One item whenever it is time to look, for ever. A folder that is away is waited for."""
    while True:
        if poll_s or not folder.is_dir():
            time.sleep(poll_s or CAREFUL_POLL_S)
            yield
            continue
        try:
            yield from _iter_events(folder)
        except OSError as error:  # too many watches, or a file system without events
            tell(
                f"Changes in {folder} are not told by the system ({error}): it is looked at every {NETWORK_POLL_S:g} s."
            )
            poll_s = NETWORK_POLL_S


def _iter_events(folder: Path) -> Iterator[None]:
    """Until the folder is another one, or none, than when this began."""
    began = _identify(folder)
    looks = watch(
        folder,
        watch_filter=None,
        debounce=_DEBOUNCE_MS,
        rust_timeout=1000,
        yield_on_timeout=True,
    )
    # The first look comes at once: something may have changed before the system was asked to tell.
    for second, changes in enumerate(looks):
        if changes or second % int(CAREFUL_POLL_S) == 0:
            yield
        if _identify(folder) != began:
            return


def _identify(folder: Path) -> tuple[int, int]:
    try:
        status = folder.stat()
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino
