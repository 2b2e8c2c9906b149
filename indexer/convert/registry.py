"""Which files can be read: the table of format families, and how a file finds its own."""

from __future__ import annotations

from pathlib import PurePath

from indexer.convert.csv import CSV
from indexer.convert.encrypted import ENCRYPTED
from indexer.convert.family import Family
from indexer.convert.html import HTML
from indexer.convert.image import IMAGE
from indexer.convert.mail.eml import EML
from indexer.convert.mail.msg import MSG
from indexer.convert.markdown import MARKDOWN
from indexer.convert.office.docx import DOCX
from indexer.convert.office.flat_opc import FLAT_OPC
from indexer.convert.office.legacy import DOC, EXCEL_XML, PPT, WORKS
from indexer.convert.office.pptx import PPTX
from indexer.convert.office.xls import XLS
from indexer.convert.office.xlsx import XLSX
from indexer.convert.opendocument.odp import ODP
from indexer.convert.opendocument.ods import ODS
from indexer.convert.opendocument.odt import ODT
from indexer.convert.pdf.pdf import PDF
from indexer.convert.rtf.rtf import RTF
from indexer.convert.text import TEXT
from indexer.convert.unread import UNREAD
from indexer.convert.xml import XML

FAMILIES = (
    *(
        PDF,
        IMAGE,
        MSG,
        ENCRYPTED,
        DOCX,
        DOC,
        WORKS,
        RTF,
        ODT,
        PPTX,
        PPT,
        XLSX,
        XLS,
        ODP,
        ODS,
        FLAT_OPC,
        EML,
        EXCEL_XML,
        HTML,
        XML,
    ),
    *(*UNREAD, CSV, MARKDOWN, TEXT),
)
"""In the order in which contents are looked at; a name without an ending is taken for text."""


def find_family(data: bytes, name: str) -> Family | None:
    """The family of a file, by its content first and its ending second; None where no family reads it."""
    suffix = PurePath(name).suffix.casefold()
    by_content = (family for family in FAMILIES if family.recognizes and family.recognizes(data))
    by_suffix = (family for family in FAMILIES if suffix in family.suffixes)
    return next(by_content, None) or next(by_suffix, None)
