"""PDF files whose letters are in pieces or under codes of their own: accents, old style digits, small capitals."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from indexer.convert.pdf.pdf import convert_pdf

SPACING = {"\u0300": "`", "\u0301": "´", "\u0302": "ˆ", "\u0308": "¨", "\u0327": "¸"}
SIZE = 11
PIECES = re.compile(r"\w[\u0300-\u036f]|[^\u0300-\u036f]+?(?=\w[\u0300-\u036f]|$)")
"""Of a text: a letter with an accent, or what stands between such letters."""


def draw_as_tex_does(line: str, *, accent_first: bool = True) -> bytes:
    """A page with each accent drawn over the middle of its letter, as a character of its own."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setFont("Times-Roman", SIZE)
    x = 60.0
    for piece in PIECES.findall(unicodedata.normalize("NFD", line)):
        text, accent = (piece[0], SPACING[piece[1]]) if piece[1:2] in SPACING else (piece, "")
        width = measure(text)
        drawn = [(text, x, 700.0)]
        if accent:
            drawn.append((accent, x + (width - measure(accent)) / 2, 700 + (0.22 * SIZE if text.isupper() else 0)))
        for shown, left, baseline in reversed(drawn) if accent_first else drawn:
            canvas.drawString(left, baseline, shown)
        x += width
    canvas.save()
    return buffer.getvalue()


def measure(text: str) -> float:
    return float(stringWidth(text, "Times-Roman", SIZE))


@pytest.mark.parametrize("accent_first", [True, False])
def test_accents_drawn_over_letters_are_part_of_them(*, accent_first: bool) -> None:
    line = "Là, la façade de l’hôtel où naît le modèle : Noël, été."

    assert convert_pdf(draw_as_tex_does(line, accent_first=accent_first)).text == line


def test_accents_of_capitals_are_raised() -> None:
    line = "À Issy, en Été."

    assert convert_pdf(draw_as_tex_does(line)).text == line


def test_accents_beside_letters_are_not() -> None:
    line = "La commande `a ˆe ´e` ne change rien."

    assert convert_pdf(draw_as_tex_does(line)).text == line


def test_private_codes_of_digits_and_small_capitals_are_read() -> None:
    meanings = "".join(f"<{code:02X}><F7{code:02X}>\n" for code in b"207seyi\xe9")
    meanings = f"8 beginbfchar\n{meanings}endbfchar\n"
    words = "BT /F 12 Tf 50 700 Td (En 2007, Issy et Leshan) Tj 0 -14 Td (\\351s) Tj ET"
    objects = (
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        f"<</Length {len(words)}>>\nstream\n{words}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode 6 0 R>>",
        f"<</Length {len(meanings)}>>\nstream\n{meanings}\nendstream",
    )
    body = "".join(f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, 1))
    data = f"%PDF-1.7\n{body}trailer\n<</Root 1 0 R>>\n%%EOF\n".encode("latin-1")

    assert convert_pdf(data).text == "En 2007, ISSY Et LEShan\nÉS"
