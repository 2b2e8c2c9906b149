"""What one training step reads: questions, each with passages that answer it or do not, as token ids."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from decks import Deck
from network import Arrays
from records import NO_ANSWER
from torch.utils.data import IterableDataset
from unpacked_texts import Ids, UnpackedTexts

BEGIN, END = 0, 2
QUESTION_TOKENS, PAIR_TOKENS = 64, 400
LEAST_THINNED, DROPPED = 8, 0.12
"""Questions of so many tokens may lose this share of them."""

OUTSIDE = -1
"""The segment of a token that belongs to no sentence."""


@dataclass(frozen=True)
class Pair:
    """A question before a passage: `segments` number the sentence of each token.

    `answers` are the sentences that may be told, none where the passage does not answer. A `loose` pair is only
    compared with the others of its question: nobody can say that it does not answer at all.
    """

    ids: Ids
    segments: Ids
    answers: tuple[int, ...] = ()
    loose: bool = False


def join_pair(question: Ids, title: Ids | None, sentences: Sequence[Ids]) -> tuple[Ids, Ids]:
    """`<s> question </s></s> title sentences </s>`, cut at the end, and the sentence of each token."""
    head = np.concatenate([[BEGIN], question[:QUESTION_TOKENS], [END, END], [] if title is None else title]).astype(int)
    ids = np.concatenate([head, *sentences])[: PAIR_TOKENS - 1]
    numbers = [np.full(len(sentence), number) for number, sentence in enumerate(sentences)]
    segments = np.concatenate([np.full(len(head), OUTSIDE), *numbers])[: PAIR_TOKENS - 1]
    return np.append(ids, END), np.append(segments, OUTSIDE).astype(int)


@dataclass(frozen=True)
class Passage:
    """Numbers of texts, French and Chinese; -1 where there is no title. `written`: 2 with marked answers, 1 without,
    0 of a package."""

    number: int
    group: int
    dev: bool
    written: int
    titles: tuple[int, int]
    texts: tuple[int, int]


@dataclass(frozen=True)
class Question:
    """`mined` number passages of other matters that a search finds for it."""

    passage: Passage
    texts: tuple[int, int]
    answers: tuple[int, int]
    is_title: bool
    mined: tuple[int, ...]


class Readings:
    """The passages and questions of a packed file."""

    def __init__(self, arrays: Arrays) -> None:
        self._texts = UnpackedTexts(arrays)
        self.passages = [
            Passage(number, group, bool(dev), written, (texts[0], texts[1]), (texts[2], texts[3]))
            for number, (group, dev, written, *texts) in enumerate(arrays["passages"].tolist())
        ]
        self.questions = [
            Question(
                self.passages[passage],
                (fr, zh),
                (fr_answer, zh_answer),
                bool(is_title),
                tuple(number for number in mined if number >= 0),
            )
            for (passage, fr, zh, fr_answer, zh_answer, is_title), mined in zip(
                arrays["questions"].tolist(), arrays["mined"].tolist(), strict=True
            )
        ]

    def ids(self, number: int) -> Ids:
        return self._texts.ids(number)

    def title(self, passage: Passage, language: int) -> Ids | None:
        number = passage.titles[language]
        return None if number < 0 else self.ids(number)

    def sentences(self, passage: Passage, language: int) -> list[Ids]:
        return self._texts.sentences(passage.texts[language])


@dataclass(frozen=True)
class Mix:
    """What a step is made of: questions with a marked answer, near misses, other questions, titles.

    `windows` of the answering passage stand before or after the answer, as other passages of a document do in a search;
    `mistitled` ones hold the answer, below the title of another passage. Questions with a marked answer and near misses
    are drawn of the passages from number `since` on: a training that goes on from another has little to learn from what
    that one has seen.
    """

    marked: int = 26
    near_misses: int = 8
    unmarked: int = 12
    titles: int = 10
    since: int = 0
    windows: int = 0
    mistitled: int = 0
    siblings: int = 2
    mined: int = 2
    strangers: int = 1
    cropped: float = 0.4
    mingled: float = 0.25
    with_title: float = 0.7
    thinned: float = 0.3


@dataclass
class Batch:
    """Pairs, question by question; `starts` says where each question's begin. The first of a question is the one that
    answers, unless it has no answer at all."""

    pairs: list[Pair] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def add(self, pairs: Sequence[Pair]) -> None:
        self.starts.append(len(self.pairs))
        self.pairs += pairs


class Batches(IterableDataset[Batch]):
    """An endless, seeded series of batches. Languages of question and passages are drawn: none is ever a signal."""

    def __init__(self, readings: Readings, mix: Mix, seed: int) -> None:
        self._readings, self._mix = readings, mix
        self._random = random.Random(seed)  # noqa: S311
        asked = [each for each in readings.questions if not each.passage.dev]
        if mix.mined and not any(each.mined for each in asked):
            raise ValueError('No passages that a search finds were packed (--unmined): set "mined" to 0 in the mix.')
        self._passages = [each for each in readings.passages if not each.dev]
        self._with_title = [each for each in self._passages if each.titles[0] >= 0]
        self._groups: dict[int, list[Passage]] = defaultdict(list)
        for passage in self._passages:
            self._groups[passage.group].append(passage)
        fresh = [each for each in asked if each.passage.number >= mix.since]
        self._marked = Deck([each for each in fresh if each.answers[0] >= 0], self._random)
        self._missed = Deck([each for each in fresh if each.answers[0] == NO_ANSWER], self._random)
        self._unmarked = Deck([each for each in asked if each.answers[0] == -1 and not each.is_title], self._random)
        titled: dict[int, list[Question]] = defaultdict(list)
        for each in asked:
            if each.is_title:
                titled[each.passage.group if not each.passage.written else -1].append(each)
        self._titled = {group: Deck(found, self._random) for group, found in titled.items() if len(found) > 20}

    def __iter__(self) -> Iterator[Batch]:
        mix, sources = self._mix, sorted(self._titled)
        weights = [len(self._titled[source]) ** 0.5 for source in sources]
        while True:
            batch = Batch()
            for deck, count in ((self._marked, mix.marked), (self._unmarked, mix.unmarked)):
                for _ in range(count if len(deck) else 0):
                    batch.add(self._ask(deck.draw()))
            for _ in range(mix.near_misses if len(self._missed) else 0):
                batch.add(self._miss(self._missed.draw()))
            for source in self._random.choices(sources, weights, k=mix.titles) if sources else ():
                batch.add(self._ask(self._titled[source].draw()))
            yield batch

    def _ask(self, question: Question) -> list[Pair]:
        """A passage that answers, the same without its answer, others of the same matter, and any."""
        words = self._draw_words(question)
        titled = not question.is_title and self._random.random() < self._mix.with_title
        pairs = [self._answer(question, words, self._random.randrange(2), titled=titled)]
        if question.answers[0] >= 0:
            pairs.append(self._cut(question, words, self._random.randrange(2), titled=titled))
            pairs += self._windows(question, words, titled=titled)
            if titled:
                pairs += self._mistitled(question, words)
        others = [each for each in self._groups[question.passage.group] if each is not question.passage]
        near = self._random.sample(others, min(self._mix.siblings, len(others)))
        pairs += [self._view(each, words, loose=question.is_title) for each in near]
        mined = self._random.sample(question.mined, min(self._mix.mined, len(question.mined)))
        pairs += [self._view(self._readings.passages[each], words) for each in mined]
        return pairs + [self._view(each, words) for each in self._strangers(question.passage.group)]

    def _miss(self, question: Question) -> list[Pair]:
        """A question that its passage does not answer; a sibling may."""
        words = self._draw_words(question)
        pairs = [self._view(question.passage, words, language) for language in (0, 1)]
        mined = self._random.sample(question.mined, min(1, len(question.mined)))
        return pairs + [self._view(self._readings.passages[each], words) for each in mined]

    def _draw_words(self, question: Question) -> Ids:
        """In either language, and now and then without some of its tokens: nobody types all of a question."""
        words = self._readings.ids(question.texts[self._random.randrange(2)])
        if len(words) < LEAST_THINNED or self._random.random() >= self._mix.thinned:
            return words
        return words[[self._random.random() >= DROPPED for _ in words]]

    def _strangers(self, group: int) -> list[Passage]:
        drawn = self._random.sample(self._passages, 2 * self._mix.strangers)
        return [each for each in drawn if each.group != group][: self._mix.strangers]

    def _view(self, passage: Passage, words: Ids, language: int | None = None, *, loose: bool = False) -> Pair:
        language = self._random.randrange(2) if language is None else language
        title = self._readings.title(passage, language) if self._random.random() < self._mix.with_title else None
        return Pair(*join_pair(words, title, self._readings.sentences(passage, language)), loose=loose)

    def _answer(self, question: Question, words: Ids, language: int, *, titled: bool) -> Pair:
        title = self._readings.title(question.passage, language) if titled else None
        if question.answers[language] < 0:
            ids, segments = join_pair(words, title, self._readings.sentences(question.passage, language))
            return Pair(ids, segments, answers=tuple(range(int(segments.max()) + 1)))
        kept, right = self._crop(question, language)
        if self._random.random() < self._mix.mingled:
            kept, right = self._mingle(question.passage, language, kept, right)
        ids, segments = join_pair(words, title, kept)
        if right not in segments:
            ids, segments = join_pair(words, None, kept[right : right + 1])
            right = 0
        return Pair(ids, segments, answers=(right,))

    def _crop(self, question: Question, language: int) -> tuple[list[Ids], int]:
        """The passage's sentences, now and then fewer around the one that answers, and the number of that."""
        sentences = self._readings.sentences(question.passage, language)
        right = question.answers[language]
        before = after = 0
        if self._random.random() < self._mix.cropped:
            before = self._random.randint(0, right)
            after = self._random.randint(0, len(sentences) - right - 1)
        return sentences[before : len(sentences) - after], right - before

    def _mistitled(self, question: Question, words: Ids) -> list[Pair]:
        """The passage that answers, below titles of others: worth less than below its own, whatever it says.

        Every other title is that of a passage of the same matter, or of one that a search finds for the question.
        """
        if not self._mix.mistitled or question.passage.titles[0] < 0:
            return []
        near = [*self._groups[question.passage.group], *(self._readings.passages[each] for each in question.mined)]
        near = [each for each in near if self._has_other_title(each, question.passage)]
        pairs = []
        for number in range(self._mix.mistitled):
            other = self._random.choice(near if near and number % 2 == 0 else self._with_title)
            language = self._random.randrange(2)
            kept, right = self._crop(question, language)
            ids, segments = join_pair(words, self._readings.title(other, language), kept)
            if self._has_other_title(other, question.passage) and right in segments:
                pairs.append(Pair(ids, segments, loose=True))
        return pairs

    def _has_other_title(self, passage: Passage, than: Passage) -> bool:
        first, second = (self._readings.title(each, 0) for each in (passage, than))
        return first is not None and second is not None and not np.array_equal(first, second)

    def _mingle(self, passage: Passage, language: int, sentences: list[Ids], right: int) -> tuple[list[Ids], int]:
        """Some sentences of another passage of the same matter before or after."""
        others = [each for each in self._groups[passage.group] if each is not passage]
        if not others:
            return sentences, right
        foreign = self._readings.sentences(self._random.choice(others), language)
        count = self._random.randint(1, min(3, len(foreign)))
        if self._random.random() < 0.5:
            return foreign[-count:] + sentences, right + count
        return sentences + foreign[:count], right

    def _cut(self, question: Question, words: Ids, language: int, *, titled: bool) -> Pair:
        """The passage without the sentence that answers."""
        sentences = self._readings.sentences(question.passage, language)
        right = question.answers[language]
        title = self._readings.title(question.passage, language) if titled else None
        return Pair(*join_pair(words, title, sentences[:right] + sentences[right + 1 :]))

    def _windows(self, question: Question, words: Ids, *, titled: bool) -> list[Pair]:
        """Runs of the passage's sentences, before the one that answers or after it."""
        return [
            self._window(question, words, self._random.randrange(2), titled=titled) for _ in range(self._mix.windows)
        ]

    def _window(self, question: Question, words: Ids, language: int, *, titled: bool) -> Pair:
        sentences = self._readings.sentences(question.passage, language)
        right = question.answers[language]
        side = self._random.choice([side for side in (sentences[:right], sentences[right + 1 :]) if side])
        start = self._random.randrange(len(side))
        end = self._random.randint(start + 1, len(side))
        title = self._readings.title(question.passage, language) if titled else None
        return Pair(*join_pair(words, title, side[start:end]))
