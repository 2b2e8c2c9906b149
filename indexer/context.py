"""What travels with a passage into the model: its document's title and the headings above it, as far as they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from search_core.embedding import Embedder

HEADING_SEPARATOR = " › "

_SPECIAL_TOKENS = 8
"""Of prompt, beginning and end, which `count_tokens` does not count."""


@dataclass(frozen=True)
class Context:
    """`heading_path` is what people are shown; `title` and `heading` what the model reads, `tokens` what they take."""

    heading_path: str
    title: str
    heading: str
    tokens: int


def make_contexts(title: str, heading_paths: Sequence[str], embedder: Embedder) -> list[Context]:
    """One context a heading path. Where it would take more than half of what the model reads, it is shortened."""
    distinct = list(dict.fromkeys(heading_paths))
    choices = [_list_choices(title, path) for path in distinct]
    texts = list(dict.fromkeys("\n".join(choice) for group in choices for choice in group))
    sizes = dict(zip(texts, embedder.count_tokens(texts), strict=True))
    limit = embedder.max_tokens // 2
    chosen: dict[str, Context] = {}
    for path, group in zip(distinct, choices, strict=True):
        fitting = next((choice for choice in group if sizes["\n".join(choice)] <= limit), ("", ""))
        chosen[path] = Context(path, *fitting, tokens=sizes.get("\n".join(fitting), 0) + _SPECIAL_TOKENS)
    return [chosen[path] for path in heading_paths]


def _list_choices(title: str, path: str) -> list[tuple[str, str]]:
    """In order of preference: everything, the last heading only, the title only, the last heading alone."""
    last = path.rpartition(HEADING_SEPARATOR)[2]
    return [(title, path), (title, last), (title, ""), ("", last)]
