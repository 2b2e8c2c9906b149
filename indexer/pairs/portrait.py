"""A document as it is compared with those of the other language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from indexer.pairs.align import Weights
from indexer.pairs.facts import Facts, read_facts
from search_core.engines.base import StoredPassage
from search_core.model import Document, Language, Matrix

HEAD_CHARS: dict[Language, int] = {"fr": 600, "zh": 200, "other": 600}
"""The beginning of a document, where a date is its own."""

MAX_PASSAGES = 256
"""Longer documents are compared by as many of their passages, evenly spaced: time stays bounded."""


@dataclass(frozen=True)
class Portrait:
    """What is compared of a document.

    `vectors` are those of its passages in its own language, as stored. `head` are the facts of title and beginning.
    """

    document_id: str
    language: Language
    vectors: Matrix
    weights: Weights
    chars: int
    paragraphs: int | None
    date: str | None
    facts: Facts
    head: Facts


def make_portrait(document: Document, contents: Sequence[StoredPassage]) -> Portrait | None:
    """The portrait of a document; None of one without a passage in its own language."""
    own = [each for each in contents if each.passage.language == document.language]
    chosen = _thin(own)
    if not chosen:
        return None
    title = document.metadata.title
    sizes = np.array([len(each.passage.text) for each in chosen], dtype=np.float32)
    return Portrait(
        document_id=document.document_id,
        language=document.language,
        vectors=np.stack([each.vector for each in chosen]),
        weights=sizes / sizes.sum(),
        chars=sum(each.passage.end - each.passage.start for each in own),
        paragraphs=_count_paragraphs(document),
        date=document.metadata.date,
        facts=read_facts(f"{title}\n{document.text}"),
        head=read_facts(f"{title}\n{document.text[: HEAD_CHARS[document.language]]}"),
    )


def _count_paragraphs(document: Document) -> int | None:
    """None where pages cut them, and headers stand between."""
    return None if document.pages else sum(1 for line in document.text.splitlines() if line.strip())


def _thin(contents: Sequence[StoredPassage]) -> Sequence[StoredPassage]:
    if len(contents) <= MAX_PASSAGES:
        return contents
    places = np.linspace(0, len(contents) - 1, MAX_PASSAGES).astype(int)
    return [contents[place] for place in places]
