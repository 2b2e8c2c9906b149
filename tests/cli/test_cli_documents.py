"""`passerelle remove`, `restore` and `remove --purge`: by id, by path, by folder."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from search_api.preview.cache import PageCache
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index

Run = Callable[..., Any]


def paths(passerelle: Run) -> set[str]:
    return {hit["path"] for hit in passerelle("search", "", "--json").json["hits"]}


ALL = {"fr/reseau.txt", "fr/vélo.txt", "zh/电网.md", "zh/自行车.txt"}


def test_removed_document_is_found_no_more_until_it_is_restored(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("remove", "fr/vélo.txt")
    assert (ended.status, ended.out) == (0, "1 document removed; `passerelle restore` brings back what was removed.\n")
    assert paths(passerelle) == ALL - {"fr/vélo.txt"}
    assert passerelle("status", "--json").json["removed"] == 1
    assert passerelle("restore", "fr/vélo.txt").out == "1 document restored.\n"
    assert paths(passerelle) == ALL


@pytest.mark.slow
def test_documents_are_named_by_id_path_or_folder(
    indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {hit["path"]: hit["document_id"] for hit in passerelle("search", "", "--json").json["hits"]}
    monkeypatch.chdir(indexed / "fr")
    for name, gone in [
        (ids["zh/电网.md"], {"zh/电网.md"}),
        (indexed / "zh" / "电网.md", {"zh/电网.md"}),
        ("vélo.txt", {"fr/vélo.txt"}),
        (unicodedata.normalize("NFD", "vélo.txt"), {"fr/vélo.txt"}),
        ("../zh/电网.md", {"zh/电网.md"}),
        ("fr/vélo.txt", {"fr/vélo.txt"}),
        (".", {"fr/vélo.txt", "fr/reseau.txt"}),
        (indexed, ALL),
    ]:
        assert passerelle("remove", name).status == 0
        assert paths(passerelle) == ALL - gone, name
        assert passerelle("restore", name).status == 0
        assert paths(passerelle) == ALL


def test_place_on_disk_comes_before_an_equal_path_in_another_folder(
    documents: Path, passerelle: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(documents, tmp_path / "copy")
    (tmp_path / "copy" / "fr" / "vélo.txt").write_text("Un autre texte sur les vélos.", "utf-8")
    passerelle("index", documents, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    assert passerelle("remove", "fr/vélo.txt").out.startswith("1 document removed")


def test_unknown_name_stops_before_anything_is_done(indexed: Path, passerelle: Run) -> None:
    for name in ("absent.txt", "", "fr/vélo", "%"):
        ended = passerelle("remove", "fr/vélo.txt", name)
        assert ended.status == 3
        assert repr(name) in ended.err
        assert "passerelle report" in ended.err
    assert paths(passerelle) == ALL
    assert passerelle("restore", "fr/vélo.txt").status == 3


def test_purge_asks_first_and_erases_every_trace(indexed: Path, passerelle: Run, environment: dict[str, str]) -> None:
    refused = passerelle("remove", "--purge", "fr/vélo.txt", answer="n\n")
    assert refused.status == 1
    assert paths(passerelle) == ALL
    passerelle("language", "fr/vélo.txt", "other")
    ended = passerelle("remove", "--purge", "fr/vélo.txt", answer="y\n")
    assert (ended.status, ended.out.strip()) == (0, "1 document erased.")
    assert paths(passerelle) == ALL - {"fr/vélo.txt"}
    assert passerelle("restore", "fr/vélo.txt").status == 3
    assert "vélo" not in passerelle("report").out
    data = Path(environment["PASSERELLE_DATA"])
    for file in (file for file in data.rglob("*") if file.is_file()):
        content = file.read_bytes()
        assert b"zanzibarite" not in content, file.name
        assert "vélo.txt".encode() not in content, file.name


def test_purge_erases_the_images_of_pages(indexed: Path, passerelle: Run, environment: dict[str, str]) -> None:
    ids = {hit["path"]: hit["document_id"] for hit in passerelle("search", "", "--json").json["hits"]}
    images = PageCache(Path(environment["PASSERELLE_DATA"]), 1)
    for path in ("fr/vélo.txt", "fr/reseau.txt"):
        images.put(ids[path], "1", b"image")
    passerelle("remove", "fr/reseau.txt")
    passerelle("remove", "--purge", "--yes", "fr/vélo.txt")
    assert images.get(ids["fr/vélo.txt"], "1") is None
    assert images.get(ids["fr/reseau.txt"], "1") == b"image"


def test_purge_reaches_removed_documents_and_needs_no_question_with_yes(indexed: Path, passerelle: Run) -> None:
    passerelle("remove", "zh")
    assert passerelle("remove", "--purge", "--yes", indexed / "zh").out == "2 documents erased.\n"
    assert passerelle("status", "--json").json["removed"] == 0


def test_what_was_removed_31_days_ago_is_erased_by_the_next_run(
    indexed: Path, passerelle: Run, environment: dict[str, str]
) -> None:
    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    ids = {record.path: record.document_id for record in index.records(None, Scope.everything())}
    with index.writer("test") as writer:
        for path, days in (("fr/vélo.txt", 31), ("fr/reseau.txt", 29)):
            writer.remove([ids[path]], (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds"))
    index.close()
    passerelle("remove", "zh/电网.md")
    assert passerelle("restore", "fr/vélo.txt").status == 3
    assert passerelle("restore", "fr/reseau.txt").status == 0


def test_remove_and_restore_need_no_model(indexed: Path, passerelle: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_MODEL", "/nowhere")
    assert passerelle("remove", "fr/vélo.txt").status == 0
    assert passerelle("restore", "fr/vélo.txt").status == 0


def test_removed_document_comes_back_when_its_file_is_met_again(indexed: Path, passerelle: Run) -> None:
    passerelle("remove", "fr/vélo.txt")
    passerelle("index", indexed)
    assert paths(passerelle) == ALL
