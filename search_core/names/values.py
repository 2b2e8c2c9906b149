"""Names as metadata and glossary give them: "M. ZHANG Wei (bureau des transports)" is a person called Zhang Wei."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import regex

from search_core.analysis.french import iter_words
from search_core.analysis.normalize import fold
from search_core.glossary_file import GlossaryEntry
from search_core.model import Shared
from search_core.names.forms import DOT
from search_core.names.pinyin import iter_readings, split_syllables
from search_core.names.surnames import split_person

PERSON_FIELDS = ("author",)
"""Metadata whose values are people; a body that writes is none."""

NAMED_FIELDS = ("organisation", "delegation", "city")
"""Metadata whose Chinese values can be asked for in pinyin."""

MAX_HAN = 12
MAX_LATIN_WORDS = 4

_SEPARATOR = regex.compile(r"\s*(?:[、,，;；/&+]|\bet\b|\band\b)\s*")
_LAST_FIRST = regex.compile(
    r"^\s*(?P<last>\p{Latin}[\p{Latin}\p{M}'’-]+), *(?P<first>\p{Latin}[\p{Latin}\p{M}'’-]+)\s*$"
)
_ASIDE = regex.compile(r"\s*[(（\[【<].*$")
_TITLE_BEFORE = regex.compile(r"^(?:(?:mm?|mr|mrs|ms|mmes?|mlle|dr|prof|pr|me|ing)\b\.?\s+)+", regex.IGNORECASE)
_TITLE_AFTER = regex.compile(
    r"(?:先生|女士|小姐|同志|老师|教授|博士|院士|工程师|翻译|(?:副|总)?(?:市长|局长|主任|书记|秘书长|处长|科长|院长|校长|经理|县长|区长|部长|团长))+$"
)
_HAN = regex.compile(r"\p{Han}+")
_FOREIGN_HAN = regex.compile(rf"\p{{Han}}{{1,8}}(?:{DOT}\p{{Han}}{{1,8}})+")
_OTHER_DOTS = regex.compile(r"[•‧・]")
_LATIN_NAME_WORD = regex.compile(r"\p{Lu}[\p{L}\p{M}.'’-]*")
_PARTICLES = frozenset(["de", "du", "des", "la", "le", "van", "von", "d", "al", "el", "ben"])
_BODY = regex.compile(
    r"agence|association|bureau|cabinet|centre|comite|commission|communication|conseil|delegation|department|departement"
    r"|direction|ecole|equipe|group|groupe|mairie|ministere|mission|office|pole|presse|redaction|secretariat|section"
    r"|service|services|societe|team|universite|ville|working"
)
_PERSON_SUBJECTS = frozenset(["person", "people", "personne", "personnes", "人", "人名", "人物", "人员"])


@dataclass(frozen=True)
class KnownName(Shared):
    """A name as it is written somewhere: `text` is cleaned; `also` are other ways of writing it that the glossary has.

    `field` and `value` are the metadata that bear it, empty for the glossary's.
    """

    text: str
    is_person: bool
    field: str = ""
    value: str = ""
    also: tuple[str, ...] = ()

    @property
    def is_han(self) -> bool:
        return _HAN.match(self.text) is not None


def iter_metadata_names(values: Mapping[str, Sequence[str]]) -> Iterator[KnownName]:
    """The names in metadata values, which come by field."""
    for field in PERSON_FIELDS:
        for value in values.get(field, ()):
            yield from (KnownName(name, True, field, value) for name in iter_persons(value))
    for field in NAMED_FIELDS:
        for value in values.get(field, ()):
            folded = "".join(fold(value).split())
            if _HAN.fullmatch(folded) and 1 < len(folded) <= MAX_HAN:
                yield KnownName(folded, False, field, value)


def iter_persons(value: str) -> Iterator[str]:
    """The people whom a metadata value names, without titles and asides; Chinese names simplified."""
    for part in _SEPARATOR.split(_LAST_FIRST.sub(r"\g<first> \g<last>", value)):
        name = _TITLE_BEFORE.sub("", _ASIDE.sub("", part)).strip()
        characters = _TITLE_AFTER.sub("", _OTHER_DOTS.sub(DOT, "".join(fold(name).split())))
        if split_person(characters) or _FOREIGN_HAN.fullmatch(characters):
            yield characters
        elif _is_latin_person(name):
            yield name


def iter_glossary_names(entries: Sequence[GlossaryEntry]) -> Iterator[KnownName]:
    """Chinese terms of entries marked as names, or whose French term is how the Chinese one is read."""
    for entry in entries:
        for term in entry.zh:
            characters = fold(term)
            if _HAN.fullmatch(characters) and 1 < len(characters) <= MAX_HAN:
                in_pinyin = any(_is_reading(french, characters) for french in entry.fr)
                if entry.name or in_pinyin:
                    yield KnownName(characters, _is_person(entry, characters), also=(*entry.fr, *entry.zh))


def _is_person(entry: GlossaryEntry, characters: str) -> bool:
    if entry.subject.casefold() in _PERSON_SUBJECTS:
        return True
    return split_person(characters) is not None and any(
        len(list(iter_words(fold(french)))) > 1 and _is_reading(french, characters) for french in entry.fr
    )


def _is_reading(french: str, characters: str) -> bool:
    """Whether a French term is a person's or a place's name in pinyin, in either order."""
    words = [split_syllables(word.text) for word in iter_words(fold(french))]
    readings = set(iter_readings(characters))
    if not words or not all(words):
        return False
    rotated = [words, [*words[1:], words[0]], [words[-1], *words[:-1]]]
    return any(_spells(order, reading) for order in rotated for reading in readings)


def _spells(words: Sequence[Sequence[tuple[str, ...]]], reading: tuple[str, ...]) -> bool:
    if not words:
        return not reading
    return any(reading[: len(way)] == way and _spells(words[1:], reading[len(way) :]) for way in words[0])


def _is_latin_person(name: str) -> bool:
    """Two to four words with capitals, none of which names a body; a word alone only where it is a name in pinyin."""
    words = [word for word in name.split() if fold(word).rstrip("'") not in _PARTICLES]
    if not all(map(_LATIN_NAME_WORD.fullmatch, words)) or len(name.split()) > MAX_LATIN_WORDS + 1:
        return False
    folded = [word.text for word in iter_words(fold(name))]
    if any(map(_BODY.fullmatch, folded)):
        return False
    return 2 <= len(words) <= MAX_LATIN_WORDS or (len(words) == 1 and len(folded) == 1 and _is_joined(folded[0]))


def _is_joined(word: str) -> bool:
    return any(1 < len(way) <= 3 for way in split_syllables(word))
