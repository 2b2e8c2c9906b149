"""Opens what the settings name; the search service and the command do it alike."""

from __future__ import annotations

from search_core.embedding import Embedder, Tell, load_embedder
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.errors import SettingsError
from search_core.settings import Settings


def open_index(settings: Settings) -> EmbeddedIndex:
    """The index of the engine that is set. Raises `SettingsError`, `IndexUnavailable`."""
    if settings.engine != "embedded":
        raise SettingsError(
            f"The engine {settings.engine!r} is not part of this version.", remedy="Set PASSERELLE_ENGINE=embedded."
        )
    return open_embedded_index(settings.data)


def open_embedder(settings: Settings, tell: Tell | None = None, *, deferred: bool = False) -> Embedder:
    """The embedding model that is set; `deferred` as for `load_embedder`. Raises `ModelError`."""
    return load_embedder(
        settings.model,
        adapter=settings.adapter,
        cache=settings.model_cache,
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
        tell=tell,
        deferred=deferred,
    )
