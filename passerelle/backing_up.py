"""`passerelle backup`: the index and what people entered, in one backup."""

from __future__ import annotations

from contextlib import closing

from passerelle.console import counted, working
from search_core.backups import Backup, Backups
from search_core.errors import IndexUnavailable
from search_core.opening import open_backups
from search_core.people import PeopleStore
from search_core.settings import Settings

PEOPLE = "people.sqlite"
GLOSSARY = "glossary.tsv"
"""Names of what is enclosed. The session key is not: a copy of it would open the page to whoever finds it."""


def make_backup(settings: Settings, place: str, keep: int | None) -> list[str]:
    """Make a backup, and delete the oldest of this collection until `keep` are left. Returns sentences."""
    with closing(open_backups(settings, place)) as backups:
        with working("backing up"):
            backup = backups.back_up(lambda: enclose(settings))
        deleted = _delete_oldest(backups, backup, keep) if keep else []
    held = f"{counted(backup.documents, 'document')}, {counted(backup.passages, 'passage')} and what people entered"
    return [
        f"{backup.name}: {held} are in {place}.",
        *(f"{each.name} deleted." for each in deleted),
    ]


def list_backups(settings: Settings, place: str) -> list[Backup]:
    """Newest first, and those that are not whole."""
    with closing(open_backups(settings, place)) as backups:
        return backups.find()


def enclose(settings: Settings) -> dict[str, bytes]:
    """What belongs to a collection beside its index."""
    enclosed = {PEOPLE: PeopleStore(settings.data).to_bytes()}
    if settings.glossary is not None:
        try:
            enclosed[GLOSSARY] = settings.glossary.read_bytes()
        except OSError as error:
            raise IndexUnavailable(
                f"The glossary {settings.glossary} cannot be read: {error.strerror}.",
                remedy="Correct PASSERELLE_GLOSSARY, or unset it to make a backup without a glossary of your own.",
            ) from error
    return enclosed


def _delete_oldest(backups: Backups, latest: Backup, keep: int) -> list[Backup]:
    own = [each for each in backups.find() if each.origin == latest.origin and not each.problem]
    for backup in own[keep:]:
        backups.delete(backup)
    return own[keep:]
