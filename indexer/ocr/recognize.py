"""A page's picture to text: in which languages it is read, and whether it stands upright.

Measured on pages drawn at 200 dpi (characters wrong / Tesseract's own confidence): Simplified Chinese read as
chi_sim+fra 2.3 % / 90, as chi_tra 26 % / 89, as all three together 6 %; Traditional read as chi_tra+fra 1.3 % / 91, as
chi_sim 29 % / 81; French the same with fra alone and with Chinese beside it. So French never has to be told from
Chinese, Simplified has to be told from Traditional, and confidence cannot do it: the characters do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PIL import Image

from indexer.ocr.installed import Tesseract
from indexer.ocr.lay_out import drop_noise, lay_out_words, measure_confidence
from indexer.ocr.lost_lines import find_lost_lines, insert_words
from indexer.ocr.prepare import prepare_image
from indexer.ocr.script import is_mostly_han, is_traditional
from indexer.ocr.words import Word, find_rotation, recognize_words

Script = Literal["chi_sim", "chi_tra"]

SURE = 0.85
"""Below this, what the pages before were written in is asked again."""

SECOND_LOOK, LARGER = 0.9, 1.25
"""Below this a Chinese page is looked at again, larger by so much. A page of small sans-serif characters at 200 dpi had
11 % wrong at the first look (confidence 0.86), 4 % at the second (0.88); enlarging every page is no gain.
"""

DOUBTFUL = 0.6
"""Below this a page may lie on its side, or hold no text."""

LEAST_CONFIDENCE = 0.45
"""Below this there is no text: Tesseract finds letters in every photograph."""


@dataclass(frozen=True)
class RecognizedPage:
    """`confidence` from 0 to 1; `text` is empty where the picture shows none. `script`: which Chinese it holds."""

    text: str
    confidence: float
    script: Script | None


def recognize_page(image: Image.Image, tesseract: Tesseract, script: Script | None = None) -> RecognizedPage:
    """The text of a picture. `script` is what the pages before were written in. Raises `PageGivenUp`."""
    prepared = prepare_image(image)
    found = _read(prepared, tesseract, script)
    if found.confidence < DOUBTFUL and tesseract.finds_rotation and (degrees := find_rotation(prepared)):
        turned = _read(prepared.rotate(-degrees, expand=True, fillcolor=255), tesseract, script)
        found = max(found, turned, key=lambda page: page.confidence)
    if found.script and found.confidence < SECOND_LOOK:
        larger = prepared.resize((round(prepared.width * LARGER), round(prepared.height * LARGER)))
        found = max(found, _read(larger, tesseract, found.script), key=lambda page: page.confidence)
    return found if found.confidence >= LEAST_CONFIDENCE else RecognizedPage("", found.confidence, None)


def _read(image: Image.Image, tesseract: Tesseract, script: Script | None) -> RecognizedPage:
    words, found = _choose_reading(image, tesseract, script)
    languages = _choose_languages(tesseract, found or "chi_sim")
    bands = find_lost_lines(image, words) if measure_confidence(words) >= DOUBTFUL else []
    for band in bands:
        strip = image.crop((0, band.top, image.width, band.bottom))
        words = insert_words(words, band, recognize_words(strip, languages, one_line=True))
    kept = drop_noise(words)
    return RecognizedPage(lay_out_words(kept), measure_confidence(kept), found)


def _choose_reading(
    image: Image.Image, tesseract: Tesseract, script: Script | None
) -> tuple[list[Word], Script | None]:
    known = script or ("chi_sim" if "chi_sim" in tesseract.languages else "chi_tra")
    words = recognize_words(image, _choose_languages(tesseract, known))
    if not is_mostly_han(_join(words)):
        return words, None
    if "chi_sim" in tesseract.missing or "chi_tra" in tesseract.missing:
        return words, known
    if script and measure_confidence(words) >= SURE:
        return words, script
    both = recognize_words(image, ("chi_sim", "chi_tra"))
    better: Script = "chi_tra" if is_traditional(_join(both)) else "chi_sim"
    return words if better == known else recognize_words(image, _choose_languages(tesseract, better)), better


def _choose_languages(tesseract: Tesseract, script: Script) -> tuple[str, ...]:
    return tuple(name for name in (script, "fra") if name in tesseract.languages)


def _join(words: list[Word]) -> str:
    return " ".join(word.text for word in words)
