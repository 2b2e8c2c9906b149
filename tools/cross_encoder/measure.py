"""Which sentence answers, on the held-out passages: the nearest, the cross-encoder's, and what both together tell.

A line for each direction and for passages of up to eight sentences and longer ones.

PYTHONPATH=.:tools/adapter .venv/bin/python tools/cross_encoder/measure.py [FILE] [--one-in N]
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
from records import Record, is_held_out, read_records

from search_api.answers import choose
from search_core.anchors import CENTRING
from search_core.cross_encoding import OffersCrossEncoder, ReadText
from search_core.embedding import load_embedder
from search_core.model import make_embedded_text

LANGUAGES = ("fr", "zh")
SHORT = 8
"""Sentences of a passage as those are that were written first; later ones have up to fifteen."""

BETWEEN = (" ", "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", default="bundled", help="a cross-encoder, as PASSERELLE_CROSS_ENCODER")
    parser.add_argument("--one-in", type=int, default=1, metavar="N", help="read one held-out block in N only")
    given = parser.parse_args()
    embedder = load_embedder(cross_encoder=given.file)
    cross_encoder = embedder.open_cross_encoder() if isinstance(embedder, OffersCrossEncoder) else None
    if cross_encoder is None:
        raise SystemExit("There is no cross-encoder to measure.")
    written = read_records([Path(__file__).with_name("passages.jsonl")])
    records = [record for record in written if is_held_out(record.block)]
    kept = set(sorted({record.block for record in records})[:: given.one_in])
    records = [record for record in records if record.block in kept]
    asked = list(dict.fromkeys(text for texts, _ in _iter_asked(records) for text in texts))
    queries = dict(zip(asked, embedder.embed_queries(asked), strict=True))
    told = list(dict.fromkeys(text for record in records for side in (0, 1) for text in _embedded_texts(record, side)))
    vectors = dict(zip(told, embedder.embed_passages(told), strict=True))
    means = [np.mean([queries[texts[side]] for texts, _ in _iter_asked(records)], axis=0) for side in (0, 1)]
    right: dict[str, list[tuple[bool, ...]]] = defaultdict(list)
    for record in records:
        for side, sentences in enumerate((record.fr, record.zh)):
            text = ReadText(record.title[side], BETWEEN[side].join(sentences), _find_spans(sentences, BETWEEN[side]))
            matrix = np.stack([vectors[each] for each in _embedded_texts(record, side)])
            for texts, answers in _iter_asked([record]):
                for spoken, question in enumerate(texts):
                    nearness = matrix @ (queries[question] - CENTRING * means[spoken])
                    [reading] = cross_encoder.read(question, [text])
                    chosen = choose(None, nearness), choose(reading, None), choose(reading, nearness)
                    found = tuple(number == answers[side] for number in chosen)
                    length = f"up to {SHORT} sentences" if len(record.fr) <= SHORT else "longer passages"
                    right[f"{length}, {LANGUAGES[spoken]}>{LANGUAGES[side]}"].append(found)
    for direction, found_all in sorted(right.items()):
        nearest, read, both = np.mean(found_all, axis=0)
        print(
            f"{direction}: {len(found_all)} questions, nearest sentence {nearest:.3f}, "
            f"cross-encoder {read:.3f}, by both {both:.3f}"
        )


def _embedded_texts(record: Record, side: int) -> list[str]:
    """Each sentence below its title, as the product embeds it below its heading."""
    return [make_embedded_text("", record.title[side], sentence) for sentence in (record.fr, record.zh)[side]]


def _iter_asked(records: Sequence[Record]) -> Iterator[tuple[tuple[str, str], tuple[int, int]]]:
    """Questions and the sentences that answer them, French and Chinese."""
    for record in records:
        yield from ((asked.texts, asked.answers) for asked in record.questions if asked.answers[0] >= 0)


def _find_spans(sentences: Sequence[str], between: str) -> tuple[tuple[int, int], ...]:
    starts = accumulate((len(sentence) + len(between) for sentence in sentences[:-1]), initial=0)
    return tuple((start, start + len(sentence)) for start, sentence in zip(starts, sentences, strict=True))


if __name__ == "__main__":
    main()
