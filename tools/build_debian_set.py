"""Builds a judged set that anyone can build again: sections of the Debian Reference in French and in Chinese.

    .venv/bin/python tools/build_debian_set.py FOLDER [--packages DIR]

A question is the heading of a section; the section's own text, without the heading, is the answer, in both languages.
Two packages are fetched with `apt-get download` and unpacked with `dpkg-deb`, into `FOLDER/packages` unless DIR holds
them already; nothing is installed. The versions are pinned: the same packages give the same set, byte for byte.
The text is free (GPL-2+), and is no part of this repository.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from search_core.language import detect_language
from search_core.model import Language

PACKAGES: Mapping[Language, tuple[str, str]] = {
    "fr": ("debian-reference-fr", "2.100"),
    "zh": ("debian-reference-zh-cn", "2.100"),
}

FEWEST_CHARS: Mapping[Language, int] = {"fr": 150, "zh": 50}
"""Shorter sections answer nothing: they are a sentence that leads to a table."""

_NUMBER = re.compile(r"^(?:(?:Chapitre|Annexe|第)\s*)?[\dA-Z]+(?:\.\d+)*(?:\s*章)?\.?\s+")
_XHTML = "{http://www.w3.org/1999/xhtml}"
_HEADING = re.compile(r"h[1-6]")


class Section(NamedTuple):
    """A section's own text, without what stands in the sections inside it."""

    anchor: str
    title: str
    text: str


class Failed(Exception):
    """Something outside this script; the message says what to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where the set is written")
    parser.add_argument("--packages", type=Path, help="folder of the .deb files (default: FOLDER/packages)")
    given = parser.parse_args()
    packages: Path = given.packages or given.folder / "packages"
    try:
        sections = {language: read_package(fetch_package(language, packages), language) for language in PACKAGES}
    except Failed as error:
        print(f"Error: {error}", file=sys.stderr)
        return 3
    counts = write_set(given.folder, sections)
    print(f"{given.folder}: {counts['documents']} documents, {counts['queries']} questions")
    return 0


def fetch_package(language: Language, folder: Path) -> Path:
    """The folder of an unpacked package; fetched and unpacked if it is not there."""
    name, version = PACKAGES[language]
    unpacked = folder / f"{name}_{version}"
    if not (unpacked / "usr").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        package = folder / f"{name}_{version}_all.deb"
        if not package.is_file():
            _run(["apt-get", "download", f"{name}={version}"], folder, f"{name} {version} could not be fetched")
        _run(["dpkg-deb", "-x", package.name, unpacked.name], folder, f"{package} could not be unpacked")
    return unpacked


def _run(command: list[str], folder: Path, failure: str) -> None:
    try:
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - constants
    except OSError as error:
        raise Failed(f"{failure}: {command[0]} cannot be run ({error}). This script needs a Debian system.") from error
    if ended.returncode:
        reason = (ended.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Failed(
            f"{failure}: {reason}\nRun `apt-get update` with Debian 12 (bookworm) among the sources, or take the file "
            f"from https://snapshot.debian.org and put it into {folder}."
        )


def read_package(unpacked: Path, language: Language) -> dict[str, Section]:
    """All usable sections, by their anchor."""
    files = sorted((unpacked / "usr/share/debian-reference").glob("ch*.html"))
    if not files:
        raise Failed(f"{unpacked} holds no chapters: delete it and run this again.")
    sections = [section for file in files for section in read_sections(file.read_bytes(), language)]
    return {section.anchor: section for section in sections if is_usable(section, language)}


def read_sections(page: bytes, language: Language) -> Iterator[Section]:
    """The sections of a chapter. Code and tables are left out: they are the same in both languages."""
    root = etree.fromstring(
        page, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    )
    for section in root.iter(f"{_XHTML}div"):
        if section.get("class") != "section":
            continue
        heading = next((each for each in section.iter() if _is_heading(each)), None)
        anchor = None if heading is None else next((each.get("id") for each in heading.iter(f"{_XHTML}a")), None)
        if heading is None or not anchor:
            continue
        paragraphs = [_read_text(each) for each in _iter_paragraphs(section)]
        # Paragraphs that nobody has translated are English in both.
        own = [each for each in paragraphs if detect_language(each, language) == language]
        yield Section(anchor, _NUMBER.sub("", _read_text(heading)), "\n\n".join(own))


def is_usable(section: Section, language: Language) -> bool:
    """Whether heading and text are in the language and long enough. An anchor is made of the English heading."""
    words = re.sub(r"\W+", "_", section.title.casefold()).strip("_")
    return (
        words != section.anchor.strip("_")
        and len(section.text) >= FEWEST_CHARS[language]
        and len(section.title) >= 2
        and detect_language(section.title, language) == language
    )


def write_set(folder: Path, sections: Mapping[Language, Mapping[str, Section]]) -> Counter[str]:
    """The set's files, from the sections that both languages have."""
    folder.mkdir(parents=True, exist_ok=True)
    both = sorted(set(sections["fr"]) & set(sections["zh"]))
    asked = {language: find_questions([sections[language][anchor] for anchor in both]) for language in PACKAGES}
    documents = [
        {"id": make_id(anchor, language), "lang": language, "title": "", "text": sections[language][anchor].text}
        for anchor in both
        for language in PACKAGES
    ]
    queries = [
        {"id": f"q{make_id(anchor, language)}", "lang": language, "text": sections[language][anchor].title}
        for anchor in both
        for language in PACKAGES
        if anchor in asked["fr"] & asked["zh"]
    ]
    grades = [
        f"q{make_id(anchor, language)}\t{make_id(anchor, answering)}\t1"
        for anchor in both
        for language in PACKAGES
        for answering in PACKAGES
        if anchor in asked["fr"] & asked["zh"]
    ]
    _write_rows(folder / "documents.jsonl", documents)
    _write_rows(folder / "queries.jsonl", queries)
    (folder / "qrels.tsv").write_text("\n".join(["query_id\tdoc_id\tgrade", *grades]) + "\n", "utf-8")
    (folder / "README.md").write_text(_describe(len(documents), len(queries)), "utf-8")
    return Counter(documents=len(documents), queries=len(queries))


