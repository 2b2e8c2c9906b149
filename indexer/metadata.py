"""From what people and programs declare about a file to `Metadata`: any value may be wrong, and is told then.

Of several declarations the later counts, key by key. They are given in this order:

    properties of the file    programs fill them in, and templates pass them on: the date is often that of a template
    date found in the text    proposed; it stands on the document that its readers know
    folders' `_meta.yaml`     of outer folders first
    the file's own words      front matter, a mail's header, a page's `<meta>`
    sidecar
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from indexer.convert.base import clean_text
from indexer.dates import parse_date
from indexer.front_matter import Declared, Origin
from indexer.text_date import find_text_date
from indexer.titles import clean_title
from indexer.unasked import is_unasked_author, is_unset_date
from search_core.model import DEFAULT_ACCESS, METADATA_FIELDS, TITLE_LANGUAGES, Language, Metadata, TitleLanguage
from search_core.vocabulary import Vocabulary

METADATA_VERSION = 2
"""Raised when the same declaration becomes other metadata: files are then read anew."""

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


class _Said(NamedTuple):
    """What was declared last under a key; `is_lost`: access labels that cannot be read."""

    value: Any
    origin: Origin
    is_lost: bool = False

    @property
    def is_empty(self) -> bool:
        return self.value in ("", "~", "null", [])

    @property
    def by_person(self) -> bool:
        return self.origin == "person"


class MetadataReader:
    """Reads declared values one file at a time; `notes` tell what could not be used."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self.notes: list[str] = []

    def read(self, *sources: Declared) -> Metadata:
        """Metadata of what was declared; later sources override earlier ones, key by key, with an empty value too.

        A document whose access labels cannot be read is shown to nobody but the operator.
        """
        said = _merge(sources)
        hidden = "access" in said and said["access"].is_lost
        given = {key: item.value for key, item in said.items() if not item.is_empty}
        none = {key: () for key in METADATA_FIELDS if key in said and said[key].is_empty and said[key].by_person}
        found = {name: values for name in METADATA_FIELDS if (values := self._read_values(name, given.pop(name, [])))}
        metadata = Metadata(
            title=self._read_title(given.pop("title", "")),
            date=self._read_date(given.pop("date", "")),
            values=none | found,
            language=self._read_language(given.pop("language", "")),
            access=() if hidden else self._read_access(given.pop("access", DEFAULT_ACCESS)),
            illustrative=self._read_truth(given.pop("illustrative", "false")),
            titles=self._read_titles(given),
            extra=self._read_extra(given),
        )
        is_proposed = metadata.date is not None and said["date"].origin == "text"
        return replace(metadata, proposed=("date",) if is_proposed else ())

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


def order_declared(own: Declared, text: str, folders: Sequence[Declared], sidecar: Declared) -> tuple[Declared, ...]:
    """What is known of a file, in the order of `MetadataReader.read`; `own` is what the file says itself."""
    date = find_text_date(text)
    found = Declared({"date": date} if date else {}, origin="text")
    if own.origin == "program":
        return own, found, *folders, sidecar
    return found, *folders, own, sidecar


def _merge(sources: Iterable[Declared]) -> dict[str, _Said]:
    said: dict[str, _Said] = {}
    for source in sources:
        if "access" in map(canonical_key, source.unreadable):
            said["access"] = _Said("", source.origin, is_lost=True)
        for name, value in source.values.items():
            key = canonical_key(name)
            if source.origin == "person" or not _is_unasked(key, value):
                said[key] = _Said(value, source.origin)
    return said


def _is_unasked(key: str, value: Any) -> bool:
    text = _clean_value(str(value))
    return (key == "author" and is_unasked_author(text)) or (key == "date" and is_unset_date(parse_date(text) or ""))


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


def _clean_value(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(clean_text(text).split()))[:MAX_VALUE_CHARS]


def _make_plain(value: Any) -> Any:
    """JSON values with clean text; keys are strings."""
    if isinstance(value, dict):
        return {_clean_value(str(key)): _make_plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_make_plain(item) for item in value]
    return clean_text(str(value))
