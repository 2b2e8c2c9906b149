"""Requests about snapshots: the repositories that the server knows, what lies in them, making one and restoring it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from opensearchpy import exceptions

from search_core.engines.opensearch.cluster import NAMED_AT_ONCE, Cluster
from search_core.engines.opensearch.failures import describe, translate
from search_core.errors import IndexLocked, IndexUnavailable, PasserelleError

Json = dict[str, Any]

_LONG_TIMEOUT_S = 24 * 3600
"""Restoring everything."""

_PATH_REPO = (
    "On every node the folder has to stand in path.repo of opensearch.yml, to be the same for all nodes, and to be "
    "writable by the server (docs/opensearch.md); then start the nodes again."
)

_MEANINGS: tuple[tuple[str, type[PasserelleError], str, str], ...] = (
    (
        "repository_missing_exception",
        IndexUnavailable,
        "knows no snapshot repository {}",
        "Register it, or name a folder of the server that path.repo of opensearch.yml allows (docs/opensearch.md).",
    ),
    ("snapshot_missing_exception", IndexUnavailable, "has no such snapshot in {}", "Look what `--list` shows."),
    (
        "snapshot_in_progress_exception",
        IndexLocked,
        "is making another backup",
        "Wait until it has finished.",
    ),
    (
        "concurrent_snapshot_execution_exception",
        IndexLocked,
        "is busy with another snapshot in {}",
        "Wait until it has finished.",
    ),
    ("readonly", IndexUnavailable, "may only read the repository {}", "Name another place for backups."),
    ("repository_verification_exception", IndexUnavailable, "cannot use {} for snapshots", _PATH_REPO),
    ("path.repo", IndexUnavailable, "may not keep snapshots in {}", _PATH_REPO),
    ("repository_exception", IndexUnavailable, "cannot use the repository {}", _PATH_REPO),
)
"""What stands in an error, in the order in which to look for it."""


@dataclass(frozen=True)
class Repository:
    """A repository by the name that the server knows it by; `place` is what people call it."""

    name: str
    place: str


class SnapshotCluster(Cluster):
    """A cluster whose snapshots are asked for too."""

    def cluster_name(self) -> str:
        with self._errors(""):
            return str(self._client.info()["cluster_name"])

    def find_repository(self, place: str, prefix: str, *, to_write: bool) -> Repository:
        """The repository of this name; or the one at this path of the server, registered if it is not yet.

        One that is registered here to be read only is registered to be written to when that is wanted: two clusters
        that write to one repository destroy it.
        """
        if "/" not in place:
            return Repository(place, place)
        location = place.rstrip("/") or "/"
        name = f"{prefix}-{hashlib.sha256(location.encode()).hexdigest()[:8]}"
        with self._errors(place):
            known = self._client.snapshot.get_repository()
            for other, told in known.items():
                settings = told.get("settings", {})
                is_there = told["type"] == "fs" and settings.get("location", "").rstrip("/") == location
                may_stay = other != name or not to_write or settings.get("readonly") != "true"
                if is_there and may_stay:
                    return Repository(other, place)
            body = {"type": "fs", "settings": {"location": location, "readonly": not to_write}}
            self._client.snapshot.create_repository(repository=name, body=body)
        return Repository(name, place)

    def list_snapshots(self, repository: Repository) -> list[Json]:
        with self._errors(repository.place):
            found = self._client.snapshot.get(repository=repository.name, snapshot="_all")
        return list(found["snapshots"])

    def start_snapshot(self, repository: Repository, name: str, indices: Sequence[str], metadata: Json) -> None:
        """Begin a snapshot of all these indices, or of none."""
        body = {
            "indices": ",".join(indices),
            "include_global_state": False,
            "partial": False,
            "metadata": metadata,
        }
        with self._errors(repository.place):
            self._client.snapshot.create(repository=repository.name, snapshot=name, body=body)

    def has_begun(self, repository: Repository, name: str) -> bool:
        """Whether it is settled of every shard what the snapshot holds.

        A shard that waits for its node is called STARTED, like one that is being copied, but has no time of it.
        """
        with self._errors(repository.place):
            told = self._client.snapshot.status(repository=repository.name, snapshot=name)
        (snapshot,) = told["snapshots"]
        shards = [shard for index in snapshot["indices"].values() for shard in index["shards"].values()]
        return bool(shards) and all(
            shard["stage"] in {"DONE", "FAILURE"}
            or (shard["stage"] != "INIT" and shard["stats"]["start_time_in_millis"] > 0)
            for shard in shards
        )

    def read_state(self, repository: Repository, name: str) -> tuple[str, str]:
        """State of a snapshot, and why it failed."""
        with self._errors(repository.place):
            (told,) = self._client.snapshot.get(repository=repository.name, snapshot=name)["snapshots"]
        reasons = [told.get("reason"), *(each.get("reason") for each in told.get("failures", ()))]
        return told["state"], "; ".join(str(reason) for reason in reasons if reason)[:600]

    def drop(self, indices: Sequence[str]) -> None:
        """Delete indices. Raises `IndexLocked` while one of them is in a snapshot that is being made."""
        for at in range(0, len(indices), NAMED_AT_ONCE):
            with self._errors(""):
                named = ",".join(indices[at : at + NAMED_AT_ONCE])
                self._client.indices.delete(index=named, params={"ignore_unavailable": "true"})

    def delete_snapshot(self, repository: Repository, name: str) -> None:
        """One that is being made is broken off."""
        with self._errors(repository.place):
            self._client.snapshot.delete(
                repository=repository.name, snapshot=name, request_timeout=_LONG_TIMEOUT_S, params={"ignore": 404}
            )

    def restore(self, repository: Repository, name: str, renamed: Mapping[str, str]) -> None:
        """Restore indices under other names, searchable when it returns."""
        for index, copy in renamed.items():
            body = {
                "indices": index,
                "include_global_state": False,
                "include_aliases": False,
                "rename_pattern": ".+",
                "rename_replacement": copy,
            }
            with self._errors(repository.place):
                told = self._client.snapshot.restore(
                    repository=repository.name,
                    snapshot=name,
                    body=body,
                    params={"wait_for_completion": "true"},
                    request_timeout=_LONG_TIMEOUT_S,
                )
            if told["snapshot"]["shards"]["failed"]:
                raise IndexUnavailable(
                    f"{index} cannot be restored whole from {name} in {repository.place}.",
                    remedy="Recover another backup: nothing was changed.",
                )

    @contextmanager
    def _errors(self, place: str) -> Iterator[None]:
        try:
            yield
        except exceptions.OpenSearchException as error:
            reason = getattr(error, "info", None)
            said = describe(reason.get("error")) if isinstance(reason, Mapping) else str(reason)
            for sign, kind, meaning, remedy in _MEANINGS:
                if sign in said:
                    told = f"The OpenSearch server {self.name} {meaning.format(place)} ({said})."
                    raise kind(told, remedy=remedy) from error
            raise translate(error, self.name) from error
