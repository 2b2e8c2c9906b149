"""PDF files that are written to keep a reader busy: read as far as it goes, soon, and nothing in them is run."""

from __future__ import annotations

import pytest

from indexer.convert.pdf import pages
from indexer.convert.pdf.pdf import convert_pdf


def make_pdf(*objects: str) -> bytes:
    """The first object is the catalog. Without a table of where objects lie: that has to be found out."""
    body = "".join(f"{number} 0 obj\n{each}\nendobj\n" for number, each in enumerate(objects, 1))
    return f"%PDF-1.7\n{body}trailer\n<</Root 1 0 R>>\n%%EOF\n".encode("latin-1")


def stream(content: str) -> str:
    return f"<</Length {len(content)}>>\nstream\n{content}\nendstream"


PAGE = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>"
TEXT = stream("BT /F 12 Tf 50 700 Td (La navette relie la gare) Tj ET")
FONT = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"


def test_a_lost_table_of_objects_is_made_anew() -> None:
    data = make_pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE, TEXT, FONT)

    assert convert_pdf(data).text == "La navette relie la gare"


def test_pages_that_hold_themselves_end() -> None:
    data = make_pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 9/Kids[3 0 R 2 0 R]>>", PAGE, TEXT, FONT)

    assert convert_pdf(data).text == "La navette relie la gare"


def test_scripts_are_neither_run_nor_read() -> None:
    script = "<</S/JavaScript/JS(app.alert\\('ici'\\); this.getField\\('x'\\).value = 'rempli')>>"
    data = make_pdf(
        f"<</Type/Catalog/Pages 2 0 R/OpenAction {script}/AcroForm<</Fields[6 0 R]>>>>",
        "<</Type/Pages/Count 1/Kids[3 0 R]>>",
        PAGE.replace("/Contents", "/Annots[6 0 R]/Contents"),
        TEXT,
        FONT,
        f"<</Type/Annot/Subtype/Widget/FT/Tx/T(x)/Rect[50 600 200 620]/F 4/AA<</K {script}/F {script}>>>>",
    )

    assert convert_pdf(data).text == "La navette relie la gare"


def test_a_page_with_too_many_letters_is_read_in_the_order_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_CHARACTERS", 10)
    data = make_pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", PAGE, TEXT, FONT)

    assert convert_pdf(data).text == "La navette relie la gare"


def test_pages_beyond_the_limits_are_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MAX_PAGES", 2)
    data = make_pdf(
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 5/Kids[" + "3 0 R " * 5 + "]>>", PAGE, TEXT, FONT
    )
    converted = convert_pdf(data)

    assert len(converted.pages) == 2
    assert converted.partial_reason == "Only the first 2 pages were read."