def find_questions(sections: Iterable[Section]) -> set[str]:
    """Anchors of headings that only one section has and that its text does not repeat."""
    listed = list(sections)
    titles = Counter(section.title.casefold() for section in listed)
    return {
        section.anchor
        for section in listed
        if titles[section.title.casefold()] == 1 and section.title.casefold() not in section.text.casefold()
    }


def make_id(anchor: str, language: Language) -> str:
    """Nothing in an id tells which documents are counterparts."""
    return hashlib.sha256(f"{language}\0{anchor}".encode()).hexdigest()[:12]


def _is_heading(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and _HEADING.fullmatch(element.tag.removeprefix(_XHTML)) is not None


def _iter_paragraphs(section: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs of a section, not those of the sections inside it, of tables and of code."""
    for child in section:
        if not isinstance(child.tag, str) or child.get("class") in ("section", "table", "titlepage"):
            continue
        if child.tag == f"{_XHTML}p":
            yield child
        elif child.tag != f"{_XHTML}pre":
            yield from _iter_paragraphs(child)


def _read_text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _write_rows(file: Path, rows: Iterable[Mapping[str, str]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _describe(documents: int, queries: int) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in PACKAGES.values())
    return (
        "# debian_reference\n\n"
        f"Origin: the Debian packages {packages}.\nLicence: GPL-2+ (Debian Reference, © Osamu Aoki and translators).\n"
        "Made by tools/build_debian_set.py of Passerelle.\n\n"
        "Question = heading of a section; relevant = the text of that section, without its heading, in both\n"
        "languages. Paragraphs that are not translated are left out, as are code and tables. Headings that occur\n"
        "twice, or again in their own text, are not asked. References to other sections stay in the text with those\n"
        f"sections' headings.\n\n- documents: {documents}\n- questions: {queries}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
