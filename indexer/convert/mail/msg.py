"""Mails that Outlook saved (.msg): properties in an OLE container, which olefile reads.

Looked at instead: python-oxmsg (MIT; reads every text of an old mail as Windows-1252, and none that declares a Chinese
code page) and extract-msg (GPL).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property

import olefile
from compressed_rtf import decompress

from indexer.convert.base import ConvertedFile
from indexer.convert.containers import is_ole
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.family import Family
from indexer.convert.html import find_declared_charset
from indexer.convert.html_blocks import render_html
from indexer.convert.mail.mail import MAX_DEPTH, Attachment, Mail, convert_mail
from indexer.convert.mail.text import choose_body, decode_part
from search_core.errors import ConversionError

VERSION = 1

_PROPERTIES = "__properties_version1.0"
_MARK = _PROPERTIES.encode("utf-16-le")
_SUBSTORAGE = "__substg1.0_"

_UNICODE, _TEXT, _BINARY, _OBJECT = "001F", "001E", "0102", "000D"
_SUBJECT, _SENDER, _SENDER_ADDRESS, _REPRESENTED = "0037", "0C1A", "0C1F", "0042"
_BODY, _HTML, _RTF = "1000", "1013", "1009"
_NAME, _ADDRESS, _SMTP_ADDRESS = "3001", "3003", "39FE"
_LONG_NAME, _SHORT_NAME, _DATA, _CONTENT_ID = "3707", "3704", "3701", "3712"

_CODE_PAGES = (0x3FDE, 0x3FFD)
"""Properties: the code page of the text for the internet, that of the whole message."""

_DATES = (0x0039, 0x0E06)
"""Properties: when it was sent, when it was delivered."""

_FIRST_MOMENT = datetime(1601, 1, 1, tzinfo=UTC)
_MAX_RTF_BYTES = 50_000_000
_BLOCK = 8, 24, 32
"""Bytes before the properties of an attachment or a recipient, of a mail within a mail, of the mail itself."""


class _Storage:
    """One storage of the container: the mail, a recipient, an attachment or a mail within it."""

    def __init__(self, container: olefile.OleFileIO, path: tuple[str, ...], header: int) -> None:
        self._container = container
        self._path = path
        self._header = header

    def bytes_of(self, tag: str, kind: str = _BINARY) -> bytes | None:
        """A property that has a stream of its own; None where it is not there."""
        path = [*self._path, f"{_SUBSTORAGE}{tag}{kind}"]
        if not self._container.exists(path):
            return None
        data: bytes = self._container.openstream(path).read()
        return data

    def inner(self, name: str, header: int) -> _Storage:
        return _Storage(self._container, (*self._path, name), header)

    def iter_inner(self, prefix: str) -> Iterator[_Storage]:
        """Recipients or attachments, in order."""
        depth = len(self._path)
        names = {
            entry[depth]
            for entry in self._container.listdir()
            if tuple(entry[:depth]) == self._path and len(entry) > depth + 1 and entry[depth].startswith(prefix)
        }
        for name in sorted(names):
            yield self.inner(name, _BLOCK[0])

    def has(self, name: str) -> bool:
        return bool(self._container.exists([*self._path, name]))

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Properties of at most eight bytes, as unsigned numbers, by their id."""
        path = [*self._path, _PROPERTIES]
        data = self._container.openstream(path).read() if self._container.exists(path) else b""
        rows = (data[start : start + 16] for start in range(self._header, len(data) - 15, 16))
        found = (struct.unpack("<HHIQ", row) for row in rows)
        return {number: value for _, number, _, value in found}

    def text_of(self, tag: str, charset: str | None) -> str:
        """A text property, as Unicode or in the code page of the mail."""
        wide = self.bytes_of(tag, _UNICODE)
        if wide is not None:
            return wide.decode("utf-16-le", "replace").rstrip("\0")
        return decode_part((self.bytes_of(tag, _TEXT) or b"").rstrip(b"\0"), charset)[0]


