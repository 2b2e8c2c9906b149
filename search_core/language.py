"""Which language a passage, a document and a query is in: by script first, by statistics second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Literal

import lingua
import regex

from search_core.model import Language

QueryLanguage = Literal["fr", "zh", "both"]

_HAN = regex.compile(r"\p{Han}")
_OTHER_SCRIPT = regex.compile(r"[[\p{L}]--[\p{Latin}\p{Han}]]", regex.V1)
_LATIN_WORD = regex.compile(r"\p{Latin}[\p{Latin}\p{M}]*")


def detect_language(text: str, default: Language = "other") -> Language:
    """The language of a passage; `default` where there is too little to tell."""
    han, latin, other = _count_scripts(text)
    if han + latin + other < 2:
        return default
    if other > han + latin:
        return "other"
    if han * 4 >= latin:
        return "zh"
    found = _detector().detect_language_of(text)
    if found is None:
        return default
    return "fr" if found == lingua.Language.FRENCH else "other"


def majority_language(weighted: Iterable[tuple[Language, int]]) -> Language:
    """The language with most weight; `other` of nothing."""
    weights: Counter[Language] = Counter()
    for language, weight in weighted:
        weights[language] += weight
    return max(weights, key=lambda language: weights[language], default="other")


def detect_query_language(query: str) -> QueryLanguage:
    """The language a query is asked in; `both` where it is undecided or mixed."""
    han, latin, _ = _count_scripts(query)
    if han and han * 4 >= latin:
        return "zh"
    return "fr" if latin and detect_language(query) == "fr" else "both"


def _count_scripts(text: str) -> tuple[int, int, int]:
    """Characters of Han, of Latin and of other scripts."""
    latin = sum(len(word) for word in _LATIN_WORD.findall(text))
    return len(_HAN.findall(text)), latin, len(_OTHER_SCRIPT.findall(text))


@cache
def _detector() -> lingua.LanguageDetector:
    languages = [
        lingua.Language.FRENCH,
        lingua.Language.ENGLISH,
        lingua.Language.GERMAN,
        lingua.Language.SPANISH,
        lingua.Language.ITALIAN,
        lingua.Language.PORTUGUESE,
        lingua.Language.DUTCH,
    ]
    return lingua.LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()
