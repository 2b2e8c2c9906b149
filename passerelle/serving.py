"""Runs the web server: address checked first, stopped cleanly by Ctrl-C."""

from __future__ import annotations

import errno
import socket
from contextlib import suppress

import uvicorn

from passerelle.console import err, tell
from search_api.access import check_binding
from search_api.opening import open_app
from search_core.errors import SettingsError
from search_core.settings import Settings


def run_server(settings: Settings) -> None:
    """Serve until interrupted. Raises `SettingsError` for an address taken, unknown or open without a password."""
    check_binding(settings.host, settings.password.get_secret_value())
    with bind(settings.host, settings.port) as listening:
        app = open_app(settings, tell)
        port = listening.getsockname()[1]
        place = f"{_show_host(settings.host)}:{port}{settings.root_path.rstrip('/')}"
        err.print(f"Passerelle · 双城桥: [bold]http://{place}[/]   (Ctrl-C stops it)")
        # Access lines would hold the questions people ask. Forwarded headers are the application's business:
        # uvicorn would believe whoever connects from this machine.
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
        with suppress(KeyboardInterrupt):  # raised again by uvicorn once everything is closed
            uvicorn.Server(config).run(sockets=[listening])


def bind(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `SettingsError` when the address cannot be used."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as cause:
        listening.close()
        raise _explain(host, port, cause) from cause
    return listening


def _explain(host: str, port: int, cause: OSError) -> SettingsError:
    if cause.errno == errno.EADDRINUSE:
        return SettingsError(
            f"Port {port} is taken by another program.",
            remedy=f"Choose another one: `passerelle serve --port {port + 1}` (or `make run PORT={port + 1}`).",
        )
    if cause.errno == errno.EACCES:
        return SettingsError(f"Port {port} needs administrator rights.", remedy="Choose a port above 1023.")
    return SettingsError(f"{host} is not an address of this machine.", remedy="Use --host 127.0.0.1.")


def _show_host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
