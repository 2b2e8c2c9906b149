"""Opens what the settings name: the service that every way of asking shares, and the application around it."""

from __future__ import annotations

from fastapi import FastAPI

from search_api.access import Access, check_binding, load_session_key
from search_api.app import create_app
from search_api.preview.cache import PageCache
from search_api.preview.previews import Previews
from search_api.proxy import read_proxy
from search_api.service import SearchService
from search_api.translation import LibreTranslate
from search_core.embedding import Tell
from search_core.engines.base import Scope
from search_core.glossary import load_glossary
from search_core.opening import open_embedder, open_index
from search_core.settings import Settings
from search_core.vocabulary import load_vocabulary


def open_app(settings: Settings, tell: Tell | None = None) -> FastAPI:
    """The web application. Raises `SettingsError` for an open address without a password, before anything is opened."""
    password = settings.password.get_secret_value()
    check_binding(settings.host, password)
    proxy = read_proxy(settings.root_path, settings.trusted_proxies)
    key = settings.session_key.get_secret_value() or load_session_key(settings.data)
    service = open_service(settings, tell)
    return create_app(service, Access(password, key), proxy=proxy, log_queries=settings.log_queries)


def open_service(settings: Settings, tell: Tell | None = None) -> SearchService:
    """The search service, within the scope of its readers. Raises `IndexUnavailable`, `ModelError`, `SettingsError`."""
    translator = open_translator(settings)
    return SearchService(
        open_index(settings),
        open_embedder(settings, tell),
        load_vocabulary(),
        load_glossary(settings.glossary),
        Scope.of(settings.reader_labels),
        translator=translator,
        previews=Previews(PageCache(settings.data, settings.page_images_mb)),
    )


def open_translator(settings: Settings) -> LibreTranslate | None:
    """The administrator's translation service; None where none is set. Raises `SettingsError` for an unsafe address."""
    if not settings.translation_url:
        return None
    return LibreTranslate(settings.translation_url, settings.translation_api_key.get_secret_value())
