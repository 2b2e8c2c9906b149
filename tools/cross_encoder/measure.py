"""What a cross-encoder makes of the held-out passages, whose subjects its training never saw.

A line for each direction and for passages of up to eight sentences, longer ones, and sections of documents: how often
the nearest sentence answers, the cross-encoder's, and what both together tell; how often the passage that answers is
worth more than two others of its block, and the half of it that holds the answer more than the other half; and how
often an answer is worth more than a passage that only speaks of the same matter (all pairs of them). Vectors are kept
in PASSERELLE_DATA.

PYTHONPATH=.:tools/adapter .venv/bin/python tools/cross_encoder/measure.py [FILE] [--kind KIND] [--one-in N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import numpy as np
from records import Asked, Record, is_held_out, read_records

from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from search_api.answers import choose
from search_core.anchors import CENTRING
from search_core.cross_encoding import CrossEncoder, OffersCrossEncoder, ReadText
from search_core.embedding import Embedder, load_embedder
from search_core.model import Vector, make_embedded_text
from search_core.settings import Settings

LANGUAGES = ("fr", "zh")
SHORT, LONGER, SECTIONS = "short", "longer", "sections"
MOST_OF_SHORT = 8
"""Sentences of a passage as those are that were written first; later ones have up to fifteen."""

OTHERS = 2
"""Passages of its block that a passage is compared with."""

BETWEEN = (" ", "")


@dataclass
class Direction:
    """Of each question nearest, read, both, above others, above the other half; and worths of answers and misses."""

    right: list[tuple[bool, ...]] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    misses: list[float] = field(default_factory=list)

    def describe(self) -> str:
        nearest, read, both, block, half = np.mean(self.right, axis=0)
        over = np.mean(np.array(self.answers)[:, None] > np.array(self.misses)) if self.misses else np.nan
        return (
            f"{len(self.right)} questions, nearest sentence {nearest:.3f}, cross-encoder {read:.3f}, "
            f"by both {both:.3f}; passage above {OTHERS} others {block:.3f}, half above the other {half:.3f}, "
            f"answer above a miss {over:.3f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="bundled", help="a cross-encoder, as PASSERELLE_CROSS_ENCODER")
    parser.add_argument("--kind", choices=(SHORT, LONGER, SECTIONS), help="passages of this kind only")
    parser.add_argument("--one-in", type=int, default=1, metavar="N", help="read one held-out block in N only")
    given = parser.parse_args()
    model = load_embedder(cross_encoder=given.file)
    cross_encoder = model.open_cross_encoder() if isinstance(model, OffersCrossEncoder) else None
    if cross_encoder is None:
        raise SystemExit("There is no cross-encoder to measure.")
    written = read_records([Path(__file__).with_name("passages.jsonl")])
    blocks: dict[int, list[Record]] = defaultdict(list)
    for record in written:
        if is_held_out(record.block):
            blocks[record.block].append(record)
    kinds = {number: {name_kind(record) for record in block} for number, block in blocks.items()}
    numbers = [number for number in sorted(blocks) if given.kind in {None, *kinds[number]}][:: given.one_in]
    directions: dict[str, Direction] = defaultdict(Direction)
    with open_vectors(Settings().data) as store:
        embedder = CachedEmbedder(model, store)
        queries = centre_questions([record for block in blocks.values() for record in block], embedder)
        for record in (record for number in numbers for record in blocks[number]):
            others = [each for each in blocks[record.block] if each is not record][:OTHERS]
            for side in range(len(LANGUAGES)) if given.kind in {None, name_kind(record)} else ():
                measure(record, others, side, queries, embedder, cross_encoder, directions)
    for name, direction in sorted(directions.items()):
        print(f"{name}: {direction.describe()}")


def name_kind(record: Record) -> str:
    """A section has the heading below the document's title, on a line of its own."""
    if "\n" in record.title[0]:
        return SECTIONS
    return SHORT if len(record.fr) <= MOST_OF_SHORT else LONGER


def centre_questions(records: Sequence[Record], embedder: Embedder) -> dict[str, Vector]:
    """Vectors of all questions, centred by the mean of those in their language."""
    found: dict[str, Vector] = {}
    for language in range(len(LANGUAGES)):
        texts = list(dict.fromkeys(asked.texts[language] for record in records for asked in record.questions))
        vectors = embedder.embed_queries(texts)
        found |= zip(texts, vectors - CENTRING * vectors.mean(axis=0), strict=True)
    return found


def measure(
    record: Record,
    others: Sequence[Record],
    side: int,
    queries: Mapping[str, Vector],
    embedder: Embedder,
    cross_encoder: CrossEncoder,
    directions: Mapping[str, Direction],
) -> None:
    """Add what is told of a passage in one of its languages to the directions of its questions."""
    sentences = (record.fr, record.zh)[side]
    vectors = embedder.embed_passages([make_embedded_text("", record.title[side], each) for each in sentences])
    middle = len(sentences) // 2
    halves = [_make_text(record, side, part) for part in (sentences[:middle], sentences[middle:])]
    texts = [_make_text(record, side, sentences), *halves]
    texts += [_make_text(each, side, (each.fr, each.zh)[side]) for each in others]
    for asked, spoken in _iter_asked(record):
        direction = directions[f"{name_kind(record)}, {LANGUAGES[spoken]}>{LANGUAGES[side]}"]
        question, right = asked.texts[spoken], asked.answers[side]
        if right < 0:
            direction.misses += [each.worth for each in cross_encoder.read(question, texts[:1])]
            continue
        whole, first, second, *rest = cross_encoder.read(question, texts)
        nearness = vectors @ queries[question]
        chosen = choose(None, nearness), choose(whole, None), choose(whole, nearness)
        told = [number == right for number in chosen]
        half = (first.worth > second.worth) == (right < middle)
        direction.right.append((*told, all(whole.worth > each.worth for each in rest), half))
        direction.answers.append(whole.worth)


def _iter_asked(record: Record) -> Iterator[tuple[Asked, int]]:
    """Each question in each language."""
    yield from ((asked, spoken) for asked in record.questions for spoken in range(len(LANGUAGES)))


def _make_text(record: Record, side: int, sentences: Sequence[str]) -> ReadText:
    between = BETWEEN[side]
    starts = accumulate((len(sentence) + len(between) for sentence in sentences[:-1]), initial=0)
    spans = tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=True))
    return ReadText(record.title[side], between.join(sentences), spans)


if __name__ == "__main__":
    main()
