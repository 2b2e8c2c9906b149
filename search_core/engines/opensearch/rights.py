"""What the user who is logged in may do, found without doing it.

The security plugin of OpenSearch 3.2 and later answers a request with `perform_permission_check` by what is missing for
it, and does not run it; any other server refuses a parameter that it does not know, and runs nothing either. The
requests name an index that there never is all the same. What reads one record, refreshes or deletes by query cannot be
asked so: the plugin (3.4) fails to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from search_core.engines.opensearch.cluster import Cluster
from search_core.errors import IndexUnavailable
from search_core.findings import Finding

_SINCE = (3, 2)


@dataclass(frozen=True)
class _Request:
    method: str
    path: str
    body: dict[str, Any] | str | None = None


def _make_requests(prefix: str) -> dict[str, tuple[_Request, ...]]:
    """What stands for each thing that people do, the least first."""
    index = f"{prefix}-state-none"
    nothing: dict[str, Any] = {"query": {"match_none": {}}}
    pointing = {"actions": [{"add": {"index": index, "alias": f"{prefix}-state"}}]}
    return {
        "search": (
            _Request("POST", f"/{index}/_search", nothing),
            _Request("POST", "/_msearch", f'{{"index": "{index}"}}\n{{}}\n'),
        ),
        "index": (
            _Request("PUT", f"/{index}"),
            _Request("POST", "/_aliases", pointing),
            _Request("PUT", f"/{index}/_mapping", {"properties": {}}),
            _Request("PUT", f"/{index}/_doc/none", {}),
            _Request("POST", "/_bulk", f'{{"delete": {{"_index": "{index}", "_id": "none"}}}}\n'),
        ),
        "purge": (
            _Request("POST", f"/{index}/_flush"),
            _Request("POST", f"/{index}/_forcemerge"),
        ),
        "reindex": (_Request("DELETE", f"/{index}"),),
        "back up": (
            _Request("PUT", f"/_snapshot/{prefix}", {"type": "fs", "settings": {}}),
            _Request("PUT", f"/_snapshot/{prefix}/none", {}),
            _Request("DELETE", f"/_snapshot/{prefix}/none"),
            _Request("GET", f"/_snapshot/{prefix}/none/_status"),
        ),
    }


def examine_rights(cluster: Cluster, prefix: str) -> Iterator[Finding]:
    """Who is logged in, and what that user may do."""
    try:
        told = cluster.ask("GET", "/_plugins/_security/authinfo")
    except IndexUnavailable as error:
        if "no handler found" not in error.message:
            yield Finding("login", error.message, error.remedy)
        else:
            yield Finding("login", "none: the server has no security plugin, whoever reaches it may do everything")
        return
    roles = ", ".join(sorted(told.get("roles") or ())) or "none"
    yield Finding("login", f"user {told.get('user_name')}, roles {roles}")
    version = tuple(int(part) for part in cluster.version().split(".")[:2])
    if version < _SINCE:
        yield Finding("server rights", "told by OpenSearch 3.2 and later only")
        return
    try:
        yield _describe({name: _find_missing(cluster, asked) for name, asked in _make_requests(prefix).items()})
    except IndexUnavailable as error:
        yield Finding("server rights", f"not told by this server: {error.message}")


def _describe(missing: dict[str, list[str]]) -> Finding:
    may = [name for name, rights in missing.items() if not rights]
    may_not = [f"{name} ({', '.join(rights)} missing)" for name, rights in missing.items() if rights]
    parts = [
        f"may {', '.join(may)}" if may else "may do nothing",
        *([f"may not {', '.join(may_not)}"] if may_not else []),
    ]
    remedy = (
        "Give the user one of the roles of deploy/opensearch/roles.yml, for indices of PASSERELLE_OPENSEARCH_PREFIX."
    )
    return Finding("server rights", "; ".join(parts), "" if "search" in may else remedy)


def _find_missing(cluster: Cluster, asked: tuple[_Request, ...]) -> list[str]:
    missing: dict[str, None] = {}
    for request in asked:
        told = cluster.ask(request.method, f"{request.path}?perform_permission_check=true", request.body)
        missing |= dict.fromkeys(told["missingPrivileges"])
    return list(missing)
