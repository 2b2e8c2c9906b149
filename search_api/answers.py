"""Which sentence of a passage answers, for who cannot read the passage.

Each sentence of the best passage of a hit in the other language is embedded by itself, as a passage, and the one
nearest to the question's centred vector is told.

Tried on 42 labelled questions of `corpus/` (fr>zh / zh>fr, right of those whose best passage holds the answer): this
.75 / .91; without centring .69 / .73; token vectors of the whole passage pooled over each sentence .62 / .73. No
better: MaxSim of tokens, sentences below their heading, centred sentences, a bonus for shared words and glossary terms.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search_api.marking import HEADING_SEPARATOR
from search_api.question import Question
from search_core.embedding import Embedder
from search_core.errors import ModelError
from search_core.model import Passage, Vector
from search_core.sentences import Span, sentence_spans

SENTENCES_KEPT = 4096
"""Vectors remembered, 6 MB of them: turning pages back and asking again costs nothing."""

SENTENCES_READ = 24
"""Of a passage; in 256 tokens there are hardly more, in a foreign model's longer passages the first count."""

_QUESTION_MARKS = ("?", "？")


class AnswerFinder:
    """Finds answering sentences, remembering the vectors of sentences. Safe to use from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Vector] = OrderedDict()

    def find(self, question: Question, query: Vector | None, passages: Sequence[Passage]) -> dict[str, Span]:
        """By passage id, offsets into the passage; `query` is the centred vector. Nothing where the model fails.

        Passages in the question's own language have none: who asked can read them.
        """
        read = {passage.passage_id: read_sentences(passage) for passage in passages if is_foreign(question, passage)}
        read = {passage_id: spans for passage_id, spans in read.items() if spans}
        if query is None or not read:
            return {}
        texts = {passage.passage_id: passage.text for passage in passages}
        sentences = {
            passage_id: [texts[passage_id][start:end] for start, end in spans] for passage_id, spans in read.items()
        }
        try:
            vectors = self._embed(sentence for found in sentences.values() for sentence in found)
        except ModelError:
            return {}
        return {passage_id: spans[choose(query, sentences[passage_id], vectors)] for passage_id, spans in read.items()}

    def _embed(self, sentences: Iterable[str]) -> dict[str, Vector]:
        """All that are not known in one call of the model."""
        keys = {sentence: hashlib.sha256(sentence.encode("utf-8", "surrogatepass")).digest() for sentence in sentences}
        with self._lock:
            vectors = {sentence: self._known[key] for sentence, key in keys.items() if key in self._known}
        missing = [sentence for sentence in keys if sentence not in vectors]
        if missing:
            embedded = self._embedder.embed_passages(missing)
            vectors |= {sentence: vector.copy() for sentence, vector in zip(missing, embedded, strict=True)}
        self._remember({key: vectors[sentence] for sentence, key in keys.items()})
        return vectors

    def _remember(self, vectors: Mapping[bytes, Vector]) -> None:
        with self._lock:
            for key, vector in vectors.items():
                self._known[key] = vector
                self._known.move_to_end(key)
            while len(self._known) > SENTENCES_KEPT:
                self._known.popitem(last=False)


def is_foreign(question: Question, passage: Passage) -> bool:
    """Whether the passage is in another language than the question, as far as that is known."""
    return question.language not in ("both", passage.language)


def read_sentences(passage: Passage) -> list[Span]:
    """The sentences of a passage that can answer: not its own heading, and no question where anything else stands."""
    heading = passage.heading.rpartition(HEADING_SEPARATOR)[2]
    body = len(heading) if passage.text.startswith(heading) else 0
    spans = [span for span in sentence_spans(passage.text)[:SENTENCES_READ] if span[0] >= body]
    return [span for span in spans if not passage.text[: span[1]].endswith(_QUESTION_MARKS)] or spans


def choose(query: Vector, sentences: Sequence[str], vectors: Mapping[str, Vector]) -> int:
    """The number of the sentence nearest to the question; of equal ones the first."""
    return int(np.argmax([float(vectors[sentence] @ query) for sentence in sentences]))
