"""What lies beside the living index: the one kept, which it can go back to, and one that is not finished."""

from __future__ import annotations

import pytest

from search_core.engines.base import LexicalLeg, Scope
from search_core.errors import IndexLocked, NotFound

EVERYTHING = Scope.everything()


def known(index):
    return [record.document_id for record in index.records(None, EVERYTHING)]


def kept(index):
    """Ids of the documents of the kept index."""
    with index.kept() as found:
        return None if found is None else known(found)


def unfinished(index):
    with index.unfinished() as found:
        return None if found is None else known(found)


def version(index):
    return index.search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING).version


@pytest.fixture
def rebuilt(engine, make_document, put):
    """An index with one document that took the place of one with another document."""
    put(engine, make_document("old", "tram"))
    with engine.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("new", "tram")])
        rebuild.publish()
    return engine


def test_nothing_lies_beside_an_index_that_was_never_rebuilt(engine):
    assert (kept(engine), unfinished(engine), engine.discard()) == (None, None, False)
    with pytest.raises(NotFound, match="passerelle reindex"):
        engine.roll_back(engine.status().version)


def test_index_before_the_last_publication_is_kept(rebuilt, make_document):
    assert kept(rebuilt) == ["old"]

    with rebuilt.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("newest", "tram")])
        rebuild.publish()

    assert (kept(rebuilt), unfinished(rebuilt)) == (["new"], None)


def test_rollback_swaps_the_two_and_versions_go_on_counting(rebuilt, make_document, put, find):
    versions = [version(rebuilt)]
    put(rebuilt, make_document("late", "tram"))

    for expected in (["old"], ["late", "new"], ["old"]):
        rebuilt.roll_back(rebuilt.status().version)
        assert find(rebuilt, "tram") == expected
        versions.append(version(rebuilt))

    assert versions == sorted(set(versions))
    assert kept(rebuilt) == ["late", "new"]


def test_index_that_was_gone_back_to_can_be_written_and_rebuilt(rebuilt, make_document, put, find):
    rebuilt.roll_back(rebuilt.status().version)
    put(rebuilt, make_document("more", "tram"))
    assert find(rebuilt, "tram") == ["more", "old"]

    with rebuilt.rebuild("reindex") as rebuild:
        assert known(rebuild.index) == []
        rebuild.writer.replace([make_document("newest", "tram")])
        rebuild.publish()

    assert (find(rebuilt, "tram"), kept(rebuilt)) == (["newest"], ["more", "old"])


def test_rollback_refuses_an_index_that_was_written_to_meanwhile(rebuilt, make_document, put):
    seen = rebuilt.status().version
    put(rebuilt, make_document("late", "tram"))

    with pytest.raises(IndexLocked, match="meanwhile"):
        rebuilt.roll_back(seen)

    assert kept(rebuilt) == ["old"]


def test_rollback_refuses_while_somebody_writes_or_rebuilds(rebuilt):
    seen = rebuilt.status().version
    with rebuilt.writer("indexing"), pytest.raises(IndexLocked, match="indexing"):
        rebuilt.roll_back(seen)
    with rebuilt.rebuild("reindexing"):
        for refused in (lambda: rebuilt.roll_back(seen), rebuilt.discard):
            with pytest.raises(IndexLocked, match="reindexing"):
                refused()


def test_unfinished_index_can_be_looked_at_and_discarded(rebuilt, make_document, find):
    with rebuilt.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("half", "tram")])
        assert unfinished(rebuilt) == ["half"]

    assert (unfinished(rebuilt), find(rebuilt, "tram")) == (["half"], ["new"])
    assert rebuilt.discard()
    assert (unfinished(rebuilt), kept(rebuilt)) == (None, ["old"])
    with rebuilt.rebuild("reindex") as rebuild:
        assert known(rebuild.index) == []


def test_rollback_discards_what_was_begun_from_the_other_index(rebuilt, make_document):
    with rebuilt.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("half", "tram")])

    rebuilt.roll_back(rebuilt.status().version)

    assert (unfinished(rebuilt), kept(rebuilt)) == (None, ["new"])


@pytest.mark.timeout(600)
def test_purge_reaches_what_lies_beside_and_what_is_told_there(rebuilt, make_document, put):
    """A server lets go of deleted rows after half a minute, in one set of indices after the other."""
    put(rebuilt, make_document("old", "tram"))
    rebuilt.roll_back(rebuilt.status().version)
    with rebuilt.writer("test") as writer:
        writer.put_state("report", b"of old")
        writer.put_state("versions", b"1")
    rebuilt.roll_back(rebuilt.status().version)
    with rebuilt.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_document("old", "tram"), make_document("new", "tram")])
        with rebuilt.writer("test") as writer:
            assert writer.purge(["old"], forget=["report", "unknown"]) == 1
        assert known(rebuild.index) == ["new"]

    assert (known(rebuilt), kept(rebuilt), unfinished(rebuilt)) == (["new"], [], ["new"])
    with rebuilt.kept() as before:
        assert (before.state("report"), before.state("versions")) == (None, b"1")


def test_records_say_which_commit_wrote_a_document_last(engine, make_document, put):
    def written():
        return {record.document_id: record.written for record in engine.records(None, EVERYTHING)}

    put(engine, make_document("a", "tram"), make_document("b", "tram"))
    changes = [
        lambda writer: writer.replace([make_document("a", "tram")]),
        lambda writer: writer.move("a", "notes", "elsewhere.txt"),
        lambda writer: writer.mark(make_document("a", "tram").document),
        lambda writer: writer.remove(["a"], "2024-05-01T10:00:00+00:00"),
        lambda writer: writer.restore(["a"]),
    ]
    for change in changes:
        before, at = written(), engine.status().version
        with engine.writer("test") as writer:
            change(writer)
        after = written()
        assert before["a"] <= at < after["a"] <= engine.status().version
        assert after["b"] == before["b"]
