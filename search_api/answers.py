"""Which sentence of a passage answers, for who cannot read the passage.

Each sentence of the best passage of a hit in the other language is embedded below its heading, as a passage of its own,
and the one nearest to the question's centred vector is told. Where the model has a cross-encoder, what that makes of
the sentences counts above all, and nearness settles what it leaves open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from search_api.question import Question
from search_api.readings import Readings, find_sentences
from search_api.recent import Recent, make_key
from search_core.cross_encoding import Reading
from search_core.embedding import Embedder
from search_core.errors import ModelError
from search_core.model import Passage, Vector, make_embedded_text
from search_core.sentences import Span

PASSAGES_READ = 3
"""Of a hit: on `corpus/` (fr>zh, zh>fr) the first holds the answer for .65 and .70 of the labelled questions, one of
two for .85 and .85, of three for .95 and .90; the one that is chosen of two for .80 and .75, of three for .85 and .75.
"""

NEARNESS_WEIGHT = 50.0
"""Log-odds that one of nearness adds to a sentence: its product with the centred question, which differs by hundredths.

Right on `corpus/` (fr>zh, zh>fr) with 0: .70, .70; 25: .75, .70; 50: .80, .70; 100: .75, .70. In long passages with
many tempting sentences it helps less: `tools/cross_encoder/measure.py`.
"""

SENTENCES_KEPT = 4096
"""Vectors remembered, 6 MB of them: turning pages back and asking again costs nothing."""


class AnswerFinder:
    """Finds answering sentences, remembering their vectors. Safe to use from several threads."""

    def __init__(self, embedder: Embedder, readings: Readings) -> None:
        self._embedder = embedder
        self._readings = readings
        self._known: Recent[Vector] = Recent(SENTENCES_KEPT)

    def order(
        self, question: Question, found: Sequence[Sequence[Passage]], titles: Mapping[str, str]
    ) -> list[list[Passage]]:
        """The passages of each hit, best first; of the first ones in another language, that comes first which answers.

        A hit whose best passage is in the question's own language stays as it is.
        """
        foreign = [passages for passages in found if passages and is_foreign(question, passages[0])]
        first = [each for passages in foreign for each in passages[:PASSAGES_READ] if is_foreign(question, each)]
        readings = self._readings.read(question.parsed.text, first, titles)
        return [_put_answer_first(passages, readings) for passages in found]

    def find(
        self, question: Question, query: Vector | None, passages: Sequence[Passage], titles: Mapping[str, str]
    ) -> dict[str, Span]:
        """By passage id, offsets into the passage; `query` is the centred vector, if any, `titles` are by document id.

        Nothing where neither model can run. Passages in the question's own language have none: who asked can read them.
        """
        foreign = [passage for passage in passages if is_foreign(question, passage)]
        spans = {
            passage.passage_id: found
            for passage in foreign
            if (found := find_sentences(passage, titles.get(passage.document_id, "")))
        }
        if not spans:
            return {}
        readings = self._readings.read(question.parsed.text, foreign, titles)
        nearness = {} if query is None else self._measure_nearness(query, foreign, spans)
        chosen = {name: choose(readings.get(name), nearness.get(name)) for name in spans}
        return {name: spans[name][number] for name, number in chosen.items() if number is not None}

    def _measure_nearness(
        self, query: Vector, passages: Sequence[Passage], spans: Mapping[str, Sequence[Span]]
    ) -> dict[str, Vector]:
        """By passage id, the product of the question's vector with each sentence's. Nothing where the model fails."""
        sentences = {
            passage.passage_id: [
                make_embedded_text("", passage.heading, passage.text[start:end])
                for start, end in spans.get(passage.passage_id, ())
            ]
            for passage in passages
        }
        try:
            vectors = self._embed(sentence for found in sentences.values() for sentence in found)
        except ModelError:
            return {}
        return {name: np.array([vectors[each] @ query for each in found]) for name, found in sentences.items()}

    def _embed(self, sentences: Iterable[str]) -> dict[str, Vector]:
        """All that are not known in one call of the model."""
        keys = {sentence: make_key(sentence) for sentence in sentences}
        known = self._known.find(keys.values())
        vectors = {sentence: known[key] for sentence, key in keys.items() if key in known}
        missing = [sentence for sentence in keys if sentence not in vectors]
        if missing:
            embedded = self._embedder.embed_passages(missing)
            vectors |= {sentence: vector.copy() for sentence, vector in zip(missing, embedded, strict=True)}
        self._known.keep({key: vectors[sentence] for sentence, key in keys.items()})
        return vectors


def _put_answer_first(passages: Sequence[Passage], readings: Mapping[str, Reading]) -> list[Passage]:
    read = [passage for passage in passages[:PASSAGES_READ] if passage.passage_id in readings]
    if not read:
        return list(passages)
    best = max(read, key=lambda passage: readings[passage.passage_id].worth)
    return [best, *(passage for passage in passages if passage is not best)]


def is_foreign(question: Question, passage: Passage) -> bool:
    """Whether the passage is in another language than the question, as far as that is known."""
    return question.language not in ("both", passage.language)


def choose(reading: Reading | None, nearness: Vector | None) -> int | None:
    """The number of the sentence that answers, by what is known of them; of equal ones the first."""
    scores = [
        *([np.array(reading.sentences)] if reading else []),
        *([NEARNESS_WEIGHT * nearness] if nearness is not None else []),
    ]
    return int(np.argmax(sum(scores))) if scores else None
