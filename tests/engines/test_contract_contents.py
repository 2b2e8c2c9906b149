"""What every engine promises of a document's contents: its passages in reading order, with their vectors."""

from __future__ import annotations

from search_core.engines.base import Scope

EVERYTHING = Scope.everything()


def test_contents_come_in_reading_order_with_their_vectors(engine, make_document, put):
    first, second = make_document("a", "tram", "bus", "城市", languages=["fr", "fr", "zh"]), make_document("b", "vélo")
    put(engine, second, first)

    found = engine.contents(["b", "a", "unknown"], EVERYTHING)

    assert {name: [each.passage for each in contents] for name, contents in found.items()} == {
        "a": [each.passage for each in first.passages],
        "b": [each.passage for each in second.passages],
    }
    assert [each.vector.tobytes() for each in found["a"]] == [each.vector.tobytes() for each in first.passages]


def test_contents_of_removed_unreadable_and_empty_documents_are_absent(engine, make_document, put):
    put(engine, make_document("gone", "tram"), make_document("secret", "bus", access=("board",)))
    put(engine, make_document("empty"), make_document("there", "vélo"))
    with engine.writer("test") as writer:
        writer.remove(["gone"], "2026-01-01T00:00:00")
    ids = ["gone", "secret", "empty", "there"]

    assert set(engine.contents(ids, Scope.of({"public"}))) == {"there"}
    assert set(engine.contents(ids, EVERYTHING)) == {"there", "secret"}
