"""Whom a server says it is: each certificate that is not to be trusted has its own sentence, and nothing is sent."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import trustme

from search_core.engines.opensearch import ServerAddress, examine_server, open_opensearch_index
from search_core.errors import IndexUnavailable

NOW = datetime.now(UTC)
HERE = "127.0.0.1"

Listening = Callable[..., ServerAddress]


@pytest.fixture
def authority(tmp_path: Path) -> trustme.CA:
    """The authority that the settings name."""
    made = trustme.CA()
    made.cert_pem.write_to_path(tmp_path / "ca.pem")
    return made


@pytest.fixture
def requests() -> list[str]:
    """What reached the server."""
    return []


@pytest.fixture
def listening(tmp_path: Path, requests: list[str]) -> Iterator[Listening]:
    """Starts a server with a certificate, on loopback."""
    servers: list[ThreadingHTTPServer] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            self.send_error(503)

        def log_message(self, *_: Any) -> None:
            pass

    def listen(certificate: trustme.LeafCert) -> ServerAddress:
        server = ThreadingHTTPServer((HERE, 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(tls)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever).start()
        servers.append(server)
        return ServerAddress((f"https://{HERE}:{server.server_port}",), "reader", "s3cret", ca=tmp_path / "ca.pem")

    yield listen
    for server in servers:
        server.shutdown()
        server.server_close()


def issue_expired(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(HERE, not_before=NOW - timedelta(days=400), not_after=NOW - timedelta(days=1))


def issue_early(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert(HERE, not_before=NOW + timedelta(days=1), not_after=NOW + timedelta(days=9))


def issue_for_another_host(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("search.example")


def issue_by_a_stranger(_: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert(HERE)


DISTRUSTED = [
    (issue_expired, "has a certificate that has expired", "Renew"),
    (issue_early, "has a certificate that is not valid yet", "clocks"),
    (issue_for_another_host, "has a certificate of another host name", "as its certificate does"),
    (issue_by_a_stranger, "has a certificate of an authority that is not trusted", "PASSERELLE_OPENSEARCH_CA"),
]


@pytest.mark.parametrize(("issue", "said", "remedy"), DISTRUSTED)
def test_certificate_that_is_not_to_be_trusted_is_explained(
    authority: trustme.CA, listening: Listening, requests: list[str], issue: Any, said: str, remedy: str
) -> None:
    address = listening(issue(authority))

    with pytest.raises(IndexUnavailable) as caught:
        open_opensearch_index(address)

    assert said in caught.value.message
    assert remedy in caught.value.remedy
    assert requests == []


def test_trusted_certificate_lets_requests_through(
    authority: trustme.CA, listening: Listening, requests: list[str]
) -> None:
    with pytest.raises(IndexUnavailable, match="is not ready"):
        open_opensearch_index(listening(authority.issue_cert(HERE)))

    assert requests


def test_authorities_of_the_system_do_not_know_a_private_one(authority: trustme.CA, listening: Listening) -> None:
    address = listening(authority.issue_cert(HERE))

    with pytest.raises(IndexUnavailable, match="not trusted"):
        open_opensearch_index(ServerAddress(address.hosts))


def test_doctor_says_how_long_a_certificate_is_valid(authority: trustme.CA, listening: Listening) -> None:
    valid = authority.issue_cert(HERE, not_after=NOW + timedelta(days=90, hours=1))
    ending = authority.issue_cert(HERE, not_after=NOW + timedelta(days=9, hours=1))

    states = [
        next(finding for finding in examine_server(listening(each)) if finding.subject == "encryption")
        for each in (valid, ending)
    ]

    assert [
        ("90 more days" in states[0].state, states[0].remedy),
        ("9 more days" in states[1].state, states[1].remedy),
    ] == [
        (True, ""),
        (True, "Renew the server's certificate."),
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("issue", "said", "remedy"), DISTRUSTED)
def test_command_ends_with_a_sentence(
    authority: trustme.CA, listening: Listening, tmp_path: Path, issue: Any, said: str, remedy: str
) -> None:
    address = listening(issue(authority))
    settings = {
        "PASSERELLE_DATA": str(tmp_path / "data"),
        "PASSERELLE_ENGINE": "opensearch",
        "PASSERELLE_OPENSEARCH_HOSTS": str(address),
        "PASSERELLE_OPENSEARCH_USER": address.user,
        "PASSERELLE_OPENSEARCH_PASSWORD": address.password,
        "PASSERELLE_OPENSEARCH_CA": str(address.ca),
    }

    command = [sys.executable, "-m", "passerelle", "status"]
    ended = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (3, "")
    assert said in ended.stderr
    assert remedy in ended.stderr
    assert "Traceback" not in ended.stderr
    assert address.password not in ended.stderr


@pytest.mark.parametrize(("issue", "said", "remedy"), DISTRUSTED)
def test_doctor_names_what_is_wrong_with_a_certificate(
    authority: trustme.CA, listening: Listening, issue: Any, said: str, remedy: str
) -> None:
    findings = {finding.subject: finding for finding in examine_server(listening(issue(authority)))}

    assert said in findings["server"].state
    assert remedy in findings["server"].remedy
    assert findings["encryption"].remedy
