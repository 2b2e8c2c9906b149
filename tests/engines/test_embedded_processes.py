"""Two processes on one embedded index: readers see commits, one writes at a time, a killed writer does no harm."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from search_core.engines.base import DenseLeg, Filters, LexicalLeg, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.errors import IndexLocked

PROGRAM = Path(__file__).with_name("writer_process.py")

EVERYTHING = Scope.everything()

DOCUMENTS = 20


@contextmanager
def running(folder, *arguments):
    """The program, once it has said that it writes; killed at the end."""
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), *arguments], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout.readline() == "writing\n"
            yield process
        finally:
            process.kill()


def test_reader_sees_the_commit_of_another_process_and_reads_only_that(embedded, folder, make_document, put, find):
    put(embedded, *(make_document(f"d{n:03}", "tram", "bus") for n in range(300)))
    assert len(find(embedded, "tram", k=1000)) == 300
    assert embedded.passages_read == 600

    with running(folder, "put", "new", "tram", "lune") as process:
        assert process.wait() == 0

    assert find(embedded, "lune") == ["new"]
    assert len(find(embedded, "tram", k=1000)) == 301
    assert embedded.passages_read == 601
    find(embedded, "bus")
    assert embedded.passages_read == 601


def test_second_process_is_told_who_writes_and_a_dead_one_does_not_lock(embedded, folder):
    with running(folder, "hold") as process:
        with pytest.raises(IndexLocked, match=rf"process {process.pid} on .*test: hold"), embedded.writer("other"):
            pass
        assert embedded.status().documents == {}

    with embedded.writer("other"):
        pass


@pytest.mark.slow
def test_writer_killed_at_twenty_points_leaves_every_document_whole(embedded, folder):
    chance = random.Random()
    first = 1
    for _ in range(20):
        with running(folder, "churn", str(DOCUMENTS), str(first)) as process:
            process.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.4))
            process.kill()
            process.wait()
        first = 1 + check_whole(embedded, folder)
        fresh = open_embedded_index(folder)
        assert check_whole(fresh, folder) == first - 1
        fresh.close()


def check_whole(index, folder):
    """Check that every document is of one version in every respect. Returns the latest version met."""
    records = list(index.records(None, EVERYTHING))
    removed = {record.document_id for record in records if record.removed_at}
    assert len(records) == DOCUMENTS
    versions = {}
    for record in records:
        number = int(record.document_id[1:])
        text = index.documents([record.document_id], EVERYTHING, removed_too=True)[record.document_id].text
        versions[number] = int(text.split()[1].removeprefix("version"))
        count = 1 + (number + versions[number]) % 5
        assert record.passages == len(text.split("\n")) == count
        assert_vectors(index, record.document_id, versions[number], count)
    living = {n for n in versions if f"d{n}" not in removed}
    assert index.status().passages == {"fr": sum(1 + (n + versions[n]) % 5 for n in living)}
    assert_text_index(index, versions, living)
    assert_memory(index, versions, living)
    check_integrity(folder)
    return max(versions.values())


def assert_vectors(index, document_id, version, count):
    stored = index.vectors([f"{document_id} {n}" for n in range(6)])
    assert len(stored) == count
    assert all((vector == version).all() for vector in stored.values())


def assert_text_index(index, versions, living):
    """Real token queries find each document's own version, every passage of it, and no other."""
    seen = set(versions.values()) | {version - 1 for version in versions.values()}
    for n, version in versions.items():
        own, filtered = (
            leg.hits
            for leg in index.search(
                [
                    LexicalLeg("own", "fr", (f"doc{n}version{version}",), passages_per_document=9),
                    LexicalLeg("filter", "fr", (f"doc{n}",), Filters(required=(f"version{version}",)), 200, 9),
                ],
                EVERYTHING,
            ).legs
        )
        expected = {f"d{n}-{p}" for p in range(1 + (n + version) % 5)} if n in living else set()
        assert {passage.passage_id for hit in own for passage in hit.passages} == expected
        assert {passage.passage_id for hit in filtered for passage in hit.passages} == expected
        others = tuple(f"doc{n}version{other}" for other in seen - {version})
        assert index.search([LexicalLeg("others", "fr", others)], EVERYTHING).legs[0].hits == ()


def assert_memory(index, versions, living):
    """The dense leg finds every passage with the vector of its document's version."""
    leg = DenseLeg("near", "fr", np.eye(8, dtype=np.float32)[0], passages_per_document=9)
    (result,) = index.search([leg], EVERYTHING).legs
    found = {hit.document_id: {passage.score for passage in hit.passages} for hit in result.hits}
    assert found == {f"d{n}": {float(versions[n])} for n in living}


def check_integrity(folder):
    connection = sqlite3.connect(folder / "index-0001.sqlite", isolation_level=None)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for table in ("tokens_fr", "tokens_zh", "tokens_other", "filter_tokens"):
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
    connection.close()
