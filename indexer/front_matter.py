"""YAML that people write about files: at a file's head, beside it, or for a folder. Read as plain strings, bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import yaml

MAX_YAML_CHARS = 64_000

_MAX_PROBLEMS = 10

_ENTRY_START = re.compile(r"(?m)^(?=[^\s#\-\]}])")
_KEY = re.compile(r"\A([\w-]{1,40}) ?[:：]")
_PLAIN_ENTRY = re.compile(r"(?P<key>[\w-]{1,40}) ?[:：] ?(?P<value>[^\s\[\]{}&*!|>%@`\"'#][^\n]*)\s*")
_BLOCK = re.compile(r"---[ \t]*\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


Origin = Literal["person", "message", "program", "text"]
"""Who says it: somebody who wrote YAML about a file; a mail's header or a page's `<meta>`, which were made with it; the
file's properties, which programs fill in and templates pass on; our own reading of the text."""


@dataclass(frozen=True)
class Declared:
    """Metadata as a file, its sidecar or its folder declares it: raw values by key, and what could not be read.

    `unreadable` are the keys whose values are lost.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unreadable: frozenset[str] = frozenset()
    origin: Origin = "program"


class SplitText(NamedTuple):
    """A text without the YAML block at its head; `block` is None where it has none."""

    block: str | None
    body: str


def split_front_matter(text: str) -> SplitText:
    """Take the leading `---` block off. A `---` that no second line of its kind ends is a rule, not a block."""
    match = _BLOCK.match(text[: MAX_YAML_CHARS + 1000])
    if match is None or not _looks_like_yaml(match["yaml"]):
        return SplitText(None, text)
    return SplitText(match["yaml"], text[match.end() :])


def parse_yaml(text: str) -> Declared:
    """A YAML mapping with every scalar as the string it is written as.

    YAML's own typing would make 2014-02-30 an error, 12:30 the number 750 and `no` false. Aliases are refused:
    a few lines of them unfold to gigabytes. Where the whole is no YAML, each entry is read by itself.
    """
    if len(text) > MAX_YAML_CHARS:
        return Declared({}, (f"longer than {MAX_YAML_CHARS} characters",), origin="person")
    try:
        return Declared(_load_mapping(text), origin="person")
    except _Unreadable:
        return _parse_entries(text)


def _parse_entries(text: str) -> Declared:
    values: dict[str, Any] = {}
    problems: list[str] = []
    unreadable: set[str] = set()
    line = 1
    for entry in _ENTRY_START.split(text):
        try:
            values |= _load_entry(entry)
        except _Unreadable as problem:
            problems.append(f"line {line}: {problem}")
            unreadable |= set(_KEY.findall(entry))
        line += entry.count("\n")
    return Declared(values, tuple(problems[:_MAX_PROBLEMS]), frozenset(unreadable), origin="person")


def _load_entry(entry: str) -> dict[str, Any]:
    """One entry by itself; `title: Rapport : suite` and `标题：报告` are no YAML, but what they mean is plain."""
    try:
        return _load_mapping(entry)
    except _Unreadable:
        plain = _PLAIN_ENTRY.fullmatch(entry)
        if plain is None:
            raise
        return {plain["key"]: plain["value"].strip()}


def _load_mapping(text: str) -> dict[str, Any]:
    try:
        raw = yaml.load(text, Loader=_PlainLoader)  # noqa: S506 - a BaseLoader makes strings, lists and mappings only
    except yaml.MarkedYAMLError as error:
        raise _Unreadable(error.problem or error.context or "no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _Unreadable(str(error).partition("\n")[0]) from error
    if raw is None or raw == "":
        return {}
    if not isinstance(raw, dict):
        raise _Unreadable("not a line of the form `key: value`")
    return {str(key).strip(): value for key, value in raw.items()}


class _Unreadable(Exception):
    """Why a piece of YAML cannot be used."""


class _PlainLoader(yaml.BaseLoader):
    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not supported")
        return super().compose_node(parent, index)


def _looks_like_yaml(block: str) -> bool:
    """A key before anything else: text between two rules is no metadata."""
    first = next((line for line in block.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return not first or re.match(r"[\w\"'][^:：]{0,60}(：|:(\s|$))", first) is not None
