"""Measures how documents are read: a table of a folder's files, and the error rate against a known text.

    python -m tools.measure_documents FOLDER
    python -m tools.measure_documents --compare REPORT.pdf --reference REPORT.txt [--start PHRASE] [--end PHRASE]

A reference is plain text or HTML, packed with gzip or not; several (the chapters of a manual) are read in their order.
Seconds are of this machine and say only which files are slow beside others.
"""

from __future__ import annotations

import argparse
import gzip
import re
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from lxml import html
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from indexer.analyze import analyze_document, split_document
from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.registry import find_family
from indexer.metadata import parse_language
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder, load_embedder
from search_core.errors import ConversionError
from search_core.glossary import load_glossary
from search_core.model import Document, Metadata
from search_core.sentences import sentence_spans
from tools.fuzz_documents import list_files

GARBAGE = re.compile(r"[\ue000-\uf8ff\ufffd\u0080-\u009f]|\(cid:\d+\)")
NAVIGATION = (
    "script|style|head|nav|*[@class='toc' or @class='navheader' or @class='navfooter' or @class='list-of-tables']"
)
ADDRESS = re.compile(r"\(?\s*<?\b(?:https?|ftp)://[^\s()]*(?:\([^\s()]*\))?[^\s()]*>?\)?")
HAN = re.compile(r"[\u3400-\u9fff]")
SAME = {**dict.fromkeys("“”„«»〝〞「」『』", '"'), **dict.fromkeys("‘’‛`´", "'"), **dict.fromkeys("‐‑‒–—―−", "-")}
ORNAMENTS = re.compile(r"[\u2022\u25cf\u25aa\u25e6*|…\u2500-\u257f←→]|-{3,}|\.{3,}|\^?\[\d+\]")

CHINESE_SHARE = 0.05
"""Of the characters of a text that is measured in characters; manuals hold much code."""

BLOCKS = ("p", "li", "td", "th", "pre", "dt", "dd", "tr", "caption", "title", "h1", "h2", "h3", "h4", "h5", "h6", "div")

FIRST_CODE = 0x20000
TAKEN = "\0"

ALIKE = 60
"""In a hundred: a sentence that no stretch of the text is as like as that is missing whole."""


class Reading(NamedTuple):
    """What became of a file, as the table has it."""

    name: str
    chars: int
    garbage: float
    language: str
    pages: int
    seconds: float
    outcome: str


class Errors(NamedTuple):
    """Of `units` words or characters of the reference so many are wrong or missing, wherever their sentence stands.

    `left_over` are those of the document that no sentence of the reference has; `wrong` the sentences with errors.
    """

    units: int
    errors: int
    left_over: int
    wrong: list[tuple[str, str]]


def read_file(path: Path) -> Reading:
    data = path.read_bytes()
    family = find_family(data, path.name)
    if family is None:
        return Reading(path.name, 0, 0.0, "", 0, 0.0, "skipped: no converter reads it")
    began = time.perf_counter()
    try:
        converted = convert_bytes(data, family)
    except ConversionError as error:
        return Reading(path.name, 0, 0.0, "", 0, time.perf_counter() - began, f"failed: {error}")
    seconds = time.perf_counter() - began
    visible = sum(not character.isspace() for character in converted.text)
    garbage = sum(len(found) for found in GARBAGE.findall(converted.text)) / max(1, visible)
    reason = converted.partial_reason
    outcome = f"partial: {reason}" if reason else "; ".join(("indexed", *converted.notes))
    language = find_language(converted) if visible else ""
    return Reading(path.name, len(converted.text), garbage, language, len(converted.pages), seconds, outcome)


def find_language(converted: ConvertedFile) -> str:
    """As indexing finds it: what the file declares, else that of most of its passages."""
    declared = converted.declared.values
    document = Document(
        document_id="measured",
        source="",
        path="",
        language=converted.language_hint or "other",
        text=converted.text,
        metadata=Metadata(
            title=str(declared.get("title", "")), language=parse_language(str(declared.get("language", "")))
        ),
        pages=converted.pages,
        headings=converted.headings,
    )
    return analyze_document(split_document(document, load_model()), load_analyzer()).document.language


@cache
def load_analyzer() -> Analyzer:
    return Analyzer(load_glossary())


@cache
def load_model() -> Embedder:
    return load_embedder("bundled")


def format_table(readings: Sequence[Reading]) -> Iterator[str]:
    yield "| File | Characters | Garbage | Language | Pages | s/page | Outcome |"
    yield "| --- | ---: | ---: | --- | ---: | ---: | --- |"
    for reading in readings:
        pages, seconds = reading.pages or "", reading.seconds / max(1, reading.pages)
        yield (
            f"| {reading.name} | {reading.chars:,} | {reading.garbage:.2%} | {reading.language} "
            f"| {pages} | {seconds:.3f} | {reading.outcome} |"
        )


