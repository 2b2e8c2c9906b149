"""One call of Tesseract (through pytesseract): the words of a picture. Its types and exceptions end here."""

from __future__ import annotations

from typing import NamedTuple

import pytesseract
from PIL import Image

from indexer.ocr.prepare import DPI
from indexer.workers.alive import tell_alive

PASS_TIMEOUT_S = 90
"""For one look at a page. One takes 1 to 3 seconds, on a busy machine ten times as long; noise can take minutes."""


_WHOLE_PAGE, _ONE_LINE = 3, 7
"""Tesseract's page segmentation modes."""


class Word(NamedTuple):
    """`line`: numbers of block, paragraph and line, in reading order. `confidence` from 0 to 1; pixels from the top."""

    text: str
    line: tuple[int, int, int]
    confidence: float
    top: int
    bottom: int


class PageGivenUp(Exception):
    """Tesseract took too long over a page, or failed on it."""


def recognize_words(image: Image.Image, languages: tuple[str, ...], *, one_line: bool = False) -> list[Word]:
    """The words of a grey picture in reading order. `one_line`: it is only one. Raises `PageGivenUp`."""
    try:
        found = pytesseract.image_to_data(
            image,
            lang="+".join(languages),
            config=f"--dpi {DPI} --psm {_ONE_LINE if one_line else _WHOLE_PAGE}",
            output_type=pytesseract.Output.DICT,
            timeout=PASS_TIMEOUT_S,
        )
    except (RuntimeError, OSError) as cause:  # a timeout is a bare RuntimeError, so is what Tesseract itself says
        raise PageGivenUp from cause
    tell_alive()
    lines = zip(found["block_num"], found["par_num"], found["line_num"], strict=True)
    rows = zip(found["text"], lines, found["conf"], found["top"], found["height"], strict=True)
    return [
        Word(text.strip(), line, conf / 100, top, top + height)
        for text, line, conf, top, height in rows
        if conf >= 0 and text.strip()
    ]


def find_rotation(image: Image.Image) -> int:
    """By how many degrees to turn a picture clockwise so that its text stands upright; 0 where nobody knows."""
    try:
        found = pytesseract.image_to_osd(image, output_type=pytesseract.Output.DICT, timeout=PASS_TIMEOUT_S)
    except (RuntimeError, OSError):  # too few letters to tell
        return 0
    return int(found.get("rotate", 0))
