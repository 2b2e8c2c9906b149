"""What is wrong with the servers, or with what this user may do there. Nothing is made or written.

What only the operator may look at is left out for others, and said so: that is no problem of theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

from search_core.engines.opensearch.address import ServerAddress
from search_core.engines.opensearch.certificate import examine_certificates
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.failures import RightMissing, is_gone
from search_core.engines.opensearch.lock import find_holders
from search_core.engines.opensearch.names import ROW_KINDS, alias
from search_core.engines.opensearch.rights import examine_rights
from search_core.errors import IndexUnavailable, PasserelleError
from search_core.findings import Finding, attempt

_MAJOR = 3
_GIB = 2**30

_LOW_WATERMARK, _FLOOD_WATERMARK = 85, 95
"""Percent of a disk, as servers have them unless they are set otherwise."""


def examine_server(address: ServerAddress) -> Iterator[Finding]:
    """Version, encryption, login, rights, health, disks, plugin and writers. The first thing missing ends it."""
    try:
        cluster = Cluster(address)
    except PasserelleError as error:
        yield Finding("server", error.message, error.remedy)
        return
    with closing(cluster):
        server = attempt("server", lambda: _examine_version(cluster))
        yield server
        yield from examine_certificates(address)
        if server.remedy:
            return
        yield from examine_rights(cluster, address.prefix)
        for subject, check in _CHECKS.items():
            yield _look(subject, partial(check, cluster, address.prefix))


def _look(subject: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except RightMissing as error:
        return Finding(subject, f"not shown to this user (the right {error.right} is missing)")
    except IndexUnavailable as error:
        if is_gone(error):
            return Finding(subject, "there is no index yet")
        return Finding(subject, error.message, error.remedy)


def _examine_version(cluster: Cluster) -> Finding:
    version = cluster.version()
    fits = version.split(".")[0] == str(_MAJOR)
    remedy = "" if fits else f"Use OpenSearch {_MAJOR}.x."
    return Finding("server", f"OpenSearch {version} at {cluster.name}", remedy)


def _examine_health(cluster: Cluster, prefix: str) -> Finding:
    pattern = ",".join(f"{alias(prefix, kind)}-v*" for kind in ROW_KINDS)
    told = cluster.ask("GET", f"/_cluster/health/{pattern}?level=indices&timeout=1s")
    nodes, copies = told["number_of_data_nodes"], told["active_shards"] - told["active_primary_shards"]
    state = f"{told['status']}: {nodes} data node{'' if nodes == 1 else 's'}, "
    state += f"{told['active_primary_shards']} shards and {copies} copies of them"
    if told["status"] == "green":
        return Finding("health", state)
    ill = {name: each["status"] for name, each in told.get("indices", {}).items() if each["status"] != "green"}
    index = min(ill, key=lambda name: (ill[name] != "red", name), default=None)
    why = _explain_allocation(cluster, index, primary=ill[index] == "red") if index else ""
    remedy = "Start the nodes that are missing, or recover a backup." if told["status"] == "red" else _COPIES
    return Finding("health", f"{state}; {len(ill)} indices are not whole{why}", remedy)


_COPIES = "Start the nodes that are missing: until then nothing is lost, but another node's failure would lose it."


def _explain_allocation(cluster: Cluster, index: str, *, primary: bool) -> str:
    body = {"index": index, "shard": 0, "primary": primary}
    try:
        told = cluster.ask("POST", "/_cluster/allocation/explain", body)
    except IndexUnavailable:
        return f", such as {index}"
    deciders = [each for node in told.get("node_allocation_decisions", ()) for each in node.get("deciders", ())]
    why = deciders[0]["explanation"] if deciders else told.get("allocate_explanation", "")
    return f", such as {index}: {why}"


def _examine_disks(cluster: Cluster, _: str) -> Finding:
    told = cluster.ask("GET", "/_nodes/stats/fs?filter_path=nodes.*.name,nodes.*.fs.total")
    disks = sorted((node["name"], node["fs"]["total"]) for node in told["nodes"].values())
    used = {name: _percent_used(total) for name, total in disks}
    parts = [f"{name} {used[name]} % full, {total['available_in_bytes'] / _GIB:.1f} GiB free" for name, total in disks]
    full = [name for name, percent in used.items() if percent >= _LOW_WATERMARK]
    remedy = (
        f"Free some space on the disk of {', '.join(full)}: from {_LOW_WATERMARK} % on it gets no more copies, from "
        f"{_FLOOD_WATERMARK} % on it takes no more documents."
    )
    return Finding("server disks", "; ".join(parts), remedy if full else "")


def _percent_used(total: dict[str, Any]) -> int:
    return 100 - 100 * int(total["available_in_bytes"]) // int(total["total_in_bytes"])


def _examine_blocks(cluster: Cluster, prefix: str) -> Finding:
    pattern = ",".join(f"{alias(prefix, kind)}-v*" for kind in ROW_KINDS)
    told = cluster.ask("GET", f"/{pattern}/_settings/index.blocks.*?flat_settings=true")
    blocks = {
        name.removeprefix("index.blocks.")
        for each in told.values()
        for name, value in each["settings"].items()
        if value == "true"
    }
    if not blocks:
        return Finding("write blocks", "none")
    remedy = (
        "Free some space on the disks of the server, which then takes the block off; one set by hand, take off by hand."
    )
    return Finding("write blocks", ", ".join(sorted(blocks)), remedy)


def _examine_plugin(cluster: Cluster, _: str) -> Finding:
    told = cluster.ask("GET", "/_nodes/plugins?filter_path=nodes.*.name,nodes.*.plugins.name")
    lacking = sorted(
        node["name"]
        for node in told["nodes"].values()
        if "opensearch-knn" not in {each["name"] for each in node.get("plugins", ())}
    )
    if not lacking:
        return Finding("k-NN plugin", "on every node")
    remedy = "Install opensearch-knn on each node; the usual distribution has it."
    return Finding("k-NN plugin", f"missing on {', '.join(lacking)}", remedy)


def _examine_writers(cluster: Cluster, prefix: str) -> Finding:
    holders = find_holders(cluster, prefix)
    return Finding("writer", "; ".join(map(str, holders)) or "nobody writes")


_CHECKS: dict[str, Callable[[Cluster, str], Finding]] = {
    "health": _examine_health,
    "server disks": _examine_disks,
    "write blocks": _examine_blocks,
    "k-NN plugin": _examine_plugin,
    "writer": _examine_writers,
}