def read_reference(path: Path) -> str:
    """Its text, an empty line between paragraphs; of HTML without navigation and contents."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    if path.suffix not in (".html", ".htm"):
        return text
    tree = html.document_fromstring(re.sub(r"^<\?xml[^>]*>", "", text))
    for part in tree.xpath(" | ".join(f"//{name}" for name in NAVIGATION.split("|"))):
        part.drop_tree()
    for block in tree.iter(*BLOCKS):
        block.text = f"\n\n{block.text or ''}"
        block.tail = f"\n\n{block.tail or ''}"
    return str(tree.text_content())


class Units:
    """Texts as strings of one character a unit: a word without its punctuation, or any character but spaces.

    Quotation marks and dashes are made equal; ornaments, addresses and what is to be ignored are left out.
    """

    def __init__(self, ignored: Sequence[str], *, by_character: bool) -> None:
        self.by_character = by_character
        self._ignored = [*map(re.compile, ignored), ADDRESS]
        self._codes: dict[str, str] = {}

    def clean(self, paragraph: str) -> str:
        text = unicodedata.normalize("NFKC", " ".join(paragraph.split()))
        for pattern in self._ignored:
            text = pattern.sub(lambda match: f" {match[1]} " if match.re.groups else " ", text)
        return ORNAMENTS.sub(" ", text).translate(str.maketrans(SAME))

    def encode(self, cleaned: str) -> str:
        units = "".join(cleaned.split()) if self.by_character else re.findall(r"\w+", cleaned)
        return "".join(self._codes.setdefault(unit, chr(FIRST_CODE + len(self._codes))) for unit in units)

    def decode(self, encoded: str) -> str:
        units = {code: unit for unit, code in self._codes.items()}
        return ("" if self.by_character else " ").join(units.get(code, "¦") for code in encoded)


def count_errors(found: str, sentences: Sequence[str]) -> Errors:
    """Each sentence is looked for where it stands as it is, then where it is most like: the longest first.

    A footnote stands at the foot of its page in a PDF file and elsewhere in a web page, and tables move in both.
    """
    errors = 0
    wrong: list[tuple[str, str]] = []
    inexact: list[str] = []
    for sentence in sorted(filter(None, sentences), key=len, reverse=True):
        at = found.find(sentence)
        if at < 0:
            inexact.append(sentence)
        else:
            found = f"{found[:at]}{TAKEN}{found[at + len(sentence) :]}"
    for sentence in inexact:
        place = (
            fuzz.partial_ratio_alignment(sentence, found, score_cutoff=ALIKE) if len(sentence) <= len(found) else None
        )
        like = found[place.dest_start : place.dest_end] if place else ""
        errors += Levenshtein.distance(sentence, like)
        wrong.append((sentence, like))
        if place:
            found = f"{found[: place.dest_start]}{TAKEN}{found[place.dest_end :]}"
    return Errors(sum(map(len, sentences)), errors, len(found.replace(TAKEN, "")), wrong)


def cut_out(pieces: Sequence[str], start: str, end: str) -> list[str]:
    """From the first phrase to the second one; from the beginning and to the end where they do not occur."""
    whole = "".join(pieces)
    first = max(0, whole.find(start))
    last = whole.find(end, first) if end else -1
    last = last if last >= 0 else len(whole)
    starts = accumulate(map(len, pieces), initial=0)
    return [piece[max(0, first - at) : max(0, last - at)] for at, piece in zip(starts, pieces, strict=False)]


def compare(asked: argparse.Namespace) -> Iterator[str]:
    data = asked.compare.read_bytes()
    family = find_family(data, asked.compare.name)
    if family is None:
        raise SystemExit(f"{asked.compare}: no converter reads it")
    paragraphs = re.split(r"\n\s*\n", "\n\n".join(map(read_reference, asked.reference)))
    han = sum(len(HAN.findall(paragraph)) for paragraph in paragraphs)
    units = Units(asked.ignore, by_character=han > CHINESE_SHARE * sum(map(len, paragraphs)))
    start, end = (units.encode(units.clean(phrase)) for phrase in (asked.start, asked.end))
    cleaned = map(units.clean, paragraphs)
    sentences = [units.encode(text[first:last]) for text in cleaned for first, last in sentence_spans(text)]
    found = units.encode(units.clean(convert_bytes(data, family).text))
    errors = count_errors("".join(cut_out([found], start, end)), cut_out(sentences, start, end))
    for expected, like in sorted(errors.wrong, key=lambda pair: -len(pair[0]))[: asked.show]:
        yield f"- {units.decode(expected)}\n+ {units.decode(like)}"
    noun = "characters" if units.by_character else "words"
    yield (
        f"{asked.compare.name}: {errors.units:,} {noun}, {errors.errors / errors.units:.2%} wrong or missing; "
        f"{errors.left_over:,} more in the document"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="a folder of documents, or one document")
    parser.add_argument("--compare", type=Path, help="a document whose text is known")
    parser.add_argument("--reference", nargs="+", type=Path, default=[], help="its text")
    parser.add_argument("--start", default="", help="compare from this phrase on, that stands once in both")
    parser.add_argument("--end", default="", help="compare up to this phrase")
    parser.add_argument(
        "--ignore", action="append", default=[], help="a pattern left out of both; its group 1, if any, is kept"
    )
    parser.add_argument("--show", type=int, default=0, help="show so many of the longest sentences with errors")
    asked = parser.parse_args()
    if asked.compare:
        print(*compare(asked), sep="\n")
    else:
        print(*format_table([read_file(path) for path in list_files([asked.folder])]), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
