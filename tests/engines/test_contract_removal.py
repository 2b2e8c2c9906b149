"""What every engine promises of documents that go: removed, brought back, purged, failed, moved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search_core.engines.base import BrowseRequest, LexicalLeg, Scope
from search_core.errors import NotFound
from search_core.model import Metadata

EVERYTHING = Scope.everything()


def records(index, source=None):
    return {record.document_id: record for record in index.records(source, EVERYTHING)}


def test_removed_document_is_out_of_every_read_but_records(engine, make_document, make_vector, put, find, find_near):
    put(engine, make_document("gone", "tram"), make_document("stays", "tram"))

    with engine.writer("test") as writer:
        assert writer.remove(["gone", "unknown", "gone"], "2024-05-01T10:00:00+00:00") == 1
        assert writer.remove(["gone"], "2024-05-02T10:00:00+00:00") == 0

    assert find(engine, "tram") == ["stays"]
    assert find_near(engine, make_vector("q")) == ["stays"]
    assert set(engine.documents(["gone", "stays"], EVERYTHING)) == {"stays"}
    assert set(engine.passages(["gone-0", "stays-0"], EVERYTHING)) == {"stays-0"}
    assert [sampled.passage.document_id for sampled in engine.sample("fr", 9, EVERYTHING)] == ["stays"]
    assert engine.browse(BrowseRequest(facet_fields=("language",)), EVERYTHING).facets == {"language": {"fr": 1}}
    assert records(engine)["gone"].removed_at == "2024-05-01T10:00:00+00:00"
    status = engine.status()
    assert (status.documents, status.passages, status.removed) == ({"fr": 1}, {"fr": 1}, 1)


def test_removed_document_keeps_its_vectors_and_its_text_for_a_reindex(engine, make_document, put):
    indexed = make_document("gone", "tram", title="Tram")
    put(engine, indexed)
    with engine.writer("test") as writer:
        writer.remove(["gone"], "2024-05-01T10:00:00+00:00")

    assert set(engine.vectors(["key of tram"])) == {"key of tram"}
    assert engine.documents(["gone"], EVERYTHING, removed_too=True) == {"gone": indexed.document}
    assert engine.documents(["gone"], Scope.of(["board"]), removed_too=True) == {}


def test_removed_document_does_not_count_for_the_ceiling(engine, make_document, put):
    put(engine, *(make_document(f"d{n}", "tram" if n < 2 else "bus") for n in range(9)))
    leg_before = ceiling(engine)

    with engine.writer("test") as writer:
        writer.remove(["d0"], "2024-05-01T10:00:00+00:00")
    leg_between = ceiling(engine)
    with engine.writer("test") as writer:
        writer.restore(["d0"])

    assert leg_between > leg_before
    assert ceiling(engine) == leg_before


def ceiling(index):
    return index.search([LexicalLeg("words", "fr", ("tram",))], EVERYTHING).legs[0].ceiling


def test_restored_document_is_as_it_was(engine, make_document, make_vector, put, find, find_near):
    documents = [make_document(name, "tram issy", f"tram {name}", values={"city": ("issy",)}) for name in "abc"]
    put(engine, *documents)
    before = (find(engine, "tram a"), find_near(engine, make_vector("tram b")), records(engine))

    with engine.writer("test") as writer:
        writer.remove(["a", "b"], "2024-05-01T10:00:00+00:00")
        assert writer.restore(["a", "b", "c", "unknown", "a"]) == 2

    assert (find(engine, "tram a"), find_near(engine, make_vector("tram b")), records(engine)) == before
    assert engine.documents(["a"], EVERYTHING) == {"a": documents[0].document}
    assert engine.status().removed == 0


def test_replace_brings_a_removed_document_back_in_its_new_version(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))
    with engine.writer("test") as writer:
        writer.remove(["d"], "2024-05-01T10:00:00+00:00")

    put(engine, make_document("d", "bus"))

    assert (find(engine, "tram"), find(engine, "bus")) == ([], ["d"])
    assert records(engine)["d"].removed_at is None


def test_purged_document_is_gone_for_good(engine, make_document, put, find):
    put(engine, *(make_document(name, f"tram {name}") for name in "abc"))
    with engine.writer("test") as writer:
        writer.remove(["b"], "2024-05-01T10:00:00+00:00")
        assert writer.purge(["a", "b", "unknown", "a"]) == 2
        assert writer.restore(["a", "b"]) == 0

    assert find(engine, "tram a b c") == ["c"]
    assert set(records(engine)) == {"c"}
    assert engine.vectors(["key of tram a", "key of tram b"]) == {}
    assert engine.status().removed == 0


def test_mark_keeps_the_earlier_version_searchable(engine, make_document, put, find):
    indexed = make_document("d", "tram", title="Tram")
    put(engine, indexed)
    failed = replace(
        indexed.document,
        path="elsewhere.txt",
        source="archive",
        text="",
        metadata=Metadata(),
        checksum="new",
        fingerprint="newer",
        status="failed",
        reason="encrypted",
    )

    with engine.writer("test") as writer:
        writer.mark(failed)

    record = records(engine)["d"]
    assert (record.status, record.reason, record.checksum) == ("failed", "encrypted", "new")
    assert (record.fingerprint, record.source, record.path, record.passages) == ("newer", "archive", "elsewhere.txt", 1)
    assert find(engine, "tram") == ["d"]
    kept = engine.documents(["d"], EVERYTHING)["d"]
    assert (kept.text, kept.metadata.title) == ("tram", "Tram")
    assert engine.browse(BrowseRequest(facet_fields=("source",)), EVERYTHING).facets["source"] == {"archive": 1}


def test_mark_keeps_a_new_document_without_text(engine, make_document, find):
    failed = replace(make_document("d").document, status="failed", reason="encrypted")

    with engine.writer("test") as writer:
        writer.mark(failed)

    assert records(engine)["d"].reason == "encrypted"
    assert engine.documents(["d"], EVERYTHING) == {"d": failed}


def test_mark_leaves_a_removed_document_removed(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))
    with engine.writer("test") as writer:
        writer.remove(["d"], "2024-05-01T10:00:00+00:00")
        writer.mark(replace(make_document("d").document, status="failed"))

    assert find(engine, "tram") == []
    assert records(engine)["d"].removed_at == "2024-05-01T10:00:00+00:00"


def test_move_keeps_document_passages_and_vectors(engine, make_document, put, find):
    put(engine, make_document("d", "tram", source="old", path="a.txt"))

    with engine.writer("test") as writer:
        writer.move("d", "new", "b/a.txt")

    record = records(engine)["d"]
    assert (record.source, record.path) == ("new", "b/a.txt")
    assert (find(engine, "tram"), set(engine.vectors(["key of tram"]))) == (["d"], {"key of tram"})
    assert engine.documents(["d"], EVERYTHING)["d"].path == "b/a.txt"
    assert engine.browse(BrowseRequest(facet_fields=("source",)), EVERYTHING).facets["source"] == {"new": 1}


def test_move_of_an_unknown_document_is_an_error(engine):
    with engine.writer("test") as writer, pytest.raises(NotFound):
        writer.move("unknown", "new", "b.txt")
