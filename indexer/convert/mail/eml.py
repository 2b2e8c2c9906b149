"""Mails as mail programs save them (MIME): the text in the charset it really has, quoted replies, attachments.

The standard library parses them. Its old policy is used: it keeps the bytes of headers and parts as they came, where
the modern one replaces what a wrong charset made unreadable.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

from indexer.convert.base import ConvertedFile
from indexer.convert.family import Family
from indexer.convert.html import find_declared_charset
from indexer.convert.html_blocks import render_html
from indexer.convert.mail.headers import read_date, read_header, read_people
from indexer.convert.mail.mail import MAX_DEPTH, Attachment, Mail, convert_mail
from indexer.convert.mail.text import choose_body, decode_part
from search_core.errors import ConversionError

VERSION = 1

_START_BYTES = 4096
_HEADER = re.compile(rb"([\w-]+):[ \t\r\n]")
_MAIL_HEADERS = frozenset(
    b"from to cc subject date message-id mime-version received return-path reply-to delivered-to x-mailer".split()
)
_FEWEST_HEADERS = 2

_NEXT_MAIL = re.compile(rb"(?:(?<=\n\n)|(?<=\n\r\n))From \S+ [^\n]*\d{4}\r?\n(?=[\w-]+: )")
_BODY_TYPES = frozenset({"text/plain", "text/html"})
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_PAGE_PARTS = frozenset({"text/css", "text/javascript", "application/javascript", "application/x-javascript"})
_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/pgp-encrypted"})

_FLOWED_LINE = re.compile(r"(?m)^((?!-- $).*) \n(?!>|\n|-- $)")

_LOCKED = "The mail is encrypted, or signed so that it can be read with a key only."


@dataclass
class _Parts:
    """What lies in the parts of a mail, in their order."""

    bodies: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    pictures: int = 0


def convert_eml(data: bytes) -> ConvertedFile:
    """Raises `ConversionError` for what is no mail, or an encrypted one."""
    if not looks_like_mail(data):
        raise ConversionError("There is no mail in this file.", remedy="Save it again from the mail program.")
    parts = split_mailbox(data.removeprefix(b"\xef\xbb\xbf").lstrip())
    mails = [read_mail(message_from_bytes(part)) for part in parts]
    mail = mails[0] if len(mails) == 1 else Mail(attachments=tuple(Attachment("", mail=each) for each in mails))
    if mail.problems and not any(mail.bodies) and not mail.attachments:
        raise ConversionError(_LOCKED, remedy="Open it in the mail program that has the key, and save its text.")
    return convert_mail(mail, "message/rfc822")


def looks_like_mail(data: bytes) -> bool:
    """Whether it begins with headers, two of them such as only mails have."""
    head = data[:_START_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    first_lines = re.split(rb"\r?\n\r?\n|\r\r", head, maxsplit=1)[0]
    lines = [line for line in re.split(rb"\r\n?|\n", first_lines) if not line.startswith((b" ", b"\t"))]
    names = [match[1].lower() if (match := _HEADER.match(line + b"\n")) else b"" for line in lines]
    if names and lines[0].startswith(b"From "):  # a mailbox with one mail
        names = names[1:]
    complete = names if len(head) < _START_BYTES else names[:-1]
    return all(complete) and len(_MAIL_HEADERS.intersection(complete)) >= _FEWEST_HEADERS


def split_mailbox(data: bytes) -> list[bytes]:
    """The mails of a mailbox (mbox), each of which begins with a line `From sender date`; a mail as it is."""
    if not data.startswith(b"From "):
        return [data]
    starts = [match.start() for match in _NEXT_MAIL.finditer(data)]
    return [data[start:end] for start, end in zip([0, *starts], [*starts, len(data)], strict=True)]


def read_mail(message: Message, depth: int = 0) -> Mail:
    """A parsed message with the mails within it."""
    parts = _Parts()
    _gather(message, parts, depth)
    return Mail(
        subject=" ".join(map(read_header, _raw(message, "subject")[:1])),
        sender=" ".join(read_people(_raw(message, "from"))[:1]),
        recipients=tuple(dict.fromkeys(read_people([*_raw(message, "to"), *_raw(message, "cc")]))),
        date="".join(map(read_date, _raw(message, "date")[:1])),
        bodies=tuple(parts.bodies),
        attachments=tuple(parts.attachments),
        notes=tuple(parts.notes),
        problems=tuple(dict.fromkeys(parts.problems)),
        pictures=parts.pictures,
    )


def _raw(message: Message, name: str) -> list[str]:
    """The values of a header as they came."""
    return [str(value) for key, value in message.raw_items() if key.casefold() == name]


def _gather(part: Message, parts: _Parts, depth: int) -> None:
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        _gather_alternatives(part, parts, depth)
    elif kind == "message/rfc822":
        parts.attachments.append(_read_inner_mail(part, depth))
    elif part.is_multipart():
        for child in _children(part):
            _gather(child, parts, depth)
    elif kind in _ENCRYPTED:
        parts.problems.append(_LOCKED)
    elif kind in _BODY_TYPES and not _is_attached(part):
        text = _read_text(part, parts)
        parts.bodies.append(render_html(text) if kind == "text/html" else text)
    elif kind.startswith("image/") and _is_within(part):
        parts.pictures += 1
    elif kind not in _SIGNATURES and not (kind in _PAGE_PARTS and _is_within(part)):
        parts.attachments.append(_read_attachment(part))


def _gather_alternatives(part: Message, parts: _Parts, depth: int) -> None:
    """One text of two versions; what else there is (pictures of the HTML version, an invitation) comes along."""
    plain, others = "", _Parts()
    for child in _children(part):
        if child.get_content_type() == "text/plain" and not _is_attached(child):
            plain = _read_text(child, parts)
        else:
            _gather(child, others, depth)
    parts.bodies.append(choose_body(plain, "\n\n".join(others.bodies)))
    parts.attachments += others.attachments
    parts.notes += others.notes
    parts.problems += others.problems
    parts.pictures += others.pictures


def _children(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _disposition(part: Message) -> str:
    return (part.get_content_disposition() or "").casefold()


def _is_within(part: Message) -> bool:
    """Whether a part belongs to the text, of a mail or of a web page that was saved as one."""
    return bool(part["content-id"] or part["content-location"]) or _disposition(part) == "inline"


def _is_attached(part: Message) -> bool:
    return _disposition(part) == "attachment" or bool(part.get_filename())


def _read_text(part: Message, parts: _Parts) -> str:
    data = _payload(part)
    declared = part.get_content_charset() or find_declared_charset(data)
    text, notes = decode_part(data, declared)
    parts.notes += notes
    return _join_flowed(text, part) if part.get_param("format") == "flowed" else text


def _join_flowed(text: str, part: Message) -> str:
    """Paragraphs of lines that end in a space because the next one goes on (RFC 3676)."""
    return _FLOWED_LINE.sub(r"\1" if part.get_param("delsp") == "yes" else r"\1 ", text)


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _read_attachment(part: Message) -> Attachment:
    name = read_header(part.get_filename() or "") or part.get_content_type()
    return Attachment(name, _payload(part))


def _read_inner_mail(part: Message, depth: int) -> Attachment:
    name = read_header(part.get_filename() or "")
    children = _children(part)
    if not children or depth >= MAX_DEPTH:
        return Attachment(name or "message/rfc822", problem="The mail within it cannot be read.")
    inner = read_mail(children[0], depth + 1)
    return Attachment(name or inner.subject, mail=inner)


EML = Family("eml", (".eml", ".mbox", ".mht", ".mhtml"), looks_like_mail, convert_eml, VERSION)
