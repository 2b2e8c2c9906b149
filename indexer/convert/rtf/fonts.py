"""In which charset the bytes of an RTF file are: that of the font they are set in."""

from __future__ import annotations

import codecs

_CODECS = {
    77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254",
    163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
"""By the numbers that Windows gives the charsets of fonts."""

_CODE_PAGES = {936: "gb18030", 10000: "mac_roman", 65001: "utf-8"}
"""Those whose codec is not named after their number."""

_LATIN = "cp1252"
_SYMBOL_CHARSET = 2
SYMBOLS = ""
"""In place of a codec: pictures and bullets, of which no text can be made."""

_RUNS = frozenset({"dbch", "hich", "loch", "ltrch", "rtlch"})
FONT_WORDS = _RUNS | {"af", "ansicpg", "cpg", "deff", "f", "fcharset", "mac", "pca", "plain"}


class Fonts:
    """The table of fonts. Follows the words above and says what codec the bytes after each of them are in."""

    def __init__(self) -> None:
        self._codecs: dict[int, str] = {}
        self._document = _LATIN
        self._default = 0
        self._defined = 0
        self._is_wide = False

    def obey(self, word: str, number: int, *, in_table: bool) -> str | None:
        """The codec of what follows; None where it stays as it is."""
        if in_table:
            self._define(word, number)
        elif word in ("ansicpg", "mac", "pca"):
            self._document = {"mac": "mac_roman", "pca": "cp850"}.get(word) or _name_code_page(number)
            return self._document
        elif word == "deff":
            self._default = number
        elif word in _RUNS:
            self._is_wide = word == "dbch"
        elif word == "f" or (word == "af" and self._is_wide):
            return self._codecs.get(number, self._document)
        elif word == "plain":
            return self._codecs.get(self._default, self._document)
        return None

    def _define(self, word: str, number: int) -> None:
        """Charsets 0 and 1 are those of the whole document."""
        if word == "f":
            self._defined = number
        elif word == "fcharset" and number == _SYMBOL_CHARSET:
            self._codecs[self._defined] = SYMBOLS
        elif word == "fcharset" and number in _CODECS:
            self._codecs[self._defined] = _CODECS[number]
        elif word == "cpg":
            self._codecs[self._defined] = _name_code_page(number)


def decode_text(text: bytes, codec: str) -> str:
    return text.decode(codec, errors="replace") if codec else ""


def _name_code_page(number: int) -> str:
    name = _CODE_PAGES.get(number, f"cp{number}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return _LATIN
