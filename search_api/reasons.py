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

_FIELD = re.compile(r"\{(\w+)\}")
_VALUE = r"(?:(?!\.\s).)+?"
"""Within one sentence: `{format} is not read.` does not begin before that."""

_MORE = re.compile(r"\band (\d+) more$")
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|$)", re.DOTALL)


@dataclass(frozen=True)
class Sentence:
    """A sentence and its language; `en` where nobody has translated it."""

    text: str
    language: UiLanguage | str


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
        found = next(((known, match) for known in load_reasons() if (match := known.pattern.match(text))), None)
        if found:
            known, match = found
            values = {name: _say_more(value, language) for name, value in match.groupdict().items()}
            yield Sentence(known.translations[language].format_map(values), language)
        else:
            match = _SENTENCE.match(text)
            yield Sentence(text[: match.end() if match else len(text)], "en")
        text = text[match.end() if match else len(text) :].lstrip()


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
    return [_Known(_make_pattern(entry["en"]), entry) for entry in said_most_first]


def _make_pattern(sentence: str) -> re.Pattern[str]:
    pieces = _FIELD.split(sentence)
    pattern = "".join(f"(?P<{piece}>{_VALUE})" if at % 2 else re.escape(piece) for at, piece in enumerate(pieces))
    return re.compile(rf"{pattern}(?=\s|$)")
