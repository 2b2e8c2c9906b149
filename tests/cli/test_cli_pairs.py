"""`passerelle pairs`: what is a version of what, and what people say about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

FR, ZH, OTHER_ZH = "fr/reseau.txt", "zh/电网.md", "zh/自行车.txt"


def pairs(passerelle: Run) -> list[tuple[str, str, str]]:
    return [(pair["fr"]["path"], pair["zh"]["path"], pair["state"]) for pair in passerelle("pairs", "--json").json]


def versions(passerelle: Run, path: str) -> list[str]:
    hits = passerelle("search", "", "--json").json["hits"]
    return [version["path"] for hit in hits if hit["path"] == path for version in hit["versions"]]


def test_a_pair_that_a_person_confirms_is_listed_and_shown(indexed: Path, passerelle: Run) -> None:
    assert pairs(passerelle) == []
    ended = passerelle("pairs", "confirm", ZH, FR)

    assert (ended.status, ended.out) == (0, f"{FR} ⇄ {ZH}: confirmed, versions of one document\n")
    assert pairs(passerelle) == [(FR, ZH, "confirmed")]
    assert versions(passerelle, FR) == [ZH]


def test_a_person_s_word_can_be_changed_and_taken_back(indexed: Path, passerelle: Run) -> None:
    passerelle("pairs", "confirm", FR, ZH)
    assert f"Taken back: {FR} ⇄ {ZH}" in passerelle("pairs", "confirm", FR, OTHER_ZH).out
    assert pairs(passerelle) == [(FR, OTHER_ZH, "confirmed")]

    passerelle("pairs", "refute", FR, OTHER_ZH)
    assert pairs(passerelle) == [(FR, OTHER_ZH, "refuted")]
    assert versions(passerelle, FR) == []

    assert "forgotten" in passerelle("pairs", "forget", FR, OTHER_ZH).out
    assert "nothing had been said" in passerelle("pairs", "forget", FR, OTHER_ZH).out
    assert pairs(passerelle) == []


def test_what_a_person_said_survives_reindexing_and_removal(indexed: Path, passerelle: Run) -> None:
    passerelle("pairs", "confirm", FR, ZH)
    assert passerelle("reindex").status == 0
    assert pairs(passerelle) == [(FR, ZH, "confirmed")]

    passerelle("remove", ZH)
    assert pairs(passerelle) == []
    passerelle("restore", ZH)
    assert pairs(passerelle) == [(FR, ZH, "confirmed")]

    passerelle("remove", ZH, "--purge", "--yes")
    passerelle("index", indexed)
    assert pairs(passerelle) == []


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), "Two documents make a pair, and 0 names were given."),
        ((FR,), "Two documents make a pair, and 1 names were given."),
        ((FR, FR), "cannot be versions of each other"),
        ((FR, "fr/vélo.txt"), "cannot be versions of each other"),
        ((FR, "nothing.txt"), "No indexed document has the id or lies at the path 'nothing.txt'."),
    ],
)
def test_two_names_that_make_no_pair_are_refused_with_a_remedy(
    indexed: Path, passerelle: Run, names: tuple[str, ...], said: str
) -> None:
    ended = passerelle("pairs", "confirm", *names)

    assert (ended.status, ended.out) == (3, "")
    assert said in ended.err
    assert "passerelle report" in ended.err


def test_a_folder_is_no_document_of_a_pair(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("pairs", "refute", indexed / "fr", ZH)

    assert ended.status == 3
    assert "means 2 documents" in ended.err


def test_an_unknown_action_is_wrong_usage(indexed: Path, passerelle: Run) -> None:
    assert passerelle("pairs", "marry", FR, ZH).status == 2


def test_pairs_are_printed_for_people(indexed: Path, passerelle: Run) -> None:
    passerelle("pairs", "confirm", FR, ZH)
    printed = passerelle("pairs").out

    assert all(word in printed for word in ("confirmed", FR, ZH, "1 pair"))
