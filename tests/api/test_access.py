import stat
from pathlib import Path

import pytest
from starlette.requests import Request

from search_api.access import (
    FREE_GUESSES,
    GUESS_WINDOW_S,
    MAX_ADDRESSES,
    Access,
    GuessCounter,
    TooManyGuesses,
    check_binding,
    is_loopback,
    load_session_key,
)
from search_core.errors import SettingsError


class Clock:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST", "::1", "[::1]", "::ffff:127.0.0.1"]
)
def test_this_machine_needs_no_password(host: str) -> None:
    assert is_loopback(host)
    check_binding(host, "")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.168.1.4", "::ffff:192.168.1.4", "passerelle.example", "1"])
def test_other_machines_need_a_password(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(SettingsError, match="PASSERELLE_PASSWORD"):
        check_binding(host, "")
    check_binding(host, "secret")


def test_session_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    key = load_session_key(tmp_path / "data")
    assert load_session_key(tmp_path / "data") == key
    assert len(key) == 64
    assert stat.S_IMODE((tmp_path / "data" / "session.key").stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["session.key"]


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 64])
def test_damaged_session_key_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "session.key").write_bytes(content)
    with pytest.raises(SettingsError, match=r"session\.key"):
        load_session_key(tmp_path)


def test_session_key_says_when_its_folder_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(SettingsError, match="PASSERELLE_SESSION_KEY"):
        load_session_key(tmp_path / "data")


def test_guesses_are_limited_and_allowed_again_later() -> None:
    clock = Clock()
    guesses = GuessCounter(clock)
    for _ in range(FREE_GUESSES):
        guesses.check("192.0.2.1")
        guesses.count("192.0.2.1")
    with pytest.raises(TooManyGuesses) as refusal:
        guesses.check("192.0.2.1")
    assert 0 < refusal.value.retry_after_s <= GUESS_WINDOW_S + 1
    guesses.check("192.0.2.2")
    clock.now += GUESS_WINDOW_S
    guesses.check("192.0.2.1")


def test_guesses_from_one_ipv6_network_count_together() -> None:
    guesses = GuessCounter(Clock())
    for number in range(FREE_GUESSES):
        guesses.count(f"2001:db8::{number}")
    with pytest.raises(TooManyGuesses):
        guesses.check("2001:db8::ffff")
    guesses.check("2001:db8:0:1::1")


def test_guesses_of_many_addresses_are_forgotten_oldest_first() -> None:
    guesses = GuessCounter(Clock())
    for _ in range(FREE_GUESSES):
        guesses.count("first")
    for number in range(MAX_ADDRESSES):
        guesses.count(f"other {number}")
    guesses.check("first")


def test_another_password_ends_earlier_sessions() -> None:
    session: dict[str, str] = {}
    Access("old", "k" * 64).sign_in(session)
    request = Request({"type": "http", "session": session, "headers": []})
    assert Access("old", "k" * 64).admits(request)
    assert not Access("new", "k" * 64).admits(request)
    assert not Access("old", "j" * 64).admits(request)
