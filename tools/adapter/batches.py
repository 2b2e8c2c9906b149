"""What one training step reads: questions and passages of both languages as token ids, hard negatives among them."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from decks import Deck
from network import Arrays
from torch.utils.data import IterableDataset
from unpacked_texts import Ids, UnpackedTexts

BEGIN, END = 0, 2
QUESTION_TOKENS, PASSAGE_TOKENS = 64, 192

PAIR_TOKENS = 14
"""Plain pairs of fewer tokens in Chinese say too little to be found again."""

SENTENCE_TOKENS = 6
"""A shorter sentence is not asked with."""


@dataclass(frozen=True)
class Row:
    """An example as numbers of texts; -1 where it has none. `written`: 0 of a package, 1 a question of a subject, 2 of
    a block of passages."""

    number: int
    source: int
    dev: bool
    written: int
    questions: tuple[int, int]
    titles: tuple[int, int]
    passages: tuple[int, int]


class Texts(UnpackedTexts):
    """The texts of a packed file, as the embedder reads them."""

    def __init__(self, arrays: Arrays, prefixes: Sequence[int]) -> None:
        super().__init__(arrays)
        self._query, self._passage = (self.ids(number) for number in prefixes)

    def sentences_to_ask(self, number: int) -> list[Ids]:
        """Those that have a token: nobody asks with any other."""
        return [sentence for sentence in self.sentences(number) if len(sentence)]

    def as_query(self, *parts: Ids) -> Ids:
        return self._close(self._query, parts, QUESTION_TOKENS)

    def as_passage(self, *parts: Ids) -> Ids:
        return self._close(self._passage, parts, PASSAGE_TOKENS)

    @staticmethod
    def _close(prefix: Ids, parts: Sequence[Ids], limit: int) -> Ids:
        return np.concatenate([[BEGIN], np.concatenate([prefix, *parts])[: limit - 2], [END]])


@dataclass(frozen=True)
class Batch:
    """Questions and passages of all examples in French, then in Chinese; whether each has questions, and its number."""

    questions: list[Ids]
    passages: list[Ids]
    titled: list[bool]
    numbers: list[int]


@dataclass(frozen=True)
class Mix:
    """How many of a step's examples come from where; of each block, one for each of its passages."""

    subjects: int = 16
    a_subject: int = 8
    blocks: int = 0
    one_source: int = 48
    any_source: int = 48
    pairs: int = 32
    asked_by_title: float = 0.2
    asked_by_sentence: float = 0.3
    with_title: float = 0.4


