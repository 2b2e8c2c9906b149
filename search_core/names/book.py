"""The names that a question may mean: those of the glossary and of the metadata that a reader may see.

    "wei zhang"   ->  张伟 · Zhang Wei          "Zhāng Wěi", "zhang1 wei3", "ZHANG Wei", "Zhangwei": the same
    "张伟"         ->  Zhang Wei · ZHANG Wei     also where nothing lists the name and only a French text has it

Latin letters only ever lead to whole listed names, so that "long", "pan" or "le long" stay what they are. Characters
that may be a person's name and that nothing lists are *supposed* to be one: they count as a name where a document
writes them in pinyin, and as nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product

import regex

from search_core.analysis.analyzer import Analyzer, Token
from search_core.analysis.french import Word, iter_connected, iter_words
from search_core.analysis.normalize import NormalizedText, fold, normalize
from search_core.glossary import Glossary
from search_core.model import Shared
from search_core.names.forms import HanForm, LatinForm, NameForm, find_forms, person_form, plain_form
from search_core.names.pinyin import MAX_READINGS, Syllables, iter_readings, split_syllables
from search_core.names.references import ReferenceForm, iter_references
from search_core.names.surnames import split_person
from search_core.names.typed import is_meant, iter_supposed, iter_window_readings
from search_core.names.values import KnownName, iter_glossary_names, iter_metadata_names

MAX_NAMES = 4
"""Names of one question that are looked for."""

MAX_SUPPOSED = 2
"""Those among them that nothing lists: of the Chinese questions of flores_passages, most have some."""

MAX_FORMS = 12
"""Ways of writing one name that are looked for."""

MAX_WINDOW = 6
"""Words of a name in Latin letters."""

_HAN_RUN = regex.compile(r"\p{Han}+(?:[·•‧・]\p{Han}+)*")


@dataclass(frozen=True)
class NameMatch(Shared):
    """A name in a text: offsets into the original, half-open; `known` is empty where it is only supposed.

    A reference number is one as well: nothing else names its document.
    """

    text: str
    start: int
    end: int
    known: tuple[KnownName, ...]
    forms: tuple[NameForm | ReferenceForm, ...]
    is_reference: bool = False

    @property
    def is_person(self) -> bool:
        return not self.known or any(name.is_person for name in self.known)

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where the name stands in a text, in any of its forms."""
        return find_forms(self.forms, normalize(text), text)


