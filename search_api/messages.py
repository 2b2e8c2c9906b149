"""The texts of the interface, in French and Chinese side by side, and which of the two a reader gets."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

from starlette.requests import Request

from search_api.typography import set_french

UiLanguage = Literal["fr", "zh"]
UI_LANGUAGES: tuple[UiLanguage, ...] = get_args(UiLanguage)
UI_COOKIE = "passerelle_ui"
UI_PARAMETER = "ui"

LANGUAGE_TAGS: Mapping[str, str] = {"fr": "fr", "zh": "zh", "other": ""}
"""What the `lang` attribute of a text says; empty: unknown."""


@cache
def load_messages() -> Mapping[str, Mapping[str, str]]:
    """Key to language to text. Keys join the table names of the file: `error.not_found.title`."""
    raw = tomllib.loads(resources.files("search_api").joinpath("messages.toml").read_text("utf-8"))
    return dict(_flatten("", raw))


def _flatten(prefix: str, table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, value in table.items():
        if all(isinstance(each, str) for each in value.values()):
            yield prefix + name, {**value, "fr": set_french(value["fr"])}
        else:
            yield from _flatten(f"{prefix}{name}.", value)


@dataclass(frozen=True)
class Texts:
    """The interface in one language."""

    language: UiLanguage

    @property
    def tag(self) -> str:
        return "zh-Hans" if self.language == "zh" else self.language

    def __call__(self, key: str, **values: object) -> str:
        return load_messages()[key][self.language].format_map(values)

    def counted(self, key: str, count: int, **values: object) -> str:
        """The text for this number of things: `key.none`, `key.one` or `key.many`."""
        form = {0: "none", 1: "one"}.get(count, "many")
        return self(f"{key}.{form}", count=self.number(count), **values)

    def number(self, value: int) -> str:
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def date(self, iso: str) -> str:
        """`2014`, `2014-11` or `2014-11-03` as people write it; anything else as it stands."""
        parts = iso.split("-")
        if not (1 <= len(parts) <= 3 and all(part.isascii() and part.isdigit() for part in parts)):
            return iso
        if len(parts) == 1 or not 1 <= int(parts[1]) <= 12:
            return iso
        month = self(f"month.{int(parts[1])}")
        if len(parts) == 2:
            return self("date.month", year=parts[0], month=month)
        return self("date.day", year=parts[0], month=month, day=int(parts[2]))

    def pick(self, labels: tuple[str, str]) -> str:
        """The label in this language, of a pair in French and Chinese."""
        return labels[UI_LANGUAGES.index(self.language)]


def texts_for(request: Request) -> Texts:
    """The language chosen now, else chosen earlier, else wanted by the browser, else French."""
    for chosen in (request.query_params.get(UI_PARAMETER), request.cookies.get(UI_COOKIE)):
        if chosen in UI_LANGUAGES:
            return Texts(chosen)
    return Texts(_preferred(request.headers.get("accept-language", "")))


def _preferred(header: str) -> UiLanguage:
    """The first of the interface's languages in an Accept-Language header, by weight and then by place."""
    weighted = []
    for entry in header.split(","):
        tag, _, parameter = entry.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in UI_LANGUAGES:
            weighted.append((_weight(parameter), language))
    best = max(weighted, key=lambda each: each[0], default=(0.0, UI_LANGUAGES[0]))
    return best[1] if best[0] > 0 else UI_LANGUAGES[0]


def _weight(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
