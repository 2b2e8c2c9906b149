"""How often the charset of a short text is found: pieces of many lengths, in each charset, that declare nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.convert.charset import NotText, decode_bytes

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
HAN = re.compile(r"[\u4e00-\u9fff]")


def read_corpus(language: str) -> str:
    files = sorted((CORPUS / language).glob("*.md"))
    return "\n".join(path.read_text("utf-8").split("---\n", 2)[-1] for path in files)


def iter_pieces(text: str, charset: str, length: int) -> list[str]:
    """Up to two hundred pieces that take about so many bytes and are not plain ASCII, spread over the text."""
    pieces: list[str] = []
    for start in range(0, len(text) - length, max(1, (len(text) - length) // 700)):
        piece = text[start : start + length].encode(charset, "ignore")[:length].decode(charset, "ignore")
        if len(HAN.findall(piece)) >= 3 or (not piece.isascii() and not HAN.search(piece)):
            pieces.append(piece)
    return pieces[:200]


def is_found(piece: str, charset: str) -> bool:
    try:
        return decode_bytes(piece.encode(charset)).text == piece
    except NotText:
        return False


@pytest.mark.parametrize(("length", "share"), [(20, 0.8), (50, 0.9), (200, 0.99)])
@pytest.mark.parametrize("charset", ["cp850", "mac-roman"])
def test_older_french_charset_is_found_more_seldom(charset: str, length: int, share: float) -> None:
    pieces = iter_pieces(read_corpus("fr"), charset, length)

    assert sum(is_found(piece, charset) for piece in pieces) >= share * len(pieces)


@pytest.mark.parametrize(("length", "share"), [(10, 0.95), (20, 0.98), (50, 0.99), (200, 0.99), (2000, 1)])
@pytest.mark.parametrize(
    ("language", "charset"),
    [
        ("fr", "utf-8"),
        ("fr", "cp1252"),
        ("fr", "iso8859-1"),
        ("fr", "utf-16-le"),
        ("zh", "utf-8"),
        ("zh", "gb18030"),
        ("zh", "gb2312"),
        ("zh", "utf-16-le"),
        ("zh", "utf-16-be"),
    ],
)
def test_charset_of_a_piece_is_found(language: str, charset: str, length: int, share: float) -> None:
    pieces = iter_pieces(read_corpus(language), charset, length)
    found = sum(is_found(piece, charset) for piece in pieces)

    assert len(pieces) >= 100
    assert found >= share * len(pieces)
