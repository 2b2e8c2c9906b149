"""The glossary: French and Chinese terms that mean the same, shipped and users' own.

It keeps Chinese terms whole in jieba's dictionary, protects proper names from stemming, and gives a query the other
language's terms.
`search_core/glossary.tsv` explains the file format in its first lines.
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

from search_core.analysis.french import iter_words
from search_core.analysis.normalize import fold, normalize
from search_core.analysis.terms import TermTable
from search_core.errors import GlossaryError
from search_core.model import Language

if TYPE_CHECKING:
    from search_core.analysis.analyzer import Analyzer

SHIPPED_FILE = "glossary.tsv"
COLUMNS = ("fr", "zh", "subject", "source", "name")
MAX_BYTES = 8 << 20
MAX_TERM_LENGTH = 100

TermLanguage = Literal["fr", "zh"]


@dataclass(frozen=True)
class GlossaryEntry:
    """One idea in both languages: the preferred term first, then variants and abbreviations.

    `name` marks a proper name, which is never stemmed.
    """

    fr: tuple[str, ...]
    zh: tuple[str, ...]
    subject: str = ""
    source: str = ""
    name: bool = False


@dataclass(frozen=True)
class GlossaryProblem:
    """A line that could not be used; `line` counts from 1."""

    file: str
    line: int
    message: str


@dataclass(frozen=True)
class Glossary:
    """Entries in the order of their files, and the lines that could not be used."""

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


def _make_stored_entry(fr: list[str], zh: list[str], subject: str, source: str, name: bool) -> GlossaryEntry:
    return GlossaryEntry(tuple(fr), tuple(zh), subject, source, name)


def load_glossary(own_file: Path | None = None) -> Glossary:
    """The shipped glossary and the user's own. Raises `GlossaryError` where the file as a whole cannot be used."""
    shipped = resources.files("search_core").joinpath(SHIPPED_FILE).read_text("utf-8")
    glossary = parse_glossary(shipped, SHIPPED_FILE)
    if own_file is None:
        return glossary
    own = parse_glossary(_read_text(own_file), str(own_file))
    return Glossary(glossary.entries + own.entries, glossary.problems + own.problems)


def parse_glossary(text: str, file: str) -> Glossary:
    """Entries of a tab-separated text; malformed lines become problems and the rest is used."""
    entries: list[GlossaryEntry] = []
    problems: list[GlossaryProblem] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#") or tuple(line.split("\t")) == COLUMNS:
            continue
        try:
            entries.append(_parse_line(line))
        except ValueError as problem:
            problems.append(GlossaryProblem(file, number, str(problem)))
    return Glossary(tuple(entries), tuple(problems))


def _parse_line(line: str) -> GlossaryEntry:
    cells = [cell.strip() for cell in line.split("\t")]
    if not 2 <= len(cells) <= len(COLUMNS):
        raise ValueError(
            f"{len(cells)} columns instead of 2 to {len(COLUMNS)} ({', '.join(COLUMNS)}), separated by tabs"
        )
    cells += [""] * (len(COLUMNS) - len(cells))
    return GlossaryEntry(
        _parse_terms(cells[0], "fr"), _parse_terms(cells[1], "zh"), cells[2], cells[3], cells[4] == "yes"
    )


def _parse_terms(cell: str, column: str) -> tuple[str, ...]:
    terms = tuple(term.strip() for term in cell.split("|") if term.strip())
    if not terms:
        raise ValueError(f"column {column} is empty")
    return terms


def _read_text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class TermMatch:
    """A glossary term in a text; offsets into the original text, half-open."""

    entry: GlossaryEntry
    language: TermLanguage
    start: int
    end: int


class GlossaryMatcher:
    """Finds glossary terms in texts of either language."""

    def __init__(self, glossary: Glossary, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._names: TermTable[GlossaryEntry] = TermTable()
        self._stems: TermTable[GlossaryEntry] = TermTable()
        self._chinese: dict[str, list[tuple[str, GlossaryEntry]]] = {}
        for entry in glossary.entries:
            self._add(entry)

    def match(self, text: str) -> list[TermMatch]:
        """The terms in a text in its order: the longest where several begin or overlap."""
        normalized = normalize(text)
        found = [*self._iter_french(normalized.text), *self._iter_chinese(normalized.text)]
        matches: list[TermMatch] = []
        taken = 0
        for start, end, language, entry in sorted(found, key=lambda match: (match[0], -match[1])):
            if start >= taken:
                matches.append(TermMatch(entry, language, *normalized.original_span(start, end)))
                taken = end
        return matches

    def translations(self, text: str, into: Language) -> tuple[str, ...]:
        """The terms of the other language for what a text names; none for `other`."""
        if into == "other":
            return ()
        matches = [match for match in self.match(text) if match.language != into]
        terms = [term for match in matches for term in (match.entry.fr if into == "fr" else match.entry.zh)]
        return tuple(dict.fromkeys(terms))

    def _add(self, entry: GlossaryEntry) -> None:
        for term in entry.fr:
            words = [word.text for word in iter_words(fold(term))]
            if entry.name:
                self._names.add(words, entry)
            else:
                self._stems.add([self._analyzer.stem(word) for word in words], entry)
        for term in entry.zh:
            folded = fold(term)
            self._chinese.setdefault(folded[0], []).append((folded, entry))

    def _iter_french(self, folded: str) -> Iterator[tuple[int, int, TermLanguage, GlossaryEntry]]:
        words = list(iter_words(folded))
        texts = [word.text for word in words]
        stems = [self._analyzer.stem(text) for text in texts]
        for at in range(len(words)):
            for table, row in ((self._names, texts), (self._stems, stems)):
                for length, entry in table.iter_at(row, at):
                    yield words[at].start, words[at + length - 1].end, "fr", entry

    def _iter_chinese(self, folded: str) -> Iterator[tuple[int, int, TermLanguage, GlossaryEntry]]:
        for at, character in enumerate(folded):
            for term, entry in self._chinese.get(character, ()):
                if folded.startswith(term, at):
                    yield at, at + len(term), "zh", entry
