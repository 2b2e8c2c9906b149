"""The glossary: French and Chinese terms that mean the same, shipped and users' own.

It keeps Chinese terms whole in jieba's dictionary, protects proper names from stemming, and gives a query the other
language's terms. The first lines of `search_core/glossary.tsv` explain the file format.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from search_core.analysis.french import iter_connected, iter_words
from search_core.analysis.normalize import NormalizedText, fold, normalize
from search_core.analysis.terms import TermTable
from search_core.errors import GlossaryError
from search_core.glossary_file import GlossaryEntry, GlossaryProblem, parse_glossary, read_glossary_file
from search_core.model import Language

if TYPE_CHECKING:
    from search_core.analysis.analyzer import Analyzer

__all__ = ["Glossary", "GlossaryEntry", "GlossaryMatcher", "GlossaryProblem", "TermMatch", "load_glossary"]

SHIPPED_FILE = "glossary.tsv"
SHORT_TERM = 3
"""Chinese terms of fewer characters occur across word borders by chance: 国家 in 中国家庭."""

TermLanguage = Literal["fr", "zh"]

_Found = tuple[int, int, TermLanguage, GlossaryEntry]
"""Start and end in the normalised text, language, entry."""


@dataclass(frozen=True)
class Glossary:
    """Entries in the order of their files, and what could not be used."""

    entries: tuple[GlossaryEntry, ...] = ()
    problems: tuple[GlossaryProblem, ...] = ()

    @cached_property
    def version(self) -> str:
        """A hash of the entries."""
        return hashlib.sha256(self.to_bytes()).hexdigest()[:16]

    def to_bytes(self) -> bytes:
        """The entries, as an index stores them."""
        return json.dumps([asdict(entry) for entry in self.entries], ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Glossary:
        """The glossary that `to_bytes` wrote. Raises `GlossaryError` where something else did."""
        try:
            return cls(tuple(_make_stored_entry(**raw) for raw in json.loads(data)))
        except (ValueError, TypeError) as cause:
            raise GlossaryError(
                "The glossary stored in the index cannot be read.", remedy="Run `passerelle reindex`."
            ) from cause


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A glossary term in a text; offsets into the original text, half-open."""

    entry: GlossaryEntry
    language: TermLanguage
    start: int
    end: int


def load_glossary(own_file: Path | None = None) -> Glossary:
    """The shipped glossary and a user's own. Raises `GlossaryError` where the own file cannot be used at all."""
    shipped = resources.files("search_core").joinpath(SHIPPED_FILE).read_text("utf-8")
    entries, problems = parse_glossary(shipped, SHIPPED_FILE)
    if own_file is not None:
        own_entries, own_problems = read_glossary_file(own_file)
        entries, problems = entries + own_entries, problems + own_problems
    return Glossary(tuple(entries), tuple(problems))


def _make_stored_entry(fr: list[str], zh: list[str], subject: str, source: str, name: bool) -> GlossaryEntry:
    return GlossaryEntry(tuple(fr), tuple(zh), subject, source, name)


class GlossaryMatcher:
    """Finds glossary terms in texts of either language, in any spelling and, unless they are names, any inflection.

    Abbreviations are never inflected either: "plus" has the stem of PLU. Latin terms match whole words; short Chinese
    terms match where words begin and end, longer ones anywhere.
    """

    def __init__(self, glossary: Glossary, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._names: TermTable[GlossaryEntry] = TermTable()
        self._stems: TermTable[GlossaryEntry] = TermTable()
        self._chinese: dict[str, list[tuple[str, GlossaryEntry]]] = {}
        for entry in glossary.entries:
            self._add(entry)

    def match(self, text: str) -> list[TermMatch]:
        """The terms in a text in its order, the longest that begins first; entries of one term share its span."""
        normalized = normalize(text)
        found = [*self._iter_french(normalized.text), *self._iter_chinese(normalized, text)]
        matches: list[TermMatch] = []
        last = (0, 0)
        for start, end, language, entry in sorted(found, key=lambda match: (match[0], -match[1])):
            if start >= last[1] or (start, end) == last:
                matches.append(TermMatch(entry, language, *normalized.original_span(start, end)))
                last = (start, end)
        return matches

    def translations(self, text: str, into: Language) -> tuple[str, ...]:
        """The terms of the language asked for that mean what a text names in the other one; none for `other`."""
        terms: list[str] = []
        for match in self.match(text):
            if into == "zh" and match.language == "fr":
                terms.extend(match.entry.zh)
            if into == "fr" and match.language == "zh":
                terms.extend(match.entry.fr)
        return tuple(dict.fromkeys(terms))

    def _add(self, entry: GlossaryEntry) -> None:
        for term in entry.fr:
            words = [word.text for word in iter_words(fold(term))]
            if entry.name or term.isupper():
                self._names.add(words, entry)
            else:
                self._stems.add([self._analyzer.stem(word) for word in words], entry)
        for term in entry.zh:
            folded = fold(term)
            self._chinese.setdefault(folded[0], []).append((folded, entry))

    def _iter_french(self, folded: str) -> Iterator[_Found]:
        words = list(iter_connected(folded))
        exact = [word.text for word in words]
        stems = [self._analyzer.stem(word) for word in exact]
        for at in range(len(words)):
            for table, row in ((self._names, exact), (self._stems, stems)):
                for length, entry in table.iter_at(row, at):
                    yield words[at].start, words[at + length - 1].end, "fr", entry

    def _iter_chinese(self, normalized: NormalizedText, text: str) -> Iterator[_Found]:
        found = list(self._iter_chinese_anywhere(normalized.text))
        tokens = self._analyzer.analyze(text) if any(map(_needs_borders, found)) else []
        starts, ends = {token.start for token in tokens}, {token.end for token in tokens}
        for match in found:
            start, end = normalized.original_span(match[0], match[1])
            if not _needs_borders(match) or (start in starts and end in ends):
                yield match

    def _iter_chinese_anywhere(self, folded: str) -> Iterator[_Found]:
        for at, character in enumerate(folded):
            for term, entry in self._chinese.get(character, ()):
                if folded.startswith(term, at):
                    yield at, at + len(term), "zh", entry


def _needs_borders(found: _Found) -> bool:
    start, end, _, _ = found
    return end - start < SHORT_TERM
