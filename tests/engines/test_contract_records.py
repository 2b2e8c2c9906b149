"""What every engine promises of documents, passages, vectors and state: writing, removing, bringing back, erasing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from search_core.engines.base import BrowseRequest, LexicalLeg, Scope
from search_core.errors import IndexLocked, NotFound
from search_core.model import HeadingSpan, Metadata, PageSpan, Passage

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
        pages=(PageSpan(0, 9, "iv"), PageSpan(9, 15, "1")),
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


def test_failed_call_writes_nothing(engine, make_document, make_vector, put, find):
    put(engine, make_document("a", "tram"))
    wrong = make_document("b", "bus", vectors=[np.full(8, np.nan, dtype=np.float32)])

    with engine.writer("test") as writer, pytest.raises(ValueError, match=r"b.*finite"):
        writer.replace([make_document("c", "bus"), wrong])

    assert find(engine, "bus") == []
    assert set(records(engine)) == {"a"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"tokens": ("deux mots",)}, "not a token"),
        ({"tokens": ("",)}, "not a token"),
        ({"tokens": ("nul\0",)}, "not a token"),
        ({"filter_tokens": ("demi\ud800",)}, "not a token"),
        ({"passage": Passage("d-0", "e", 0, "fr", 0, 4, "tram")}, "belongs to document e"),
        ({"vector": np.ones((2, 8), dtype=np.float32)}, "shape"),
        ({"vector": np.array([], dtype=np.float32)}, "shape"),
    ],
)
def test_passage_that_could_not_be_found_again_is_refused(engine, make_document, change, said):
    indexed = make_document("d", "tram")
    bad = replace(indexed, passages=(replace(indexed.passages[0], **change),))

    with engine.writer("test") as writer, pytest.raises(ValueError, match=said):
        writer.replace([bad])

    assert records(engine) == {}


def test_two_passages_of_one_id_are_refused(engine, make_document):
    indexed = make_document("d", "tram")

    with engine.writer("test") as writer, pytest.raises(ValueError, match=r"d-0 is taken"):
        writer.replace([replace(indexed, passages=indexed.passages * 2)])


def test_text_with_half_a_surrogate_pair_is_refused_by_name(engine, make_document):
    indexed = make_document("d")

    with engine.writer("test") as writer, pytest.raises(ValueError, match="Document d"):
        writer.replace([replace(indexed, document=replace(indexed.document, text="\ud83d"))])

    assert records(engine) == {}


def test_vector_of_another_dimension_is_refused_until_the_index_is_empty(engine, make_document, make_vector, put):
    put(engine, make_document("a", "tram"))
    other = make_document("b", "bus", vectors=[make_vector("b", dimension=5)])

    with engine.writer("test") as writer:
        with pytest.raises(ValueError, match="5 dimensions"):
            writer.replace([other])
        writer.purge(["a"])
        writer.replace([other])

    assert set(records(engine)) == {"b"}


def test_second_writer_is_told_who_writes(engine):
    with engine.writer("indexing the archive"), pytest.raises(IndexLocked, match="indexing the archive"):  # noqa: SIM117
        with engine.writer("another"):
            pass

    with engine.writer("another"):
        pass
