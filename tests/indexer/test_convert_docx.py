from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.convert import containers
from indexer.convert.office.docx import convert_docx
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"


def paragraph(text: str, style: str = "", properties: str = "") -> str:
    style_tag = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style_tag}{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(*rows: tuple[str, ...]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def replace_in_parts(data: bytes, old: bytes, new: bytes) -> bytes:
    replaced = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(replaced, "w") as written:
        for name in parts.namelist():
            written.writestr(name, parts.read(name).replace(old, new))
    return replaced.getvalue()


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


def test_docx_numbers_are_counted_as_word_does(make_docx: Callable[..., bytes]) -> None:
    def item(text: str, level: int, list_id: int = 1) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>'
        return paragraph(text, properties=properties)

    levels = (
        ("chineseCounting", "第%1条"),
        ('decimal"/><w:isLgl w:val="1', "%1.%2"),
        ("lowerLetter", "%3)"),
        ("bullet", "•"),
    )
    numbering = '<w:abstractNum w:abstractNumId="0">' + "".join(
        f'<w:lvl w:ilvl="{depth}"><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for depth, (kind, text) in enumerate(levels)
    )
    numbering += '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    restart = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering += f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{restart}</w:num>'
    body = item("总则", 0) + item("x", 1) + item("y", 1) + item("z", 2) + item("", 0) + item("附则", 0) + item("x", 1)
    body += item("puce", 3) + item("autre", 0, 2) + item("suite", 0, 2) + item("absente", 0, 9)

    assert convert_docx(make_docx(body, numbering=numbering)).text.split("\n\n") == [
        *("第一条总则", "1.1 x", "1.2 y", "a) z", "第二条附则", "2.1 x", "puce"),
        *("第一条autre", "第二条suite", "absente"),
    ]


def test_docx_footnote_follows_its_paragraph_once(make_docx: Callable[..., bytes]) -> None:
    referring = '<w:p><w:r><w:t>Corps.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>'
    body = referring + paragraph("Suite.") + referring

    converted = convert_docx(make_docx(body, note="Voir l’annexe."))
    assert converted.text == "Corps.\n\nVoir l’annexe.\n\nSuite.\n\nCorps."


def test_docx_leaves_out_what_nobody_sees(make_docx: Callable[..., bytes]) -> None:
    body = (
        "<w:p><w:r><w:t>Vu</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>caché</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> aussi</w:t></w:r></w:p>'
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>lè shān</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>乐山</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
        "<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>ôté</w:t></w:r></w:p></w:tc>"
        "</w:tr></w:tbl>" + paragraph("Sommaire……3", "Sommaire1")
    )

    assert convert_docx(make_docx(body)).text == "Vu aussi\n\n乐山"


def test_docx_formula_is_text(make_docx: Callable[..., bytes]) -> None:
    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    run = "<m:r><m:t>{}</m:t></m:r>"
    body = (
        f"<w:p><m:oMath {math}>{run.format('E=')}<m:f><m:fPr/><m:num>{run.format('mv')}</m:num>"
        f"<m:den>{run.format('2')}</m:den></m:f></m:oMath></w:p>"
    )

    assert convert_docx(make_docx(body)).text == "E=mv/2"


def test_docx_with_a_part_in_another_format_says_that_it_is_partial(make_docx: Callable[..., bytes]) -> None:
    converted = convert_docx(make_docx(paragraph("Corps.") + "<w:altChunk/>"))

    assert (converted.text, converted.partial_reason) == (
        "Corps.",
        "It holds a document in another format, which is not read.",
    )


def test_docx_properties_are_metadata(make_docx: Callable[..., bytes]) -> None:
    data = make_docx(paragraph("x"), title="Étude", author="Zhang Tong", created="2014-10-31T08:00:00Z")

    assert convert_docx(data).declared.values == {"title": "Étude", "author": "Zhang Tong", "date": "2014-10-31"}


def test_docx_of_the_strict_variant_is_not_called_damaged(make_docx: Callable[..., bytes]) -> None:
    data = make_docx(paragraph("x"))
    strict = replace_in_parts(data, b"schemas.openxmlformats.org/officeDocument/2006", b"purl.oclc.org/ooxml")

    with pytest.raises(ConversionError, match="strict variant"):
        convert_docx(strict)


@pytest.mark.parametrize(
    "kind",
    [
        "openxmlformats-officedocument.wordprocessingml.template",
        "ms-word.document.macroEnabled",
        "ms-word.template.macroEnabledTemplate",
    ],
)
def test_templates_and_documents_with_macros_are_read(kind: str) -> None:
    data = (FILES / "visit-fr.docx").read_bytes()
    usual = b"openxmlformats-officedocument.wordprocessingml.document.main+xml"

    assert convert_docx(replace_in_parts(data, usual, f"{kind}.main+xml".encode())) == convert_docx(data)


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
