"""What every engine promises of documents, passages, vectors and state: they come back as they were written."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search_core.engines.base import BrowseRequest, Scope
from search_core.model import HeadingSpan, Metadata, PageSpan

EVERYTHING = Scope.everything()


def records(index, source=None):
    return {record.document_id: record for record in index.records(source, EVERYTHING)}


def test_document_comes_back_as_it_was_written(engine, make_document, put):
    indexed = make_document("d", "vélo 🚲 乐山", "l’été", language="fr")
    metadata = Metadata(
        title="Le « vélo »",
        date="2014-11",
        values={"kind": ("study",), "city": ("issy", "leshan")},
        language="fr",
        access=("public", "board"),
        illustrative=True,
        extra={"pages": [1, None, {"a": "é"}]},
    )
    document = replace(
        indexed.document,
        metadata=metadata,
        media_type="application/pdf",
        pages=(PageSpan(0, 9, "iv"), PageSpan(9, 15, "1", 0.87)),
        headings=(HeadingSpan(0, 4, 1),),
        status="partial",
        reason="page 3 has no text",
        notes=("charset assumed: gb18030",),
        indexed_at="2024-05-01T10:00:00+00:00",
    )
    put(engine, replace(indexed, document=document))

    assert engine.documents(["d", "unknown"], EVERYTHING) == {"d": document}


def test_passage_comes_back_as_it_was_written(engine, make_document, put):
    indexed = make_document("d", "vélo 🚲 乐山", "l’été", language="fr", languages=["zh", "fr"])
    put(engine, indexed)

    found = engine.passages(["d-1", "d-0", "unknown"], EVERYTHING)

    assert found == {"d-0": indexed.passages[0].passage, "d-1": indexed.passages[1].passage}


def test_passage_has_the_confidence_of_the_pages_that_it_was_recognised_on(engine, make_document, put):
    indexed = make_document("d", "vélo rouge", "tram bleu", "gare")
    pages = (PageSpan(0, 10, "1"), PageSpan(11, 20, "2", 0.87), PageSpan(21, 25, "3", 0.5))
    put(engine, replace(indexed, document=replace(indexed.document, pages=pages)))

    found = engine.passages(["d-0", "d-1", "d-2"], EVERYTHING)

    assert [found[name].confidence for name in ("d-0", "d-1", "d-2")] == [None, 0.87, 0.5]


def test_vectors_come_back_bit_for_bit_by_their_key(engine, make_document, put):
    vector = np.array([1e-30, -0.0, 1, 0.1, 0.2, 0.3, -1, 1e30], dtype=np.float32)
    put(engine, make_document("d", "tram", vectors=[vector]))

    found = engine.vectors(["key of tram", "key of nothing"])

    assert {key: stored.tobytes() for key, stored in found.items()} == {"key of tram": vector.tobytes()}


def test_replaced_document_leaves_nothing_of_its_older_version(engine, make_document, put, find, find_near):
    put(engine, make_document("d", "tram", "lune", source="old"), make_document("e", "tram"))
    old = make_document("x", "lune").passages[0].vector

    put(engine, make_document("d", "bus", source="new"))

    assert find(engine, "lune") == []
    assert find(engine, "bus") == ["d"]
    assert sorted(find_near(engine, old)) == ["d", "e"]
    assert set(engine.passages(["d-0", "d-1"], EVERYTHING)) == {"d-0"}
    assert engine.vectors(["key of lune"]) == {}
    assert (set(records(engine, "old")), set(records(engine, "new"))) == (set(), {"d"})
    assert engine.status().passages == {"fr": 2}


def test_later_document_of_one_call_wins(engine, make_document, put, find):
    put(engine, make_document("d", "tram"), make_document("d", "bus"))

    assert (find(engine, "tram"), find(engine, "bus")) == ([], ["d"])


def test_document_without_passages_is_kept_and_browsed(engine, make_document, put):
    put(engine, make_document("empty"))

    assert records(engine)["empty"].passages == 0
    assert engine.browse(BrowseRequest(), EVERYTHING).total == 1
    assert engine.status().passages == {}


def test_record_has_the_notes_of_its_document(engine, make_document, put):
    made = make_document("d", "tram")
    put(engine, replace(made, document=replace(made.document, notes=("Charset assumed: gb18030.",))))

    assert records(engine)["d"].notes == ("Charset assumed: gb18030.",)


def test_document_can_change_its_language(engine, make_document, put, find):
    put(engine, make_document("d", "tram"))

    put(engine, make_document("d", "tram", language="zh"))

    assert (find(engine, "tram", "fr"), find(engine, "tram", "zh")) == ([], ["d"])
    assert engine.status().documents == {"zh": 1}


def test_record_tells_what_a_run_has_to_know(engine, make_document, put):
    put(engine, make_document("d", "tram", "bus", source="notes", path="2014/été.txt"))

    record = records(engine)["d"]

    assert (record.source, record.path, record.passages) == ("notes", "2014/été.txt", 2)
    assert (record.checksum, record.fingerprint) == ("checksum of d", "fingerprint of d")
    assert (record.status, record.reason, record.language, record.removed_at) == ("indexed", "", "fr", None)


def test_records_come_by_source_and_path(engine, make_document, put):
    places = [("b", "2"), ("a", "3"), ("b", "1"), ("a", "10")]
    put(engine, *(make_document(f"{s}{p}", "tram", source=s, path=p) for s, p in places))

    assert [record.document_id for record in engine.records(None, EVERYTHING)] == ["a10", "a3", "b1", "b2"]
    assert [record.document_id for record in engine.records("b", EVERYTHING)] == ["b1", "b2"]
    assert list(engine.records("nowhere", EVERYTHING)) == []


def test_state_keeps_bytes_and_changes_the_version(engine):
    before = engine.status().version
    assert engine.state("versions") is None

    with engine.writer("test") as writer:
        writer.put_state("versions", b"\x00\xff one")
        writer.put_state("versions", b"\x00\xff two")

    assert engine.state("versions") == b"\x00\xff two"
    assert engine.status().version > before


def test_sample_is_stable_and_does_not_depend_on_the_order_of_writing(engine, make_document, put):
    documents = [make_document(f"d{n}", f"tram {n}", title=f"Titre {n}") for n in range(40)]
    put(engine, *documents)
    sample = engine.sample("fr", 10, EVERYTHING)

    put(engine, *reversed(documents))

    again = engine.sample("fr", 10, EVERYTHING)
    assert [one.passage for one in again] == [one.passage for one in sample]
    assert len({one.passage.passage_id for one in sample}) == 10
    assert [one.passage.document_id for one in sample] != sorted(one.passage.document_id for one in sample)
    assert {one.passage.passage_id for one in sample} <= {
        one.passage.passage_id for one in engine.sample("fr", 20, EVERYTHING)
    }


def test_sample_carries_title_text_and_vector(engine, make_document, put):
    indexed = make_document("d", "vélo tram", title="Le tram")
    put(engine, indexed, make_document("zh", "城市", language="zh"))

    (sampled,) = engine.sample("fr", 10, EVERYTHING)

    assert (sampled.passage, sampled.title) == (indexed.passages[0].passage, "Le tram")
    assert sampled.vector.tobytes() == indexed.passages[0].vector.tobytes()


def test_status_counts_by_language(engine, make_document, put):
    put(
        engine,
        make_document("a", "tram", "城市", languages=["fr", "zh"]),
        make_document("b", "bus"),
        make_document("c", "city", language="other"),
    )

    status = engine.status()

    assert (status.documents, status.passages) == ({"fr": 2, "other": 1}, {"fr": 2, "zh": 1, "other": 1})
    assert status.bytes > 0
