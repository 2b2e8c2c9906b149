"""What the indexer says of files, in the reader's language: known sentences from `reasons.toml`, others as they are.

The indexer, its reports and the API speak English; the page has readers who do not.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from search_api.messages import UiLanguage
from search_api.typography import set_french

_FIELD = re.compile(r"\{(\w+)\}")
_VALUE = r"(?:(?!\.\s).)+?"
"""Within one sentence: `{format} is not read.` does not begin before that."""

_MORE = re.compile(r"\band (\d+) more$")
_NAME = re.compile(r"(?P<name>.+?): ")
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|$)", re.DOTALL)


@dataclass(frozen=True)
class Sentence:
    """A sentence and its language; `en` where nobody has translated it."""

    text: str
    language: UiLanguage | str


_Read = tuple[Sentence, int]
"""The first sentence of a text and how much of the text it is."""


@dataclass(frozen=True)
class _Known:
    """How a sentence is recognised, and the same in other languages."""

    pattern: re.Pattern[str]
    translations: Mapping[str, str]


def explain(text: str, language: UiLanguage) -> list[Sentence]:
    """The sentences of a reason or remark, in their order."""
    return list(_iter_sentences(text.strip(), language))


def _iter_sentences(text: str, language: UiLanguage) -> Iterator[Sentence]:
    while text:
        sentence, length = _read_known(text, language) or _read_part(text, language) or _read_unknown(text)
        yield sentence
        text = text[length:].lstrip()


def _read_known(text: str, language: UiLanguage) -> _Read | None:
    for known in load_reasons():
        if match := known.pattern.match(text):
            values = {name: _say_value(name, value, language) for name, value in match.groupdict().items()}
            return Sentence(known.translations[language].format_map(values), language), match.end()
    return None


def _read_part(text: str, language: UiLanguage) -> _Read | None:
    """A known sentence behind the name of the file within the file that it is about."""
    match = _NAME.match(text)
    read = _read_known(text[match.end() :], language) if match else None
    if match is None or read is None:
        return None
    pattern = _load()["part"][language]
    said = (set_french(pattern) if language == "fr" else pattern).format(name=match["name"], remark=_go_on(read[0]))
    return Sentence(said, language), match.end() + read[1]


def _read_unknown(text: str) -> _Read:
    match = _SENTENCE.match(text)
    end = match.end() if match else len(text)
    return Sentence(text[:end], "en"), end


def _say_value(name: str, value: str, language: UiLanguage) -> str:
    """A problem within a sentence is one itself; others are names and numbers."""
    read = _read_known(f"{value}.", language) if name == "problem" else None
    return _go_on(read[0]).rstrip(".。") if read else _say_more(value, language)


def _go_on(sentence: Sentence) -> str:
    """A sentence as it stands behind a colon; LibreOffice keeps its capital, as names do in Chinese."""
    word = sentence.text.partition(" ")[0]
    is_name = sentence.language != "fr" or word[1:] != word[1:].lower()
    return sentence.text if is_name else sentence.text[:1].lower() + sentence.text[1:]


def _say_more(value: str, language: UiLanguage) -> str:
    """Pages 1, 2, 3 and 5 more."""
    return _MORE.sub(lambda found: str(_load()["more"][language]).format(number=found[1]), value)


@cache
def _load() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("search_api").joinpath("reasons.toml").read_text("utf-8"))


@cache
def load_reasons() -> Sequence[_Known]:
    """The known sentences; what says most comes first, so that `The {noun} is damaged.` waits for the last."""
    said_most_first = sorted(_load()["sentences"], key=lambda entry: -len(_FIELD.sub("", entry["en"])))
    return [_Known(_make_pattern(entry["en"]), {**entry, "fr": set_french(entry["fr"])}) for entry in said_most_first]


def _make_pattern(sentence: str) -> re.Pattern[str]:
    pieces = _FIELD.split(sentence)
    pattern = "".join(f"(?P<{piece}>{_VALUE})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re.compile(rf"{pattern}(?=\s|$)")
