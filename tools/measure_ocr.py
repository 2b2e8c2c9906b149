"""Draws known text as pages at 200 dpi, recognises them as an indexing run does, and counts the wrong characters.

    python -m tools.measure_ocr [--pages 3] [--dpi 200] [--points 11] [--font zh=FILE[:INDEX] ...]

The text is that of `corpus/`; Traditional Chinese is made from the Chinese part with OpenCC. Without `--font`,
fontconfig (`fc-match`) chooses a font with and one without serifs for each writing. The error is the edit distance over
the length of the text, both without white space, full-width and half-width forms taken for the same; or not (`exact`).
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from opencc import OpenCC
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.image import IMAGE
from indexer.convert.registry import find_family

CORPUS = Path(__file__).parents[1] / "corpus"

PAGE_INCHES = (8.27, 11.69)
MARGIN_INCHES = 1.0
LINE_SPACING = 1.5

WRITINGS = {"fr": ("fr", "fr"), "zh": ("zh", "zh-cn"), "zh-Hant": ("zh", "zh-tw")}
"""Writing to the folder of `corpus/` that its text is from and the language that fontconfig knows it by."""

FAMILIES = ("serif", "sans")


@dataclass(frozen=True)
class Font:
    file: str
    index: int = 0

    @property
    def name(self) -> str:
        return Path(self.file).stem

    @classmethod
    def find(cls, family: str, language: str) -> Font:
        """The one that fontconfig would take."""
        found = subprocess.run(  # noqa: S603 - a pattern of our own
            ["fc-match", "-f", "%{file}:%{index}", f"{family}:lang={language}"],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
        )
        return cls.parse(found.stdout)

    @classmethod
    def parse(cls, text: str) -> Font:
        file, _, index = text.rpartition(":") if text.rpartition(":")[2].isdigit() else (text, "", "0")
        return cls(file, int(index))


@dataclass(frozen=True)
class Sheet:
    """Pages of one size and resolution."""

    dpi: int
    points: float

    @property
    def size(self) -> tuple[int, int]:
        return round(PAGE_INCHES[0] * self.dpi), round(PAGE_INCHES[1] * self.dpi)

    def draw(self, text: str, font: Font, pages: int) -> tuple[list[Image.Image], str]:
        """At most so many pages, and the text that stands on them."""
        face = ImageFont.truetype(font.file, round(self.points * self.dpi / 72), index=font.index)
        margin, step = round(MARGIN_INCHES * self.dpi), round(face.size * LINE_SPACING)
        rows = (self.size[1] - 2 * margin) // step
        lines = list(wrap_lines(text, face, self.size[0] - 2 * margin))[: rows * pages]
        drawn = []
        for first in range(0, len(lines), rows):
            page = Image.new("L", self.size, 255)
            for row, line in enumerate(lines[first : first + rows]):
                ImageDraw.Draw(page).text((margin, margin + row * step), line, font=face, fill=0)
            drawn.append(page)
        return drawn, "\n".join(lines)


def wrap_lines(text: str, face: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    """Lines that fit: broken at spaces, in Chinese anywhere."""
    for paragraph in text.splitlines():
        line = ""
        for piece in split_pieces(paragraph.strip()):
            if line and face.getlength(line + piece.rstrip()) > width:
                yield line.rstrip()
                line = ""
            line += piece
        yield line.rstrip()


def split_pieces(paragraph: str) -> list[str]:
    pieces = [""]
    for character in paragraph:
        pieces[-1] += character
        if character == " " or unicodedata.east_asian_width(character) in "WF":
            pieces.append("")
    return pieces


def read_corpus(folder: str) -> str:
    """The text of the Markdown and plain files, without their markup: no table rows, no emphasis."""
    texts = []
    for file in sorted((CORPUS / folder).glob("*.[mt][dx]*")):
        family = find_family(file.read_bytes(), file.name)
        if family and file.suffix in (".md", ".txt"):
            texts.append(convert_bytes(file.read_bytes(), family).text)
    lines = "\n\n".join(texts).replace("*", "").splitlines()
    return "\n".join(line.lstrip("# ") for line in lines if "|" not in line)


def measure_error(text: str, found: str, *, exact: bool) -> float:
    known, read = (
        ("".join((each if exact else unicodedata.normalize("NFKC", each)).split())) for each in (text, found)
    )
    return Levenshtein.distance(known, read) / len(known)


def measure(writing: str, text: str, font: Font, sheet: Sheet, pages: int) -> str:
    """One row of the table."""
    drawn, known = sheet.draw(text, font, pages)
    buffer = io.BytesIO()
    drawn[0].save(buffer, "TIFF", save_all=True, append_images=drawn[1:], compression="tiff_deflate")
    began = time.monotonic()
    converted = convert_bytes(buffer.getvalue(), IMAGE)
    seconds = (time.monotonic() - began) / len(drawn)
    errors = [f"{100 * measure_error(known, converted.text, exact=exact):.2f} %" for exact in (False, True)]
    confidences = [page.confidence for page in converted.pages if page.confidence is not None]
    mean = sum(confidences) / len(confidences) if confidences else 0
    count = len("".join(known.split()))
    return (
        f"| {writing} | {font.name} | {len(drawn)} | {count} | {errors[0]} | {errors[1]} | {mean:.2f} | {seconds:.1f} |"
    )


def choose_fonts(asked: Sequence[str]) -> dict[str, list[Font]]:
    given: dict[str, list[Font]] = {}
    for each in asked:
        writing, _, file = each.partition("=")
        given.setdefault(writing, []).append(Font.parse(file))
    return {
        writing: given.get(writing) or [Font.find(family, language) for family in FAMILIES]
        for writing, (_, language) in WRITINGS.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pages", type=int, default=3)
    parser.add_argument("--dpi", type=int, default=200)
    parser.add_argument("--points", type=float, default=11)
    parser.add_argument("--font", action="append", default=[], help="for a writing (fr, zh, zh-Hant): zh=FILE[:INDEX]")
    asked = parser.parse_args()
    os.environ["OMP_THREAD_LIMIT"] = "1"  # as in a worker
    texts = {writing: read_corpus(folder) for writing, (folder, _) in WRITINGS.items()}
    texts["zh-Hant"] = OpenCC("s2tw").convert(texts["zh-Hant"])
    print("| Writing | Font | Pages | Characters | Wrong | Wrong, exact | Confidence | Seconds a page |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for writing, fonts in choose_fonts(asked.font).items():
        for font in fonts:
            row = measure(writing, texts[writing], font, Sheet(asked.dpi, asked.points), asked.pages)
            print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
