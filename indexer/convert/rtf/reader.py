"""Follows the groups and control words of an RTF file.

Written here, for none of the kept libraries reads what people have: striprtf 0.0.35 takes the bytes of a Chinese font
in a French file for French ones, keeps tracked deletions, and loses footnotes, boxes, headings and properties.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from functools import partial

from indexer.convert.rtf.fonts import FONT_WORDS, Fonts, decode_text
from indexer.convert.rtf.story import Block, Story, join_pieces
from indexer.convert.rtf.tokens import iter_tokens
from indexer.workers.alive import tell_alive
from search_core.errors import ConversionError

MOST_GROUPS = 2_000
"""In each other; word processors need some dozen."""

_TOKENS_A_SIGN = 100_000
"""Between two signs of life."""

_CHARACTERS = {
    "tab": "\t", "line": "\n", "emdash": "—", "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’",
    "ldblquote": "“", "rdblquote": "”", "emspace": "\u2003", "enspace": "\u2002",
}  # fmt: skip

_SKIPPED = frozenset({
    "colortbl", "filetbl", "info", "nonesttables", "nonshppict", "object", "operator", "pict", "rxe", "shprslt", "sp",
    "tc", "template", "txe", "upr", "xe",
})  # fmt: skip
"""Groups without text, or with what is there once more for older programs."""

_KNOWN_STARS = frozenset({"annotation", "atnauthor", "do", "fldinst", "footnote", "nesttableprops", "shpinst", "ud"})
"""Of the groups that older programs skip, those that we do not."""

_HEADERS = frozenset(f"{kind}{pages}" for kind in ("header", "footer") for pages in ("", "l", "r", "f"))
_PAGE_FIELD = re.compile(r"\s*(PAGE|NUMPAGES|SECTIONPAGES)\b")
_HEADING_NAME = re.compile(r"(?:heading|titre|标题) ?([1-9])")
_CONTENTS_NAME = re.compile(r"(?:toc|tm|contents|目录) ?[1-9]")

_CONTENTS = -1
"""In place of a heading level: a line of the table of contents."""


@dataclass
class _Group:
    """What holds between two braces; it begins as that around it. `pieces` is where its text goes."""

    story: Story
    pieces: list[str]
    codec: str = "cp1252"
    destination: str = ""
    fallback: int = 1
    is_skipped: bool = False
    is_hidden: bool = False
    is_deleted: bool = False
    style: int = 0
    outline: int | None = None
    depth: int = 0
    end: Callable[[], None] | None = None


class RtfReader:
    """Reads a whole file at once; what it found is in its attributes.

    `created` has the numbers of `\\yr`, `\\mo` and `\\dy`; `headers` are those of the first section.
    """

    def __init__(self, data: bytes) -> None:
        body = Story()
        self.properties: dict[str, str] = {}
        self.created: dict[str, int] = {}
        self.headers: list[list[Block]] = []
        self._group = _Group(body, body.pieces)
        self._around: list[_Group] = []
        self._bytes = bytearray()
        self._to_skip = 0
        self._fonts = Fonts()
        self._levels: dict[int, int] = {}
        self._is_starred = False
        self._field = ""
        self._author = ""
        self._is_first_section = True
        self._destinations = self._list_destinations()
        self._read(data)
        self.blocks = body.end()

    def _read(self, data: bytes) -> None:
        for count, token in enumerate(iter_tokens(data), start=1):
            if token.kind == "text":
                self._take_bytes(token.text)
            elif token.kind == "word":
                self._take_word(token.word, token.number)
            elif token.kind == "character":
                self._take_character(token.word)
            elif token.kind == "open":
                self._open()
            elif token.kind == "close":
                self._close()
            self._is_starred = token.kind == "star"
            if count % _TOKENS_A_SIGN == 0:
                tell_alive()
        while self._around:  # a file that was cut off
            self._close()
        self._flush()

    def _open(self) -> None:
        self._flush()
        if len(self._around) == MOST_GROUPS:
            raise ConversionError(
                f"More than {MOST_GROUPS} groups lie in each other.", remedy="Save it again in a word processor."
            )
        self._around.append(self._group)
        self._group = copy(self._group)
        self._group.end = None
        if self._group.destination == "stylesheet":
            self._begin_style()

    def _close(self) -> None:
        self._flush()
        if self._around:
            ended, self._group = self._group, self._around.pop()
            if ended.end:
                ended.end()

    def _take_bytes(self, text: bytes) -> None:
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        if not self._group.is_skipped:
            self._bytes += text[skipped:]

    def _take_character(self, character: str) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._flush()
            self._append(character)

    def _take_word(self, word: str, number: int | None) -> None:
        if word in _CHARACTERS:
            self._take_character(_CHARACTERS[word])
            return
        self._flush()
        if word == "u":
            self._append(chr((number or 0) & 0xFFFF))
            self._to_skip = self._group.fallback
        elif self._is_starred and word not in _KNOWN_STARS:
            self._group.is_skipped = True
        elif word in self._destinations:
            self._destinations[word]()
        else:
            self._obey(word, number)

    def _flush(self) -> None:
        """Bytes are decoded together: the two of a Chinese character may be written each by itself."""
        self._to_skip = 0
        if self._bytes:
            self._append(decode_text(bytes(self._bytes), self._group.codec))
            self._bytes.clear()

    def _append(self, text: str) -> None:
        group = self._group
        if not (group.is_skipped or group.is_hidden or group.is_deleted):
            group.pieces.append(text)

    def _list_destinations(self) -> dict[str, Callable[[], None]]:
        """What a word does that says what its group is."""

        def collect(word: str, keep: Callable[[str], None]) -> tuple[str, Callable[[], None]]:
            return word, partial(self._collect, word, keep)

        return dict(
            [
                *((word, partial(self._skip, word)) for word in _SKIPPED),
                *((word, self._begin_header) for word in _HEADERS),
                *((word, self._begin_attached) for word in ("footnote", "shptxt", "dptxbxtext")),
                *(
                    collect(word, partial(self.properties.__setitem__, word))
                    for word in ("title", "author", "keywords")
                ),
                *(collect(word, self._keep_number) for word in ("listtext", "pntext")),
                *(collect(word, _forget) for word in ("fonttbl", "stylesheet", "creatim")),
                collect("fldinst", partial(setattr, self, "_field")),
                collect("atnauthor", partial(setattr, self, "_author")),
                ("annotation", self._begin_comment),
                ("ud", self._begin_unicode),
            ]
        )

    def _skip(self, word: str) -> None:
        self._group.destination, self._group.is_skipped = word, True

    def _collect(self, word: str, keep: Callable[[str], None]) -> None:
        """The text of this group goes to `keep`. Properties are read in a group that is skipped otherwise."""
        pieces: list[str] = []
        group = self._group
        group.is_skipped &= group.destination != "info"
        group.destination, group.pieces = word, pieces
        group.end = lambda: keep(join_pieces(pieces).strip())

    def _begin_unicode(self) -> None:
        """What the group around it says for older programs."""
        if self._group.destination == "upr":
            self._group.destination, self._group.is_skipped = "info", False

    def _begin_story(self) -> Story:
        story = Story()
        self._group = replace(self._group, story=story, pieces=story.pieces, style=0, outline=None, depth=0)
        return story

    def _begin_attached(self) -> None:
        around, story = self._group.story, self._begin_story()
        self._group.end = lambda: around.attach(story.end())

    def _begin_comment(self) -> None:
        around, story, author = self._group.story, self._begin_story(), self._author
        self._group.end = lambda: around.attach(_sign(story.end(), author))

    def _begin_header(self) -> None:
        story = self._begin_story()
        if self._is_first_section:
            self._group.end = lambda: self.headers.append(story.end())

    def _begin_style(self) -> None:
        pieces: list[str] = []
        style = self._group
        style.pieces = pieces
        style.end = lambda: self._keep_style(style, join_pieces(pieces).strip(" ;").casefold())

    def _keep_style(self, style: _Group, name: str) -> None:
        heading = _HEADING_NAME.fullmatch(name)
        if style.is_skipped:  # of characters
            return
        if _CONTENTS_NAME.fullmatch(name):
            level = _CONTENTS
        elif heading or name in ("title", "titre", "标题"):
            level = int(heading[1]) if heading else 1
        else:
            level = _read_outline(style.outline)
        self._levels[style.style] = level

    def _keep_number(self, number: str) -> None:
        """Of a list item; bullets are dropped."""
        if any(map(str.isalnum, number)):
            self._append(f"{number} ")

    def _obey(self, word: str, number: int | None) -> None:
        group = self._group
        if word in _SETTERS:
            _SETTERS[word](group, number)
        if word in FONT_WORDS:
            codec = self._fonts.obey(word, number or 0, in_table=group.destination == "fonttbl")
            group.codec = group.codec if codec is None else codec
        elif word in ("cell", "nestcell"):
            group.story.end_cell(_table_depth(word, group))
        elif word in ("row", "nestrow"):
            group.story.end_row(_table_depth(word, group))
        elif word in ("par", "sect"):
            self._end_paragraph()
            self._is_first_section &= word == "par"
        elif word == "fldrslt":
            group.is_skipped |= _PAGE_FIELD.match(self._field) is not None
        elif group.destination == "creatim" and word in ("yr", "mo", "dy"):
            self.created[word] = number or 0

    def _end_paragraph(self) -> None:
        group = self._group
        level = self._levels.get(group.style, 0) if group.outline is None else _read_outline(group.outline)
        if level == _CONTENTS:
            group.story.drop_paragraph()
        else:
            group.story.end_paragraph(group.depth, level)


def _forget(_: str) -> None:
    pass


def _set(name: str, default: int | None) -> Callable[[_Group, int | None], None]:
    def set_number(group: _Group, number: int | None) -> None:
        setattr(group, name, default if number is None else number)

    return set_number


def _reset_paragraph(group: _Group, _: int | None) -> None:
    group.style, group.outline, group.depth = 0, None, 0


def _reset_characters(group: _Group, _: int | None) -> None:
    group.is_hidden = group.is_deleted = False


def _enter_table(group: _Group, _: int | None) -> None:
    group.depth = max(group.depth, 1)


_SETTERS: dict[str, Callable[[_Group, int | None], None]] = {
    "deleted": _set("is_deleted", default=True),
    "intbl": _enter_table,
    "itap": _set("depth", default=1),
    "outlinelevel": _set("outline", default=0),
    "pard": _reset_paragraph,
    "plain": _reset_characters,
    "s": _set("style", default=0),
    "uc": _set("fallback", default=1),
    "v": _set("is_hidden", default=True),
}


def _table_depth(word: str, group: _Group) -> int:
    return max(group.depth, 2) if word.startswith("nest") else 1


def _read_outline(outline: int | None) -> int:
    """Outline levels count from 0; 9 is body text."""
    return outline + 1 if outline is not None and 0 <= outline < 9 else 0


def _sign(blocks: list[Block], author: str) -> list[Block]:
    """A comment says whose it is."""
    return [replace(blocks[0], text=f"[{author}] {blocks[0].text}"), *blocks[1:]] if author and blocks else blocks
