"""Whether an index that was made from another one holds all of it, before it takes its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from search_core.engines.base import DocumentRecord, PassageIndex, Scope
from search_core.errors import IndexUnavailable

_NAMED = 3


def check_copy(records: Mapping[str, DocumentRecord], made: PassageIndex, passages: Mapping[str, int]) -> None:
    """Compare documents one by one, and what the engine counts. `passages`: how many were written of each document.

    Raises `IndexUnavailable` saying what differs.
    """
    found = {record.document_id: record for record in made.records(None, Scope.everything())}
    problems = [*_compare_documents(records, found, passages), *_compare_counts(found, made)]
    if problems:
        raise IndexUnavailable(
            f"The new index is not what the old one is, and was not published: {'; '.join(problems)}.",
            remedy="Run `passerelle reindex` again; if it says this once more, begin anew with "
            "`passerelle reindex --discard` before it. The old index serves as before.",
        )


def _compare_documents(
    records: Mapping[str, DocumentRecord], found: Mapping[str, DocumentRecord], passages: Mapping[str, int]
) -> Iterator[str]:
    yield from _tell("missing", [name for name in records if name not in found])
    yield from _tell("in it that should not be", [name for name in found if name not in records])
    both = [name for name in records if name in found]
    yield from _tell("different", [name for name in both if identify(records[name]) != identify(found[name])])
    yield from _tell(
        "without all their passages", [name for name in both if found[name].passages != passages.get(name)]
    )


def _compare_counts(found: Mapping[str, DocumentRecord], made: PassageIndex) -> Iterator[str]:
    status = made.status()
    living = [record for record in found.values() if record.removed_at is None]
    counted = {
        "documents": (dict(status.documents), dict(Counter(record.language for record in living))),
        "removed documents": (status.removed, len(found) - len(living)),
        "passages": (sum(status.passages.values()), sum(record.passages for record in living)),
    }
    for name, (there, expected) in counted.items():
        if there != expected:
            yield f"{name}: {there} can be found, {expected} were written"


def identify(record: DocumentRecord) -> tuple[object, ...]:
    """What a record says of the document, but not what analysis makes of it."""
    return (
        *(record.source, record.path, record.checksum, record.fingerprint),
        *(record.status, record.reason, record.notes, record.removed_at),
    )


def _tell(what: str, names: list[str]) -> Iterator[str]:
    if names:
        shown = ", ".join(sorted(names)[:_NAMED])
        yield f"{len(names)} documents {what} ({shown}{', …' if len(names) > _NAMED else ''})"
