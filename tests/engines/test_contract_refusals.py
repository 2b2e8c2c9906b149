"""What every engine refuses to write."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from search_core.engines.base import Scope
from search_core.errors import IndexLocked
from search_core.model import Passage

EVERYTHING = Scope.everything()


def records(index, source=None):
    return {record.document_id: record for record in index.records(source, EVERYTHING)}


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
