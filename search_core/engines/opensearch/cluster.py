"""Every request to the servers. Replies are checked for failed shards; errors are those of our family.

A lost connection is the driver's to repair: it sends the request to the next node at once and leaves the dead one alone
for a while. Everything else that passes is asked for again as pace.py says. So a write may be done twice; each is one
that does not mind (rows have ids of their own), or finds itself done (`WriteConflict`).
"""

from __future__ import annotations

import base64
import copy
import logging
import ssl
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConflictError, TransportError
from opensearchpy.helpers import streaming_bulk
from urllib3 import Timeout

from search_core.engines.opensearch.address import ServerAddress
from search_core.engines.opensearch.failures import (
    PassingFailure,
    Refusal,
    driver_errors,
    explain,
    explain_row,
    is_gone,
    translate,
)
from search_core.engines.opensearch.pace import HURRIED, STEADY, Pace
from search_core.errors import IndexUnavailable, SettingsError

Json = dict[str, Any]

_CONNECT_S = 3
"""A machine that is gone does not refuse a connection, it is silent."""

_TIMEOUT_S = 60
"""Of requests that say nothing else, such as those about snapshots."""

_DEAD_S = 10
"""For so long a node that failed is left alone, twice as long each time that it fails again."""

_LONG_S = 3600
"""Making many rows searchable, deleting and merging them."""

_SERVER_S = "20s"
"""How long the server itself waits for the node that a row belongs to: it is given up before another writer begins."""

NAMED_AT_ONCE = 20
"""Indices in an address: the server takes 4,096 bytes."""

_BULK_BYTES = 10 * 2**20

_Answer = TypeVar("_Answer")

# The driver logs each failed request before it raises; what is raised here says it better.
logging.getLogger("opensearch").setLevel(logging.ERROR)


@dataclass(frozen=True)
class StoredRecord:
    """One record as the server has it. `index` is the index's own name, where it was asked for by an alias."""

    index: str
    source: Json
    seq_no: int
    primary_term: int


