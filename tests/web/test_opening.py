"""From settings to a running application."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from search_api.opening import open_app
from search_core.errors import SettingsError
from search_core.settings import Settings


def settings(folder: Path, **known: Any) -> Settings:
    return Settings(data=folder / "data", model="hash", **known)


def test_application_refuses_to_open_for_other_machines_without_a_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PASSERELLE_PASSWORD"):
        open_app(settings(tmp_path, host="0.0.0.0"))
    assert not (tmp_path / "data").exists()


def test_application_asks_for_the_password_that_is_set(tmp_path: Path) -> None:
    client = TestClient(open_app(settings(tmp_path, host="0.0.0.0", password="clé")))
    assert client.get("/api/v1/search").status_code == 401
    assert client.get("/api/v1/search", headers={"Authorization": "Bearer clé".encode()}).status_code == 200


def test_session_outlives_a_restart(tmp_path: Path) -> None:
    first = open_app(settings(tmp_path, password="x")).state.access
    second = open_app(settings(tmp_path, password="x")).state.access
    assert first.session_key == second.session_key


def test_asgi_servers_find_an_application_made_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PASSERELLE_MODEL", "hash")
    app = importlib.import_module("search_api.asgi").app
    assert TestClient(app, base_url="http://localhost").get("/api/v1/health").json()["model"] == "hash"
