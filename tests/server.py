"""What the tests do to a server besides what the engine does."""

from __future__ import annotations

from typing import Any

import pytest

from search_core.engines.opensearch.snapshots import Repository, SnapshotCluster


class ServerUnderTest(SnapshotCluster):
    """The server that PASSERELLE_OPENSEARCH_HOSTS names."""

    def allowed_folder(self) -> str:
        """A folder that the server allows for snapshots."""
        nodes = self._client.nodes.info(metric="settings")["nodes"].values()
        allowed = next(iter(nodes))["settings"]["path"].get("repo", [])
        if not allowed:
            pytest.fail("The server allows no folder for snapshots: set path.repo in its opensearch.yml.")
        return str(allowed if isinstance(allowed, str) else allowed[0])

    def forget_repositories(self, place: str) -> None:
        """With the snapshots in them."""
        for name, told in self._client.snapshot.get_repository().items():
            if told.get("settings", {}).get("location") == place:
                body = {"type": "fs", "settings": {"location": place}}
                self._client.snapshot.create_repository(repository=name, body=body)
                for snapshot in self.list_snapshots(Repository(name, place)):
                    self._client.snapshot.delete(repository=name, snapshot=snapshot["snapshot"])
                self._client.snapshot.delete_repository(repository=name)

    def unregister(self, repository: Repository) -> None:
        """The snapshots stay in their folder."""
        self._client.snapshot.delete_repository(repository=repository.name)

    def is_read_only(self, repository: Repository) -> bool:
        told = self._client.snapshot.get_repository(repository=repository.name)
        return bool(told[repository.name]["settings"]["readonly"] == "true")

    def make_partial_snapshot(self, repository: Repository, name: str, index: str, metadata: dict[str, Any]) -> None:
        """Of an index whose shard is on no node."""
        settings = {"index.routing.allocation.require._name": "no such node"}
        self._client.indices.create(index=index, body={"settings": settings}, params={"wait_for_active_shards": "0"})
        body = {"indices": index, "partial": True, "include_global_state": False, "metadata": metadata}
        self._client.snapshot.create(
            repository=repository.name, snapshot=name, body=body, params={"wait_for_completion": "true"}
        )
        self.drop([index])
