"""What can go wrong between Passerelle and a server has a sentence and a remedy each, and none tells a password."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from search_core.engines.opensearch import ServerAddress, open_opensearch_index, split_hosts
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.pace import STEADY, Pace
from search_core.errors import IndexLocked, IndexUnavailable, SettingsError

SECRET = "秘密-s3cret"

Answering = Callable[[int, Any], ServerAddress]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """A server on loopback that answers everything alike."""
    servers: list[ThreadingHTTPServer] = []

    def answer(status: int, body: Any) -> ServerAddress:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sent = json.dumps(body).encode() if not isinstance(body, bytes) else body
                self.send_response(status)
                self.send_header("content-type", "text/html" if isinstance(body, bytes) else "application/json")
                self.send_header("content-length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            do_PUT = do_POST = do_DELETE = do_GET  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever).start()
        servers.append(server)
        return ServerAddress((f"http://127.0.0.1:{server.server_port}",), "reader", SECRET)

    yield answer
    for server in servers:
        server.shutdown()
        server.server_close()


def error(kind: str, reason: str) -> dict[str, Any]:
    return {"error": {"root_cause": [{"type": kind, "reason": reason}], "type": kind, "reason": reason}}


def security(reason: str) -> dict[str, Any]:
    return {"type": "security_exception", "reason": reason}


DENIED = "no permissions for [indices:data/write/bulk[s]] and User [name=reader, backend_roles=[]]"
FULL = "index [p] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded, index has read-only-allow-delete block];"


@pytest.mark.parametrize(
    ("status", "body", "said", "remedy"),
    [
        (401, b"Unauthorized", "password is wrong", "PASSERELLE_OPENSEARCH_PASSWORD"),
        (403, error("security_exception", DENIED), "right indices:data/write/bulk[s] is missing", "passerelle_writer"),
        (403, {"_shards": {"failed": 1, "failures": [{"reason": security(DENIED)}]}}, "bulk[s] is missing", "role"),
        (403, {"deleted": 0, "failures": [{"cause": security(DENIED), "status": 403}]}, "bulk[s] is missing", "role"),
        (403, {"status": "FORBIDDEN", "message": "No permission to access REST API"}, "access REST API", "Log in"),
        (400, {"status": "error", "reason": "Weak password"}, "Weak password", "doctor"),
        (403, error("cluster_block_exception", FULL), "disk is nearly full", "space"),
        (429, error("rejected_execution_exception", "busy"), "too busy", "later"),
        (500, error("null_pointer_exception", "oops"), "oops", "doctor"),
        (200, {"version": {"number": "8.1.0"}}, "not OpenSearch", "PASSERELLE_OPENSEARCH_HOSTS"),
        (200, b"<html>It works!</html>", "something else", "address"),
    ],
)
def test_answer_of_a_server_is_explained(answering: Answering, status: int, body: Any, said: str, remedy: str) -> None:
    with pytest.raises(IndexUnavailable) as caught:
        open_opensearch_index(answering(status, body))

    assert said in caught.value.message
    assert remedy in caught.value.remedy
    assert "reader" not in caught.value.message
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value.__cause__)
    assert SECRET not in told


def test_server_that_is_not_there_is_named() -> None:
    with pytest.raises(IndexUnavailable, match=r"127\.0\.0\.1:9 cannot be reached"):
        open_opensearch_index(ServerAddress(("http://127.0.0.1:9",)))


def test_write_is_not_repeated_once_the_lock_is_lost(no_second_try: Pace) -> None:
    tries = 0

    def still_ours() -> None:
        nonlocal tries
        tries += 1
        if tries == 3:
            raise IndexLocked("lost", remedy="again")

    at_once = STEADY.writing.copy(sleep=lambda _: None)
    with closing(Cluster(ServerAddress(("http://127.0.0.1:9",)), replace(no_second_try, writing=at_once))) as cluster:
        with pytest.raises(IndexLocked):
            cluster.guarded(still_ours).put("index", "record", {}, None)
        with pytest.raises(IndexUnavailable):
            cluster.get("index", "record")


def test_server_without_https_is_told_apart(answering: Answering) -> None:
    address = answering(200, {})

    with pytest.raises(IndexUnavailable, match="does not speak https"):
        open_opensearch_index(replace(address, hosts=(address.hosts[0].replace("http:", "https:"),)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hosts": ()}, "No OpenSearch server is named"),
        ({"hosts": ("search.example:9200",)}, "not the URL"),
        ({"hosts": ("ftp://search.example",)}, "not the URL"),
        ({"hosts": ("https://search.example:port",)}, "not the URL"),
        ({"hosts": ("https://admin:s3cret@search.example",)}, "holds a user or a password"),
        ({"hosts": ("https://admin:%733cret@search.example",)}, "holds a user or a password"),
        ({"hosts": ("https://admin:1/s3cret@search.example",)}, "holds a user or a password"),
        ({"hosts": ("https://admin:1#s3cret%40search.example",)}, "holds a user or a password"),
        ({"hosts": ("https://a.example", "https://s3cret@search.example")}, "holds a user or a password"),
        ({"hosts": ("https://a.example", "http://10.0.0.1:9200")}, "unencrypted"),
        ({"hosts": ("http://localhost.example:9200",)}, "unencrypted"),
        ({"ca": Path("/nowhere.pem")}, "/nowhere.pem is not a file"),
        ({"prefix": "Passerelle*"}, "cannot be named"),
        ({"prefix": ""}, "cannot be named"),
    ],
)
def test_address_that_cannot_be_used_is_refused_before_anything_is_sent(change: dict[str, Any], said: str) -> None:
    usable = {"hosts": ("https://search.example:9200",)}

    with pytest.raises(SettingsError, match=said) as caught:
        ServerAddress(**{**usable, **change})

    assert "3cret" not in f"{caught.value} {caught.value.__cause__!r}"


@pytest.mark.parametrize("host", ["http://127.0.0.1:9200", "http://localhost:9200", "http://[::1]:9200"])
def test_plain_http_is_accepted_on_this_machine(host: str) -> None:
    assert ServerAddress((host,)).hosts == (host,)


def test_plain_http_is_accepted_elsewhere_when_told() -> None:
    assert str(ServerAddress(("http://10.0.0.1:9200",), allow_plain=True)) == "http://10.0.0.1:9200"


def test_authority_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("not a certificate")

    with pytest.raises(SettingsError, match="cannot be read"):
        Cluster(ServerAddress(("https://search.example",), ca=file))


def test_address_shows_no_password() -> None:
    address = ServerAddress(("https://search.example",), "reader", SECRET)

    assert SECRET not in f"{address} {address!r}"
    with closing(Cluster(address)) as cluster:
        assert SECRET not in repr(vars(cluster))


def test_hosts_are_listed_with_commas() -> None:
    assert split_hosts(" https://a:9200/ ,,https://b:9200") == ("https://a:9200", "https://b:9200")
