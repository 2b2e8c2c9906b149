"""What EML and MSG have in common: a mail, its text with the attachments as sections below it, and what is known of it.

Attachments are sections and no documents of their own: a mail and what it sends are read together, and one place on
disk stays one document.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import NamedTemporaryFile

from indexer.convert.base import ConvertedFile, TextBuilder
from indexer.convert.convert_bytes import convert_bytes
from indexer.front_matter import Declared
from indexer.workers.alive import tell_alive
from search_core.archives import ARCHIVE_MARKS, Archives, Member
from search_core.errors import ConversionError

MAX_DEPTH = 5
"""Of mails and archives within mails."""

MAX_ATTACHMENTS = 500

_MOST_PROBLEMS = 20

_MAIL_LEVEL, _ATTACHMENT_LEVEL = 1, 2
_LEVELS = 6

_WINMAIL = "winmail.dat"


@dataclass(frozen=True)
class Attachment:
    """A file sent along: `data` is None, and `problem` says why, where it cannot be had. `mail` is one sent along."""

    name: str
    data: bytes | None = None
    problem: str = ""
    mail: Mail | None = None


@dataclass(frozen=True)
class Mail:
    """A mail as text. `date` is ISO, empty where unknown; people are names, or addresses of those without a name.

    `pictures` counts those shown within the text: they are not read.
    """

    subject: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()
    date: str = ""
    bodies: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    pictures: int = 0


@dataclass
class _Reading:
    """What came up while the parts of a mail were read."""

    builder: TextBuilder = field(default_factory=TextBuilder)
    notes: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    attachments: int = 0


def convert_mail(mail: Mail, media_type: str) -> ConvertedFile:
    """The text of a mail: subject, who wrote to whom, the text with what it quotes, then each attachment."""
    reading = _Reading()
    _write_mail(mail, reading, depth=0)
    declared = {"title": mail.subject, "author": mail.sender, "date": mail.date}
    return ConvertedFile(
        text=reading.builder.text,
        declared=Declared({key: value for key, value in declared.items() if value}, origin="message"),
        headings=reading.builder.headings,
        media_type=media_type,
        notes=tuple(dict.fromkeys(reading.notes)),
        partial_reason=_list_problems(list(dict.fromkeys(reading.problems))),
    )


def _list_problems(problems: list[str]) -> str:
    more = len(problems) - _MOST_PROBLEMS
    return " ".join([*problems[:_MOST_PROBLEMS], *([f"And {more} more."] if more > 0 else [])])


def _write_mail(mail: Mail, reading: _Reading, depth: int) -> None:
    reading.builder.add_heading(mail.subject, _limit_level(_MAIL_LEVEL + depth))
    people = " → ".join(filter(None, (mail.sender, ", ".join(mail.recipients))))
    reading.builder.add_block(people)
    for body in mail.bodies:
        reading.builder.add_block(body)
    reading.notes += mail.notes
    reading.problems += mail.problems
    if mail.pictures:
        reading.notes.append("Pictures within the text are not read.")
    for attachment in mail.attachments:
        _write_attachment(attachment, reading, depth)


def _write_attachment(attachment: Attachment, reading: _Reading, depth: int) -> None:
    tell_alive()
    reading.attachments += 1
    if depth >= MAX_DEPTH or reading.attachments > MAX_ATTACHMENTS:
        reading.problems.append(f"Attachment {attachment.name}: too many, or nested too deeply.")
    elif attachment.mail is not None:
        inner = attachment.mail
        _write_mail(replace(inner, subject=inner.subject or attachment.name), reading, depth + 1)
    elif not _write_archive(attachment, reading, depth):
        try:
            converted = _convert_attachment(attachment)
        except ConversionError as error:
            reading.problems.append(f"Attachment {attachment.name}: {error}")
            reading.builder.add_heading(attachment.name, _limit_level(_ATTACHMENT_LEVEL + depth))
            return
        _write_section(attachment.name, converted, reading, _ATTACHMENT_LEVEL + depth)


def _write_archive(attachment: Attachment, reading: _Reading, depth: int) -> bool:
    """Whether an attachment is an archive: then its files were written as attachments of their own."""
    if attachment.data is None or attachment.data[:4] not in ARCHIVE_MARKS:
        return False
    with NamedTemporaryFile() as file, closing(Archives()) as archives:
        file.write(attachment.data)
        file.flush()
        path = Path(file.name)
        try:
            contents = archives.look_into(path)
        except ConversionError:
            return False
        if contents is None:
            return False
        for member in contents.members:
            if not member.is_link:
                name = f"{attachment.name}/{member.path}"
                _write_attachment(_read_member(archives, path, member, name), reading, depth + 1)
        for inner, reason in contents.unreadable.items():
            reading.problems.append(f"Attachment {attachment.name}/{inner}: {reason}")
    return True


def _read_member(archives: Archives, path: Path, member: Member, name: str) -> Attachment:
    try:
        return Attachment(name, archives.read(path, member.chain))
    except ConversionError as error:
        return Attachment(name, problem=str(error))


def _convert_attachment(attachment: Attachment) -> ConvertedFile:
    """Raises `ConversionError` where nothing reads it."""
    from indexer.convert.registry import find_family  # it lists the families of mails too

    if attachment.data is None:
        raise ConversionError(attachment.problem or "It is not in the file.", remedy="")
    if attachment.name.casefold() == _WINMAIL:
        raise ConversionError(
            "what Outlook packed for itself is not read.", remedy="Have it sent again as HTML or plain text."
        )
    family = find_family(attachment.data, attachment.name)
    if family is None:
        raise ConversionError("not a format that can be read.", remedy="")
    return convert_bytes(attachment.data, family)


def _write_section(name: str, converted: ConvertedFile, reading: _Reading, level: int) -> None:
    """A converted file below its name; its own headings are below that."""
    reading.builder.add_heading(name, _limit_level(level))
    for text, heading_level in iter_blocks(converted):
        if heading_level:
            reading.builder.add_heading(text, _limit_level(level + heading_level))
        else:
            reading.builder.add_block(text)
    reading.notes += [f"{name}: {note}" for note in converted.notes]
    if converted.partial_reason:
        reading.problems.append(f"Attachment {name}: {converted.partial_reason}")


def iter_blocks(converted: ConvertedFile) -> Iterable[tuple[str, int]]:
    """The text in its order, cut at its headings: pieces with the level of a heading, 0 for what is none."""
    end = 0
    for heading in converted.headings:
        yield converted.text[end : heading.start], 0
        yield converted.text[heading.start : heading.end], heading.level
        end = heading.end
    yield converted.text[end:], 0


def _limit_level(level: int) -> int:
    return min(level, _LEVELS)
