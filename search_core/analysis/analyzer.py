"""The one analyzer of passages and queries: text to tokens, by script run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version as package_version
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import regex

from search_core.analysis.chinese import ChineseSegmenter
from search_core.analysis.french import (
    FrenchStemmer,
    Word,
    is_stop_word,
    iter_compounds,
    iter_connected,
    iter_words,
    spell_compound,
    split_compound,
)
from search_core.analysis.normalize import NormalizedText, fold, normalize
from search_core.analysis.phrases import find_in_normalized, iter_unspaced
from search_core.analysis.scripts import Run, iter_runs
from search_core.analysis.terms import TermTable

if TYPE_CHECKING:
    from search_core.glossary import Glossary

ANALYSIS_VERSION = 1
"""Raised with any change after which an older index would be searched wrongly."""

MAX_TOKEN_LENGTH = 64
"""Code points. What is longer keeps its beginning and a digest of the whole, and is still found as typed."""

TokenKind = Literal["exact", "stem", "word", "subword"]

_HAN_TERM = regex.compile(r"\p{Han}{2,}")


@dataclass(frozen=True, slots=True)
class Token:
    """An analysed word: 1 to 64 code points without white space. Offsets into the original text, half-open."""

    text: str
    start: int
    end: int
    kind: TokenKind


class Analyzer:
    """Turns text into tokens, the same way in every passage and query. Safe to use from several threads.

    The glossary gives the Chinese terms that stay whole and the proper names that are not stemmed.
    """

    def __init__(self, glossary: Glossary) -> None:
        terms = (fold(term) for entry in glossary.entries for term in entry.zh)
        self._segmenter = ChineseSegmenter(term for term in terms if _HAN_TERM.fullmatch(term))
        self._stemmer = FrenchStemmer()
        self._names: TermTable[None] = TermTable()
        for name in (name for entry in glossary.entries if entry.name for name in entry.fr):
            self._names.add([word.text for word in iter_words(fold(name))], None)
        self.version = _make_version()

    def analyze(self, text: str) -> list[Token]:
        """The ranking tokens of a text, in its order; every token of a word has the word's offsets."""
        normalized = normalize(text)
        protected = self._find_protected(normalized.text)
        tokens: list[Token] = []
        for run in iter_runs(normalized.text):
            if run.kind == "han":
                tokens.extend(self._analyze_han(run, normalized))
            else:
                tokens.extend(self._analyze_latin(run, normalized, text, protected))
        return tokens

    def normalize(self, text: str) -> NormalizedText:
        """The one spelling under which texts are compared."""
        return normalize(text)

    def filter_tokens(self, text: str) -> tuple[str, ...]:
        """The unscored tokens of a passage: whole words, stop words too, Han characters and their bigrams.

        Whatever phrase `find_phrase` finds in a text, its `filter_tokens` are among those of the text.
        """
        folded = fold(text)
        tokens = [_shorten(word.text) for word in iter_words(folded)]
        for run in iter_unspaced(folded):
            tokens.extend(run)
            tokens.extend(_iter_bigrams(run))
        return tuple(dict.fromkeys(tokens))

    def phrase_tokens(self, phrase: str) -> tuple[str, ...]:
        """The filter tokens of a passage with this phrase: single characters only where they stand alone."""
        folded = fold(phrase)
        tokens = [_shorten(word.text) for word in iter_words(folded)]
        for run in iter_unspaced(folded):
            tokens.extend(_iter_bigrams(run) if len(run) > 1 else run)
        return tuple(dict.fromkeys(tokens))

    def find_phrase(self, text: str, phrase: str) -> list[tuple[int, int]]:
        """Original spans where the phrase stands in the text, compared as normalised."""
        normalized = normalize(text)
        return [normalized.original_span(*span) for span in find_in_normalized(normalized.text, fold(phrase))]

    def stem(self, word: str) -> str:
        """The stem of a folded word."""
        return self._stemmer.stem(word)

    def _analyze_han(self, run: Run, normalized: NormalizedText) -> Iterator[Token]:
        han = "".join(run.text.split())
        positions = [at for at, character in enumerate(run.text, run.start) if not character.isspace()]
        for segment in self._segmenter.iter_segments(han):
            span = normalized.original_span(positions[segment.start], positions[segment.end - 1] + 1)
            yield Token(_shorten(segment.text), *span, "subword" if segment.is_subword else "word")

    def _analyze_latin(
        self, run: Run, normalized: NormalizedText, text: str, protected: frozenset[int]
    ) -> Iterator[Token]:
        for compound in iter_compounds(run.text, run.start):
            words = split_compound(compound)
            kept = [word for word in words if not self._is_stop_word(word, normalized, text)]
            whole = spell_compound(compound, len(kept) < len(words)) if words != [compound] else None
            if whole is not None:
                yield from self._make_tokens(whole, compound, normalized, compound.start in protected)
            for word in kept:
                if word.text != whole:
                    yield from self._make_tokens(word.text, word, normalized, word.start in protected)

    def _is_stop_word(self, word: Word, normalized: NormalizedText, text: str) -> bool:
        start, end = normalized.original_span(word.start, word.end)
        return is_stop_word(text[start:end], normalized.text.startswith("'", word.end))

    def _make_tokens(self, text: str, word: Word, normalized: NormalizedText, is_protected: bool) -> Iterator[Token]:
        start, end = normalized.original_span(word.start, word.end)
        exact = _shorten(text)
        yield Token(exact, start, end, "exact")
        stem = exact if is_protected or not (text.isascii() and text.isalpha()) else self._stemmer.stem(exact)
        if stem != exact:
            yield Token(stem, start, end, "stem")

    def _find_protected(self, folded: str) -> frozenset[int]:
        """Where the words of protected names begin."""
        words = list(iter_connected(folded))
        texts = [word.text for word in words]
        protected: set[int] = set()
        for at in range(len(words)):
            for length, _ in self._names.iter_at(texts, at):
                protected.update(word.start for word in words[at : at + length])
        return frozenset(protected)


def _shorten(token: str) -> str:
    if len(token) <= MAX_TOKEN_LENGTH:
        return token
    digest = hashlib.blake2b(token.encode(), digest_size=8).hexdigest()
    return f"{token[: MAX_TOKEN_LENGTH - len(digest) - 1]}~{digest}"


def _iter_bigrams(run: Sequence[str]) -> Iterator[str]:
    return (first + second for first, second in pairwise(run))


def _make_version() -> str:
    packages = [f"{name} {package_version(name)}" for name in ("jieba", "opencc", "PyStemmer")]
    return hashlib.sha256("\n".join([f"analysis {ANALYSIS_VERSION}", *packages]).encode()).hexdigest()[:16]
