"""Opens what the settings name; the search service and the command do it alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from search_core.backups import Backups
from search_core.embedding import Embedder, Tell, load_embedder
from search_core.engines.base import LivingIndex
from search_core.engines.embedded import EmbeddedBackups, examine_folder, open_embedded_index
from search_core.findings import Finding
from search_core.settings import Settings

if TYPE_CHECKING:
    from search_core.engines.opensearch import ServerAddress


def open_index(settings: Settings) -> LivingIndex:
    """The index of the engine that is set. Raises `SettingsError`, `IndexUnavailable`, `IndexOutdated`."""
    if settings.engine == "embedded":
        return open_embedded_index(settings.data)
    from search_core.engines.opensearch import open_opensearch_index

    return open_opensearch_index(read_address(settings))


def examine_engine(settings: Settings) -> Iterator[Finding]:
    """What is wrong with the engine that is set, with nothing opened, made or written. Raises `SettingsError`."""
    if settings.engine == "embedded":
        return examine_folder(settings.data)
    from search_core.engines.opensearch import examine_server

    return examine_server(read_address(settings))


def open_backups(settings: Settings, place: str) -> Backups:
    """The backups of the engine that is set: in a folder, or in a snapshot repository of the server."""
    if settings.engine == "embedded":
        return EmbeddedBackups(settings.data, Path(place))
    from search_core.engines.opensearch import OpenSearchBackups

    return OpenSearchBackups(read_address(settings), place)


def open_scratch_index(settings: Settings, folder: Path) -> LivingIndex:
    """An index to measure on, apart from the collection's: in a folder, or on the server under the folder's name."""
    if settings.engine == "embedded":
        return open_embedded_index(folder)
    name = hashlib.sha256(folder.name.encode()).hexdigest()[:8]
    return open_index(settings.model_copy(update={"opensearch_prefix": f"{settings.opensearch_prefix}-eval-{name}"}))


def read_address(settings: Settings) -> ServerAddress:
    """Where the OpenSearch servers are. Raises `SettingsError` for what cannot be used, before anything is sent."""
    from search_core.engines.opensearch import ServerAddress, split_hosts

    return ServerAddress(
        hosts=split_hosts(settings.opensearch_hosts),
        user=settings.opensearch_user,
        password=settings.opensearch_password.get_secret_value(),
        ca=settings.opensearch_ca,
        prefix=settings.opensearch_prefix,
        allow_plain=settings.opensearch_allow_plain,
    )


def open_embedder(settings: Settings, tell: Tell | None = None, *, deferred: bool = False) -> Embedder:
    """The embedding model that is set; `deferred` as for `load_embedder`. Raises `ModelError`."""
    return load_embedder(
        settings.model,
        adapter=settings.adapter,
        cross_encoder=settings.cross_encoder,
        cache=settings.model_cache,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
        tell=tell,
        deferred=deferred,
    )
