from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from indexer.erase import erase_documents, find_expired
from indexer.report import RunReport, read_report
from search_core.calibration import STATE_KEY, Calibration
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.people import PeopleStore

EVERYTHING = Scope.everything()
NOW = datetime(2017, 3, 31, tzinfo=UTC)


@pytest.fixture
def ids(folder: Path, run: Callable[..., RunReport]) -> dict[str, str]:
    """Two indexed files, by name."""
    (folder / "gare.txt").write_text("La gare de Leshan ouvre en 2015. Le train part de Chengdu.", "utf-8")
    (folder / "secret.txt").write_text("Un mot confidentiel : zanzibarite. Personne ne doit le lire.", "utf-8")
    return {entry.path: entry.document_id or "" for entry in run(folder).files}


def read_calibration(index: EmbeddedIndex) -> Calibration:
    return Calibration.from_bytes(index.state(STATE_KEY) or b"")


def test_erasing_leaves_neither_report_nor_language_nor_sampled_vector(
    ids: dict[str, str], index: EmbeddedIndex, people: PeopleStore, embedder: HashEmbedder, tmp_path: Path
) -> None:
    people.set_language(ids["secret.txt"], "fr")
    before = read_calibration(index)
    assert erase_documents(index, people, embedder, [ids["secret.txt"]]) == 1
    after = read_calibration(index)
    assert people.languages() == {}
    assert [entry.path for entry in read_report(index, Scope.everything()).files] == ["gare.txt"]
    assert sum(map(len, after.passages.values())) < sum(map(len, before.passages.values()))
    assert all(np.isfinite(matrix).all() for matrix in after.passages.values())
    assert not [file for file in (tmp_path / "data").iterdir() if b"zanzibarite" in file.read_bytes()]


def test_what_was_removed_long_ago_is_erased_and_what_was_removed_lately_is_kept(
    ids: dict[str, str], index: EmbeddedIndex, people: PeopleStore, embedder: HashEmbedder
) -> None:
    with index.writer("test") as writer:
        writer.remove([ids["secret.txt"]], (NOW - timedelta(days=31)).isoformat(timespec="seconds"))
        writer.remove([ids["gare.txt"]], (NOW - timedelta(days=29)).isoformat(timespec="seconds"))
    assert find_expired(index, NOW) == [ids["secret.txt"]]
    assert erase_documents(index, people, embedder, find_expired(index, NOW)) == 1
    assert [record.path for record in index.records(None, EVERYTHING)] == ["gare.txt"]
    assert find_expired(index, NOW) == []
