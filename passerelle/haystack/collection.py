"""What a store works with: the settings' index, model and search service, opened together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haystack.utils import Secret
from pydantic import ValidationError

from passerelle.haystack.reading import FilteredIds
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import LivingIndex, Scope
from search_core.errors import SettingsError
from search_core.glossary import Glossary, load_glossary
from search_core.opening import open_embedder, open_index
from search_core.settings import Settings
from search_core.vocabulary import load_vocabulary

_SECRET = ("opensearch_password", "password", "session_key", "translation_api_key")


@dataclass(frozen=True)
class Collection:
    """An open index, and what it is written and searched with. `scope` is what its readers may see."""

    index: LivingIndex
    embedder: Embedder
    analyzer: Analyzer
    glossary: Glossary
    scope: Scope
    service: SearchService
    filtered: FilteredIds

    def close(self) -> None:
        self.index.close()


def check_settings(given: Mapping[str, Any]) -> None:
    """Raise `SettingsError` for a name that is no setting, and for a secret: it would be stored with a pipeline."""
    if "@" in str(given.get("opensearch_hosts", "")):
        raise SettingsError(
            "opensearch_hosts holds a user or a password, which would be stored with a pipeline.",
            remedy="Give opensearch_user and opensearch_password as Secrets of environment variables.",
        )
    for name in given:
        if name in _SECRET:
            raise SettingsError(
                f"{name} is a secret and does not belong in settings.",
                remedy="Set it in the environment, or give opensearch_password as a Secret of another variable.",
            )
        if name not in Settings.model_fields:
            raise SettingsError(f"There is no setting {name!r}.", remedy="docs/settings.md lists them.")


def make_settings(given: Mapping[str, Any], user: Secret | None, password: Secret | None) -> Settings:
    """Settings by their names in small letters; the environment gives the others. Raises `SettingsError`."""
    secrets = {
        "opensearch_user": user.resolve_value() if user else None,
        "opensearch_password": password.resolve_value() if password else None,
    }
    try:
        return Settings(**{**given, **{name: value for name, value in secrets.items() if value}})
    except ValidationError as cause:
        wrong = cause.errors()[0]
        name = "_".join(map(str, wrong["loc"]))
        raise SettingsError(f"The setting {name} is wrong: {wrong['msg']}.", remedy="See docs/settings.md.") from cause


def open_collection(settings: Settings, embedder: Embedder | None) -> Collection:
    """Open what the settings name, with the embedder given or with the settings' model.

    Raises `IndexUnavailable`, `IndexOutdated`, `ModelError`, `SettingsError`.
    """
    embedder = embedder or open_embedder(settings, deferred=True)
    glossary = load_glossary(settings.glossary)
    scope = Scope.of(settings.reader_labels)
    index = open_index(settings)
    service = SearchService(index, embedder, load_vocabulary(), glossary, scope)
    return Collection(index, embedder, Analyzer(glossary), glossary, scope, service, FilteredIds(index, scope))