def convert_msg(data: bytes) -> ConvertedFile:
    """Raises `ConversionError` for a container that is damaged or holds no mail."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            mail = _read_mail(_Storage(container, (), _BLOCK[2]), depth=0)
    except (OSError, struct.error, IndexError, KeyError, ValueError) as cause:
        raise ConversionError("The mail is damaged.", remedy="Save it again from the mail program.") from cause
    return convert_mail(mail, "application/vnd.ms-outlook")


def _read_mail(storage: _Storage, depth: int) -> Mail:
    charset = _find_charset(storage)
    text_of = storage.text_of
    sender = text_of(_SENDER, charset) or text_of(_REPRESENTED, charset) or text_of(_SENDER_ADDRESS, charset)
    body, notes = _read_body(storage, charset)
    attachments = [_read_attachment(each, charset, depth) for each in storage.iter_inner("__attach_version1.0_#")]
    return Mail(
        subject=" ".join(text_of(_SUBJECT, charset).split()),
        sender=sender.strip(),
        recipients=tuple(dict.fromkeys(_iter_recipients(storage, charset))),
        date=_find_date(storage),
        bodies=(body,),
        attachments=tuple(each for each in attachments if each is not None),
        notes=notes,
        pictures=attachments.count(None),
    )


def _find_charset(storage: _Storage) -> str | None:
    pages = (storage.numbers.get(number, 0) & 0xFFFFFFFF for number in _CODE_PAGES)
    return next((_name_code_page(page) for page in pages if page), None)


def _name_code_page(page: int) -> str:
    return {65001: "utf-8", 54936: "gb18030", 20936: "gb2312", 28591: "iso8859-1"}.get(page, f"cp{page}")


def _find_date(storage: _Storage) -> str:
    ticks = next((found for number in _DATES if (found := storage.numbers.get(number))), 0)
    try:
        return (_FIRST_MOMENT + timedelta(microseconds=ticks // 10)).date().isoformat() if ticks else ""
    except OverflowError:
        return ""


def _iter_recipients(storage: _Storage, charset: str | None) -> Iterator[str]:
    for each in storage.iter_inner("__recip_version1.0_#"):
        names = (each.text_of(tag, charset).strip() for tag in (_NAME, _SMTP_ADDRESS, _ADDRESS))
        if name := next(filter(None, names), ""):
            yield name


def _read_body(storage: _Storage, charset: str | None) -> tuple[str, tuple[str, ...]]:
    """The plain text, or the HTML where that says more; RTF only where there is neither."""
    plain = storage.text_of(_BODY, charset)
    raw = storage.bytes_of(_HTML)
    html, notes = (
        decode_part(raw, find_declared_charset(raw) or charset) if raw else (storage.text_of(_HTML, charset), ())
    )
    packed = storage.bytes_of(_RTF)
    if plain.strip() or html.strip() or not packed:
        return choose_body(plain, render_html(html)), notes
    return _read_rtf(packed), notes


def _read_rtf(packed: bytes) -> str:
    from indexer.convert.registry import find_family  # it lists this family too

    if struct.unpack_from("<I", packed, 4)[0] > _MAX_RTF_BYTES:
        raise ConversionError("The text of the mail is too long.", remedy="Save it as text.")
    text = decompress(packed)
    family = find_family(text, "mail.rtf")
    if family is None:
        raise ConversionError("The text of the mail is RTF, which is not read.", remedy="Save it as text.")
    return convert_bytes(text, family).text


def _read_attachment(storage: _Storage, charset: str | None, depth: int) -> Attachment | None:
    """None for a picture within the text."""
    name = next(filter(None, (storage.text_of(tag, charset) for tag in (_LONG_NAME, _SHORT_NAME, _NAME))), "")
    data = storage.bytes_of(_DATA)
    within = f"{_SUBSTORAGE}{_DATA}{_OBJECT}"
    if data is None and storage.has(within) and depth < MAX_DEPTH:
        inner = _read_mail(storage.inner(within, _BLOCK[1]), depth + 1)
        return Attachment(name or inner.subject, mail=inner)
    if data is not None and storage.text_of(_CONTENT_ID, charset) and _is_picture(name):
        return None
    return Attachment(name, data, problem="" if data is not None else "It is a link to a file elsewhere.")


def _is_picture(name: str) -> bool:
    return name.casefold().endswith((".png", ".jpg", ".jpeg", ".gif", ".bmp"))


def _looks_like_msg(data: bytes) -> bool:
    return is_ole(data) and _MARK in data


MSG = Family("msg", (".msg",), _looks_like_msg, convert_msg, VERSION, ("olefile", "compressed-rtf"))
