"""Nothing leaves the machine, and nothing that people ask is written down."""

import logging
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest
import uvicorn

from search_api.access import is_loopback
from search_core.embedding import Embedder

_REACHING_OUT = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})
_watching: list[list[str]] = []


def _watch(event: str, args: tuple[Any, ...]) -> None:
    """An audit hook stays for the life of the process; it acts only within `no_connections`."""
    if not _watching or event not in _REACHING_OUT | _LOOKING_UP:
        return
    host = args[0] if event in _LOOKING_UP else args[-1][0] if isinstance(args[-1], tuple) else "localhost"
    if not is_loopback(str(host)):
        _watching[-1].append(f"{event} {args}")
        raise ConnectionRefusedError(f"{event} {args}")


sys.addaudithook(_watch)


@contextmanager
def no_connections() -> Iterator[None]:
    attempts: list[str] = []
    _watching.append(attempts)
    try:
        yield
    finally:
        _watching.pop()
    assert not attempts


def use_everything(library: Any, client: Any) -> None:
    for address in ("/", "/?q=réseau électrique&ui=zh", "/api/v1/search?q=乐山", "/api/v1/openapi.json", "/nothing"):
        assert client.get(address).status_code in (200, 404)
    for name in ("study", "hostile"):
        assert client.get(f"/documents/{library.id(name)}?q=réseau").status_code == 200
        assert client.get(f"/documents/{library.id(name)}/original").status_code == 200


@pytest.mark.parametrize("host", ["192.0.2.1", "passerelle.example"])
def test_the_watch_notices_a_connection_even_when_its_failure_is_hidden(host: str) -> None:
    with pytest.raises(AssertionError, match="getaddrinfo"), no_connections(), suppress(OSError):
        socket.create_connection((host, 443), timeout=1)
    with pytest.raises(AssertionError, match="connect"), no_connections(), suppress(OSError), socket.socket() as plain:
        plain.connect(("192.0.2.1", 443))


def test_indexing_searching_and_reading_connect_to_nothing(
    make_library: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "ftp://192.0.2.1")
    with no_connections():
        library = make_library(tmp_path)
        with library.client() as client:
            use_everything(library, client)


@pytest.mark.model
def test_the_bundled_model_connects_to_nothing(
    make_library: Callable[..., Any], tmp_path: Path, bundled_embedder: Embedder
) -> None:
    with no_connections():
        library = make_library(tmp_path, bundled_embedder)
        use_everything(library, library.client())


@contextmanager
def serving(app: Any) -> Iterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, ws="none"))
    listener = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_what_people_ask_is_not_logged(library: Any, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serving(library.client().app) as address, httpx2.Client() as browser:
        for path in ("/?q=confidentiel", "/api/v1/search?q=confidentiel&page=1", "/nothing?q=confidentiel"):
            browser.get(address + path)
    access = [record.getMessage() for record in caplog.records if record.name == "uvicorn.access"]
    assert [line.split('"')[1] for line in access] == [
        "GET / HTTP/1.1",
        "GET /api/v1/search HTTP/1.1",
        "GET /nothing HTTP/1.1",
    ]
    said = [record for record in caplog.records if not record.name.startswith(("httpx2", "httpcore2"))]
    assert not [record for record in said if "confidentiel" in record.getMessage()]
