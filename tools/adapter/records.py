"""The project's own passages: questions that one sentence of them answers, and questions that they do not answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ANSWER_UNKNOWN, NO_ANSWER = -1, -2
"""In place of a sentence's number: the passage answers, nobody said where; and it does not answer."""

HELD_OUT_SHARE = 10
"""One block in so many is seen by development only."""


@dataclass(frozen=True)
class Asked:
    """A question in French and Chinese, with the number of the sentence that answers it in each passage."""

    texts: tuple[str, str]
    answers: tuple[int, int]


@dataclass(frozen=True)
class Record:
    """A passage in both languages, sentence by sentence, and what is asked of it.

    Passages of one `block` were written after one another, on the same matters. `title` is the document's, in French
    and in Chinese; empty where the passage stands alone.
    """

    subject: str
    block: int
    title: tuple[str, str]
    fr: tuple[str, ...]
    zh: tuple[str, ...]
    questions: tuple[Asked, ...]


def read_records(paths: Sequence[Path]) -> Iterator[Record]:
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            raw = json.loads(line)
            answered = [
                Asked((each["fr"], each["zh"]), (each["fr_answer"], each["zh_answer"])) for each in raw["questions"]
            ]
            missed = [Asked((each["fr"], each["zh"]), (NO_ANSWER, NO_ANSWER)) for each in raw["unanswered"]]
            title = raw.get("fr_title", ""), raw.get("zh_title", "")
            yield Record(raw["subject"], raw["block"], title, tuple(raw["fr"]), tuple(raw["zh"]), (*answered, *missed))


def is_held_out(block: int) -> bool:
    return block % HELD_OUT_SHARE == HELD_OUT_SHARE - 1
