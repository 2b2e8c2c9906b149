"""What office programs wrote before 2007, and what WPS Office and Works write: read as what LibreOffice makes of it.

Excel's older files are not among them: `xls` reads those by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import is_ole, stream_names
from indexer.convert.empty import check_text
from indexer.convert.encrypted import is_old_and_encrypted, refuse_encrypted
from indexer.convert.family import Family
from indexer.convert.office.docx import DOCX
from indexer.convert.office.libreoffice import libreoffice_version, save_as
from indexer.convert.office.pptx import PPTX
from indexer.convert.office.xlsx import XLSX
from indexer.convert.text import convert_text
from search_core.errors import ConversionError

VERSION = 1


_WORD_XML = b"schemas.microsoft.com/office/word/2003/wordml"
_EXCEL_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_HEAD_BYTES = 4096


def is_doc(data: bytes) -> bool:
    """Whether it is of Word 6 to 2003, as XML too, or of the word processor of WPS Office."""
    return "WordDocument" in stream_names(data) or _is_xml_of(data, _WORD_XML)


def is_excel_xml(data: bytes) -> bool:
    """Whether it is the XML of Excel 2002, which many programs export tables as."""
    return _is_xml_of(data, _EXCEL_XML)


def is_works(data: bytes) -> bool:
    """Whether it is of the word processor of Microsoft Works, 4 to 9."""
    return not stream_names(data).isdisjoint({"MatOST", "MN0"})


def is_ppt(data: bytes) -> bool:
    """Whether it is of PowerPoint 97 to 2003, or of the presentation program of WPS Office."""
    return "PowerPoint Document" in stream_names(data)


def convert_doc(data: bytes) -> ConvertedFile:
    """Raises `ConversionError` where LibreOffice is missing, or cannot read it."""
    return _convert(data, ".doc", DOCX, "application/msword")


def convert_works(data: bytes) -> ConvertedFile:
    """As `convert_doc`."""
    return _convert(data, ".wps", DOCX, "application/vnd.ms-works")


def convert_ppt(data: bytes) -> ConvertedFile:
    """As `convert_doc`."""
    return _convert(data, ".ppt", PPTX, "application/vnd.ms-powerpoint")


def convert_excel_xml(data: bytes) -> ConvertedFile:
    """As `convert_doc`."""
    return _convert(data, ".xls", XLSX, "application/vnd.ms-excel")


def _is_xml_of(data: bytes, namespace: bytes) -> bool:
    """Also in UTF-16, of which every other byte is 0."""
    head = data[:_HEAD_BYTES].replace(b"\0", b"")
    return b"<?xml" in head[:10] and namespace in head


def _convert(data: bytes, suffix: str, modern: Family, media_type: str) -> ConvertedFile:
    if not (is_ole(data) or _is_xml_of(data, _WORD_XML) or _is_xml_of(data, _EXCEL_XML)):
        return convert_text(data)  # some programs give such a name to what they write as text
    try:
        saved = save_as(data, suffix, modern.suffixes[0])
    except ConversionError:
        if is_old_and_encrypted(data):
            refuse_encrypted()
        raise
    # Its language is that of LibreOffice's own settings where the file named none.
    return replace(check_text(modern.convert(saved), saved), media_type=media_type, language_hint=None)


def _make_family(
    name: str,
    suffixes: tuple[str, ...],
    recognizes: Callable[[bytes], bool],
    convert: Callable[[bytes], ConvertedFile],
    modern: Family,
) -> Family:
    return Family(
        name=name,
        suffixes=suffixes,
        recognizes=recognizes,
        convert=convert,
        version=VERSION + modern.version,
        packages=("olefile", *modern.packages),
        programs=(libreoffice_version,),
    )


DOC = _make_family("doc", (".doc", ".dot"), is_doc, convert_doc, DOCX)
WORKS = _make_family("wps", (".wps", ".wpt"), is_works, convert_works, DOCX)
PPT = _make_family("ppt", (".ppt", ".pps", ".pot"), is_ppt, convert_ppt, PPTX)
EXCEL_XML = _make_family("excel-xml", (), is_excel_xml, convert_excel_xml, XLSX)
