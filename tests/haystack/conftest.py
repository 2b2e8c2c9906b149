"""Document stores under test: one of each engine, empty, without a model and with one."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from haystack.components.embedders import MockDocumentEmbedder, MockTextEmbedder

from passerelle.haystack import PasserelleDocumentStore
from search_core.engines.opensearch import OpenSearchIndex, ServerAddress

ENGINES = {
    "embedded": pytest.param("embedded_settings"),
    "opensearch": pytest.param("opensearch_settings", marks=pytest.mark.opensearch),
}
"""The fixture that names an empty index of each engine."""

MakeStore = Callable[..., PasserelleDocumentStore]


@pytest.fixture(autouse=True)
def settings_of_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A store takes from the environment what it is not given: here, only where the server is."""
    for name in os.environ:
        if name.startswith("PASSERELLE_") and not name.startswith("PASSERELLE_OPENSEARCH_"):
            monkeypatch.delenv(name)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run the coroutines of Haystack's asynchronous suites, each in a loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    wanted = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in wanted}))
    return True


@pytest.fixture
def embedded_settings(tmp_path: Path) -> dict[str, Any]:
    return {"data": tmp_path / "data"}


@pytest.fixture
def opensearch_settings(
    tmp_path: Path, opensearch_index: OpenSearchIndex, opensearch_address: ServerAddress
) -> dict[str, Any]:
    return {
        "data": tmp_path / "data",
        "engine": "opensearch",
        "opensearch_hosts": ",".join(opensearch_address.hosts),
        "opensearch_prefix": opensearch_address.prefix,
    }


@pytest.fixture(params=ENGINES.values(), ids=ENGINES)
def engine_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings that name an empty index of each engine."""
    settings: dict[str, Any] = request.getfixturevalue(request.param)
    return settings


@pytest.fixture
def make_store(engine_settings: dict[str, Any]) -> Iterator[MakeStore]:
    """Makes stores on that index, with the hash embedder unless told; they are closed afterwards."""
    made: list[PasserelleDocumentStore] = []

    def make(**given: Any) -> PasserelleDocumentStore:
        settings = {"model": "hash", **engine_settings, **given.pop("settings", {})}
        made.append(PasserelleDocumentStore(settings=settings, **given))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def document_store(make_store: MakeStore) -> PasserelleDocumentStore:
    """As Haystack's suites want it: embeddings of 768 numbers."""
    return make_store(
        text_embedder=MockTextEmbedder(dimension=768),
        document_embedder=MockDocumentEmbedder(dimension=768, progress_bar=False),
        embedding_dim=768,
    )


@pytest.fixture
def store(make_store: MakeStore) -> PasserelleDocumentStore:
    """With the hash embedder, for documents that come without embeddings."""
    return make_store()
