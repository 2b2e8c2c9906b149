"""How the connections to the servers are protected."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from search_core.engines.opensearch.address import ServerAddress, is_loopback
from search_core.engines.opensearch.cluster import make_tls
from search_core.findings import Finding

_TIMEOUT_S = 10
_DAY_S = 86_400
_RENEW_WITHIN_DAYS = 30
_HTTPS_PORT = 443


def examine_certificates(address: ServerAddress) -> Iterator[Finding]:
    """One finding for each server, by how it is reached."""
    for host in address.hosts:
        parts = urlsplit(host)
        if parts.scheme == "https":
            yield _examine_tls(host, parts.hostname or "", parts.port or _HTTPS_PORT, address)
        elif is_loopback(parts.hostname or ""):
            yield Finding("encryption", f"{host}: none, within this machine")
        else:
            yield Finding("encryption", f"{host}: none (PASSERELLE_OPENSEARCH_ALLOW_PLAIN); passwords can be read")


def _examine_tls(host: str, name: str, port: int, address: ServerAddress) -> Finding:
    by = f"signed by {address.ca}" if address.ca else "signed by an authority that this system trusts"
    try:
        days = _days_left(name, port, make_tls(address))
    except OSError as error:  # what it means for the connection, the finding `server` says
        return Finding("encryption", f"{host}: no encrypted connection ({error})", "See `server` above.")
    remedy = "" if days > _RENEW_WITHIN_DAYS else "Renew the server's certificate."
    return Finding("encryption", f"{host}: TLS, certificate {by} for {days} more days", remedy)


def _days_left(name: str, port: int, tls: ssl.SSLContext) -> int:
    """Raises `OSError` for a server that cannot be reached, or whose certificate is not accepted."""
    with (
        socket.create_connection((name, port), timeout=_TIMEOUT_S) as plain,
        tls.wrap_socket(plain, server_hostname=name) as connection,
    ):
        certificate = connection.getpeercert() or {}
    return int((ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) // _DAY_S)
