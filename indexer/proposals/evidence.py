"""What the rules look at: title, head, headings and text of a document, and the glossary terms in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from search_core.glossary import GlossaryMatcher, TermMatch
from search_core.model import Document
from search_core.vocabulary import Vocabulary

MAX_CHARS = 30_000
"""Of a longer text the beginning is read: it says what the rest is about."""

_HEAD_LINES = 6


@dataclass(frozen=True)
class Evidence:
    """A document as the rules see it; terms are looked for once."""

    document: Document
    matcher: GlossaryMatcher
    vocabulary: Vocabulary

    @property
    def title(self) -> str:
        return self.document.metadata.title

    @cached_property
    def text(self) -> str:
        return self.document.text[:MAX_CHARS]

    @cached_property
    def head(self) -> list[str]:
        """The first lines that are not empty."""
        lines = (line.strip() for line in self.text.split("\n"))
        return list(islice((line for line in lines if line), _HEAD_LINES))

    @cached_property
    def headings(self) -> list[str]:
        return [self.text[found.start : found.end] for found in self.document.headings if found.end <= len(self.text)]

    @cached_property
    def title_terms(self) -> list[TermMatch]:
        return self.matcher.match(self.title)

    @cached_property
    def text_terms(self) -> list[TermMatch]:
        return self.matcher.match(self.text)

    def iter_known(self, field: str, terms: list[TermMatch]) -> Iterator[tuple[str, TermMatch]]:
        """Terms that are a value of a vocabulary field, with its id."""
        for term in terms:
            value_id = self.vocabulary.resolve(field, term.entry.fr[0])
            if self.vocabulary.known(field, value_id):
                yield value_id, term
