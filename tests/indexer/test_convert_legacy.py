"""Files of before 2007, as LibreOffice reads them; and what is said of them where it is not installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.convert.base import ConvertedFile
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office.docx import DOCX
from indexer.convert.office.legacy import DOC, EXCEL_XML, PPT, WORKS
from indexer.convert.office.libreoffice import save_as
from indexer.convert.office.pptx import PPTX
from indexer.convert.office.xls import XLS
from indexer.convert.registry import find_family
from indexer.report import RunReport
from search_core.errors import ConversionError
from search_core.model import HeadingSpan

FILES = Path(__file__).parent / "files"


def title(converted: ConvertedFile, heading: HeadingSpan) -> str:
    return converted.text[heading.start : heading.end]


def test_old_word_file_is_known_under_the_ending_of_wps_office() -> None:
    data = (FILES / "visit-zh.doc").read_bytes()

    assert find_family(data, "纪要.wps") is DOC
    assert find_family(data, "note") is DOC
    assert find_family(b"", "note.wps") is WORKS


@pytest.mark.usefixtures("libreoffice")
def test_old_word_file_is_read_as_a_new_one_is() -> None:
    converted = convert_bytes((FILES / "visit-zh.doc").read_bytes(), DOC)
    modern = convert_bytes((FILES / "visit-zh.docx").read_bytes(), DOCX)

    assert converted.text == modern.text
    assert converted.headings == modern.headings
    assert converted.declared == modern.declared
    assert (converted.media_type, converted.language_hint) == ("application/msword", None)


@pytest.mark.slow
@pytest.mark.usefixtures("libreoffice")
@pytest.mark.parametrize("name", ["fr-eclairage", "zh-lvyou"])
def test_old_presentation_is_read_slide_by_slide(name: str) -> None:
    old = save_as((FILES / f"{name}.odp").read_bytes(), ".odp", ".ppt")
    converted = convert_bytes(old, PPT)
    modern = convert_bytes((FILES / f"{name}.pptx").read_bytes(), PPTX)

    assert find_family(old, "幻灯片.dps") is PPT
    assert [page.label for page in converted.pages] == [page.label for page in modern.pages]
    assert [title(converted, found) for found in converted.headings] == [
        title(modern, found) for found in modern.headings
    ]
    assert converted.media_type == "application/vnd.ms-powerpoint"


def test_old_file_needs_libreoffice_and_says_how_to_install_it(without_libreoffice: None) -> None:
    with pytest.raises(ConversionError, match=r"\.doc\) need LibreOffice, which is not installed.*apt install libre"):
        convert_bytes((FILES / "visit-fr.doc").read_bytes(), DOC)


@pytest.mark.usefixtures("libreoffice")
def test_old_file_that_failed_is_read_in_the_first_run_with_libreoffice(
    folder: Path, run: Callable[..., RunReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(FILES / "visit-fr.doc", folder)
    with monkeypatch.context() as without:
        without.setenv("PATH", "")
        first, second = run(folder), run(folder)
    third = run(folder)

    assert [report.files[0].status for report in (first, second, third)] == ["failed", "failed", "indexed"]
    assert "need LibreOffice" in first.files[0].reason


@pytest.mark.usefixtures("libreoffice")
def test_broken_old_file_is_refused() -> None:
    with pytest.raises(ConversionError, match="LibreOffice cannot read the file"):
        convert_bytes((FILES / "visit-fr.doc").read_bytes()[:3000], DOC)


@pytest.mark.slow
@pytest.mark.usefixtures("libreoffice")
def test_xml_of_older_word_and_excel_is_read_whatever_its_ending() -> None:
    text, table = ((FILES / name).read_bytes() for name in ("zh-word-2003.xml", "fr-excel-2003.xml"))

    assert find_family(text, "纪要.doc") is DOC
    assert find_family(table.decode().encode("utf-16"), "export.xls") is EXCEL_XML
    assert convert_bytes(text, DOC).text == "座谈纪要\n\n代表团考察了智能电网，数据每小时更新。"
    assert "Coefficient : Climat de Leshan | Valeur : 0.82" in convert_bytes(table, EXCEL_XML).text


def test_text_with_the_ending_of_an_old_file_is_read_as_text() -> None:
    assert convert_bytes("Réunion à Leshan".encode("cp1252"), DOC).text == "Réunion à Leshan"
    assert "Ville : Leshan" in convert_bytes((FILES / "fr-compteurs.csv").read_bytes(), XLS).text
