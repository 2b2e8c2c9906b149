"""Backups as snapshots in a repository of the server: the living set, and beside it an index of what is enclosed.

Nothing of a backup lies on the machine that asks for it. Its facts are the snapshot's metadata, so that they can be
listed without restoring anything.

passerelle-enclosed-v1-20261126093000123456    what is enclosed, for as long as a snapshot is made or restored
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from search_core.backups import Backup, Enclosed, check_schema, describe_backup, make_name
from search_core.engines.opensearch.address import ServerAddress
from search_core.engines.opensearch.bulk import send_rows
from search_core.engines.opensearch.head import HeadReader, View
from search_core.engines.opensearch.index import OpenSearchIndex
from search_core.engines.opensearch.legs import EXACT_UP_TO
from search_core.engines.opensearch.lock import HeldLock, holding
from search_core.engines.opensearch.mapping import SCHEMA_VERSION, enclosed_index_body
from search_core.engines.opensearch.names import IndexSet, make_set
from search_core.engines.opensearch.reads import read_status
from search_core.engines.opensearch.recovery import OpenSearchRecovery
from search_core.engines.opensearch.snapshots import Json, Repository, SnapshotCluster
from search_core.engines.opensearch.states import StateReader
from search_core.errors import IndexLocked, IndexUnavailable, PasserelleError
from search_core.versions import VERSIONS_KEY

_OURS = "passerelle"
"""The key in a snapshot's metadata."""

_LOOK_S = 0.1

_ATTEMPTS = 20


