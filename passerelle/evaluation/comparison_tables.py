"""Figures of `comparison` as tables, for the terminal and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passerelle.evaluation.asked_question import FUSED, LEG_KINDS
from passerelle.evaluation.comparison import TESTED
from passerelle.evaluation.statistics import SIGNIFICANT

BETTER, WORSE = "↑", "↓"

LEGEND = (
    f"{BETTER} {WORSE}: significantly better or worse than the first configuration (paired randomisation test, Holm's "
    "correction, p < .05). Intervals: 95 %, bootstrap over questions."
)

Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table: a title, the columns after the first, and the rows by name of the configuration."""

    title: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]


def make_tables(figures: Figures) -> list[Table]:
    """All tables of one set."""
    found: Figures = figures["configurations"]
    directions = tuple(next(iter(found.values()))["directions"]) if found else ()
    return [
        Table(
            "nDCG@10 filtered / nDCG@10 mixed / hit@10 mixed",
            directions,
            {name: tuple(_cell(each, direction) for direction in directions) for name, each in found.items()},
        ),
        Table(
            "Cross-language / same-language nDCG@10, filtered and mixed",
            ("fr>zh filtered", "zh>fr filtered", "fr>zh mixed", "zh>fr mixed"),
            {name: tuple(_iter_parity(each)) for name, each in found.items()},
        ),
        Table(
            "Answers in one language only: nDCG@10 mixed / filtered",
            directions,
            {
                name: tuple(_interval(each["directions"][direction]["one_language"]) for direction in directions)
                for name, each in found.items()
            },
        ),
        Table(
            "95 % intervals: nDCG@10 filtered; nDCG@10 mixed; hit@10 mixed",
            directions,
            {name: tuple(_intervals(each, direction) for direction in directions) for name, each in found.items()},
        ),
        Table(
            "Recall@50, filtered: fused / lexical / dense / glossary",
            directions,
            {name: tuple(_recall(each, direction) for direction in directions) for name, each in found.items()},
        ),
        Table(
            "Fused against the best single leg, nDCG@10 filtered",
            directions,
            {name: tuple(_fusion(each, direction) for direction in directions) for name, each in found.items()},
        ),
    ]


def to_markdown(sets: Sequence[Figures]) -> str:
    """One section a set."""
    return "\n".join(line for figures in sets for line in _iter_markdown(figures))


def describe_set(figures: Figures) -> str:
    return f"{figures['set']}: {figures['documents']} documents, {figures['queries']} questions"


def find_harm(figures: Figures) -> list[str]:
    """Where fusion hurts: a sentence a direction in which the fused ranking is significantly below its best leg."""
    return [
        f"{name}, {direction}: fused is {number(abs(found['difference']))} below {found['best_leg']} alone "
        f"(p = {found['corrected_p']:.4f})"
        for name, each in figures["configurations"].items()
        for direction, found in each["fusion"].items()
        if found["worse"]
    ]


def number(value: float) -> str:
    """Two decimals without the leading zero, as 1.00 or .75 or -.02."""
    return re.sub(r"^(-?)0\.", r"\1.", f"{value:.2f}")


def _iter_markdown(figures: Figures) -> Iterator[str]:
    yield f"## {describe_set(figures)}\n"
    for table in make_tables(figures):
        yield f"{table.title}:\n"
        yield _row("configuration", table.columns)
        yield _row("---", ["---"] * len(table.columns))
        yield from (_row(name, cells) for name, cells in table.rows.items())
        yield ""
    yield LEGEND + "\n"
    harm = find_harm(figures)
    yield "Fusion hurts:\n" if harm else "Fusion is nowhere significantly below its best single leg.\n"
    yield from (f"- {sentence}" for sentence in harm)
    if harm:
        yield ""


def _row(name: str, cells: Sequence[str]) -> str:
    return f"| {' | '.join(each.replace('|', chr(92) + '|') for each in (name, *cells))} |"


def _cell(figures: Figures, direction: str) -> str:
    found, against = figures["directions"][direction], figures["against_first"].get(direction, {})
    return " / ".join(f"{number(found[each]['value'])}{_mark(against.get(each))}" for each in TESTED)


def _mark(difference: Figures | None) -> str:
    if difference is None or difference["corrected_p"] >= SIGNIFICANT:
        return ""
    return BETTER if difference["difference"] > 0 else WORSE


def _iter_parity(figures: Figures) -> Iterator[str]:
    for ratios in (figures["parity"], figures["parity_mixed"]):
        for across in ("fr>zh", "zh>fr"):
            yield _interval(ratios.get(across))


def _interval(estimate: Figures | None) -> str:
    return f"{number(estimate['value'])} [{number(estimate['low'])}, {number(estimate['high'])}]" if estimate else "–"


def _intervals(figures: Figures, direction: str) -> str:
    found = figures["directions"][direction]
    return "; ".join(f"[{number(found[each]['low'])}, {number(found[each]['high'])}]" for each in TESTED)


def _recall(figures: Figures, direction: str) -> str:
    recall = figures["directions"][direction]["recall50"]
    return " / ".join(number(recall[leg]) if leg in recall else "–" for leg in (FUSED, *LEG_KINDS))


def _fusion(figures: Figures, direction: str) -> str:
    found = figures["fusion"].get(direction)
    if not found:
        return "–"
    sign = "+" if found["difference"] >= 0 else "-"
    harm = f" {WORSE}" if found["worse"] else ""
    return f"{found['best_leg']} {sign}{number(abs(found['difference']))} (p = {found['p']:.3f}){harm}"
