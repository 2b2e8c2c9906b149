"""The original of a document in an archive is handed out by itself, never the archive and never what lies elsewhere."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from search_api.archived import is_archived
from search_api.originals import OriginalGone, send_original
from search_core.model import Document


def document(source: Path, path: str) -> Document:
    return Document("0" * 16, str(source), path, "fr", media_type="text/html")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("été/page.html", "<p>Bonjour")
        archive.writestr("secret.txt", "secret")
    return folder


def test_original_in_an_archive_is_sent_by_itself(source: Path) -> None:
    asked = document(source, "a.zip/été/page.html")
    response = send_original(asked, None)

    assert is_archived(asked)
    assert response.body == b"<p>Bonjour"
    assert response.headers["content-type"] == "text/html"
    assert response.headers["content-disposition"].startswith('attachment; filename="page.html"')
    assert response.headers["content-security-policy"].startswith("sandbox;")


@pytest.mark.parametrize(
    "path", ["a.zip/absent.txt", "a.zip", "b.zip/x.txt", "../source/a.zip/secret.txt", "out.zip/secret.txt", "a.zip/\0"]
)
def test_what_is_not_in_an_archive_of_the_source_is_gone(source: Path, path: str) -> None:
    os.link(source / "a.zip", source.parent / "out.zip")
    (source / "out.zip").symlink_to(source.parent / "out.zip")

    assert not is_archived(document(source, path))
    with pytest.raises(OriginalGone):
        send_original(document(source, path), None)