class OpenSearchBackups:
    """`backups.Backups` of one collection in one repository: one that is registered, or a folder of the server."""

    def __init__(self, address: ServerAddress, place: str) -> None:
        self._cluster = SnapshotCluster(address)
        self._prefix = address.prefix
        self._place = place

    def find(self) -> list[Backup]:
        found = self._cluster.list_snapshots(self._repository(to_write=False))
        backups = [_read_backup(told) for told in found if _OURS in (told.get("metadata") or {})]
        return sorted(backups, key=lambda each: (each.made_at, each.name), reverse=True)

    def back_up(self, enclose: Callable[[], Enclosed]) -> Backup:
        repository = self._repository(to_write=True)
        name = make_name(self._prefix)
        self._cluster.delete_snapshot(repository, name)  # there is none: who may not delete what fails begins nothing
        try:
            backup = self._begin(repository, name, enclose)
            self._wait(repository, name)
        except BaseException:
            with suppress(PasserelleError):
                self._cluster.delete_snapshot(repository, name)
            raise
        finally:
            with suppress(PasserelleError):
                self._drop_enclosed()
        return backup

    @contextmanager
    def recover(self, backup: Backup) -> Iterator[OpenSearchRecovery]:
        check_schema(backup, "opensearch", SCHEMA_VERSION)
        if backup.problem:
            raise IndexUnavailable(
                f"{backup.name} is not a whole backup: {backup.problem}.", remedy="Recover another one."
            )
        repository = self._repository(to_write=False)
        ours = self._find_metadata(repository, backup)
        original = IndexSet(ours["prefix"], ours["stamp"])
        names = make_set(self._prefix)
        with holding(self._cluster, self._prefix, "rebuild", "recovering a backup") as lock:
            recovery = None
            try:
                self._restore(repository, backup, original, names)
                self._check_one_commit(backup, names, ours["version"])
                enclosed = self._take_enclosed(names)
                index = OpenSearchIndex(self._cluster, self._prefix, EXACT_UP_TO, names)
                recovery = OpenSearchRecovery(self._cluster, names, lock, index, enclosed)
                yield recovery
            finally:
                if recovery is None or not recovery.is_published:
                    self._cluster.drop([*names.indices, _enclosed_index(names)])

    def delete(self, backup: Backup) -> None:
        self._cluster.delete_snapshot(self._repository(to_write=True), backup.name)

    def close(self) -> None:
        self._cluster.close()

    def _repository(self, *, to_write: bool) -> Repository:
        return self._cluster.find_repository(self._place, self._prefix, to_write=to_write)

    def _begin(self, repository: Repository, name: str, enclose: Callable[[], Enclosed]) -> Backup:
        """Begin a snapshot that holds one commit. When it returns, it is settled what it holds.

        Each shard is caught at a moment of its own. What counts at a commit is there from before it until the head
        names a later one (head.py), so they hold one commit if the head was the same before the first and after the
        last of these moments. A commit that was under way may change it: the snapshot is begun again then, while the
        next one waits.
        """
        with holding(self._cluster, self._prefix, "backup", "beginning a backup", soon_done=True) as lock:
            for _ in range(_ATTEMPTS):
                backup = self._try(repository, name, enclose, lock)
                if backup is not None:
                    return backup
                self._cluster.delete_snapshot(repository, name)
        raise IndexLocked(
            f"The index on {self._cluster.name} is written to faster than a backup can begin.",
            remedy="Run the backup again when less is written.",
        )

    def _try(self, repository: Repository, name: str, enclose: Callable[[], Enclosed], lock: HeldLock) -> Backup | None:
        """None where somebody wrote to the index, or people entered something, while the snapshot began."""
        enclosed = enclose()
        heads = HeadReader(self._cluster, self._prefix)
        names = heads.view().names
        enclosed_index = self._put_enclosed(names, enclosed, lock)
        before = heads.stored()
        view = heads.view()
        backup = self._describe(name, view)
        self._cluster.start_snapshot(repository, name, [*names.indices, enclosed_index], _make_metadata(backup, view))
        while not self._cluster.has_begun(repository, name):
            lock.check()
            time.sleep(_LOOK_S)
        is_one_commit = heads.stored() == before and view.names == names and enclose() == enclosed
        return backup if is_one_commit else None

    def _describe(self, name: str, view: View) -> Backup:
        origin = f"{self._prefix} on {self._cluster.cluster_name()}"
        versions = StateReader(HeadReader(self._cluster, self._prefix, view.names)).read(VERSIONS_KEY)
        return describe_backup(name, origin, SCHEMA_VERSION, read_status(view), versions)

    def _put_enclosed(self, names: IndexSet, enclosed: Enclosed, lock: HeldLock) -> str:
        """Write what is enclosed to an index of its own."""
        self._drop_enclosed()
        index = _enclosed_index(names)
        self._cluster.create(index, enclosed_index_body())
        rows = (
            {"_index": index, "_id": name, "_source": {"value": base64.b64encode(content).decode("ascii")}}
            for name, content in enclosed.items()
        )
        for row, refusal in send_rows(self._cluster, rows, lock.check):
            raise IndexUnavailable(
                f"The server takes no {row['_id']} into a backup: {refusal.reason}.",
                remedy="Raise http.max_content_length on the server.",
            )
        return index

    def _drop_enclosed(self) -> None:
        """Also what a killed backup left."""
        self._cluster.drop(self._cluster.names(f"{self._prefix}-enclosed-v*"))

    def _take_enclosed(self, names: IndexSet) -> Enclosed:
        index = _enclosed_index(names)
        hits = self._cluster.search(index, {"query": {"match_all": {}}, "size": 100})["hits"]["hits"]
        self._cluster.drop([index])
        return {hit["_id"]: base64.b64decode(hit["_source"]["value"]) for hit in hits}

    def _wait(self, repository: Repository, name: str) -> None:
        while (told := self._cluster.read_state(repository, name))[0] == "IN_PROGRESS":
            time.sleep(_LOOK_S)
        state, reason = told
        if state != "SUCCESS":
            raise IndexUnavailable(
                f"The backup {name} failed ({state}: {reason}), and was deleted.",
                remedy="See that all shards of the index are allocated and that the repository has space; try again.",
            )

    def _check_one_commit(self, backup: Backup, names: IndexSet, version: int) -> None:
        """A backup that was killed while it began may have caught its indices at two commits.

        Then the head is a later one than the metadata say, or rows that counted were deleted for a later one.
        """
        view = HeadReader(self._cluster, self._prefix, names).view()
        found = read_status(view)
        passages, documents = sum(found.passages.values()), sum(found.documents.values()) + found.removed
        texts = view.search("texts", {"size": 0, "query": view.counting("texts"), "track_total_hits": True})
        counted = version, documents, passages, texts["hits"]["total"]["value"]
        if counted != (view.head.version, backup.documents, backup.passages, backup.documents):
            raise IndexUnavailable(
                f"{backup.name} does not hold one commit of the index: it was interrupted when it began.",
                remedy="Recover another backup: nothing was changed.",
            )

    def _find_metadata(self, repository: Repository, backup: Backup) -> Json:
        for told in self._cluster.list_snapshots(repository):
            if told["snapshot"] == backup.name:
                ours: Json = told["metadata"][_OURS]
                return ours
        raise IndexUnavailable(f"The backup {backup.name} is gone from {self._place}.", remedy="Recover another one.")

    def _restore(self, repository: Repository, backup: Backup, original: IndexSet, names: IndexSet) -> None:
        renamed = dict(zip(original.indices, names.indices, strict=True))
        renamed[_enclosed_index(original)] = _enclosed_index(names)
        self._cluster.restore(repository, backup.name, renamed)


def _enclosed_index(names: IndexSet) -> str:
    return f"{names.prefix}-enclosed-{names.stamp}"


def _make_metadata(backup: Backup, view: View) -> Json:
    """The server keeps 1,024 bytes."""
    where = {"prefix": view.names.prefix, "stamp": view.names.stamp, "version": view.head.version}
    return {_OURS: {**json.loads(backup.to_json()), **where}}


def _read_backup(told: Json) -> Backup:
    name = told["snapshot"]
    try:
        backup = replace(Backup.from_json(json.dumps(told["metadata"][_OURS])), name=name)
    except ValueError as error:
        return Backup(name, "", "", "", "opensearch", 0, 0, 0, "", problem=str(error))
    state = told["state"]
    if state == "SUCCESS":
        return backup
    problem = "it is still being made" if state == "IN_PROGRESS" else f"its state on the server is {state}"
    return replace(backup, problem=problem)
