"""LibreOffice opens what nobody trusts: it reaches nothing, runs nothing and leaves nothing behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from indexer.convert.office import libreoffice
from indexer.convert.office.docx import convert_docx
from indexer.convert.office.libreoffice import libreoffice_version, save_as

FILES = Path(__file__).parent / "files"

pytestmark = pytest.mark.usefixtures("libreoffice")

_LINKS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:xlink="http://www.w3.org/1999/xlink"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2"
 office:mimetype="application/vnd.oasis.opendocument.text"><office:body><office:text>
<text:p>Avant<draw:frame draw:name="x" text:anchor-type="as-char" svg:width="2cm" svg:height="2cm">
<draw:image xlink:href="{address}/plan.png" xlink:type="simple"/></draw:frame></text:p>
<text:section text:name="far"><text:section-source xlink:href="{address}/annexe.odt"/><text:p>A</text:p></text:section>
<text:section text:name="near"><text:section-source xlink:href="{file}"/><text:p>B</text:p></text:section>
</office:text></office:body></office:document>"""


@pytest.mark.parametrize("has_network", [False, True])
def test_nothing_that_a_document_links_to_is_fetched(
    tmp_path: Path, has_network: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the system does not let it be cut off from the network."""
    if has_network:
        monkeypatch.setattr(libreoffice, "_confine", lambda _: None)
    secret = tmp_path / "secret.txt"
    secret.write_text("Confidentiel")
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        saved = save_as(_LINKS.format(address=address, file=secret.as_uri()).encode(), ".fodt", ".docx")
        server.setblocking(False)
        with pytest.raises(BlockingIOError):  # nobody is waiting
            server.accept()

    assert convert_docx(saved).text == "Avant\n\nA\n\nB"


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    save_as((FILES / "visit-fr.doc").read_bytes(), ".doc", ".docx")

    assert list(tmp_path.iterdir()) == []


def test_libreoffice_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    script = """
import pathlib, sys
from indexer.convert.office.libreoffice import save_as
save_as(pathlib.Path(sys.argv[1]).read_bytes(), ".doc", ".docx")
"""
    command = [sys.executable, "-c", script, str(FILES / "visit-fr.doc")]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path)}) as run:
        seen: dict[int, psutil.Process] = {}
        while len(seen) < 2 and run.poll() is None:  # it starts anew once it has made its profile
            seen |= {child.pid: child for child in psutil.Process(run.pid).children()}
            time.sleep(0.01)
        run.kill()
    *_, office = seen.values()
    with suppress(psutil.NoSuchProcess):
        while office.status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)

    assert list(tmp_path.rglob("profile")) != []
    assert list(tmp_path.rglob("file.docx")) == []


def test_version_is_that_of_the_program() -> None:
    assert libreoffice_version().startswith("LibreOffice ")
