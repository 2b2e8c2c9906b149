from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest

from indexer.convert import containers
from indexer.convert.docx import convert_docx
from search_core.errors import ConversionError


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    style_tag = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style_tag}{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def test_docx_keeps_paragraphs_and_tables_in_their_order(make_docx: Callable[..., bytes]) -> None:
    body = (
        paragraph("赴法考察报告", "Titre1")
        + paragraph("考察团走访住户11家。")
        + table(("Jour", "Lieu"), ("Lundi 23", "Leshan"))
        + paragraph("Après le tableau.")
    )
    converted = convert_docx(make_docx(body))

    assert (
        converted.text == "赴法考察报告\n\n考察团走访住户11家。\n\nJour | Lieu\nLundi 23 | Leshan\n\nAprès le tableau."
    )


def test_docx_headings_are_found_by_name_base_style_and_outline_level(make_docx: Callable[..., bytes]) -> None:
    body = (
        paragraph("Un", "Titre1")
        + paragraph("Deux", "Rubrique")
        + paragraph("Trois", "Plan")
        + paragraph("Quatre", properties='<w:outlineLvl w:val="3"/>')
        + paragraph("Corps", properties='<w:outlineLvl w:val="9"/>')
        + paragraph("Inconnu", "Absent")
    )
    converted = convert_docx(make_docx(body))

    assert [(converted.text[found.start : found.end], found.level) for found in converted.headings] == [
        ("Un", 1),
        ("Deux", 2),
        ("Trois", 3),
        ("Quatre", 4),
    ]


def test_docx_reads_the_text_as_it_stands_after_revisions(make_docx: Callable[..., bytes]) -> None:
    body = (
        "<w:p><w:r><w:t>Le </w:t></w:r><w:del><w:r><w:delText>vieux</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>nouveau</w:t></w:r></w:ins><w:hyperlink><w:r><w:t> texte</w:t></w:r></w:hyperlink>"
        "<w:r><w:tab/><w:t>fin</w:t><w:br/><w:t>ligne</w:t></w:r></w:p>"
        f"<w:sdt><w:sdtContent>{paragraph('Dans un champ.')}</w:sdtContent></w:sdt>"
    )

    assert convert_docx(make_docx(body)).text == "Le nouveau texte\tfin\nligne\n\nDans un champ."


def test_docx_footnotes_follow_the_text(make_docx: Callable[..., bytes]) -> None:
    assert convert_docx(make_docx(paragraph("Corps."), note="Voir l’annexe.")).text == "Corps.\n\nVoir l’annexe."


def test_docx_properties_are_metadata(make_docx: Callable[..., bytes]) -> None:
    data = make_docx(paragraph("x"), title="Étude", author="Zhang Tong", created="2014-10-31T08:00:00Z")

    assert convert_docx(data).declared.values == {"title": "Étude", "author": "Zhang Tong", "date": "2014-10-31"}


def test_docx_that_unfolds_to_gigabytes_is_refused(
    make_docx: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED_BYTES", 100_000)
    bomb = make_docx(paragraph("0" * 1_000_000))

    assert len(bomb) < 10_000
    with pytest.raises(ConversionError, match="larger than"):
        convert_docx(bomb)


def test_docx_with_a_part_that_lies_about_its_size_is_damaged(make_docx: Callable[..., bytes]) -> None:
    honest = make_docx(paragraph("0" * 100_000))
    size = (100_000).to_bytes(4, "little")
    data = honest.replace(
        zipfile.ZipFile(io.BytesIO(honest)).getinfo("word/document.xml").file_size.to_bytes(4, "little"), size
    )

    with pytest.raises(ConversionError, match="damaged"):
        convert_docx(data)


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_docx_is_damaged(make_docx: Callable[..., bytes], keep: float) -> None:
    data = make_docx(paragraph("Texte"))

    with pytest.raises(ConversionError, match="damaged"):
        convert_docx(data[: int(len(data) * keep)])


def test_a_zip_that_is_no_word_document_is_damaged() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lisez-moi.txt", "rien")

    with pytest.raises(ConversionError, match="damaged"):
        convert_docx(buffer.getvalue())


def test_an_old_or_encrypted_word_file_says_so() -> None:
    with pytest.raises(ConversionError, match="password"):
        convert_docx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500)
