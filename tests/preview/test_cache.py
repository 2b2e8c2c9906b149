"""The images kept on disk."""

from __future__ import annotations

import os
from pathlib import Path

from search_api.preview.cache import MIB, PageCache

HALF = b"x" * (MIB // 2)


def files(data: Path) -> list[Path]:
    return [file for file in data.rglob("*") if file.is_file()]


def test_image_is_found_again_by_document_and_key(tmp_path: Path) -> None:
    cache = PageCache(tmp_path, 1)
    cache.put("a", "1", b"image")
    assert (cache.get("a", "1"), cache.get("a", "2"), cache.get("b", "1")) == (b"image", None, None)


def test_least_used_images_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = PageCache(tmp_path, 2)
    for age, key in enumerate("abcd"):
        cache.put("d", key, HALF)
        for file in tmp_path.rglob(f"{key}.png"):
            os.utime(file, (1000 + age, 1000 + age))
    assert cache.get("d", "a") == HALF  # used now
    cache.put("d", "e", HALF)
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 2 * MIB
    assert [key for key in "abcde" if cache.get("d", key)] == ["a", "d", "e"]


def test_nothing_is_kept_where_nothing_may_be(tmp_path: Path) -> None:
    PageCache(tmp_path, 1).put("a", "1", b"image")
    none = PageCache(tmp_path, 0)
    none.put("a", "2", b"image")
    none.tidy(["a"])
    assert files(tmp_path) == []


def test_images_of_other_documents_are_tidied_away(tmp_path: Path) -> None:
    cache = PageCache(tmp_path, 1)
    for document_id in ("kept", "gone", "../gone/too"):
        cache.put(document_id, "1", b"image")
    cache.tidy(["kept"])
    assert [cache.get(each, "1") for each in ("kept", "gone", "../gone/too")] == [b"image", None, None]
    assert len(files(tmp_path)) == 1


def test_tidying_without_images_makes_no_folder(tmp_path: Path) -> None:
    PageCache(tmp_path / "data", 1).tidy([])
    assert list(tmp_path.iterdir()) == []


def test_names_of_documents_lead_nowhere_else(tmp_path: Path) -> None:
    cache = PageCache(tmp_path / "data", 1)
    for document_id in ("../../x", "/etc", "a\0b", "\ud800", ""):
        cache.put(document_id, "1", b"image")
        assert cache.get(document_id, "1") == b"image"
    assert [file for file in tmp_path.iterdir() if file.name != "data"] == []


def test_folder_that_cannot_be_written_keeps_nothing_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file")
    cache = PageCache(tmp_path, 1)
    cache.put("a", "1", b"image")
    assert cache.get("a", "1") is None
    cache.forget("a")
