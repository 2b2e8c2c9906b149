"""The same text in several files is known as such; what only looks alike is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.copies import SAME_SHARE, estimate_share, group_copies, make_sketch
from indexer.report import RunReport, read_report
from search_core.copies import read_copies
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.model import Document

Run = Callable[..., RunReport]

WORDS = ("ville", "réseau", "vélo", "école", "logement", "tramway", "réunion", "projet", "智慧", "城市", "乐山", "电网")


def write_text(seed: int, words: int = 600) -> str:
    chance = random.Random(seed)
    return " ".join(f"{chance.choice(WORDS)}{chance.randrange(100)}" for _ in range(words))


def paged(text: str) -> str:
    """As a PDF gives it: lines, and a number on each page."""
    words = text.split(" ")
    pages = [words[at : at + 300] for at in range(0, len(words), 300)]
    return "\n\n".join("\n".join(page) + f"\n– {number} –" for number, page in enumerate(pages, start=1))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (lambda text: text.upper().replace(" ", "\n"), True),
        (paged, True),
        (lambda text: text[: len(text) * 3 // 4], False),
        (lambda text: text.replace("ville", "commune").replace("电网", "智能电网"), False),
        (lambda text: write_text(len(text)), False),
    ],
    ids=["other case and lines", "page numbers", "a part", "revised", "another text"],
)
def test_same_text_is_told_from_what_looks_alike(other: Callable[[str], str], same: bool) -> None:
    text = write_text(1)
    assert (estimate_share(make_sketch(text), make_sketch(other(text))) >= SAME_SHARE) is same
    assert bool(group_copies({"a": make_sketch(text), "b": make_sketch(other(text))})) is same


def test_short_texts_are_the_same_only_if_they_are_equal() -> None:
    text = "Réunion du {} mars sur la ligne de tramway, à la mairie, de neuf heures à midi."
    texts = {"a": text.format(3), "b": text.format(4), "c": text.format(3).upper().replace(" ", "\n")}
    texts |= {"d": "Page blanche.", "e": "Page blanche.", "f": "", "g": ""}
    assert group_copies({name: make_sketch(text) for name, text in texts.items()}) == [{"a", "c"}]


def test_group_has_all_copies_however_they_were_met() -> None:
    text = write_text(1)
    texts = {"a": text, "b": paged(text), "c": text.upper(), "x": write_text(2), "y": write_text(3)}
    assert group_copies({name: make_sketch(text) for name, text in texts.items()}) == [{"a", "b", "c"}]


def test_run_finds_copies_and_forgets_them_when_one_changes(
    folder: Path, run: Run, index: EmbeddedIndex, read_all: Callable[[], dict[str, Document]]
) -> None:
    text = write_text(1)
    (folder / "a.txt").write_text(text, "utf-8")
    (folder / "b.md").write_text(f"# Rapport\n\n{paged(text)}", "utf-8")
    (folder / "c.txt").write_text(write_text(2), "utf-8")
    run(folder)
    ids = {path: document.document_id for path, document in read_all().items()}
    assert read_copies(index).others(ids["a.txt"]) == (ids["b.md"],)
    assert read_copies(index).others(ids["c.txt"]) == ()

    version = index.status().version
    run(folder)
    assert index.status().version <= version + 2, "the report is saved, and nothing of the copies"
    (folder / "b.md").write_text(write_text(3), "utf-8")
    run(folder)
    assert read_copies(index).groups == {}
    assert len(list(index.records(None, Scope.everything()))) == 3


def test_report_says_which_files_hold_the_same_text(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(write_text(1), "utf-8")
    run(folder)
    notes = {entry.path: entry.notes for entry in read_report(index, Scope.everything()).files}
    assert notes == {"a.txt": ("The same text as b.txt.",), "b.txt": ("The same text as a.txt.",)}
