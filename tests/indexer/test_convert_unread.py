"""Formats that nothing here reads are refused under their own name, with what to do."""

from __future__ import annotations

import io
import zipfile

import pytest

from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.registry import find_family
from search_core.errors import ConversionError


def pack(*names: str, first: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, b"x")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "reason", "remedy"),
    [
        (pack("OFD.xml", "Doc_0/Document.xml"), "公文.bin", "OFD (GB/T 33190) is not read.", "Export it as PDF"),
        (pack("OEBPS/a.xhtml", first=b"application/epub+zip"), "livre", "EPUB is not read.", "HTML or PDF"),
        (pack("Index/Document.iwa"), "note.zip", "Apple iWork (Pages, Numbers, Keynote) is not read.", "as PDF"),
        (b"CAJ\0\0", "论文.caj", "CAJ (CNKI) is not read.", "CAJViewer"),
        (b"Founder CEB", "公报.CEB", "CEB (Apabi) is not read.", "Apabi Reader"),
        (b"Rar!\x1a\x07\x01\0", "archive.bin", "RAR is not read.", "Unpack it"),
        (b"7z\xbc\xaf'\x1c", "archive", "7-Zip is not read.", "Unpack it"),
        (b"\x1f\x8b\x08", "a.tar.gz", "Gzip (.gz, .tar.gz) is not read.", "Unpack it"),
    ],
)
def test_format_that_nothing_reads_is_named(data: bytes, name: str, reason: str, remedy: str) -> None:
    family = find_family(data, name)
    assert family is not None
    with pytest.raises(ConversionError) as refused:
        convert_bytes(data, family)

    assert refused.value.message == reason
    assert remedy in refused.value.remedy
