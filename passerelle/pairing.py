"""`passerelle pairs`: what is recorded of versions, and what people say about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from passerelle.selection import select_documents
from search_core.engines.base import DocumentRecord, Scope
from search_core.errors import InvalidRequest
from search_core.pairs import PairIds, read_pairs

if TYPE_CHECKING:
    from passerelle.workspace import Workspace

Action = Literal["list", "confirm", "refute", "forget"]
State = Literal["detected", "confirmed", "refuted"]


@dataclass(frozen=True)
class ListedVersion:
    """One of two versions."""

    document_id: str
    path: str
    source: str


@dataclass(frozen=True)
class ListedPair:
    """Two versions of one document, or two documents of which a person said that they are not."""

    fr: ListedVersion
    zh: ListedVersion
    state: State
    score: float | None

    def to_dict(self) -> dict[str, Any]:
        """What `--json` prints."""
        return asdict(self)


def list_pairs(workspace: Workspace) -> list[ListedPair]:
    """Pairs as they are shown, then those that were refuted; each by the path of the French version."""
    records = {
        record.document_id: record
        for record in workspace.index.records(None, Scope.everything())
        if record.removed_at is None
    }
    listed: list[tuple[PairIds, State, float | None]] = [
        ((pair.fr, pair.zh), "confirmed" if pair.confirmed else "detected", pair.score)
        for pair in read_pairs(workspace.index, Scope.everything()).pairs
    ]
    verdicts = workspace.people.pair_verdicts()
    listed += [(ids, "refuted", None) for ids, verdict in verdicts.items() if verdict == "refuted"]
    rows = [
        ListedPair(_list_version(records[fr]), _list_version(records[zh]), state, score)
        for (fr, zh), state, score in listed
        if fr in records and zh in records
    ]
    return sorted(rows, key=lambda row: (row.state == "refuted", row.fr.path, row.fr.source, row.zh.path))


def judge_pair(workspace: Workspace, action: Action, names: Sequence[str]) -> list[str]:
    """Record what a person says of two documents, and settle the pairs anew. Returns sentences that say what was done.

    Raises `InvalidRequest` unless the names mean one French and one Chinese document, `NotFound`, `IndexLocked`.
    """
    from indexer.pairs.detect import refresh_pairs

    fr, zh = _choose_two(workspace, names)
    pair = (fr.document_id, zh.document_id)
    with workspace.index.writer("settling pairs") as writer:
        said, *more = _say(workspace, action, pair)
        refresh_pairs(workspace.index, writer, workspace.people)
    return [f"{fr.path} ⇄ {zh.path}: {said}", *more]


def _say(workspace: Workspace, action: Action, pair: PairIds) -> list[str]:
    people = workspace.people
    if action == "confirm":
        replaced = people.confirm_pair(pair)
        records = workspace.index.records(None, Scope.everything())
        paths = {record.document_id: record.path for record in records}
        taken_back = [
            f"Taken back: {paths.get(fr, fr)} ⇄ {paths.get(zh, zh)}, which had been confirmed." for fr, zh in replaced
        ]
        return ["confirmed, versions of one document", *taken_back]
    if action == "refute":
        people.refute_pair(pair)
        return ["refuted, two documents"]
    return ["forgotten, the evidence decides" if people.forget_pair(pair) else "nothing had been said of these two"]


def _choose_two(workspace: Workspace, names: Sequence[str]) -> tuple[DocumentRecord, DocumentRecord]:
    """The French and the Chinese document named."""
    remedy = "Name one French and one Chinese document, by id or path; `passerelle report` lists them."
    if len(names) != 2:
        raise InvalidRequest(f"Two documents make a pair, and {len(names)} names were given.", remedy=remedy)
    chosen = [_choose_one(workspace, name) for name in names]
    languages = [record.language for record in chosen]
    if sorted(languages) != ["fr", "zh"]:
        described = " and ".join(f"{record.path} ({record.language})" for record in chosen)
        raise InvalidRequest(
            f"{described} cannot be versions of each other.",
            remedy=f"{remedy} `passerelle language` corrects a language.",
        )
    first, second = chosen
    return (first, second) if first.language == "fr" else (second, first)


def _choose_one(workspace: Workspace, name: str) -> DocumentRecord:
    found = select_documents(workspace.index, [name], removed=False)
    if len(found) > 1:
        raise InvalidRequest(
            f"{name!r} means {len(found)} documents.",
            remedy="Name one of them; `passerelle report --json` has their ids.",
        )
    return found[0]


def _list_version(record: DocumentRecord) -> ListedVersion:
    return ListedVersion(record.document_id, record.path, record.source)
