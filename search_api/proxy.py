"""What a reverse proxy in front changes: the path the service is found below, and who really asked.

A proxy may pass the whole path on or cut the prefix off; both are answered alike. Of its headers `X-Forwarded-For` and
`X-Forwarded-Proto` are believed, from the addresses that are named and from no other. `X-Forwarded-Host` and
`X-Forwarded-Prefix` are never read: links name no host, and the prefix is a setting.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from search_core.errors import SettingsError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ROOT_PATH = re.compile(r"(/[A-Za-z0-9_-][A-Za-z0-9._~-]*)+")


@dataclass(frozen=True)
class Proxy:
    """`root_path` has no slash at its end, and is empty at the top of a host."""

    root_path: str = ""
    trusted: tuple[Network, ...] = ()

    def middleware(self) -> list[Middleware]:
        """Outermost: all that follows sees the request as the reader sent it."""
        stack = []
        if self.root_path:
            stack.append(Middleware(BelowRoot, root_path=self.root_path))
        if self.trusted:
            stack.append(Middleware(ProxyHeadersMiddleware, [str(network) for network in self.trusted]))
        return stack


def read_proxy(root_path: str, trusted: str) -> Proxy:
    """From the settings as they are written. Raises `SettingsError`."""
    path = root_path.strip().rstrip("/")
    if path and not _ROOT_PATH.fullmatch(path):
        raise SettingsError(
            f"PASSERELLE_ROOT_PATH is {root_path!r}, which is not a path to be found below.",
            remedy="Write it like /passerelle: a slash, then letters, digits, and - . _ ~ between slashes.",
        )
    addresses = [address.strip() for address in trusted.split(",")]
    return Proxy(path, tuple(network for address in addresses if address for network in _read_networks(address)))


def _read_networks(address: str) -> list[Network]:
    """An IPv4 network in its IPv6 form too, which is how a socket for both shows it."""
    try:
        network = ipaddress.ip_network(address)
    except ValueError as error:
        raise SettingsError(
            f"PASSERELLE_TRUSTED_PROXIES names {address!r}, which is no address or network.",
            remedy="Name the proxies' addresses, separated by commas: 127.0.0.1, or 10.1.2.0/24 for a network.",
        ) from error
    if network.version == 6:
        return [network]
    return [network, ipaddress.ip_network(f"::ffff:{network.network_address}/{96 + network.prefixlen}")]


class BelowRoot:
    """Gives every request the whole path, whether the proxy cut the root off or not."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self.app = app
        self.root_path = root_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in ("http", "websocket"):
            path = scope["path"]
            below = path == self.root_path or path.startswith(f"{self.root_path}/")
            whole = path if below else self.root_path + path
            scope = {**scope, "root_path": self.root_path, "path": f"{whole}/" if whole == self.root_path else whole}
        await self.app(scope, receive, send)
