"""`passerelle reindex` and `rollback`, and what `status` says of what lies beside the index."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from search_core.engines.embedded import open_embedded_index
from search_core.versions import read_versions

Run = Callable[..., Any]


@pytest.fixture
def glossary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One's own glossary, with a pair that no passage was analysed with yet."""
    file = tmp_path / "own.tsv"
    file.write_text("zanzibarite\t桑给巴尔石\n", "utf-8")
    monkeypatch.setenv("PASSERELLE_GLOSSARY", str(file))
    return file


def status(passerelle: Run) -> dict[str, Any]:
    found: dict[str, Any] = passerelle("status", "--json").json
    return found


def test_status_says_that_nothing_is_unfinished_or_kept(indexed: Path, passerelle: Run) -> None:
    facts = status(passerelle)
    assert (facts["reindex_unfinished"], facts["rollback_to"]) == (None, None)


def test_unfinished_reindex_is_told_and_can_be_discarded(
    indexed: Path, passerelle: Run, environment: dict[str, str]
) -> None:
    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    with index.rebuild("test"):
        pass
    index.close()

    unfinished = status(passerelle)["reindex_unfinished"]
    assert (unfinished["documents"], unfinished["of"]) == (0, 4)
    assert "0, of 4" in passerelle("status").out
    assert passerelle("reindex", "--discard").out == "Discarded.\n"
    assert status(passerelle)["reindex_unfinished"] is None
    assert passerelle("reindex", "--discard").out == "There is no unfinished reindex.\n"


def test_rollback_without_an_earlier_index_says_what_keeps_one(indexed: Path, passerelle: Run) -> None:
    ended = passerelle("rollback", "--yes")
    assert ended.status == 3
    assert "passerelle reindex" in ended.err


def test_rollback_tells_what_is_lost_and_asks(indexed: Path, passerelle: Run, glossary: Path) -> None:
    assert passerelle("reindex").status == 0
    assert status(passerelle)["rollback_to"] == {"documents": 4, "model": "hash"}
    (indexed / "fr" / "neuf.txt").write_text("Un document arrivé après.", "utf-8")
    assert passerelle("index", indexed).status == 0
    assert passerelle("remove", indexed / "fr" / "reseau.txt").status == 0

    asked = passerelle("rollback", answer="n\n")
    assert asked.status == 1
    assert "1 document added since: fr/neuf.txt" in asked.err
    assert "1 document removed since: fr/reseau.txt" in asked.err
    assert status(passerelle)["documents"] == {"fr": 2, "zh": 2}

    assert passerelle("rollback", answer="y\n").status == 0
    facts = status(passerelle)
    assert (facts["documents"], facts["reindex_advised"]) == ({"fr": 2, "zh": 2}, True)
    assert passerelle("search", "--json", '"document arrivé"').json["total"] == 0
    assert passerelle("search", "--json", '"réseau électrique"').json["total"] == 1


def test_rollback_of_a_rollback_goes_forth(indexed: Path, passerelle: Run, glossary: Path) -> None:
    assert passerelle("reindex").status == 0
    versions = [status(passerelle)["index_version"]]
    for advised in (True, False):
        ended = passerelle("rollback", "--yes")
        assert ended.status == 0
        assert "Nothing happened to documents since." in ended.err
        assert status(passerelle)["reindex_advised"] is advised
        versions.append(status(passerelle)["index_version"])
    assert versions == sorted(set(versions))


@pytest.mark.parametrize(
    ("made_with", "remedy"),
    [
        ({"model": "other", "model_name": "some/model"}, "Set PASSERELLE_MODEL and PASSERELLE_ADAPTER"),
        ({"analysis": "older"}, "the version of Passerelle that made it"),
    ],
)
def test_rollback_to_an_index_made_otherwise_says_what_helps(
    indexed: Path, passerelle: Run, environment: dict[str, str], made_with: dict[str, str], remedy: str
) -> None:
    assert passerelle("reindex").status == 0
    index = open_embedded_index(Path(environment["PASSERELLE_DATA"]))
    index.roll_back(index.status().version)
    versions = read_versions(index)
    assert versions is not None
    with index.writer("test") as writer:
        writer.put_state("versions", json.dumps(asdict(replace(versions, **made_with))).encode())
    index.roll_back(index.status().version)
    index.close()

    ended = passerelle("rollback", "--yes")
    assert ended.status == 3
    assert remedy in ended.err
    assert status(passerelle)["rollback_to"] is not None
