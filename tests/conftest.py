"""What every test shares: no telemetry, no hub, and a header that makes skips visible."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
if "PYTEST_XDIST_WORKER" in os.environ:  # workers with a thread a core each would wait for one another at every layer
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest

from indexer.ocr.installed import name_ocr
from search_core.anchors import read_anchors
from search_core.embedding import Embedder, HashEmbedder, Progress, load_embedder
from search_core.engines.opensearch import OpenSearchIndex, ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.commit import make_first_head
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.sets import find_others
from search_core.model import Matrix
from search_core.opening import read_address
from search_core.settings import Settings
from tests.server import ServerUnderTest

SHARED = Path(__file__).parents[2] / "shared"


def describe_server() -> str:
    """Whether there is a server for the tests marked `opensearch`, which only `make test-opensearch` runs."""
    hosts = Settings().opensearch_hosts
    return f"{hosts} for tests marked `opensearch`" if hosts else "no server in PASSERELLE_OPENSEARCH_HOSTS: skipped"


def describe_security() -> str:
    """Whether that server can be used for the tests marked `secured`, which need TLS and an administrator's login."""
    hosts = Settings().opensearch_hosts
    return (
        "roles, logins and TLS too"
        if hosts.startswith("https://")
        else "no https there: tests marked `secured` skipped"
    )


def pytest_report_header() -> list[str]:
    return [
        f"engine: embedded (SQLite {sqlite3.sqlite_version})",
        f"engine: opensearch ({describe_server()}; {describe_security()})",
        f"model: {os.environ.get('PASSERELLE_MODEL', 'bundled')} for tests marked `model`, hash for the others",
        f"nginx: {find_nginx() or 'not installed: its tests are skipped'}",
        f"OCR: {name_ocr() or 'not installed: its tests are skipped'}",
        f"judged sets: {SHARED if SHARED.is_dir() else 'none beside this folder: their tests are skipped'}",
    ]


@pytest.hookimpl(trylast=True)  # what is not run is taken out by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Files with a test that is given more time than others begin first, then those with most tests.

    Workers take whole files: one that gets the longest at the end keeps the other waiting.
    """
    usual = float(config.getini("timeout"))
    longest, counts = dict.fromkeys((item.path for item in items), usual), Counter(item.path for item in items)
    for item in items:
        for mark in item.iter_markers("timeout"):
            longest[item.path] = max(longest[item.path], *mark.args)
    items.sort(key=lambda item: (-longest[item.path], -counts[item.path]))


def find_nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@pytest.fixture(scope="session")
def bundled_embedder() -> Embedder:
    """The real model, loaded once a run (tests that ask for it are marked `model`)."""
    return load_embedder("bundled")


@pytest.fixture(scope="session")
def opensearch_address() -> Iterator[ServerAddress]:
    """A collection of one's own on the server that PASSERELLE_OPENSEARCH_HOSTS (and _USER, _PASSWORD, _CA) name."""
    address = replace(read_address(Settings()), prefix=f"passerelle-test-{uuid4().hex[:12]}")
    yield address
    with closing(Cluster(address)) as cluster:
        cluster.drop(cluster.names(f"{address.prefix}-*"))


@pytest.fixture(scope="session")
def secured_address(opensearch_address: ServerAddress, pytestconfig: pytest.Config) -> ServerAddress:
    """The same, on a server that has logins. Another one is skipped, unless these tests were asked for."""
    if not opensearch_address.hosts[0].startswith("https://"):
        give_up = pytest.fail if pytestconfig.option.markexpr == "secured" else pytest.skip
        give_up("the server of PASSERELLE_OPENSEARCH_HOSTS has no https, and so no logins")
    return opensearch_address


@pytest.fixture
def opensearch_index(opensearch_address: ServerAddress) -> Iterator[OpenSearchIndex]:
    """An empty index there. It is emptied, not made anew: making indices takes a test's time ten times over."""
    index = open_opensearch_index(opensearch_address)
    yield index
    index.close()
    with closing(Cluster(opensearch_address)) as cluster:
        _empty(cluster, opensearch_address.prefix)


@pytest.fixture
def snapshot_place(opensearch_address: ServerAddress) -> Iterator[str]:
    """A new folder of the server for snapshots: one below its path.repo."""
    with closing(ServerUnderTest(opensearch_address)) as cluster:
        place = f"{cluster.allowed_folder()}/{opensearch_address.prefix}-{uuid4().hex[:8]}"
        yield place
        cluster.forget_repositories(place)


def _empty(cluster: Cluster, prefix: str) -> None:
    living = HeadReader(cluster, prefix).view().names
    cluster.drop([name for names in find_others(cluster, living).all for name in names.indices])
    cluster.refresh(living.indices)
    for name in living.indices:
        cluster.delete_rows(name, {"match_all": {}})
    make_first_head(cluster, living)


class TwinEmbedder(HashEmbedder):
    """Knows translations: Chinese sentences are read as the French ones that they are given with.

    It knows the passages of the anchors too, as any model that brings both languages together.
    """

    def __init__(self, twins: Mapping[str, str]) -> None:
        super().__init__(512)
        anchors = read_anchors().passages
        shared = zip(anchors["fr"], anchors["zh"], strict=True)
        self._twins = {**{zh: fr for fr, zh in shared}, **twins}

    def _embed(self, texts: Sequence[str], progress: Progress | None) -> Matrix:
        return super()._embed([self._read(text) for text in texts], progress)

    def _read(self, text: str) -> str:
        for zh, fr in self._twins.items():
            text = text.replace(zh, f" {fr} ")
        return text


@pytest.fixture(scope="session")
def make_twin_embedder() -> Callable[[Mapping[str, str]], Embedder]:
    return TwinEmbedder
