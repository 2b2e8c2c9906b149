"""Word documents as one XML file: those that LibreOffice wrote as archives, put together as Word does."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from pathlib import Path

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office.docx import convert_docx
from indexer.convert.office.flat_opc import FLAT_OPC
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"
START = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<?mso-application progid="Word.Document"?>\n'
    '<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">'
)


def flatten(data: bytes) -> bytes:
    parts = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        types = archive.read("[Content_Types].xml").decode()
        for name in archive.namelist():
            if name == "[Content_Types].xml":
                continue
            override = re.search(f'PartName="/{re.escape(name)}" ContentType="([^"]*)"', types)
            kind = override[1] if override else "application/vnd.openxmlformats-package.relationships+xml"
            content = archive.read(name)
            held = (
                f"<pkg:xmlData>{re.sub(r'^<[?].*?[?]>', '', content.decode())}</pkg:xmlData>"
                if name.endswith((".xml", ".rels"))
                else f"<pkg:binaryData>{base64.b64encode(content).decode()}</pkg:binaryData>"
            )
            parts.append(f'<pkg:part pkg:name="/{name}" pkg:contentType="{kind}">{held}</pkg:part>')
    return f"{START}{''.join(parts)}</pkg:package>".encode()


@pytest.mark.parametrize("name", ["visit-fr.docx", "visit-zh.docx"])
def test_a_word_xml_document_is_read_as_the_archive_is(name: str) -> None:
    data = (FILES / name).read_bytes()
    flat = flatten(data)

    assert find_family(flat, "visite.xml") is FLAT_OPC
    assert convert_bytes(flat, FLAT_OPC) == convert_docx(data)


@pytest.mark.parametrize(
    "rest",
    [
        "<pkg:part",
        '<pkg:part pkg:name="/a.bin"><pkg:binaryData>a</pkg:binaryData></pkg:part></pkg:package>',
        "</pkg:package>",
    ],
)
def test_a_broken_one_is_damaged(rest: str) -> None:
    with pytest.raises(ConversionError, match="damaged"):
        convert_bytes(f"{START}{rest}".encode(), FLAT_OPC)
