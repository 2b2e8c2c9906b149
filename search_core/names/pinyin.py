"""Pinyin: how Chinese characters are read, and which Latin words can be such a reading.

Syllables are written without tones and with `u` for `ü`, which people leave out, type as `v` or print as `yu` in
passports: 吕 is "lu". pypinyin knows every reading of a character, those that only family names have among them
(单 dan, chan, shan; 解 jie, xie; 仇 chou, qiu; 曾 ceng, zeng; 查 cha, zha), so that any of them will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice, product

import regex

Syllables = tuple[str, ...]

MAX_READINGS = 24
"""Ways of reading one name, or of cutting one word into syllables, that are looked at."""

MAX_SYLLABLES = 6
"""Of one word: more than names have, and few enough for a hostile "ananan…" to be given up at once."""

_MOST_READINGS = 4
_MOST_WAYS = 512
_LONGEST = 6
_WITH_UMLAUT = ("u", "ue")
_UMLAUT = regex.compile(r"(?<=^[ln])(?:v|yu)")
_TONED_WORD = regex.compile(r"(?:[a-z]++[0-5]?+)++")
_TONE = regex.compile(r"[0-5]")
_VOWEL = regex.compile(r"[aeiou]")


@lru_cache(maxsize=1 << 14)
def read_character(character: str) -> tuple[str, ...]:
    """The readings of a character, the most usual first; none of what is not Chinese."""
    from pypinyin import Style, pinyin  # 0.3 s, which questions and collections without names do not need

    found = pinyin(character, style=Style.NORMAL, heteronym=True, errors="ignore")
    return tuple(dict.fromkeys(_plain(reading) for reading in (found[0] if found else ()) if reading))


def iter_readings(characters: str) -> Iterator[Syllables]:
    """The ways of reading a row of characters, one syllable a character; the most usual first, at most `MAX_READINGS`.

    One rare reading is as usual as any other: that of the family name comes before two rare ones of the given name.
    """
    ways = product(*(enumerate(read_character(character)[:_MOST_READINGS]) for character in characters))
    ranked = sorted(islice(ways, _MOST_WAYS), key=lambda way: sum(rarity for rarity, _ in way))
    yield from (tuple(syllable for _, syllable in way) for way in ranked[:MAX_READINGS])


@lru_cache(maxsize=1 << 12)
def split_syllables(word: str) -> tuple[Syllables, ...]:
    """Every way of reading a folded word as pinyin, tones as digits left out; none where it cannot be pinyin.

    "zhangwei" -> zhang wei      "xian" -> xian, or xi an      "zhang1wei3" -> zhang wei      "maison" -> nothing
    """
    pieces = [piece for piece in _TONE.split(word) if piece]
    if len(word) > MAX_SYLLABLES * (_LONGEST + 1) or len(pieces) > MAX_SYLLABLES or not _TONED_WORD.fullmatch(word):
        return ()
    ways = product(*(tuple(_iter_splits(piece)) for piece in pieces))
    return tuple(sum(way, ()) for way in islice(ways, MAX_READINGS))


def spell_syllable(syllable: str) -> tuple[str, ...]:
    """The ways in which a syllable is written without accents: those with ü have three."""
    if syllable[:1] in "ln" and syllable[1:] in _WITH_UMLAUT:
        return syllable, f"{syllable[0]}v{syllable[2:]}", f"{syllable[0]}y{syllable[1:]}"
    return (syllable,)


def _iter_splits(letters: str, most: int = MAX_SYLLABLES) -> Iterator[Syllables]:
    """Cuts with long syllables first, as they are read where no apostrophe parts them."""
    if not letters:
        yield ()
    elif most:
        for end in range(min(len(letters), _LONGEST), 0, -1):
            if (syllable := _plain(letters[:end])) in _known_syllables():
                yield from ((syllable, *rest) for rest in _iter_splits(letters[end:], most - 1))


@cache
def _known_syllables() -> frozenset[str]:
    """Every syllable that a character is read as, interjections without a vowel left out."""
    from pypinyin.constants import PINYIN_DICT
    from pypinyin.contrib.tone_convert import to_normal

    toned = {reading for number, found in PINYIN_DICT.items() if number <= 0x9FFF for reading in found.split(",")}
    return frozenset(plain for each in toned if _VOWEL.search(plain := _plain(to_normal(each))))


def _plain(syllable: str) -> str:
    return _UMLAUT.sub("u", syllable.replace("ü", "v"))
