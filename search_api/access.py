"""Who may read: one shared password, required beyond loopback; sessions are tied to it, guesses are counted."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import os
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request

from search_core.errors import AccessDenied, InvalidRequest, SettingsError

FREE_GUESSES = 5
GUESS_WINDOW_S = 300
MAX_ADDRESSES = 10_000
MIN_KEY_CHARS = 32

SessionData = dict[str, Any]


class TooManyGuesses(AccessDenied):
    """Wrong passwords came from this address; `retry_after_s` says how long it has to wait."""

    code = "too_many_guesses"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            "Too many wrong passwords came from this address.",
            remedy=f"Try again in {retry_after_s} seconds.",
        )
        self.retry_after_s = retry_after_s


def is_loopback(host: str) -> bool:
    """True for names and addresses that only this machine can reach. An empty host means every interface."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def check_binding(host: str, password: str) -> None:
    """Raise `SettingsError` when `host` can be reached from other machines and no password is set."""
    if not is_loopback(host) and not password:
        raise SettingsError(
            f"Serving on {host or 'every interface'} would open the documents to other machines without a login.",
            remedy="Set PASSERELLE_PASSWORD, or serve on 127.0.0.1.",
        )


def load_session_key(folder: Path) -> str:
    """The key that signs session cookies, kept in `folder/session.key`; made at the first call.

    Raises `SettingsError` when the folder cannot be written.
    """
    path = folder / "session.key"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _make_once(path, secrets.token_hex(32))
        key = path.read_text("ascii").strip()
        if len(key) < MIN_KEY_CHARS:
            raise ValueError("it is too short")
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The session key {path} cannot be used: {error}.",
            remedy="Make its folder writable and delete a damaged file, or set PASSERELLE_SESSION_KEY.",
        ) from error
    return key


def _make_once(path: Path, text: str) -> None:
    """Create a private file whole or not at all; the first of several processes wins."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


@dataclass
class GuessCounter:
    """Wrong passwords by address. IPv6 addresses count by /64, which is what one machine is given."""

    clock: Callable[[], float] = time.monotonic
    _wrong: OrderedDict[str, list[float]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def check(self, address: str) -> None:
        """Raise `TooManyGuesses` while the address has to wait."""
        with self._lock:
            recent = self._recent(_origin(address))
            if len(recent) >= FREE_GUESSES:
                raise TooManyGuesses(int(recent[0] + GUESS_WINDOW_S - self.clock()) + 1)

    def count(self, address: str) -> None:
        with self._lock:
            origin = _origin(address)
            self._wrong[origin] = [*self._recent(origin), self.clock()]
            self._wrong.move_to_end(origin)
            while len(self._wrong) > MAX_ADDRESSES:
                self._wrong.popitem(last=False)

    def _recent(self, origin: str) -> list[float]:
        since = self.clock() - GUESS_WINDOW_S
        return [moment for moment in self._wrong.get(origin, ()) if moment > since]


def _origin(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)


@dataclass(frozen=True)
class Access:
    """The rules of one running service. Without a password everyone on this machine may read, and nobody else."""

    password: str = field(default="", repr=False)
    session_key: str = field(default_factory=lambda: secrets.token_hex(32), repr=False)
    guesses: GuessCounter = field(default_factory=GuessCounter)

    @property
    def needs_login(self) -> bool:
        return bool(self.password)

    def admits(self, request: Request) -> bool:
        """True for a session or credentials that may read. Raises `TooManyGuesses`."""
        if not self.needs_login or self._is_ticket(request.session.get("ticket")):
            return True
        given = _credentials(request.headers.get("authorization", ""))
        return given is not None and self.try_password(request, given)

    def try_password(self, request: Request, given: bytes) -> bool:
        """Compare in constant time, and count what was wrong. Raises `TooManyGuesses`."""
        address = request.client.host if request.client else ""
        self.guesses.check(address)
        if hmac.compare_digest(given, self.password.encode()):
            return True
        self.guesses.count(address)
        return False

    def sign_in(self, session: SessionData) -> None:
        session.clear()
        session.update(ticket=self._ticket(), form_token=secrets.token_urlsafe(16))

    def _ticket(self) -> str:
        """Another password makes every earlier session invalid."""
        return hmac.new(self.session_key.encode(), self.password.encode(), hashlib.sha256).hexdigest()

    def _is_ticket(self, given: object) -> bool:
        return isinstance(given, str) and hmac.compare_digest(given.encode(), self._ticket().encode())

    def check_host(self, request: Request) -> None:
        """Without a password, refuse what another machine or a page of another site could have sent (DNS rebinding)."""
        if self.needs_login:
            return
        name = _host_name(request.headers.get("host", ""))
        server = request.scope.get("server")
        if not is_loopback(name) or not (server is None or server[1] is None or is_loopback(server[0])):
            raise InvalidRequest(
                "Without a password this service only answers to this machine's own names, such as localhost.",
                remedy="Open http://127.0.0.1, or set PASSERELLE_PASSWORD to serve other names.",
            )
        if not all(map(is_loopback, _forwarded_for(request))):
            raise InvalidRequest(
                "Without a password this service answers nobody on another machine, by way of a proxy neither.",
                remedy="Set PASSERELLE_PASSWORD to serve through a proxy.",
            )


def form_token(session: SessionData) -> str:
    """The token that a form of this session has to bring back."""
    return str(session.setdefault("form_token", secrets.token_urlsafe(16)))


def check_form_token(session: SessionData, given: str) -> bool:
    expected = session.get("form_token")
    return isinstance(expected, str) and hmac.compare_digest(expected.encode(), given.encode())


def _credentials(header: str) -> bytes | None:
    """The password of a Basic (under any user name) or Bearer header."""
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() == "bearer":
        return value.strip().encode("latin-1")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return b""


def _forwarded_for(request: Request) -> list[str]:
    """The addresses that proxies, trusted or not, say they ask for."""
    given = ",".join(request.headers.getlist("x-forwarded-for"))
    return [address for each in given.split(",") if (address := each.strip())]


def _host_name(header: str) -> str:
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
