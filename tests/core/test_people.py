from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from search_core.errors import IndexOutdated, IndexUnavailable
from search_core.people import FILE_NAME, PeopleStore


def test_a_language_that_was_set_is_there_for_another_process(tmp_path: Path) -> None:
    PeopleStore(tmp_path).set_language("a", "zh")
    PeopleStore(tmp_path).set_language("b", "fr")
    PeopleStore(tmp_path).set_language("b", "other")

    assert PeopleStore(tmp_path).languages() == {"a": "zh", "b": "other"}


def test_a_language_can_be_taken_back(tmp_path: Path) -> None:
    store = PeopleStore(tmp_path)
    store.set_language("a", "zh")
    store.set_language("a", None)

    assert store.languages() == {}


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert PeopleStore(tmp_path / "data").languages() == {}
    assert not (tmp_path / "data").exists()


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    PeopleStore(tmp_path).set_language("a", "zh")
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(IndexOutdated, match="newer version"):
        PeopleStore(tmp_path).languages()


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"no database at all" * 100)

    with pytest.raises(IndexUnavailable, match=FILE_NAME):
        PeopleStore(tmp_path).languages()
