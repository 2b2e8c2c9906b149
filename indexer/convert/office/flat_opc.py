"""The XML that Word writes since 2007 ("Word XML document"): the parts of a `.docx` in one file, read as that."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from typing import Any

from lxml import etree

from indexer.convert.base import ConvertedFile
from indexer.convert.family import Family
from indexer.convert.office.docx import DOCX
from search_core.errors import ConversionError

VERSION = 1

_NAMESPACE = "http://schemas.microsoft.com/office/2006/xmlPackage"
_NAME, _TYPE, _XML, _BINARY = (f"{{{_NAMESPACE}}}{name}" for name in ("name", "contentType", "xmlData", "binaryData"))
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_WORD = b'progid="Word.Document"'
_HEAD_BYTES = 1024


def is_flat_opc(data: bytes) -> bool:
    head = data[:_HEAD_BYTES]
    return _NAMESPACE.encode() in head and _WORD in head


def convert_flat_opc(data: bytes) -> ConvertedFile:
    """As a Word document. Raises `ConversionError` where it is broken."""
    try:
        return DOCX.convert(_pack(data))
    except (etree.LxmlError, binascii.Error, ValueError) as cause:
        raise ConversionError(
            "The Word XML document is damaged.", remedy="Open it in a word processor and save it as .docx."
        ) from cause


def _pack(data: bytes) -> bytes:
    """The same parts in a ZIP archive. Nothing is fetched, no entity resolved."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    types = etree.Element(f"{{{_TYPES}}}Types", nsmap={None: _TYPES})
    etree.SubElement(types, f"{{{_TYPES}}}Default", Extension="rels", ContentType=_RELATIONS)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in etree.fromstring(data, parser).iterchildren(f"{{{_NAMESPACE}}}part"):
            name, kind = part.get(_NAME, ""), part.get(_TYPE, "")
            etree.SubElement(types, f"{{{_TYPES}}}Override", PartName=name, ContentType=kind)
            archive.writestr(name.removeprefix("/"), _read_part(part))
        archive.writestr("[Content_Types].xml", etree.tostring(types))
    return packed.getvalue()


def _read_part(part: Any) -> bytes:
    for child in part:
        if child.tag == _XML and len(child):
            return bytes(etree.tostring(child[0], encoding="UTF-8", xml_declaration=True, with_tail=False))
        if child.tag == _BINARY:
            return base64.b64decode(child.text or "")
    return b""


FLAT_OPC = Family("word-xml", (), is_flat_opc, convert_flat_opc, VERSION + DOCX.version, DOCX.packages)
