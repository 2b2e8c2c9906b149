"""What the embedded engine keeps in memory: read once, caught up with what is new, never changed under a reader."""

from __future__ import annotations

import numpy as np
import pytest

from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.embedded.memory import NewerCommit, PassageMemory
from search_core.engines.embedded.store import Store

EVERYTHING = Scope.everything()


@pytest.fixture
def store(embedded, folder):
    store = Store(folder / "index-0001.sqlite")
    yield store
    store.close()


def look(memory, store):
    with store.reading() as connection:
        return memory.at(connection)


def alive(snapshot, language="fr"):
    table = snapshot.tables[language]
    return [table.passage_ids[position] for position in np.flatnonzero(table.alive)]


def test_catching_up_reads_only_what_is_new(embedded, store, make_document, put):
    memory = PassageMemory()
    put(embedded, *(make_document(f"d{n}", "tram", "bus") for n in range(100)))
    look(memory, store)
    assert memory.passages_read == 200

    put(embedded, make_document("d5", "lune"), make_document("new", "tram", language="zh"))
    snapshot = look(memory, store)

    assert memory.passages_read == 202
    assert "d5-1" not in alive(snapshot)
    assert (alive(snapshot)[-1], alive(snapshot, "zh")) == ("d5-0", ["new-0"])


def test_catching_up_appends_instead_of_copying(embedded, store, make_document, put):
    memory = PassageMemory()
    put(embedded, *(make_document(f"d{n}", "tram") for n in range(100)))
    look(memory, store)
    put(embedded, make_document("first", "tram"))
    before = look(memory, store).tables["fr"].vectors

    put(embedded, make_document("second", "tram"))

    after = look(memory, store).tables["fr"].vectors
    assert (len(before), len(after)) == (101, 102)
    assert np.shares_memory(before, after)


def test_snapshot_stays_as_it_was_when_others_are_made(embedded, store, make_document, put):
    memory = PassageMemory()
    put(embedded, make_document("a", "tram"), make_document("b", "bus"))
    snapshot = look(memory, store)
    vectors = snapshot.tables["fr"].vectors.copy()

    put(embedded, make_document("a", "lune"), *(make_document(f"d{n}", "tram") for n in range(50)))
    look(memory, store)

    assert alive(snapshot) == ["a-0", "b-0"]
    assert np.array_equal(snapshot.tables["fr"].vectors, vectors)


def test_state_alone_reads_no_passage(embedded, store, make_document, put):
    memory = PassageMemory()
    put(embedded, make_document("a", "tram"))
    look(memory, store)

    with embedded.writer("test") as writer:
        writer.put_state("key", b"value")

    assert look(memory, store).version == embedded.status().version
    assert memory.passages_read == 1


def test_older_transaction_has_to_begin_again(embedded, store, make_document, put):
    memory = PassageMemory()
    put(embedded, make_document("a", "tram"))
    with store.reading() as older:
        older.execute("SELECT version FROM head").fetchone()
        put(embedded, make_document("b", "tram"))
        look(memory, store)

        with pytest.raises(NewerCommit):
            memory.at(older)


def test_reader_that_is_very_late_reads_everything_again(embedded, folder, make_document, put, find):
    late = open_embedded_index(folder)
    put(embedded, make_document("a", "tram"), make_document("b", "tram"))
    assert find(late, "tram") == ["a", "b"]
    put(embedded, make_document("a", "bus"))

    with embedded.writer("test") as writer:
        for n in range(1001):
            writer.put_state("key", str(n).encode())

    assert (find(late, "tram"), find(late, "bus")) == (["b"], ["a"])
    assert late.passages_read == 4
    late.close()


def test_dead_passages_are_swept_out_when_they_are_most(embedded, store, make_document, put):
    memory = PassageMemory()
    crowd = [make_document(f"d{n}", *["tram"] * 50) for n in range(100)]
    put(embedded, *crowd)
    before = look(memory, store)

    with embedded.writer("test") as writer:
        writer.remove([f"d{n}" for n in range(60)], "2024-05-01T10:00:00+00:00")
    after = look(memory, store)

    assert (len(before.tables["fr"].ids), len(after.tables["fr"].ids)) == (5000, 2000)
    assert alive(after) == [passage_id for passage_id in alive(before) if int(passage_id[1:].split("-")[0]) >= 60]
    assert memory.passages_read == 5000
    with embedded.writer("test") as writer:
        writer.restore(["d3"])
    assert alive(look(memory, store))[-50:] == [f"d3-{n}" for n in range(50)]
    assert memory.passages_read == 5050


def test_memory_follows_an_index_that_gets_its_first_vectors_later(embedded, make_document, make_vector, put, find):
    assert find(embedded, "tram") == []

    put(embedded, make_document("d", "tram", vectors=[make_vector("d", dimension=3)]))

    assert find(embedded, "tram") == ["d"]


def test_postings_of_one_commit_are_not_used_for_another(embedded, make_document, put):
    leg = LexicalLeg("words", "fr", ("tram",))
    put(embedded, make_document("a", "tram"))
    embedded.search([leg], EVERYTHING)

    put(embedded, make_document("b", "tram"))

    (result,) = embedded.search([leg], EVERYTHING).legs
    assert [hit.document_id for hit in result.hits] == ["a", "b"]
