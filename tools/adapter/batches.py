"""What one training step reads: questions and passages of both languages, hard negatives among them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from text import HAN, Example

HELD_OUT = frozenset(
    {"tourism management", "epidemics and vaccination", "modern history", "energy", "railways and aviation"}
)
"""Subjects of the quads that only development sees."""

TITLED_BATCH = 26
PAIR_BATCH = 40
PAIRS_EVERY = 4
"""One batch in four is made of plain pairs."""

QUADS_A_BATCH = 12
SAME_SOURCE = 7
"""Of a titled batch: quads by the half dozen from one subject, then texts of one source, then of any."""


def read_examples(path: Path, *, dev: bool) -> list[Example]:
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Example(**record) for record in records if record.pop("dev") == dev]


def read_quads(paths: Sequence[Path], *, dev: bool) -> list[Example]:
    """The project's own questions and passages; the subject stands for the source."""
    records = [
        json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    return [
        Example(record["subject"], *(record[key] for key in ("fr_question", "zh_question", "fr_passage", "zh_passage")))
        for record in records
        if (record["subject"] in HELD_OUT) == dev
    ]


class Batches:
    """An endless, seeded series of batches. Sources are drawn by the square root of their size: none may dominate."""

    def __init__(self, examples: Sequence[Example], quads: Sequence[Example], seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311
        titled, pairs = (
            _group(example for example in examples if example.fr_question),
            _group(map(_long_pair, examples)),
        )
        self._titled = {name: _Deck(group, self._random) for name, group in titled.items()}
        self._pairs = {name: _Deck(group, self._random) for name, group in pairs.items() if len(group) >= 10}
        self._quads = {name: _Deck(group, self._random) for name, group in _group(quads).items()}

    def __iter__(self) -> Iterator[list[Example]]:
        number = 0
        while True:
            number += 1
            yield self._draw_pairs() if number % PAIRS_EVERY == 0 else self._draw_titled()

    def _draw_pairs(self) -> list[Example]:
        return [self._pick(self._pairs).draw() for _ in range(PAIR_BATCH)]

    def _draw_titled(self) -> list[Example]:
        batch: list[Example] = []
        for deck in self._random.sample(sorted(self._quads), 2) if self._quads else ():
            batch += [self._quads[deck].draw() for _ in range(min(QUADS_A_BATCH // 2, len(self._quads[deck])))]
        one = self._pick({name: deck for name, deck in self._titled.items() if len(deck) >= 2 * SAME_SOURCE})
        batch += [one.draw() for _ in range(SAME_SOURCE)]
        while len(batch) < TITLED_BATCH:
            batch.append(self._pick(self._titled).draw())
        return batch

    def _pick(self, decks: dict[str, _Deck]) -> _Deck:
        names = sorted(decks)
        return decks[self._random.choices(names, [len(decks[name]) ** 0.5 for name in names])[0]]


class _Deck:
    """Examples in random order, each drawn once before any is drawn again."""

    def __init__(self, examples: Sequence[Example], source: random.Random) -> None:
        self._examples, self._random = list(examples), source
        self._left: list[Example] = []

    def __len__(self) -> int:
        return len(self._examples)

    def draw(self) -> Example:
        if not self._left:
            self._left = self._random.sample(self._examples, len(self._examples))
        return self._left.pop()


def _group(examples: Iterator[Example | None] | Sequence[Example]) -> dict[str, list[Example]]:
    groups: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        if example:
            groups[example.source].append(example)
    return groups


def _long_pair(example: Example) -> Example | None:
    """Plain pairs long enough to say something."""
    return example if not example.fr_question and len(HAN.findall(example.zh_passage)) >= 8 else None
