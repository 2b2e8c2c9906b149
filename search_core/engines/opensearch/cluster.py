"""Every request to the servers. Replies are checked for failed shards; errors are those of our family."""

from __future__ import annotations

import base64
import logging
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.helpers import streaming_bulk

from search_core.engines.opensearch.address import ServerAddress
from search_core.engines.opensearch.failures import WriteConflict, describe, driver_errors, explain, is_gone
from search_core.errors import IndexUnavailable, SettingsError

Json = dict[str, Any]

_TIMEOUT_S = 60
_LONG_TIMEOUT_S = 3600
"""Deleting and merging many rows."""

_BULK_BYTES = 10 * 2**20

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

    def __init__(self, address: ServerAddress) -> None:
        self.name = str(address)
        self._client = OpenSearch(
            hosts=list(address.hosts),
            http_auth=_make_login(address),
            ssl_context=make_tls(address),
            timeout=_TIMEOUT_S,
            max_retries=max(3, len(address.hosts)),
            pool_maxsize=32,
        )

    def get(self, index: str, record: str) -> StoredRecord | None:
        """A record as it was last written, searchable yet or not. Raises `IndexUnavailable`."""
        with driver_errors(self.name):
            found = self._client.get(index=index, id=record, params={"ignore": 404})
        if "error" in found:
            raise explain(int(found["status"]), found["error"], self.name)
        if not found["found"]:
            return None
        return StoredRecord(found["_index"], found["_source"], found["_seq_no"], found["_primary_term"])

    def put(self, index: str, record: str, source: Json, after: StoredRecord | None) -> StoredRecord:
        """Write a record in place of `after`, or as a new one. Raises `WriteConflict` if it is another one by now."""
        if after is None:
            condition: Json = {"op_type": "create"}
        else:
            condition = {"if_seq_no": after.seq_no, "if_primary_term": after.primary_term}
        with driver_errors(self.name):
            done = self._client.index(index=index, id=record, body=source, params=condition)
        return StoredRecord(done["_index"], source, done["_seq_no"], done["_primary_term"])

    def delete(self, index: str, record: str, after: StoredRecord) -> None:
        """Delete a record that is still `after`. Raises `WriteConflict`."""
        condition = {"if_seq_no": after.seq_no, "if_primary_term": after.primary_term}
        with driver_errors(self.name):
            self._client.delete(index=index, id=record, params=condition)

    def search(self, index: str, body: Json) -> Json:
        """One search. Raises `IndexUnavailable` for anything less than a whole answer."""
        (reply,) = self.search_all([(index, body)])
        if isinstance(reply, IndexUnavailable):
            raise reply
        return reply

    def search_all(self, asked: Sequence[tuple[str, Json]]) -> list[Json | IndexUnavailable]:
        """Several searches in one request; one that failed is its error. Raises `IndexUnavailable` for a lost index."""
        if not asked:
            return []
        lines: list[Json] = []
        for index, body in asked:
            lines += [{"index": index, "allow_partial_search_results": False}, body]
        # Statistics over all shards (free where there is one): a score must not depend on the shard.
        with driver_errors(self.name):
            replies = self._client.msearch(body=lines, params={"search_type": "dfs_query_then_fetch"})["responses"]
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

    def bulk(self, actions: Iterable[Json]) -> Iterator[tuple[int, str]]:
        """Write rows in requests of limited size. Yields a status and a reason for each action, in their order.

        A request that failed as a whole has its status, 0 when there was no answer, for each of its actions.
        """
        results = streaming_bulk(
            self._client,
            actions,
            max_chunk_bytes=_BULK_BYTES,
            raise_on_error=False,
            raise_on_exception=False,
        )
        for _, result in results:
            ((_, item),) = result.items()
            status = item.get("status", 0)
            yield (status if isinstance(status, int) else 0), describe(item.get("error", ""))

    def refresh(self, indices: Iterable[str]) -> None:
        """Make everything written searchable, on every copy."""
        with driver_errors(self.name):
            reply = self._client.indices.refresh(index=",".join(sorted(indices)))
        if reply["_shards"]["failed"]:
            raise explain(503, reply["_shards"]["failures"][0]["reason"], self.name)

    def delete_rows(self, index: str, query: Json, *, refresh: bool = True) -> int:
        """Delete what a query finds; with `refresh` no search finds it when it returns. Returns how many."""
        try:
            with driver_errors(self.name):
                reply = self._client.delete_by_query(
                    index=index,
                    body={"query": query},
                    params={"refresh": "true" if refresh else "false"},
                    request_timeout=_LONG_TIMEOUT_S,
                )
        except WriteConflict as error:
            raise IndexUnavailable(
                f"Rows of {index} changed while they were deleted.", remedy="Run the same command again to go on."
            ) from error
        if reply["failures"] or reply["timed_out"]:
            raise explain(503, [*reply["failures"], {"cause": "timed out"}][0]["cause"], self.name)
        return int(reply["deleted"])

    def expunge(self, indices: Iterable[str]) -> None:
        """Rewrite the files of indices without what was deleted from them, as far as the server lets go of it."""
        named = ",".join(sorted(indices))
        with driver_errors(self.name):
            self._client.indices.flush(index=named, params={"force": "true", "wait_if_ongoing": "true"})
            self._client.indices.forcemerge(
                index=named, params={"only_expunge_deletes": "true"}, request_timeout=_LONG_TIMEOUT_S
            )
            self._client.indices.flush(index=named, params={"force": "true", "wait_if_ongoing": "true"})

    def create(self, index: str, body: Json) -> bool:
        """Make an index; False if there is one of this name already."""
        with driver_errors(self.name):
            reply = self._client.indices.create(index=index, body=body, params={"ignore": 400})
        if "error" not in reply:
            return True
        if reply["error"]["type"] == "resource_already_exists_exception":
            return False
        raise explain(int(reply["status"]), reply["error"], self.name)

    def drop(self, indices: Sequence[str]) -> None:
        """Delete indices; those that do not exist are deleted already."""
        if not indices:
            return
        with driver_errors(self.name):
            self._client.indices.delete(index=",".join(indices), params={"ignore_unavailable": "true"})

    def add_mapping(self, index: str, mapping: Json) -> None:
        with driver_errors(self.name):
            self._client.indices.put_mapping(index=index, body=mapping)

    def aliases(self, pattern: str) -> dict[str, set[str]]:
        """The indices that a pattern with * finds, each with its aliases."""
        with driver_errors(self.name):
            found = self._client.indices.get_alias(index=pattern)
        return {name: set(each["aliases"]) for name, each in found.items()}

    def names(self, pattern: str) -> list[str]:
        """Names of the indices that a pattern with * finds."""
        return sorted(self.aliases(pattern))

    def point(self, actions: Sequence[Json]) -> None:
        """Change aliases, all at once."""
        with driver_errors(self.name):
            self._client.indices.update_aliases(body={"actions": list(actions)})

    def size(self, indices: Iterable[str]) -> int:
        """Bytes on disk, of all copies."""
        with driver_errors(self.name):
            reply = self._client.indices.stats(index=",".join(sorted(indices)), metric="store")
        return int(reply["_all"]["total"]["store"]["size_in_bytes"])

    def count_deleted(self, indices: Iterable[str]) -> int:
        """Rows that were deleted and lie in the files still."""
        named = ",".join(sorted(indices))
        with driver_errors(self.name):
            self._client.indices.refresh(index=named)
            reply = self._client.indices.stats(index=named, metric="docs")
        return int(reply["_all"]["total"]["docs"]["deleted"])

    def clock(self) -> int:
        """Seconds since 1970 by the server's clock: those of the machines that write need not agree."""
        with driver_errors(self.name):
            return int(self._client.cat.health(params={"format": "json"})[0]["epoch"])

    def version(self) -> str:
        """The version of the server. Raises `IndexUnavailable` for what is no OpenSearch."""
        with driver_errors(self.name):
            told = self._client.info()
        version = told.get("version", {}) if isinstance(told, Mapping) else {}
        if version.get("distribution") != "opensearch":
            raise IndexUnavailable(
                f"What answers at {self.name} is not OpenSearch.", remedy="Check PASSERELLE_OPENSEARCH_HOSTS."
            )
        return str(version["number"])

    def ask(self, method: str, path: str, body: Json | str | None = None) -> Json:
        """Any other request whose answer is JSON: what the server is like, and its roles."""
        with driver_errors(self.name):
            answer: Json = self._client.transport.perform_request(method, path, body=body)
        return answer

    def require_delete(self, prefix: str) -> None:
        """Raise `RightMissing` for a user who may not delete indices; nothing is deleted."""
        self.drop([f"{prefix}-state-none"])

    def close(self) -> None:
        self._client.close()

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
