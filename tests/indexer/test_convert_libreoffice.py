"""LibreOffice opens what nobody trusts: it reaches nothing, runs nothing and leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from indexer.convert import libreoffice
from indexer.convert.docx import convert_docx
from indexer.convert.libreoffice import libreoffice_version, save_as

FILES = Path(__file__).parent / "files"

pytestmark = pytest.mark.usefixtures("libreoffice")

_LINKS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>
<text:p>Avant<draw:frame text:anchor-type="as-char"><draw:image xlink:href="{address}/plan.png"/></draw:frame></text:p>
<text:section text:name="far"><text:section-source xlink:href="{address}/annexe.odt"/><text:p>A</text:p></text:section>
<text:section text:name="near"><text:section-source xlink:href="{file}"/><text:p>B</text:p></text:section>
</office:text></office:body></office:document>"""


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """Where a server listens, and what it was asked for."""
    paths: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_error(404)

        do_HEAD = do_OPTIONS = do_PROPFIND = do_GET  # noqa: N815 - named by the protocol

        def log_message(self, *told: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("has_network", [False, True])
def test_nothing_that_a_document_links_to_is_fetched(
    asked: tuple[str, list[str]], tmp_path: Path, has_network: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the system does not let it be cut off from the network."""
    if has_network:
        monkeypatch.setattr(libreoffice, "_confine", lambda _: None)
    address, paths = asked
    secret = tmp_path / "secret.txt"
    secret.write_text("Confidentiel")
    saved = save_as(_LINKS.format(address=address, file=secret.as_uri()).encode(), ".fodt", ".docx")

    assert convert_docx(saved).text == "Avant\n\nA\n\nB"
    assert paths == []


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    save_as((FILES / "visit-fr.doc").read_bytes(), ".doc", ".docx")

    assert list(tmp_path.iterdir()) == []


def test_version_is_that_of_the_program() -> None:
    assert libreoffice_version().startswith("LibreOffice ")
