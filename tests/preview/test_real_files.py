"""Real PDF files: what the indexer read of a page is found on it, and no damage to a file does any to us."""

from __future__ import annotations

import random
from pathlib import Path

import pypdfium2
import pytest

from indexer.convert.pdf.pdf import convert_pdf
from search_api.originals import Stamp
from search_api.preview.asked import AskedPage
from search_api.preview.drawing import find_boxes
from search_api.preview.previews import Previews
from search_api.preview.renderer import PageNotDrawn

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "files"
CORPUS = sorted((ROOT / "corpus").glob("??/*.pdf"))
LONG = [SHARED / name for name in ("fr-installation-guide.pdf", "zh-debian-reference.pdf", "zh-maint-guide.pdf")]

PIECE = 300
"""Characters: about a passage."""

PAGES = 20
"""Of a long file, evenly spread."""


@pytest.mark.parametrize(
    "file", [*CORPUS, *(pytest.param(file, marks=pytest.mark.slow) for file in LONG)], ids=lambda file: file.name
)
def test_what_was_read_of_a_page_is_found_on_it(file: Path) -> None:
    if not file.exists():
        pytest.skip("no shared files beside this folder")
    converted = convert_pdf(file.read_bytes())
    pdf = pypdfium2.PdfDocument(file)
    pieces, missed = 0, []
    for number in range(0, len(pdf), max(1, len(pdf) // PAGES)):
        page = converted.pages[number]
        for start in range(page.start, page.end - 20, PIECE):
            text = converted.text[start : min(start + PIECE, page.end)]
            pieces += 1
            if not find_boxes(pdf[number], (900, 1273), text, converted.text[page.start : start]):
                missed.append((number + 1, text))
    assert len(missed) <= pieces / 100, missed


@pytest.mark.slow
def test_damaged_files_are_drawn_or_refused(tmp_path: Path) -> None:
    chance = random.Random(2014)
    file = tmp_path / "damaged.pdf"
    outcomes = set()
    for _ in range(60):
        data = bytearray(chance.choice(CORPUS).read_bytes())
        for _ in range(chance.choice((1, 10, 100))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        file.write_bytes(data)
        asked = AskedPage("d", file.name, "checksum", file, Stamp.of(file.stat()), 1, wanted="rapport annuel 年度报告")
        try:
            outcomes.add(Previews().draw(asked)[:4])
        except PageNotDrawn:
            outcomes.add(b"refused")
    assert outcomes == {b"\x89PNG", b"refused"}
