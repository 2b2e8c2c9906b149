"""Machine translation by a service that the administrator runs, over LibreTranslate's HTTP interface.

    POST <url>/translate   {"q": text, "source": "zh", "target": "fr", "format": "text", "api_key": …}
    200                    {"translatedText": text}

The only place that opens a connection to anything but the engine. Nothing is stored: not the text, not its translation.
What comes back is foreign text, and is bounded like a foreign file.
"""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import Mapping
from functools import cached_property
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import urlsplit

import httpx

from search_api.access import is_loopback
from search_core.errors import SettingsError, TranslationUnavailable

TIMEOUT_S = 15.0
"""For the whole exchange: a reply that trickles in byte by byte is cut off as well."""

MAX_REPLY_BYTES = 1 << 20
"""A translated passage has a few thousand characters."""

MAX_AT_ONCE = 4
"""A slow service must not take all the threads that searches are answered in."""

_SETTING = "PASSERELLE_TRANSLATION_URL"
_ASK_OPERATOR = "Read the original, or try again later; the operator finds the reason in the log."

_log = logging.getLogger(__name__)


class LibreTranslate:
    """One translation service. Safe to use from several threads, but not inside a running event loop."""

    def __init__(self, url: str, api_key: str = "", timeout_s: float = TIMEOUT_S) -> None:
        """Raises `SettingsError` for an address that texts must not be sent to."""
        self.host = check_url(url)
        self._url = f"{url.rstrip('/')}/translate"
        self._api_key = api_key
        self._timeout_s = timeout_s
        self._free = BoundedSemaphore(MAX_AT_ONCE)

    def translate(self, text: str, source: str, target: str) -> str:
        """The text in another language; `source` may be `auto`. Raises `TranslationUnavailable`, whatever happens."""
        body = {"q": text, "source": source, "target": target, "format": "text"}
        if self._api_key:
            body["api_key"] = self._api_key
        if not self._free.acquire(blocking=False):
            raise self._refuse("is busy")
        try:
            return read_reply(asyncio.run(self._ask(body)))
        except TimeoutError as cause:
            raise self._refuse(f"did not answer within {self._timeout_s:g} seconds") from cause
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, RecursionError) as cause:
            raise self._refuse(_explain(cause)) from cause
        finally:
            self._free.release()

    async def _ask(self, body: Mapping[str, str]) -> bytes:
        # No proxy and no netrc of the environment: texts go to the address that was set, and nowhere else.
        async with (
            asyncio.timeout(self._timeout_s),
            httpx.AsyncClient(
                verify=self._trusted, trust_env=False, follow_redirects=False, timeout=self._timeout_s
            ) as client,
            client.stream("POST", self._url, json=body, headers={"Accept-Encoding": "identity"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"answered with status {response.status_code}")
            return await _read_bounded(response)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities that the system trusts, where an administrator adds their own."""
        return ssl.create_default_context()

    def _refuse(self, why: str) -> TranslationUnavailable:
        _log.warning("The translation service at %s %s.", self.host, why)
        return TranslationUnavailable(f"The translation service at {self.host} {why}.", remedy=_ASK_OPERATOR)


async def _read_bounded(response: httpx.Response) -> bytes:
    """The body as it was sent, since a few kilobytes can unpack to gigabytes."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ValueError("sent a compressed reply that was not asked for")
    body = bytearray()
    async for piece in response.aiter_raw():
        body += piece
        if len(body) > MAX_REPLY_BYTES:
            raise ValueError(f"sent more than {MAX_REPLY_BYTES} bytes")
    return bytes(body)


def read_reply(body: bytes) -> str:
    """The translation in a reply. Raises `ValueError` where there is none."""
    try:
        reply: Any = json.loads(body)
    except (ValueError, RecursionError) as cause:
        raise ValueError("sent something that is not JSON") from cause
    found = reply.get("translatedText") if isinstance(reply, dict) else None
    if not isinstance(found, str) or not found.strip():
        raise ValueError("sent no translation")
    # JSON can write half a surrogate pair, and no page can.
    return found.strip().encode("utf-8", "replace").decode()


def check_url(url: str) -> str:
    """The host that texts would be sent to. Raises `SettingsError` for what is no address, or not a safe one."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as cause:
        raise _bad_url("is not the address of a service") from cause
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or not url.isprintable():
        raise _bad_url("is not the address of a service")
    if parts.username is not None or parts.password is not None:
        raise _bad_url("holds a user name or password")
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(
            f"{_SETTING} would send document text to {host} without encryption.",
            remedy="Give an https:// address; plain http:// is for a service on this machine (http://127.0.0.1:5000).",
        )
    return host


def _bad_url(why: str) -> SettingsError:
    return SettingsError(
        f"{_SETTING} {why}.",
        remedy="Give it like https://translate.example; a key goes into PASSERELLE_TRANSLATION_API_KEY.",
    )


def _explain(cause: Exception) -> str:
    """A sentence's end that quotes nothing of what was sent."""
    if isinstance(cause, httpx.TimeoutException):
        return "did not answer in time"
    if isinstance(cause, ValueError) and type(cause) is ValueError:
        return str(cause)
    return f"cannot be used ({type(cause).__name__})"
