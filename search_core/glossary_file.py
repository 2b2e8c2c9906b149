"""Reading a glossary file: tab-separated lines in any encoding that people save them in.

A malformed line is reported with its number and the rest is used; only a file that cannot be used at all is an error.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import regex

from search_core.analysis.normalize import fold
from search_core.errors import GlossaryError

COLUMNS = ("fr", "zh", "subject", "source", "name")
MAX_BYTES = 8 << 20
MAX_TERM_LENGTH = 64
"""Code points, as for tokens."""

_HAN = regex.compile(r"\p{Han}")
_LETTER_OR_DIGIT = regex.compile(r"[\p{L}\p{N}]")
_YES = frozenset(["yes", "oui", "是", "1", "true", "x"])
_NO = frozenset(["", "no", "non", "否", "0", "false"])
_SAVE_AS_UTF8 = "Save it as tab-separated text in UTF-8."


@dataclass(frozen=True)
class GlossaryEntry:
    """One idea in both languages: the preferred term first, then variants and abbreviations.

    `name` marks a proper name, which is never stemmed.
    """

    fr: tuple[str, ...]
    zh: tuple[str, ...]
    subject: str = ""
    source: str = ""
    name: bool = False


@dataclass(frozen=True)
class GlossaryProblem:
    """What is wrong with a line; `line` counts from 1, 0 means the file as a whole."""

    file: str
    line: int
    message: str


def read_glossary_file(path: Path) -> tuple[list[GlossaryEntry], list[GlossaryProblem]]:
    """The entries of a file and what could not be used. Raises `GlossaryError` where nothing can."""
    text, is_assumed = _read_text(path)
    entries, problems = parse_glossary(text, str(path))
    if is_assumed:
        problems.insert(0, GlossaryProblem(str(path), 0, f"not UTF-8, read as GB18030. {_SAVE_AS_UTF8}"))
    return entries, problems


def parse_glossary(text: str, file: str) -> tuple[list[GlossaryEntry], list[GlossaryProblem]]:
    """Entries of a tab-separated text, and its malformed lines. A heading line may put the columns in another order."""
    entries: list[GlossaryEntry] = []
    problems: list[GlossaryProblem] = []
    columns: tuple[str, ...] = COLUMNS
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        cells = [_clean_cell(cell) for cell in line.rstrip("\n").split("\t")]
        if not any(cells) or line.startswith("#"):
            continue
        if {"fr", "zh"} <= set(cells) <= set(COLUMNS):
            columns = tuple(cells)
            continue
        try:
            entries.append(_make_entry(cells, columns))
        except ValueError as problem:
            problems.append(GlossaryProblem(file, number, str(problem)))
    return entries, problems


def _clean_cell(cell: str) -> str:
    """A cell as it was meant: spreadsheets quote cells that hold a comma or a quotation mark."""
    cell = unicodedata.normalize("NFC", cell).strip()
    if len(cell) > 1 and cell[0] == cell[-1] == '"':
        cell = cell[1:-1].replace('""', '"').strip()
    return cell


def _make_entry(cells: list[str], columns: tuple[str, ...]) -> GlossaryEntry:
    if not 2 <= len(cells) <= len(columns):
        raise ValueError(
            f"{len(cells)} columns, separated by tabs, instead of 2 to {len(columns)}: {', '.join(columns)}"
        )
    row = dict(zip(columns, cells, strict=False))
    return GlossaryEntry(
        _make_terms(row, "fr"), _make_terms(row, "zh"), row.get("subject", ""), row.get("source", ""), _make_name(row)
    )


def _make_terms(row: Mapping[str, str], column: str) -> tuple[str, ...]:
    terms = tuple(term for cell in row.get(column, "").split("|") if (term := " ".join(cell.split())))
    if not terms:
        raise ValueError(f"column {column} is empty")
    for term in terms:
        if len(term) > MAX_TERM_LENGTH:
            raise ValueError(f"a term of column {column} is longer than {MAX_TERM_LENGTH} characters: {term[:20]}…")
        if not _LETTER_OR_DIGIT.search(fold(term)):
            raise ValueError(f"a term of column {column} has no letter: {term}")
    _check_script(terms, column)
    return terms


def _check_script(terms: tuple[str, ...], column: str) -> None:
    """A Chinese cell may hold a Latin abbreviation among Chinese terms; a French cell is never Chinese."""
    if column == "zh" and not any(map(_HAN.search, terms)):
        raise ValueError(f"column zh has no Chinese character: {terms[0]}")
    if column == "fr" and any(map(_HAN.search, terms)):
        raise ValueError(f"column fr has Chinese characters: {terms[0]}")


def _make_name(row: Mapping[str, str]) -> bool:
    value = row.get("name", "").casefold()
    if value not in _YES | _NO:
        raise ValueError(f"column name is neither yes nor no: {value[:20]}")
    return value in _YES


def _read_text(path: Path) -> tuple[str, bool]:
    """The text of a file, and whether its encoding is only assumed."""
    data = _read_bytes(path)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decode(data, "utf-16", path), False
    if b"\0" in data:
        raise GlossaryError(f"The glossary file {path} is not text.", remedy=_SAVE_AS_UTF8)
    try:
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return _decode(data, "gb18030", path), True


def _read_bytes(path: Path) -> bytes:
    remedy = "Set PASSERELLE_GLOSSARY to a readable file, or unset it."
    try:
        if not path.is_file():
            raise GlossaryError(f"The glossary file {path} does not exist or is not a file.", remedy=remedy)
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as cause:
        raise GlossaryError(f"The glossary file {path} cannot be read: {cause.strerror}.", remedy=remedy) from cause
    if len(data) > MAX_BYTES:
        raise GlossaryError(
            f"The glossary file {path} is larger than {MAX_BYTES >> 20} MiB.", remedy="Split or shorten it."
        )
    return data


def _decode(data: bytes, encoding: str, path: Path) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as cause:
        raise GlossaryError(f"The glossary file {path} is not in a known encoding.", remedy=_SAVE_AS_UTF8) from cause
