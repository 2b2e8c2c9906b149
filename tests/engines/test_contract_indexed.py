"""What every engine promises of what it was given: all of it comes back, for another engine to take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from search_core.engines.base import Scope
from search_core.model import Document, HeadingSpan, IndexedDocument, IndexedPassage, Metadata, PageSpan, Passage

EVERYTHING = Scope.everything()


def plain(indexed: IndexedDocument) -> tuple[object, ...]:
    """Vectors as bytes: arrays do not compare to one truth value."""
    return indexed.document, [
        (each.passage, each.tokens, each.filter_tokens, each.embedding_key, each.vector.tobytes())
        for each in indexed.passages
    ]


def make_rich_document() -> IndexedDocument:
    """Every field holds something, and the tokens are such as an engine might change."""
    document = Document(
        document_id="rich",
        source="/srv/partage",
        path="délégations/été 2014.pdf",
        language="zh",
        text="城市管理\nIssyGrid 2014",
        metadata=Metadata(
            title="城市管理",
            date="2014-11",
            values={"kind": ("study",), "city": ("Issy", "乐山")},
            language="zh",
            access=("board", "public"),
            illustrative=True,
            extra={"reliure": [1, {"a": None}]},
            titles={"fr": "Gestion de la ville"},
            proposed=("date",),
        ),
        media_type="application/pdf",
        pages=(PageSpan(0, 5, "i", 0.75), PageSpan(5, 18, "1")),
        headings=(HeadingSpan(0, 4, 1),),
        checksum="c",
        fingerprint="f",
        status="partial",
        reason="Page 3 has no text.",
        notes=("Charset assumed.", "备注"),
        indexed_at="2026-01-31T10:00:00+00:00",
    )
    vector = np.array([1 / 3, -2e-7, 0.1, 0.7], dtype=np.float32)
    first = Passage("rich-b-0", "rich", 0, "zh", 0, 4, "城市管理", "", "i", 0.75)
    second = Passage("rich-a-0", "rich", 1, "fr", 5, 18, "IssyGrid 2014", "城市管理", "1")
    tokens = ("NEAR", "near", "A", "a", "\x01", "\x01a", "c++", "l’a", '"', "城市")
    return IndexedDocument(
        document,
        (
            IndexedPassage(first, ("城市", "管理", "城市"), (), "key 1", vector),
            IndexedPassage(second, tokens, tokens[::-1], "key 2", -vector),
        ),
    )


def test_what_was_given_comes_back_exactly(engine, make_document, put):
    rich, plain_one = make_rich_document(), make_document("a", "tram bus", vectors=[np.ones(4, np.float32) / 2])
    put(engine, rich, plain_one)

    found = engine.indexed(["a", "rich", "unknown"], EVERYTHING)

    assert {name: plain(each) for name, each in found.items()} == {"rich": plain(rich), "a": plain(plain_one)}


def test_removed_failed_and_empty_documents_come_back_too(engine, make_document, put):
    removed, empty = make_document("removed", "tram"), make_document("empty")
    put(engine, removed, empty)
    failed = replace(make_document("failed").document, status="failed", reason="Encrypted.")
    with engine.writer("test") as writer:
        writer.remove(["removed"], "2026-01-01T00:00:00+00:00")
        writer.mark(failed)

    found = engine.indexed(["removed", "empty", "failed"], EVERYTHING)

    assert plain(found["removed"]) == plain(removed)
    assert plain(found["empty"]) == plain(empty)
    assert plain(found["failed"]) == (failed, [])


def test_what_is_out_of_scope_does_not_come_back(engine, make_document, put):
    put(engine, make_document("secret", "tram", access=("board",)), make_document("open", "tram"))

    assert set(engine.indexed(["secret", "open"], Scope.of({"public"}))) == {"open"}


def test_every_state_record_is_named(engine):
    assert engine.state_keys() == []
    with engine.writer("test") as writer:
        writer.put_state("versions", b"1")
        writer.put_state("report", b"2")
        writer.put_state("versions", b"3")

    assert engine.state_keys() == ["report", "versions"]
