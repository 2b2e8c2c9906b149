"""Cleaning of texts, and what tells a usable French-Chinese pair from markup, stubs and what was left in English."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import cache

import opencc
from examples import Example

HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-zÀ-ÿ]")
_FRENCH_WORDS = frozenset(
    re.findall(r"\w+", "le la les des de du et un une pour dans est en sur avec vous par que qui au aux ce cette d l")
)
_ENGLISH_WORDS = frozenset(
    re.findall(r"\w+", "the and of to is for with this you in that by are be an or from on it as")
)
_WORD = re.compile(r"[a-zà-ÿ]+")
_MARKUP = re.compile(r"<[^<>]{1,200}>|\[/?[a-z_]+(?:=[^\]]*)?\]")
_PLACEHOLDER = re.compile(r"%\d+\$?[sd]?|%[-+0-9.]*l?[sdfiuxc]|%\([a-z_]+\)[sd]|\{[^{}]*\}|\$[a-z_|]+;?")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+(?=[A-ZÀ-Ý«\"“])|(?<=[。！？])")


def clean(text: str) -> str:
    """One line without markup, mnemonics and doubled spaces."""
    text = html.unescape(_MARKUP.sub("", text.replace("\\n", " ").replace("<br>", " ")))
    text = re.sub(r"[（(]\s*&\w\s*[)）]", "", text)
    text = re.sub(r"&(?=\w)|(?<!\w)_(?=\w)", "", text)
    return " ".join(text.split())


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def to_simplified(text: str) -> str:
    converted: str = _converter().convert(text)
    return converted


def is_chinese(text: str, least: int = 2) -> bool:
    han = len(HAN.findall(text))
    return han >= least and han >= 0.6 * (han + len(_LATIN.findall(text)) / 4)


def is_french(text: str) -> bool:
    words = _WORD.findall(text.lower())
    if not words or HAN.search(text):
        return False
    french, english = (sum(word in known for word in words) for known in (_FRENCH_WORDS, _ENGLISH_WORDS))
    return french > english if len(words) > 6 else english == 0


def is_pair(fr: str, zh: str, least: int = 2) -> bool:
    """Two texts that may be translations: the right languages, sensible lengths, few placeholders."""
    if not (is_chinese(zh, least) and is_french(fr)) or len(_PLACEHOLDER.findall(fr)) > 1 + len(fr) / 80:
        return False
    return 1.1 <= (len(fr) + 10) / (len(zh) + 3) <= 9


def iter_sentence_starts(text: str) -> Iterator[int]:
    """Where sentences begin, in characters; 0 first."""
    yield 0
    yield from (match.end() for match in _SENTENCE_END.finditer(text) if match.end() < len(text))


def split_sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence and sentence.strip()]


def make_example(source: str, fr: str, zh: str) -> Example | None:
    """Of a text in both languages: its first sentence as a question for the rest, or a plain pair if it is short."""
    fr, zh = clean(fr), to_simplified(clean(zh))
    if not is_pair(fr, zh, 6):
        return None
    ours, theirs = split_sentences(fr), split_sentences(zh)
    if len(ours) > 1 and len(theirs) > 1 and min(len(ours[0]) / 20, len(theirs[0]) / 6) >= 1:
        rest_fr, rest_zh = " ".join(ours[1:]), "".join(theirs[1:])
        if is_pair(rest_fr, rest_zh, 15):
            return Example(source, ours[0], theirs[0], rest_fr, rest_zh)
    return Example(source, "", "", fr, zh)


def make_titled(source: str, titles: tuple[str, str], bodies: tuple[str, str]) -> Example | None:
    """A title, name or short description in both languages as the question for the text under it."""
    (title_fr, title_zh), (fr, zh) = (tuple(map(clean, texts)) for texts in (titles, bodies))
    title_zh, zh = to_simplified(title_zh), to_simplified(zh)
    if not is_pair(fr, zh, 10):
        return None
    if not is_pair(title_fr, title_zh) or min(len(title_fr) / 4, len(title_zh) / 2) < 1:
        return make_example(source, fr, zh)
    return Example(source, title_fr, title_zh, fr, zh)
