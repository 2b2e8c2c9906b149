"""Vectors kept between runs: nothing is embedded twice, nothing is mixed up, nothing grows without end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from passerelle.evaluation.cached_embedder import SLICE, CachedEmbedder, open_vectors
from passerelle.evaluation.vector_store import VectorStore
from search_core.cross_encoding import Reading, ReadText
from search_core.embedding import HashEmbedder, Progress
from search_core.errors import PasserelleError
from search_core.model import Matrix

TEXTS = ["vélos en libre-service", "公共自行车", "", "vélos en libre-service"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[VectorStore]:
    with open_vectors(tmp_path) as store:
        yield store


def test_texts_are_embedded_once_and_give_what_the_model_gives(store: VectorStore) -> None:
    first, second = (CachedEmbedder(HashEmbedder(), store) for _ in range(2))
    for embedder in (first, second):
        assert np.array_equal(embedder.embed_passages(TEXTS), HashEmbedder().embed_passages(TEXTS))
    assert (first.embedded, second.embedded) == (3, 0)


def test_another_process_finds_what_was_kept(tmp_path: Path) -> None:
    with open_vectors(tmp_path) as one, open_vectors(tmp_path) as other:
        CachedEmbedder(HashEmbedder(), one).embed_queries(TEXTS)
        reading = CachedEmbedder(HashEmbedder(), other)
        reading.embed_queries(TEXTS)
        assert reading.embedded == 0


def test_questions_passages_and_models_are_kept_apart(store: VectorStore) -> None:
    small = CachedEmbedder(HashEmbedder(64), store)
    large = CachedEmbedder(HashEmbedder(128), store)
    small.embed_passages(TEXTS)
    small.embed_queries(TEXTS)
    assert large.embed_passages(TEXTS).shape == (4, 128)
    assert (small.embedded, large.embedded) == (6, 3)


def test_no_text_has_no_vector(store: VectorStore) -> None:
    assert CachedEmbedder(HashEmbedder(), store).embed_queries([]).shape == (0, 64)


def test_progress_counts_every_text(store: VectorStore) -> None:
    done: list[int] = []
    embedder = CachedEmbedder(HashEmbedder(), store)
    embedder.embed_passages(["un", "deux"], done.append)
    embedder.embed_passages(["un", "trois", "deux"], done.append)
    assert done == [2, 2, 1]


class Interrupted(HashEmbedder):
    """A model at which somebody presses Ctrl-C in the second batch."""

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        if "last" in texts:
            raise KeyboardInterrupt
        return super().embed_passages(texts, progress)


def test_interruption_loses_nothing_that_was_embedded(store: VectorStore) -> None:
    texts = [*(f"texte {number}" for number in range(SLICE)), "last"]
    with pytest.raises(KeyboardInterrupt):
        CachedEmbedder(Interrupted(), store).embed_passages(texts)
    again = CachedEmbedder(HashEmbedder(), store)
    again.embed_passages(texts)
    assert again.embedded == 1


def test_store_forgets_what_was_used_longest_ago_when_it_is_full(tmp_path: Path) -> None:
    with closing(VectorStore(tmp_path / "small.sqlite", max_bytes=200_000)) as store:
        for number in range(100):
            store.put({b"%d" % number: bytes(10_000)})
        kept = store.find([b"%d" % number for number in range(100)])
        assert b"99" in kept
        assert b"0" not in kept
        assert 5 < len(kept) < 20


def test_damaged_file_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "vectors.sqlite"
    file.write_bytes(b"no database at all" * 1000)
    with closing(VectorStore(file)) as store:
        store.put({b"key": b"value"})
        assert store.find([b"key", b"other"]) == {b"key": b"value"}


def test_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(PasserelleError, match="cannot be used"):
        VectorStore(tmp_path / "file" / "vectors.sqlite")


class LengthCrossEncoder:
    """Reads lengths: of the text, and of each sentence."""

    identity = "length"

    def __init__(self) -> None:
        self.read_texts = 0

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        self.read_texts += len(texts)
        return [
            Reading(float(len(question + text.text)), tuple(float(end - start) for start, end in text.sentences))
            for text in texts
        ]


class ReadingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.cross_encoder = LengthCrossEncoder()

    def open_cross_encoder(self) -> LengthCrossEncoder:
        return self.cross_encoder


def test_readings_are_kept_by_question_context_text_and_sentences(store: VectorStore) -> None:
    one, other = ReadText("", "Oui. Non.", ((0, 4), (5, 9))), ReadText("titre", "Oui. Non.", ((0, 9),))
    expected = LengthCrossEncoder().read("Quoi ?", [one, other, one])
    for embedder, read in ((ReadingEmbedder(), 2), (ReadingEmbedder(), 0)):
        cross_encoder = CachedEmbedder(embedder, store).open_cross_encoder()
        assert cross_encoder is not None
        assert cross_encoder.read("Quoi ?", [one, other, one]) == expected
        assert embedder.cross_encoder.read_texts == read
        assert cross_encoder.read("", []) == []
    assert CachedEmbedder(HashEmbedder(), store).open_cross_encoder() is None
