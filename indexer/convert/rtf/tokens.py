"""An RTF file as groups, control words, characters and bytes of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,9})?\d* ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n\0]+)|[\r\n\0]+|\\",
    re.DOTALL,
)
_BRACES: dict[bytes, Literal["open", "close"]] = {b"{": "open", b"}": "close"}
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}


class Token(NamedTuple):
    """`text` is bytes in the charset of the font; `word` may have a number, as `\\u8217` has; `character` is one."""

    kind: Literal["open", "close", "word", "character", "text", "star"]
    word: str = ""
    number: int | None = None
    text: bytes = b""


def iter_tokens(data: bytes) -> Iterator[Token]:
    """Binary data (`\\bin`) and the line ends of the file itself are passed over."""
    at = 0
    while found := _TOKEN.match(data, at):
        at = found.end()
        word, number, byte, symbol, brace, text = found.groups()
        if word == b"bin":
            at += max(0, int(number or 0))
        elif word:
            yield Token("word", word.decode(), int(number) if number else None)
        elif text or byte:
            yield Token("text", text=text or bytes.fromhex(byte.decode()))
        elif brace:
            yield Token(_BRACES[brace])
        elif symbol:
            yield from _read_symbol(symbol)


def _read_symbol(symbol: bytes) -> Iterator[Token]:
    if symbol == b"*":
        yield Token("star")
    elif symbol in (b"\r", b"\n"):
        yield Token("word", "par")
    elif symbol in _SYMBOLS:
        yield Token("character", _SYMBOLS[symbol])
