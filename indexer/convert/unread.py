"""Formats that people have and nothing here reads: each is named, with what to do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import part_names
from indexer.convert.family import Family
from search_core.errors import ConversionError

VERSION = 1

_AS_PDF = "Export it as PDF"


@dataclass(frozen=True)
class Refusal:
    """Converts nothing; equal after its way to a worker process, as a partial function would not be."""

    name: str
    remedy: str

    def __call__(self, _: bytes) -> ConvertedFile:
        raise ConversionError(f"{self.name} is not read.", remedy=self.remedy)


@dataclass(frozen=True)
class _StartsWith:
    mark: bytes

    def __call__(self, data: bytes) -> bool:
        return data.startswith(self.mark)


def _is_ofd(data: bytes) -> bool:
    return "OFD.xml" in part_names(data)


def _is_iwork(data: bytes) -> bool:
    return any(name.endswith(".iwa") or name == "Index.zip" for name in part_names(data))


def _is_epub(data: bytes) -> bool:
    """The first part is stored as it is: 30 bytes of header, then its name and content."""
    return data[30:58] == b"mimetypeapplication/epub+zip"


def _make_family(
    name: str, suffixes: tuple[str, ...], recognizes: Callable[[bytes], bool] | None, shown: str, remedy: str
) -> Family:
    return Family(name, suffixes, recognizes, Refusal(shown, remedy), VERSION)


UNREAD = (
    _make_family(
        "ofd",
        (".ofd",),
        _is_ofd,
        "OFD (GB/T 33190)",
        f"{_AS_PDF} from the program that shows it, e.g. 数科 OFD 阅读器 or WPS.",
    ),
    _make_family("epub", (".epub",), _is_epub, "EPUB", "Convert it to HTML or PDF, e.g. with calibre."),
    _make_family(
        "iwork",
        (".pages", ".numbers", ".key"),
        _is_iwork,
        "Apple iWork (Pages, Numbers, Keynote)",
        f"{_AS_PDF}, or as Word, Excel or PowerPoint, from the program that made it.",
    ),
    _make_family("caj", (".caj", ".kdh", ".nh"), None, "CAJ (CNKI)", f"{_AS_PDF} from CAJViewer."),
    _make_family("ceb", (".ceb", ".cebx"), None, "CEB (Apabi)", f"{_AS_PDF} from Apabi Reader."),
    _make_family("rar", (".rar",), _StartsWith(b"Rar!\x1a\x07"), "RAR", "Unpack it, or pack it as ZIP."),
    _make_family("7z", (".7z",), _StartsWith(b"7z\xbc\xaf'\x1c"), "7-Zip", "Unpack it, or pack it as ZIP."),
    _make_family(
        "gzip",
        (".gz", ".tgz"),
        _StartsWith(b"\x1f\x8b"),
        "Gzip (.gz, .tar.gz)",
        "Unpack it, or pack it as ZIP.",
    ),
    _make_family("tar", (".tar",), None, "TAR", "Unpack it, or pack it as ZIP."),
)
"""easyofd was looked at for OFD: it draws pages with PyMuPDF, which is under the AGPL."""
