"""`passerelle recover`: a backup in the place of the index and of what people entered."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from passerelle.backing_up import GLOSSARY, PEOPLE
from passerelle.console import counted, tell, working
from passerelle.workspace import Workspace
from search_core.backups import Backup, Recovery, choose_backup
from search_core.errors import IndexOutdated, IndexUnavailable, PasserelleError
from search_core.opening import open_backups
from search_core.people import PeopleStore
from search_core.settings import Settings
from search_core.versions import check_versions

Confirm = Callable[[str], None]
"""Asks a question; does not return where the answer is no."""


def recover_backup(workspace: Workspace, place: str, name: str | None, confirm: Confirm) -> list[str]:
    """Put a backup, the newest one unless it is named, in the place of what there is, after asking where there is any.

    Returns sentences that say what was done, and how to undo it. Until the last step nothing has changed.
    """
    settings = workspace.settings
    with closing(open_backups(settings, place)) as backups:
        backup = choose_backup(backups.find(), name, place)
        tell(_describe(backup))
        held = _describe_held(workspace)
        if held:
            confirm(f"Replace {held}?")
        with working("recovering"), backups.recover(backup) as recovery:
            _check_counts(backup, recovery)
            notices = _compare_versions(workspace, recovery)
            said = [*_recover_people(settings, recovery), *_recover_glossary(settings, recovery)]
            recovery.publish()
    undo = ["`passerelle rollback` goes back to the index before."] if held else []
    return [f"{backup.name} recovered: {counted(backup.documents, 'document')}.", *said, *undo, *notices]


def _describe(backup: Backup) -> str:
    if backup.problem:
        return f"{backup.name}: {backup.problem}"
    return (
        f"{backup.name} of {backup.made_at}, from {backup.origin}: {counted(backup.documents, 'document')}, "
        f"{counted(backup.passages, 'passage')}, model {backup.model or 'none'}."
    )


def _describe_held(workspace: Workspace) -> str:
    """What a recovery replaces; empty where there is nothing."""
    parts: list[str] = []
    try:
        status = workspace.index.status()
        documents = sum(status.documents.values()) + status.removed
        parts += [f"{counted(documents, 'document')} in {status.location}"] if documents else []
    except PasserelleError as error:
        tell(f"{error.message} It stays where it is.")
    languages, pairs = workspace.people.languages(), workspace.people.pair_verdicts()
    if languages or pairs:
        parts.append(f"what people said of {counted(len(languages), 'language')} and {counted(len(pairs), 'pair')}")
    return " and ".join(parts)


def _check_counts(backup: Backup, recovery: Recovery) -> None:
    status = recovery.index.status()
    found = sum(status.documents.values()) + status.removed, sum(status.passages.values())
    if found != (backup.documents, backup.passages):
        raise IndexUnavailable(
            f"{backup.name} holds {found[0]} documents with {found[1]} passages, not the {backup.documents} with "
            f"{backup.passages} that were backed up.",
            remedy="Recover another backup: nothing was changed.",
        )


def _compare_versions(workspace: Workspace, recovery: Recovery) -> list[str]:
    """What has to be done before the recovered index can be searched with the settings as they are."""
    try:
        check_versions(recovery.index, workspace.analyzer.version, workspace.embedder.identity)
    except IndexOutdated as error:
        return [f"{error.message} Set PASSERELLE_MODEL to that model, or run `passerelle reindex`."]
    except PasserelleError as error:
        return [str(error)]
    return []


def _recover_people(settings: Settings, recovery: Recovery) -> list[str]:
    """What people entered is replaced as a whole; what they had entered here is kept in a file beside it."""
    people = PeopleStore(settings.data)
    before, stored = people.to_bytes(), recovery.enclosed.get(PEOPLE)
    if stored is None:
        return ["The backup holds nothing that people entered; what there was stays."]
    said = []
    if (people.languages() or people.pair_verdicts()) and before != stored:
        kept = settings.data / f"people-before-{datetime.now(UTC):%Y%m%d-%H%M%S}.sqlite"
        _write_private(kept, before)
        said.append(f"What people had entered before is kept in {kept}.")
    people.replace(stored)
    return said


def _recover_glossary(settings: Settings, recovery: Recovery) -> list[str]:
    """A glossary of one's own is not written over: it lies wherever its owner put it."""
    stored = recovery.enclosed.get(GLOSSARY)
    if stored is None:
        return []
    if settings.glossary is not None and settings.glossary.exists() and settings.glossary.read_bytes() == stored:
        return []
    place = settings.data / "recovered-glossary.tsv"
    _write_private(place, stored)
    return [f"The backup's own glossary lies in {place}: set PASSERELLE_GLOSSARY to it, or put it where yours is."]


def _write_private(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