class Cluster:
    """The servers of one address. Safe to use from several threads."""

    def __init__(self, address: ServerAddress, pace: Pace = STEADY) -> None:
        self.name = str(address)
        self.pace = pace
        self._guards: tuple[Callable[[], None], ...] = ()
        # A write that is not answered in time may be under way: whether to send it again is for who holds the lock.
        self._client = _connect(address, retry_on_timeout=False)
        self._reader = _connect(address, retry_on_timeout=len(address.hosts) > 1)

    def hurried(self) -> Self:
        """The same servers for requests that are better given up than late. Closed with this one."""
        same = copy.copy(self)
        same.pace = HURRIED
        return same

    def guarded(self, *still_ours: Callable[[], None]) -> Self:
        """The same servers for who holds locks: `still_ours` are called before each write, a repeated one too.

        Its reads are as patient as its writes. Closed with this one.
        """
        same = copy.copy(self)
        same.pace = replace(self.pace, reading=self.pace.writing)
        same._guards = still_ours
        return same

    def get(self, index: str, record: str) -> StoredRecord | None:
        """A record as it was last written, searchable yet or not. Raises `IndexUnavailable`."""
        found = self._read(lambda wait: self._reader.get(index=index, id=record, params={**wait, "ignore": 404}))
        if "error" in found:
            raise explain(int(found["status"]), found["error"], self.name)
        if not found["found"]:
            return None
        return StoredRecord(found["_index"], found["_source"], found["_seq_no"], found["_primary_term"])

    def put(self, index: str, record: str, source: Json, after: StoredRecord | None) -> StoredRecord:
        """Write a record in place of `after`, or as a new one. Raises `WriteConflict` if it is another one by now."""
        condition = {"op_type": "create"} if after is None else _unless_changed(after)
        done = self._write(
            lambda wait: self._client.index(
                index=index, id=record, body=source, params={**wait, **condition, "timeout": _SERVER_S}
            )
        )
        return StoredRecord(done["_index"], source, done["_seq_no"], done["_primary_term"])

    def delete(self, index: str, record: str, after: StoredRecord) -> None:
        """Delete a record that is still `after`. Raises `WriteConflict`."""
        condition = _unless_changed(after)
        self._write(lambda wait: self._client.delete(index=index, id=record, params={**wait, **condition}))

    def search(self, index: str, body: Json) -> Json:
        """One search. Raises `IndexUnavailable` for anything less than a whole answer."""
        (reply,) = self.search_all([(index, body)])
        if isinstance(reply, IndexUnavailable):
            raise reply
        return reply

    def search_all(self, asked: Sequence[tuple[str, Json]]) -> list[Json | IndexUnavailable]:
        """Several searches in one request; one that failed is its error. Raises `IndexUnavailable` for a lost index.

        One that failed in passing (its node died while it was asked) is asked again, without the others.
        """
        replies: dict[int, Json | IndexUnavailable] = {}

        def ask() -> None:
            missing = [n for n in range(len(asked)) if isinstance(replies.get(n), PassingFailure | None)]
            replies.update(zip(missing, self._search_once([asked[n] for n in missing]), strict=True))
            for reply in replies.values():
                if isinstance(reply, PassingFailure):
                    raise reply

        try:
            self.pace.reading(ask)
        except PassingFailure:
            if len(replies) < len(asked):
                raise
        return [replies[n] for n in range(len(asked))]

    def _search_once(self, asked: Sequence[tuple[str, Json]]) -> list[Json | IndexUnavailable]:
        if not asked:
            return []
        lines: list[Json] = []
        for index, body in asked:
            lines += [{"index": index, "allow_partial_search_results": False}, body]
        # Statistics over all shards (free where there is one): a score must not depend on the shard.
        params = {"search_type": "dfs_query_then_fetch", "request_timeout": _seconds(self.pace.read_s)}
        with driver_errors(self.name):
            replies = self._reader.msearch(body=lines, params=params)["responses"]
        return [self._check(reply) for reply in replies]

    def search_pages(self, index: str, body: Json, size: int) -> Iterator[Json]:
        """All hits of a search with a `sort` that ends in a unique field, page by page."""
        after: Json = {}
        while True:
            hits = self.search(index, {**body, **after, "size": size})["hits"]["hits"]
            yield from hits
            if len(hits) < size:
                return
            after = {"search_after": hits[-1]["sort"]}

    def bulk(self, actions: Iterable[Json]) -> Iterator[IndexUnavailable | Refusal | None]:
        """Write rows once, in requests of limited size. Yields what became of each, in their order; None is well.

        What became of a request as a whole became of each of its rows.
        """
        results = streaming_bulk(
            self._client,
            actions,
            max_chunk_bytes=_BULK_BYTES,
            raise_on_error=False,
            raise_on_exception=False,
            timeout=_SERVER_S,
            request_timeout=_seconds(self.pace.write_s),
        )
        with driver_errors(self.name):
            for _, result in results:
                ((_, item),) = result.items()
                failure = item.get("exception")
                if isinstance(failure, TransportError) and failure.status_code != 413:
                    yield translate(failure, self.name)
                else:
                    yield explain_row(item["status"], item.get("error", ""), self.name)

    def refresh(self, indices: Iterable[str]) -> None:
        """Make everything written searchable, on every copy."""
        named = ",".join(sorted(indices))

        def refresh(_: Json) -> None:
            reply = self._client.indices.refresh(index=named, params={"request_timeout": _seconds(_LONG_S)})
            if reply["_shards"]["failed"]:
                raise explain(503, reply["_shards"]["failures"][0]["reason"], self.name)

        self._write(refresh)

    def delete_rows(self, index: str, query: Json, *, refresh: bool = True) -> None:
        """Delete what a query finds; with `refresh` no search finds it when it returns."""
        params = {"refresh": "true" if refresh else "false", "request_timeout": _seconds(_LONG_S)}

        def delete(_: Json) -> None:
            try:
                reply = self._client.delete_by_query(index=index, body={"query": query}, params=dict(params))
            except ConflictError as error:
                raise PassingFailure(
                    f"Rows of {index} changed while they were deleted.", remedy="Run the same command again to go on."
                ) from error
            if reply["failures"] or reply["timed_out"]:
                raise explain(503, [*reply["failures"], {"cause": "timed out"}][0]["cause"], self.name)

        self._write(delete)

    def expunge(self, indices: Iterable[str]) -> None:
        """Rewrite the files of indices without what was deleted from them, as far as the server lets go of it."""
        named = ",".join(sorted(indices))
        long = {"request_timeout": _seconds(_LONG_S)}
        flushing = {**long, "force": "true", "wait_if_ongoing": "true"}
        merging = {**long, "only_expunge_deletes": "true"}
        self._write(lambda _: self._client.indices.flush(index=named, params=dict(flushing)))
        self._write(lambda _: self._client.indices.forcemerge(index=named, params=dict(merging)))
        self._write(lambda _: self._client.indices.flush(index=named, params=dict(flushing)))

    def create(self, index: str, body: Json) -> bool:
        """Make an index, every copy of it; False if there is one of this name already."""
        whole = {"ignore": 400, "wait_for_active_shards": "all", "timeout": _SERVER_S}
        reply = self._write(lambda wait: self._client.indices.create(index=index, body=body, params={**wait, **whole}))
        if "error" not in reply:
            return True
        if reply["error"]["type"] == "resource_already_exists_exception":
            return False
        raise explain(int(reply["status"]), reply["error"], self.name)

    def drop(self, indices: Sequence[str]) -> None:
        """Delete indices; those that do not exist are deleted already."""
        for at in range(0, len(indices), NAMED_AT_ONCE):
            self._drop(",".join(indices[at : at + NAMED_AT_ONCE]))

    def _drop(self, named: str) -> None:
        self._write(
            lambda wait: self._client.indices.delete(index=named, params={**wait, "ignore_unavailable": "true"})
        )

    def add_mapping(self, index: str, mapping: Json) -> None:
        self._write(lambda wait: self._client.indices.put_mapping(index=index, body=mapping, params=wait))

    def aliases(self, pattern: str) -> dict[str, set[str]]:
        """The indices that a pattern with * finds, each with its aliases."""
        found = self._read(lambda wait: self._reader.indices.get_alias(index=pattern, params=wait))
        return {name: set(each["aliases"]) for name, each in found.items()}

    def names(self, pattern: str) -> list[str]:
        """Names of the indices that a pattern with * finds."""
        return sorted(self.aliases(pattern))

    def point(self, actions: Sequence[Json]) -> None:
        """Change aliases, all at once."""
        self._write(lambda wait: self._client.indices.update_aliases(body={"actions": list(actions)}, params=wait))

    def size(self, indices: Iterable[str]) -> int:
        """Bytes on disk, of all copies."""
        named = ",".join(sorted(indices))
        reply = self._read(lambda wait: self._reader.indices.stats(index=named, metric="store", params=wait))
        return int(reply["_all"]["total"]["store"]["size_in_bytes"])

    def count_deleted(self, indices: Iterable[str]) -> int:
        """Rows that were deleted and lie in the files still."""
        listed = sorted(indices)
        named = ",".join(listed)
        self.refresh(listed)
        reply = self._read(lambda wait: self._reader.indices.stats(index=named, metric="docs", params=wait))
        return int(reply["_all"]["total"]["docs"]["deleted"])

    def clock(self) -> int:
        """Seconds since 1970 by the server's clock: those of the machines that write need not agree."""
        return int(self._read(lambda wait: self._reader.cat.health(params={**wait, "format": "json"}))[0]["epoch"])

    def version(self) -> str:
        """The version of the server. Raises `IndexUnavailable` for what is no OpenSearch."""
        told = self._read(lambda wait: self._reader.info(params=wait))
        version = told.get("version", {}) if isinstance(told, Mapping) else {}
        if version.get("distribution") != "opensearch":
            raise IndexUnavailable(
                f"What answers at {self.name} is not OpenSearch.", remedy="Check PASSERELLE_OPENSEARCH_HOSTS."
            )
        return str(version["number"])

    def ask(self, method: str, path: str, body: Json | str | None = None) -> Json:
        """Any other request whose answer is JSON: what the server is like, and its roles."""
        send = self._reader.transport.perform_request
        answer: Json = self._read(lambda wait: send(method, path, params=wait, body=body))
        return answer

    def require_delete(self, prefix: str) -> None:
        """Raise `RightMissing` for a user who may not delete indices; nothing is deleted."""
        self.drop([f"{prefix}-state-none"])

    def close(self) -> None:
        self._client.close()
        self._reader.close()

    def _read(self, ask: Callable[[Json], _Answer]) -> _Answer:
        """What the driver answers; `ask` is given the parameters that say how long to wait for it."""
        answer: _Answer = self.pace.reading(self._ask, ask, self.pace.read_s)
        return answer

    def _write(self, ask: Callable[[Json], _Answer]) -> _Answer:
        def send() -> _Answer:
            for still_ours in self._guards:
                still_ours()
            return self._ask(ask, self.pace.write_s)

        answer: _Answer = self.pace.writing(send)
        return answer

    def _ask(self, ask: Callable[[Json], _Answer], wait_s: float) -> _Answer:
        with driver_errors(self.name):
            return ask({"request_timeout": _seconds(wait_s)})

    def _check(self, reply: Json) -> Json | IndexUnavailable:
        if "error" in reply:
            failure = explain(int(reply["status"]), reply["error"], self.name)
            if is_gone(failure):
                raise failure
            return failure
        if reply["_shards"]["failed"] or reply["timed_out"]:
            reasons = [each["reason"] for each in reply["_shards"].get("failures", ())]
            return explain(503, reasons[0] if reasons else "timed out", self.name)
        return reply


