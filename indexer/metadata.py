"""From what people and programs declare about a file to `Metadata`: any value may be wrong, and is told then."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from indexer.convert.base import ConvertedFile, clean_text
from indexer.dates import parse_date
from indexer.front_matter import Declared
from search_core.model import DEFAULT_ACCESS, METADATA_FIELDS, TITLE_LANGUAGES, Language, Metadata, TitleLanguage
from search_core.vocabulary import Vocabulary

METADATA_VERSION = 1
"""Raised when the same declaration becomes other metadata: files are then read anew."""

MAX_TITLE_CHARS = 250
MAX_VALUE_CHARS = 200
MAX_VALUES = 100
MAX_EXTRA_CHARS = 20_000

_KEYS = {
    "titre": "title", "标题": "title", "题目": "title", "日期": "date", "langue": "language", "lang": "language",
    "语言": "language", "type": "kind", "类型": "kind", "groupe_de_travail": "working_group",
    "working_groups": "working_group", "工作组": "working_group", "ville": "city", "cities": "city", "城市": "city",
    "délégation": "delegation", "delegations": "delegation", "代表团": "delegation",
    "organisations": "organisation", "organization": "organisation", "organizations": "organisation",
    "titre_fr": "title_fr", "titre_français": "title_fr", "法文标题": "title_fr", "标题_法文": "title_fr",
    "titre_zh": "title_zh", "titre_chinois": "title_zh", "中文标题": "title_zh", "标题_中文": "title_zh",
    "organisme": "organisation", "机构": "organisation", "authors": "author", "auteur": "author",
    "auteurs": "author", "作者": "author", "accès": "access", "illustratif": "illustrative",
}  # fmt: skip
"""Other names of our keys, folded as `_fold_key` does."""

_LANGUAGE_NAMES: dict[str, Language] = {
    "français": "fr", "francais": "fr", "french": "fr", "法文": "fr", "法语": "fr",
    "chinois": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "english": "other", "anglais": "other",
    "other": "other",
}  # fmt: skip
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}([-_][a-z0-9]+)*")

_TRUTHS = {"true": True, "yes": True, "oui": True, "是": True, "false": False, "no": False, "non": False, "否": False}

_EMPTY_TITLE = re.compile(
    r"(untitled|sans titre|无标题|未命名|document|文档|microsoft word|adobe photoshop pdf|powerpoint[- ]presentation"
    r"|présentation( powerpoint)?|presentation|powerpoint 演示文稿|演示文稿|幻灯片|classeur|book|workbook|工作簿"
    r"|feuil(le)?|sheet|工作表)[ \d]*(\.\w{2,4})?",
    re.IGNORECASE,
)
_PROGRAM_PREFIX = re.compile(r"^microsoft (word|powerpoint|excel) *[-–] *", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S+\.(docx?|pdf|odt|rtf|txt|pptx?|xlsx?|indd|tex|qxd|wps)", re.IGNORECASE)


class MetadataReader:
    """Reads declared values one file at a time; `notes` tell what could not be used."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.notes: list[str] = []

    def read(self, *sources: Declared) -> Metadata:
        """Metadata of what was declared; later sources override earlier ones, key by key.

        A document whose access labels cannot be read is shown to nobody but the operator.
        """
        given = {canonical_key(key): value for declared in sources for key, value in declared.values.items()}
        given = {key: value for key, value in given.items() if value not in ("", "~", "null", [])}
        hidden = "access" in {canonical_key(key) for declared in sources for key in declared.unreadable}
        return Metadata(
            title=self._read_title(given.pop("title", "")),
            date=self._read_date(given.pop("date", "")),
            values={
                name: values for name in METADATA_FIELDS if (values := self._read_values(name, given.pop(name, [])))
            },
            language=self._read_language(given.pop("language", "")),
            access=() if hidden else self._read_access(given.pop("access", DEFAULT_ACCESS)),
            illustrative=self._read_truth(given.pop("illustrative", "false")),
            titles=self._read_titles(given),
            extra=self._read_extra(given),
        )

    def _read_title(self, value: Any) -> str:
        return clean_title(self._read_one("title", value))

    def _read_titles(self, given: dict[str, Any]) -> dict[TitleLanguage, str]:
        """Takes the translated titles out of what was given."""
        found = {
            language: clean_title(self._read_one(name, given.pop(name)))
            for language in TITLE_LANGUAGES
            if (name := f"title_{language}") in given
        }
        return {language: title for language, title in found.items() if title}

    def _read_date(self, value: Any) -> str | None:
        text = self._read_one("date", value)
        found = parse_date(text)
        if text and found is None:
            self._note("date", f"“{text[:60]}” is no date; write it as 2014-10-31.")
        return found

    def _read_values(self, name: str, value: Any) -> tuple[str, ...]:
        found = [self._vocabulary.resolve(name, text) for text in self._read_many(name, value)]
        for value_id in found:
            if name in ("kind", "working_group", "city") and not self._vocabulary.known(name, value_id):
                self._note(name, f"“{value_id}” is not in the vocabulary; it is kept as it is.")
        return tuple(dict.fromkeys(found))

    def _read_language(self, value: Any) -> Language | None:
        text = self._read_one("language", value)
        found = parse_language(text)
        if text and found is None:
            self._note("language", f"“{text[:60]}” is no language; write fr or zh.")
        return found

    def _read_access(self, value: Any) -> tuple[str, ...]:
        labels = [label.strip() for text in self._read_many("access", value) for label in text.split(",")]
        found = tuple(dict.fromkeys(label for label in labels if label))
        if not found:
            self._note("access", "cannot be read: nobody is shown this document until it is corrected.")
        return found

    def _read_truth(self, value: Any) -> bool:
        text = self._read_one("illustrative", value).casefold()
        if text not in _TRUTHS:
            self._note("illustrative", f"“{text[:60]}” is neither true nor false.")
        return _TRUTHS.get(text, False)

    def _read_extra(self, given: Mapping[str, Any]) -> dict[str, Any]:
        extra = {_clean_value(str(key)): _make_plain(value) for key, value in given.items()}
        if len(str(extra)) > MAX_EXTRA_CHARS:
            self._note("other keys", f"hold more than {MAX_EXTRA_CHARS} characters; they are left out.")
            return {}
        return extra

    def _read_one(self, name: str, value: Any) -> str:
        found = self._read_many(name, value, separators="")
        if len(found) > 1:
            self._note(name, "has several values; the first is used.")
        return found[0] if found else ""

    def _read_many(self, name: str, value: Any, separators: str = ";；") -> list[str]:
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, dict | list) for item in items):
            self._note(name, "has a value that is neither a text nor a list of texts; it is left out.")
        if len(items) > MAX_VALUES:
            self._note(name, f"has more than {MAX_VALUES} values; the first are used.")
        texts = [str(item) for item in items[:MAX_VALUES] if not isinstance(item, dict | list)]
        if separators:
            texts = [part for text in texts for part in re.split(f"[{separators}]", text)]
        return [cleaned for text in texts if (cleaned := _clean_value(text))]

    def _note(self, name: str, problem: str) -> None:
        self.notes.append(f"Metadata: {name} {problem}")


