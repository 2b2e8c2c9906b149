"""Settings that come from files."""

import os
from pathlib import Path

import pytest

from search_core.errors import SettingsError
from search_core.settings import Settings


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("PASSERELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    folder = tmp_path / "secrets"
    folder.mkdir()
    (folder / "passerelle_password").write_text("clé 双城\n", "utf-8")
    (folder / "proxy_key").write_text("another program's\n", "utf-8")
    return folder


@pytest.mark.parametrize("variable", ["PASSERELLE_SECRETS", "CREDENTIALS_DIRECTORY"])
def test_passwords_are_read_from_files_named_like_settings(
    secrets: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, str(secrets))
    settings = Settings()
    assert settings.password.get_secret_value() == "clé 双城"
    assert "双城" not in repr(settings)


def test_environment_comes_before_a_file(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_SECRETS", str(secrets))
    monkeypatch.setenv("PASSERELLE_PASSWORD", "from the environment")
    assert Settings().password.get_secret_value() == "from the environment"


def test_without_a_folder_no_file_is_read(secrets: Path) -> None:
    assert Settings().password.get_secret_value() == ""


@pytest.mark.parametrize("name", ["nowhere", "passerelle_password"])
def test_folder_of_secrets_that_is_none_is_told(secrets: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    folder = secrets.with_name(name) if name == "nowhere" else secrets / name
    monkeypatch.setenv("PASSERELLE_SECRETS", str(folder))
    with pytest.raises(SettingsError, match=name):
        Settings()


def test_secret_that_is_no_text_is_told_and_not_shown(secrets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (secrets / "passerelle_password").write_bytes(b"hush\xff")
    monkeypatch.setenv("PASSERELLE_SECRETS", str(secrets))
    with pytest.raises(SettingsError) as told:
        Settings()
    assert "hush" not in str(told.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_secret_that_may_not_be_read_is_told_and_not_taken_for_empty(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (secrets / "passerelle_password").chmod(0)
    monkeypatch.setenv("PASSERELLE_SECRETS", str(secrets))
    with pytest.raises(SettingsError, match="passerelle_password"):
        Settings()
