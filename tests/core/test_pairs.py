"""From what was compared and what people said to pairs."""

from __future__ import annotations

from typing import Any

from search_core.pairs import Link, Pair, PairRecord, settle_pairs

LANGUAGES = {"f1": "fr", "f2": "fr", "f3": "fr", "z1": "zh", "z2": "zh", "z3": "zh"}


def settle(
    *links: tuple[str, str, float], languages: dict[str, str] | None = None, **known: Any
) -> set[tuple[str, str]]:
    record = PairRecord(tuple(Link(*link) for link in links), **known)
    return {(pair.fr, pair.zh) for pair in settle_pairs(record, languages or LANGUAGES).pairs}


def test_documents_pair_that_are_best_for_each_other() -> None:
    assert settle(("f1", "z1", 4), ("f1", "z2", 2), ("f2", "z2", 3)) == {("f1", "z1"), ("f2", "z2")}


def test_weak_evidence_makes_no_pair() -> None:
    assert settle(("f1", "z1", -0.1)) == set()


def test_of_two_that_are_as_good_neither_is_taken() -> None:
    assert settle(("f1", "z1", 4), ("f2", "z1", 3.9)) == set()


def test_a_document_is_not_given_its_second_best_where_its_best_belongs_to_another() -> None:
    assert settle(("f1", "z1", 4), ("f2", "z1", 3), ("f2", "z2", 2)) == {("f1", "z1")}


def test_a_copy_of_the_same_file_prevents_nothing() -> None:
    assert settle(("f1", "z1", 4), ("f2", "z1", 4), marks={"f1": "same", "f2": "same"}) == {("f1", "z1")}


def test_what_a_person_confirmed_comes_first() -> None:
    links = ("f1", "z1", 4.0), ("f2", "z2", 4.0)
    assert settle(*links, verdicts={("f1", "z2"): "confirmed"}) == {("f1", "z2")}


def test_what_a_person_refuted_is_no_pair_and_no_rival() -> None:
    links = ("f1", "z1", 4.0), ("f1", "z2", 3.9)
    assert settle(*links, verdicts={("f1", "z1"): "refuted"}) == {("f1", "z2")}


def test_documents_that_are_not_there_neither_pair_nor_prevent_a_pair() -> None:
    links = ("f1", "z1", 4.0), ("f2", "z1", 3.9)
    there = {name: language for name, language in LANGUAGES.items() if name != "f1"}
    assert settle(*links, languages=there) == {("f2", "z1")}
    assert settle(*links, languages=there, verdicts={("f1", "z2"): "confirmed"}) == {("f2", "z1")}


def test_a_document_whose_language_was_corrected_pairs_no_more() -> None:
    assert settle(("f1", "z1", 4), languages={**LANGUAGES, "f1": "zh"}) == set()


def test_the_order_of_links_changes_nothing() -> None:
    links = [("f1", "z1", 4.0), ("f2", "z2", 4.0), ("f1", "z2", 1.0), ("f3", "z3", 0.2)]
    assert settle(*links) == settle(*reversed(links)) == {("f1", "z1"), ("f2", "z2"), ("f3", "z3")}


def test_a_record_comes_back_as_it_was_stored() -> None:
    record = PairRecord((Link("f1", "z1", 1.5),), {"f1": "a", "z1": "b"}, {("f1", "z1"): "refuted"})
    assert PairRecord.from_bytes(record.to_bytes()) == record
    assert record.without(["z1"]) == PairRecord((), {"f1": "a"}, {})


def test_a_score_is_one_half_at_the_threshold() -> None:
    (pair,) = settle_pairs(PairRecord((Link("f1", "z1", 0.0),)), LANGUAGES).pairs
    assert pair == Pair("f1", "z1", 0.5)