def canonical_key(key: str) -> str:
    """Our name of a metadata key, however it is spelt."""
    folded = unicodedata.normalize("NFC", key).strip().casefold().replace(" ", "_").replace("-", "_")
    return _KEYS.get(folded, folded)


def parse_language(text: str) -> Language | None:
    """`fr`, `zh` or `other` of a language tag or name; None of anything else."""
    folded = unicodedata.normalize("NFC", text).strip().casefold()
    if folded in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[folded]
    if not _LANGUAGE_TAG.fullmatch(folded):
        return None
    primary = re.split("[-_]", folded)[0]
    return "fr" if primary in ("fr", "fra", "fre") else "zh" if primary in ("zh", "zho", "chi", "cmn") else "other"


def clean_title(text: str) -> str:
    """A title that tells something, on one line; empty for what programs put there unasked."""
    title = _PROGRAM_PREFIX.sub("", " ".join(clean_text(text).split()))
    if _EMPTY_TITLE.fullmatch(title) or _FILE_NAME.fullmatch(title) or not any(map(str.isalnum, title)):
        return ""
    return title if len(title) <= MAX_TITLE_CHARS else title[: MAX_TITLE_CHARS - 1].rstrip() + "…"


def choose_title(declared: str, converted: ConvertedFile, stem: str) -> str:
    """The declared title, else a first heading above all others, else a first line like one, else the file's name."""
    if not converted.holds_title:
        return declared or stem
    text, headings = converted.text, converted.headings
    above_all = [found for found in headings[:1] if found.level == 1 or not text[: found.start].strip()]
    candidates = [declared, *(text[found.start : found.end] for found in above_all), _find_title_line(text)]
    return next((title for text in candidates if (title := clean_title(text))), stem)


def _find_title_line(text: str) -> str:
    """The first line where it stands alone, is short, ends like no sentence and is more than a date or number."""
    line, _, rest = text.lstrip().partition("\n")
    line = line.strip()
    alone = not rest or rest.startswith("\n") or _begins_something_else(line, rest)
    sentence_like = line.endswith(tuple(".。!！?？;；:：,，、–—-…"))
    if not alone or sentence_like or len(line) > 120 or parse_date(line) or not any(map(str.isalpha, line)):
        return ""
    return line


def _begins_something_else(line: str, rest: str) -> bool:
    """Whether the next line begins something else: a title is much shorter than the text that it stands above."""
    return len(line) * 2 < len(rest.partition("\n")[0])


def _clean_value(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(clean_text(text).split()))[:MAX_VALUE_CHARS]


def _make_plain(value: Any) -> Any:
    """JSON values with clean text; keys are strings."""
    if isinstance(value, dict):
        return {_clean_value(str(key)): _make_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_make_plain(item) for item in value]
    return clean_text(str(value))
