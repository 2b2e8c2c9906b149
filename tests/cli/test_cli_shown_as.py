"""A source that is shown by the name of its share: on hits, documents and pages, and after later syncs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from search_core.shown_paths import show_path

Run = Callable[..., Any]


def shown(passerelle: Run) -> dict[str, str]:
    return {hit["path"]: hit["display_path"] for hit in passerelle("search", "", "--json").json["hits"]}


@pytest.mark.parametrize(
    ("prefix", "path"),
    [
        ("", "fr/note.txt"),
        (r"\\mairie\commun", r"\\mairie\commun\fr\note.txt"),
        ("\\\\mairie\\commun\\", r"\\mairie\commun\fr\note.txt"),
        ("Z:", r"Z:\fr\note.txt"),
        ("smb://mairie/commun/", "smb://mairie/commun/fr/note.txt"),
    ],
)
def test_path_is_shown_below_its_prefix_with_the_separators_of_that(prefix: str, path: str) -> None:
    assert show_path("fr/note.txt", "/mnt/a", {"/mnt/a": prefix}) == path
    assert show_path("fr/note.txt", "/mnt/b", {"/mnt/a": prefix}) == "fr/note.txt"


@pytest.mark.slow
def test_share_is_shown_until_it_is_taken_back(tmp_path: Path, passerelle: Run) -> None:
    folder = tmp_path / "mnt"
    (folder / "fr").mkdir(parents=True)
    (folder / "fr" / "réseau.txt").write_text("Le réseau électrique intelligent du Fort.", "utf-8")
    assert passerelle("sync", str(folder)).status == 0
    assert shown(passerelle) == {"fr/réseau.txt": "fr/réseau.txt"}
    assert passerelle("sync", str(folder), "--shown-as", r"\\mairie\commun").status == 0
    assert passerelle("sync", str(folder)).status == 0
    assert shown(passerelle) == {"fr/réseau.txt": r"\\mairie\commun\fr\réseau.txt"}
    assert passerelle("reindex").status == 0
    assert shown(passerelle) == {"fr/réseau.txt": r"\\mairie\commun\fr\réseau.txt"}
    assert passerelle("sync", str(folder), "--shown-as", "").status == 0
    assert shown(passerelle) == {"fr/réseau.txt": "fr/réseau.txt"}


def test_place_that_cannot_be_shown_is_refused(tmp_path: Path, passerelle: Run) -> None:
    (tmp_path / "note.txt").write_text("Une note.")
    ended = passerelle("sync", str(tmp_path), "--shown-as", "a\nb")

    assert ended.status == 3
    assert "cannot be used" in ended.err
