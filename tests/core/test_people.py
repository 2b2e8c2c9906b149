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


def test_what_was_said_of_two_documents_is_there_for_another_process(tmp_path: Path) -> None:
    PeopleStore(tmp_path).confirm_pair(("f1", "z1"))
    PeopleStore(tmp_path).refute_pair(("f2", "z2"))

    assert PeopleStore(tmp_path).pair_verdicts() == {("f1", "z1"): "confirmed", ("f2", "z2"): "refuted"}


def test_the_last_word_of_two_documents_counts_and_can_be_taken_back(tmp_path: Path) -> None:
    store = PeopleStore(tmp_path)
    store.confirm_pair(("f1", "z1"))
    store.refute_pair(("f1", "z1"))

    assert store.pair_verdicts() == {("f1", "z1"): "refuted"}
    assert store.forget_pair(("f1", "z1"))
    assert not store.forget_pair(("f1", "z1"))
    assert store.pair_verdicts() == {}


def test_a_document_is_confirmed_with_one_other_only(tmp_path: Path) -> None:
    store = PeopleStore(tmp_path)
    for pair in (("f1", "z1"), ("f2", "z2"), ("f3", "z3")):
        assert store.confirm_pair(pair) == []
    store.refute_pair(("f1", "z3"))

    assert sorted(store.confirm_pair(("f1", "z2"))) == [("f1", "z1"), ("f2", "z2")]
    assert store.pair_verdicts() == {
        ("f1", "z2"): "confirmed",
        ("f3", "z3"): "confirmed",
        ("f1", "z3"): "refuted",
    }


def test_what_was_said_of_a_document_is_forgotten_with_it(tmp_path: Path) -> None:
    store = PeopleStore(tmp_path)
    store.confirm_pair(("f1", "z1"))
    store.refute_pair(("f2", "z1"))
    store.set_language("z1", "zh")
    store.set_language("f2", "fr")
    store.forget_documents(["z1"])

    assert (store.pair_verdicts(), store.languages()) == ({}, {"f2": "fr"})
    assert b"z1" not in (tmp_path / FILE_NAME).read_bytes()


def test_a_store_of_the_first_version_is_taken_over(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / FILE_NAME)
    connection.executescript(
        """
        CREATE TABLE document_languages (
            document_id TEXT PRIMARY KEY, language TEXT NOT NULL, entered_at TEXT NOT NULL
        ) WITHOUT ROWID;
        INSERT INTO document_languages VALUES ('a', 'zh', '2026-01-01T00:00:00+00:00');
        PRAGMA user_version = 1;
        """
    )
    connection.close()

    assert PeopleStore(tmp_path).languages() == {"a": "zh"}
    PeopleStore(tmp_path).refute_pair(("f", "z"))
    assert PeopleStore(tmp_path).pair_verdicts() == {("f", "z"): "refuted"}


def test_reading_makes_no_file(tmp_path: Path) -> None:
    assert PeopleStore(tmp_path / "data").languages() == {}
    assert PeopleStore(tmp_path / "data").pair_verdicts() == {}
    PeopleStore(tmp_path / "data").forget_documents(["a"])
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
