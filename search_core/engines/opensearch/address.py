"""Where the servers are and how to log in, checked before anything is sent."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from search_core.errors import SettingsError

_PREFIX = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}")


@dataclass(frozen=True)
class ServerAddress:
    """What the settings say. `hosts` are URLs of the nodes, `ca` is a PEM file in place of the system's authorities.

    `prefix` begins the names of all indices, so that one server can hold several collections. `allow_plain` permits
    http:// to other machines. Raises `SettingsError` for what cannot be used.
    """

    hosts: tuple[str, ...]
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    prefix: str = "passerelle"
    allow_plain: bool = False

    def __post_init__(self) -> None:
        if not self.hosts:
            raise SettingsError(
                "No OpenSearch server is named.",
                remedy="Set PASSERELLE_OPENSEARCH_HOSTS, e.g. https://search.example:9200.",
            )
        for host in self.hosts:
            _check_host(host, self.allow_plain)
        if not _PREFIX.fullmatch(self.prefix):
            raise SettingsError(
                f"Indices cannot be named {self.prefix!r}.",
                remedy="Set PASSERELLE_OPENSEARCH_PREFIX to small letters, digits, - and _.",
            )
        if self.ca is not None and not self.ca.is_file():
            raise SettingsError(
                f"The certificate authority {self.ca} is not a file.",
                remedy="Set PASSERELLE_OPENSEARCH_CA to the PEM file of the authority that signed the certificate.",
            )

    def __str__(self) -> str:
        return ", ".join(self.hosts)


def split_hosts(listed: str) -> tuple[str, ...]:
    """Comma-separated URLs."""
    return tuple(host.strip().rstrip("/") for host in listed.split(",") if host.strip())


def _check_host(host: str, allow_plain: bool) -> None:
    if "@" in unquote(host):  # anywhere: a / in a password makes the rest of it look like a path
        raise SettingsError(
            "The address of an OpenSearch server holds a user or a password.",
            remedy="Set PASSERELLE_OPENSEARCH_USER and PASSERELLE_OPENSEARCH_PASSWORD instead: addresses are shown.",
        )
    try:
        parts = urlsplit(host)
        name, _ = parts.hostname, parts.port
    except ValueError:
        name = None
    if not name or parts.scheme not in {"http", "https"}:
        raise SettingsError(
            "PASSERELLE_OPENSEARCH_HOSTS holds something that is not the URL of a server.",
            remedy="Write URLs separated by commas, e.g. https://search.example:9200.",
        )
    if parts.scheme == "http" and not allow_plain and not is_loopback(name):
        raise SettingsError(
            f"{host} would send passwords and documents unencrypted over the network.",
            remedy="Use https://, or set PASSERELLE_OPENSEARCH_ALLOW_PLAIN=true where the network itself is safe.",
        )


def is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