class NameBook:
    """Recognises names in questions. Safe to use from several threads."""

    def __init__(self, glossary: Glossary, values: Mapping[str, Sequence[str]], analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._by_reading: dict[Syllables, list[KnownName]] = {}
        self._by_words: dict[tuple[str, ...], list[KnownName]] = {}
        self._by_characters: dict[str, list[KnownName]] = {}
        self._forms: dict[KnownName, list[NameForm]] = {}
        for name in (*iter_glossary_names(glossary.entries), *iter_metadata_names(values)):
            (self._add_han if name.is_han else self._add_latin)(name)
        self._longest = max(map(len, self._by_characters), default=0)

    def match(self, text: str) -> list[NameMatch]:
        """The names in a text in its order, the longest that begins first."""
        normalized = normalize(text)
        found = [*self._iter_latin(text, normalized), *self._iter_han(text, normalized)]
        for start, end, reference in iter_references(normalized):
            found.append(NameMatch(text[start:end], start, end, (), (reference,), is_reference=True))
        supposed = [match for match in found if not (match.known or match.is_reference)][:MAX_SUPPOSED]
        sure = [match for match in found if match.known or match.is_reference]
        return sorted([*sure, *supposed][:MAX_NAMES], key=lambda match: match.start)

    # What is listed

    def _add_han(self, name: KnownName) -> None:
        if name.is_person:
            self._by_characters.setdefault(name.text, []).append(name)
        self._forms[name] = [HanForm(name.text)]
        for reading, form in _read_characters(name.text, is_person=name.is_person):
            self._forms[name].append(form)
            self._add_readings(name, _orders(form) if name.is_person else (reading,))

    def _add_latin(self, name: KnownName) -> None:
        words = tuple(word.text for word in iter_words(fold(name.text)))
        for order in {words, (*words[1:], words[0]), (words[-1], *words[:-1])}:
            self._by_words.setdefault(order, []).append(name)
        self._forms[name] = [_write_words(words)]
        for form in _read_words(words):
            self._forms[name].append(form)
            self._add_readings(name, _orders(form))

    def _add_readings(self, name: KnownName, readings: Iterable[Syllables]) -> None:
        for reading in readings:
            self._by_reading.setdefault(reading, []).append(name)

    # Latin letters

    def _iter_latin(self, text: str, normalized: NormalizedText) -> Iterator[NameMatch]:
        words, at = list(iter_connected(normalized.text)), 0
        while at < len(words):
            length, match = self._match_latin(words, at, normalized, text)
            if match:
                yield match
            at += length

    def _match_latin(
        self, words: Sequence[Word], at: int, normalized: NormalizedText, text: str
    ) -> tuple[int, NameMatch | None]:
        """The longest name that begins with a word, and how many words it has; 1 and None where there is none."""
        for length in range(min(MAX_WINDOW, len(words) - at), 0, -1):
            window = words[at : at + length]
            start, end = normalized.original_span(window[0].start, window[-1].end)
            found = self._find_words(tuple(word.text for word in window), text, start, end)
            if found:
                return length, self._make_match(text, start, end, found)
        return 1, None

    def _find_words(self, words: tuple[str, ...], text: str, start: int, end: int) -> list[KnownName]:
        readings = list(iter_window_readings(words))
        if not all(words) or (readings and not is_meant(text, start, end)):
            return []
        read = (name for reading in readings for name in self._by_reading.get(reading, ()))
        return [*self._by_words.get(words, ()), *read]

    # Chinese characters

    def _iter_han(self, text: str, normalized: NormalizedText) -> Iterator[NameMatch]:
        tokens = self._analyzer.analyze(text)
        taken: set[int] = set()
        for start, end, characters in self._iter_listed(normalized, tokens):
            if taken.isdisjoint(range(start, end)):
                taken.update(range(start, end))
                yield self._match_characters(text, start, end, characters)
        for start, end in iter_supposed(text, tokens):
            if taken.isdisjoint(range(start, end)):
                yield self._match_characters(text, start, end, fold(text[start:end]))

    def _iter_listed(self, normalized: NormalizedText, tokens: Sequence[Token]) -> Iterator[tuple[int, int, str]]:
        """Listed names in a text, the longest first; those of two characters only between two words."""
        starts, ends = ({getattr(token, side) for token in tokens if token.kind == "word"} for side in ("start", "end"))
        for length in range(self._longest, 1, -1):
            for run in _HAN_RUN.finditer(normalized.text):
                for at in range(run.start(), run.end() - length + 1):
                    characters = normalized.text[at : at + length]
                    start, end = normalized.original_span(at, at + length)
                    if characters in self._by_characters and (length > 2 or (start in starts and end in ends)):
                        yield start, end, characters

    def _match_characters(self, text: str, start: int, end: int, characters: str) -> NameMatch:
        """Names with these characters, and people who are written with one of their readings; maybe none is listed."""
        read = list(_read_characters(characters, is_person=True))
        written = (name for reading, _ in read for name in self._by_reading.get(reading, ()) if not name.is_han)
        known = [*self._by_characters.get(characters, ()), *written]
        return self._make_match(text, start, end, known, [HanForm(characters), *(form for _, form in read)])

    def _make_match(
        self, text: str, start: int, end: int, known: Iterable[KnownName], typed: Iterable[NameForm] = ()
    ) -> NameMatch:
        names = tuple(dict.fromkeys(known))
        forms = [form for name in names for form in self._forms[name]]
        also = [_form_of(spelling) for name in names for spelling in name.also]
        distinct = tuple(dict.fromkeys((*typed, *forms, *also)))
        return NameMatch(text[start:end], start, end, names, distinct[:MAX_FORMS])


def _write_words(words: tuple[str, ...]) -> LatinForm:
    """A listed name in Latin letters as it is written: the last word, or all before it, may come first."""
    return LatinForm((words[:-1], words[-1:]) if len(words) > 1 else (words,), of_syllables=False)


def _form_of(spelling: str) -> NameForm:
    folded = fold(spelling)
    if _HAN_RUN.fullmatch(folded):
        return HanForm(folded)
    return LatinForm((tuple(word.text for word in iter_words(folded)),), of_syllables=False)


def _read_characters(characters: str, *, is_person: bool) -> Iterator[tuple[Syllables, LatinForm]]:
    """The readings of a name, each with how it is written; none of a foreign name."""
    person = split_person(characters) if is_person else None
    family = len(person[0]) if person else 0
    for reading in iter_readings(characters):
        if len(reading) == len(characters):
            yield reading, person_form(reading[:family], reading[family:]) if family else plain_form(reading)


def _read_words(words: Sequence[str]) -> Iterator[LatinForm]:
    """A listed name in Latin letters as family and given name in pinyin; nothing where it cannot be read so.

    Either may come first; in one word the family name is the first syllable.
    """
    ways = [split_syllables(word) for word in words]
    if not all(ways):
        return
    if len(words) == 1:
        yield from (person_form(way[:1], way[1:]) for way in ways[0] if 1 < len(way) <= 3)
        return
    for way in islice(product(*ways), MAX_READINGS):
        yield person_form(way[0], sum(way[1:], ()))
        if len(words) > 2:
            yield person_form(sum(way[:-1], ()), way[-1])


def _orders(form: LatinForm) -> Iterator[Syllables]:
    """The syllables of a name's parts in both orders."""
    yield from {sum(form.parts, ()), sum(reversed(form.parts), ())}
