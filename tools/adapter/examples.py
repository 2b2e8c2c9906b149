"""What training reads: texts in both languages, those of packages and those written for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from records import NO_ANSWER, is_held_out, read_records

HELD_OUT = frozenset(
    {
        "tourism management",
        "epidemics and vaccination",
        "modern history",
        "energy",
        "railways and aviation",
        "noise management",
        "ferries and river cruises",
        "transport accidents and inquiries",
        "disease outbreaks in the news",
        "oceans and marine life",
        "the Silk Road",
        "passwords and two-factor authentication",
        "public transport data formats and passenger information systems",
        "dental and eye care",
        "privacy notices",
        "gardening",
    }
)
"""Subjects of the quads that only development sees."""


@dataclass(frozen=True)
class Example:
    """Texts in both languages. Without questions, the passages are translations of each other: a plain pair."""

    source: str
    fr_question: str
    zh_question: str
    fr_passage: str
    zh_passage: str
    fr_title: str = ""
    zh_title: str = ""

    def texts(self) -> tuple[str, ...]:
        return tuple(getattr(self, each.name) for each in fields(self) if each.name != "source")

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


def read_examples(path: Path, *, dev: bool) -> list[Example]:
    records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [Example(**record) for record in records if record.pop("dev") == dev]


def read_quads(paths: Sequence[Path], *, dev: bool) -> list[Example]:
    """The project's own questions and passages; the subject stands for the source."""
    records = [
        json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
    ]
    return [
        Example(
            record["subject"],
            record["fr_question"],
            record["zh_question"],
            record["fr_passage"],
            record["zh_passage"],
            record.get("fr_title", ""),
            record.get("zh_title", ""),
        )
        for record in records
        if (record["subject"] in HELD_OUT) == dev
    ]


def read_blocks(paths: Sequence[Path], *, dev: bool) -> list[Example]:
    """What the cross-encoder was trained on: each question with its passage; the block stands for the source."""
    return [
        Example(f"block {record.block}", *asked.texts, " ".join(record.fr), "".join(record.zh), *record.title)
        for record in read_records(paths)
        if is_held_out(record.block) == dev
        for asked in record.questions
        if asked.answers[0] != NO_ANSWER
    ]
