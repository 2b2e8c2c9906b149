"""What an engine promises that can be rebuilt beside itself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from search_core.engines.base import LexicalLeg, Scope
from search_core.errors import IndexLocked

EVERYTHING = Scope.everything()


def known(index):
    return [record.document_id for record in index.records(None, EVERYTHING)]


def test_old_index_serves_until_the_new_one_is_published(engine, make_document, put, find):
    put(engine, make_document("old", "tram"))

    with engine.rebuild("reindex") as rebuild:
        assert known(rebuild.index) == []
        rebuild.writer.replace([make_document("new", "tram")])
        rebuild.writer.put_state("versions", b"2")
        assert (find(engine, "tram"), engine.state("versions")) == (["old"], None)
        rebuild.publish()
        assert (find(engine, "tram"), engine.state("versions")) == (["new"], b"2")

    assert known(engine) == ["new"]


def test_rebuild_reuses_the_vectors_of_the_old_index(engine, make_document, put):
    put(engine, make_document("d", "tram"))

    with engine.rebuild("reindex") as rebuild:
        assert set(engine.vectors(["key of tram"])) == {"key of tram"}
        assert rebuild.index.vectors(["key of tram"]) == {}


def test_versions_go_on_counting_over_a_publication(engine, make_document, put):
    for n in range(5):
        put(engine, make_document(f"d{n}", "tram"))
    before = engine.search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING).version

    with engine.rebuild("reindex") as rebuild:
        rebuild.publish()

    assert engine.search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING).version > before


def test_interrupted_rebuild_goes_on_where_it_stopped(engine, make_document, put, find):
    put(engine, make_document("old", "tram"))
    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("first", "tram")])

    with engine.rebuild("reindex") as rebuild:
        assert known(rebuild.index) == ["first"]
        rebuild.writer.replace([make_document("second", "tram")])
        rebuild.publish()

    assert find(engine, "tram") == ["first", "second"]


def test_interrupted_rebuild_can_begin_again(engine, make_document, put):
    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("first", "tram")])

    with engine.rebuild("reindex") as rebuild:
        rebuild.clear()
        assert known(rebuild.index) == []
        rebuild.writer.replace([make_document("second", "tram")])
        rebuild.publish()

    assert known(engine) == ["second"]


def test_rebuild_may_have_another_dimension(engine, make_document, make_vector, put, find_near):
    put(engine, make_document("d", "tram"))
    find_near(engine, make_vector("q"))

    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("d", "tram", vectors=[make_vector("d", dimension=5)])])
        rebuild.publish()

    assert find_near(engine, make_vector("q", dimension=5)) == ["d"]


def test_others_write_while_one_rebuilds(engine, make_document, put, find):
    with engine.rebuild("changing the model") as rebuild:
        put(engine, make_document("d", "tram"))
        with pytest.raises(IndexLocked, match="changing the model"), engine.rebuild("again"):
            pass
        with engine.writer("indexing"):
            rebuild.writer.replace([make_document("e", "tram")])

    assert find(engine, "tram") == ["d"]
    with engine.rebuild("again"):
        pass


def test_publication_waits_for_no_writer_but_says_who_it_is(engine, make_document, find):
    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("new", "tram")])
        with engine.writer("indexing"), pytest.raises(IndexLocked, match="indexing"):
            rebuild.publish()
        assert find(engine, "tram") == []
        rebuild.publish()

    assert find(engine, "tram") == ["new"]


def test_writer_waits_while_the_last_changes_are_taken_over(engine, make_document, put, find):
    with ThreadPoolExecutor(1) as threads, engine.rebuild("reindex") as rebuild:
        with rebuild.hold_writers():
            waiting = threads.submit(put, engine, make_document("late", "tram"))
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)
            rebuild.writer.replace([make_document("new", "tram")])
            rebuild.publish()
        waiting.result()

    assert find(engine, "tram") == ["late", "new"]


def test_what_was_replaced_last_is_there_after_publication_and_after_rollback(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))
    put(engine, make_document("d", "bus"))

    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("d", "vélo")])
        rebuild.writer.replace([make_document("d", "métro")])
        rebuild.publish()
    assert (find(engine, "métro"), find(engine, "vélo")) == (["d"], [])

    engine.roll_back(engine.status().version)
    assert (find(engine, "bus"), find(engine, "tram")) == (["d"], [])


def test_writing_goes_to_the_published_index(engine, make_document, put, find):
    with engine.rebuild("reindex") as rebuild:
        rebuild.publish()

    put(engine, make_document("d", "tram"))

    assert find(engine, "tram") == ["d"]


def test_purge_inside_a_rebuild_leaves_the_living_index_alone(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))

    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("d", "tram")])
        assert rebuild.writer.purge(["d"]) == 1

    assert find(engine, "tram") == ["d"]


def test_reader_finds_every_document_in_one_version_while_it_is_replaced_and_rebuilt(engine, make_document, put):
    """Old or new, never neither and never both, nor a part: in each search, whatever is committed or published."""
    lines = {name: [f"commun {name} passage{n}" for n in range(count)] for name, count in (("old", 4), ("new", 2))}

    def make(name):
        indexed = make_document("d", *lines[name])
        named = (
            replace(each, passage=replace(each.passage, passage_id=f"{name}-{each.passage.number}"))
            for each in indexed.passages
        )
        return replace(indexed, passages=tuple(named))

    leg = LexicalLeg("all", "fr", ("commun",), passages_per_document=9)
    done = Event()

    def read():
        met = []
        while not done.is_set():
            (result,) = engine.search([leg], EVERYTHING).legs
            met.append([sorted(passage.passage_id for passage in hit.passages) for hit in result.hits])
        return met

    put(engine, make("old"))
    with ThreadPoolExecutor(2) as threads:
        readers = [threads.submit(read) for _ in range(2)]
        try:
            for name in ("new", "old") * 4:
                put(engine, make(name))
            for name in ("new", "old"):
                with engine.rebuild("reindex") as rebuild:
                    rebuild.writer.replace([make(name)])
                    rebuild.publish()
        finally:
            done.set()
        met = [found for reader in readers for found in reader.result()]

    expected = [[sorted(f"{name}-{n}" for n in range(len(lines[name])))] for name in lines]
    assert all(found in expected for found in met)
    assert all(each in met for each in expected)