def _connect(address: ServerAddress, *, retry_on_timeout: bool) -> OpenSearch:
    return OpenSearch(
        hosts=list(address.hosts),
        http_auth=_make_login(address),
        ssl_context=make_tls(address),
        max_retries=len(address.hosts),
        retry_on_timeout=retry_on_timeout,
        retry_on_status=(),
        timeout=_TIMEOUT_S,
        dead_timeout=_DEAD_S,
        pool_maxsize=32,
    )


def _unless_changed(record: StoredRecord) -> Json:
    return {"if_seq_no": record.seq_no, "if_primary_term": record.primary_term}


def _seconds(wait_s: float) -> Timeout:
    return Timeout(connect=min(_CONNECT_S, wait_s), read=wait_s)


def _make_login(address: ServerAddress) -> Any:
    """What adds the login to a request; the driver's own way knows Latin-1 only."""
    if not address.user:
        return None
    login = base64.b64encode(f"{address.user}:{address.password}".encode()).decode("ascii")
    return lambda *_: {"authorization": f"Basic {login}"}


def make_tls(address: ServerAddress) -> ssl.SSLContext:
    """Certificates and host names are always checked."""
    try:
        return ssl.create_default_context(cafile=address.ca)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"The certificate authority {address.ca} cannot be read ({error}).",
            remedy="Set PASSERELLE_OPENSEARCH_CA to a PEM file.",
        ) from error