class Batches(IterableDataset[Batch]):
    """An endless, seeded series of batches. Sources are drawn by the square root of their size: none may dominate."""

    def __init__(self, rows: Sequence[Row], texts: Texts, mix: Mix, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311
        self._texts, self._mix = texts, mix
        rows = [row for row in rows if not row.dev]
        others = [row for row in rows if not row.written]
        self._quads = self._decks([row for row in rows if row.written == 1], 1)
        self._blocks = self._passages_by_block([row for row in rows if row.written == 2])
        self._titled = self._decks([row for row in others if row.questions[0] >= 0], 2)
        self._pairs = self._decks([row for row in others if row.questions[0] < 0 and self._is_long(row)], 10)

    def _is_long(self, row: Row) -> bool:
        return len(self._texts.ids(row.passages[1])) >= PAIR_TOKENS

    def _decks(self, rows: Sequence[Row], least: int) -> dict[int, Deck[Row]]:
        groups: dict[int, list[Row]] = defaultdict(list)
        for row in rows:
            groups[row.source].append(row)
        return {source: Deck(group, self._random) for source, group in groups.items() if len(group) >= least}

    def _passages_by_block(self, rows: Sequence[Row]) -> Deck[list[Deck[Row]]]:
        """Of each block, the questions on each of its passages."""
        blocks: dict[int, dict[tuple[int, int], list[Row]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            blocks[row.source][row.passages].append(row)
        return Deck(
            [[Deck(asked, self._random) for asked in block.values()] for block in blocks.values()], self._random
        )

    def __iter__(self) -> Iterator[Batch]:
        while True:
            yield self.make(self._draw())

    def _draw(self) -> list[Row]:
        mix = self._mix
        rows = [
            self._quads[subject].draw()
            for subject in self._random.sample(sorted(self._quads), min(mix.subjects, len(self._quads)))
            for _ in range(min(mix.a_subject, len(self._quads[subject])))
        ]
        for _ in range(mix.blocks if len(self._blocks) else 0):
            rows += [asked.draw() for asked in self._blocks.draw()]
        for _ in range(mix.one_source // 16):
            deck = self._pick({source: deck for source, deck in self._titled.items() if len(deck) >= 32})
            rows += [deck.draw() for _ in range(16)]
        rows += [self._pick(self._titled).draw() for _ in range(mix.any_source)]
        rows += [self._pick(self._pairs).draw() for _ in range(mix.pairs)]
        return rows

    def _pick(self, decks: dict[int, Deck[Row]]) -> Deck[Row]:
        sources = sorted(decks)
        return decks[self._random.choices(sources, [len(decks[source]) ** 0.5 for source in sources])[0]]

    def make(self, rows: Sequence[Row]) -> Batch:
        views = [self._view(row) for row in rows]
        return Batch(
            questions=[asked[language] for language in (0, 1) for asked, _ in views],
            passages=[passages[language] for language in (0, 1) for _, passages in views],
            titled=[row.questions[0] >= 0 for row in rows],
            numbers=[row.number for row in rows],
        )

    def _view(self, row: Row) -> tuple[list[Ids], list[Ids]]:
        """A question in each language, and the passage in each that answers it."""
        texts, mix, dice = self._texts, self._mix, self._random.random()
        if row.questions[0] < 0:
            whole = [texts.ids(number) for number in row.passages]
            return [texts.as_query(ids) for ids in whole], [texts.as_passage(ids) for ids in whole]
        if dice < mix.asked_by_sentence and (cut := self._cut_sentence(row)):
            return cut
        dice = self._random.random()
        by_title = row.titles[0] >= 0 and dice < mix.asked_by_title
        asked = [texts.as_query(texts.ids(number)) for number in (row.titles if by_title else row.questions)]
        return asked, self._passages(row, [texts.ids(number) for number in row.passages], titled=not by_title)

    def _passages(self, row: Row, bodies: Sequence[Ids], *, titled: bool) -> list[Ids]:
        """Some begin with their title, as passages do in an index."""
        if titled and row.titles[0] >= 0 and self._random.random() < self._mix.with_title:
            return [
                self._texts.as_passage(self._texts.ids(title), body)
                for title, body in zip(row.titles, bodies, strict=True)
            ]
        return [self._texts.as_passage(body) for body in bodies]

    def _cut_sentence(self, row: Row) -> tuple[list[Ids], list[Ids]] | None:
        """A sentence asks for what stands around it: it is taken out, and what stands there in the other language."""
        both = [self._texts.sentences_to_ask(number) for number in row.passages]
        if min(map(len, both)) < 3:
            return None
        place = self._random.random()
        at = [min(int(place * len(sentences)), len(sentences) - 1) for sentences in both]
        asked = [sentences[number] for sentences, number in zip(both, at, strict=True)]
        if min(map(len, asked)) < SENTENCE_TOKENS:
            return None
        rest = [
            np.concatenate(sentences[:number] + sentences[number + 1 :])
            for sentences, number in zip(both, at, strict=True)
        ]
        return [self._texts.as_query(ids) for ids in asked], self._passages(row, rest, titled=True)


def read_rows(arrays: Arrays) -> list[Row]:
    return [
        Row(number, source, bool(dev), written, (texts[0], texts[1]), (texts[2], texts[3]), (texts[4], texts[5]))
        for number, (source, dev, written, *texts) in enumerate(arrays["examples"].tolist())
    ]
