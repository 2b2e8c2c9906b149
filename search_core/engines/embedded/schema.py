"""The tables of one index file, and how tokens are written so that FTS5 finds them exactly as given."""

from __future__ import annotations

import re
from collections.abc import Iterable

from search_core.model import LANGUAGES, Language

SCHEMA_VERSION = 1
"""What `PRAGMA user_version` says. A change of the stored form changes it."""

APPLICATION_ID = 0x50534C45
"""What `PRAGMA application_id` says: a SQLite file of somebody else is not touched."""

_ESCAPE = "\x01"

# Everything ASCII that is no white space belongs to a token: FTS5 then cuts at our spaces only. Letters and digits
# are token characters already.
_TOKEN_CHARS = "".join(c for c in map(chr, range(1, 128)) if not c.isalnum() and not c.isspace())

_TOKENIZER = "ascii tokenchars '" + _TOKEN_CHARS.replace("'", "''") + "'"

# FTS5's `ascii` tokenizer folds A-Z; written as escape + lower case, "NEAR" and "near" stay two tokens.
_WRITTEN = {ord(c): _ESCAPE + c.lower() for c in map(chr, range(ord("A"), ord("Z") + 1))} | {1: _ESCAPE * 2}
_ESCAPED = re.compile(_ESCAPE + "(.)")

_TABLES = """
CREATE TABLE head (
    version INTEGER NOT NULL,          -- number of the last commit
    next_passage INTEGER NOT NULL,     -- passage numbers only grow, so "new" is "higher than the last one seen"
    dimension INTEGER,                 -- of every vector; NULL while there is none
    tombstones_from INTEGER NOT NULL,  -- a reader of an older commit has to load everything again
    erasing INTEGER NOT NULL           -- 1 while traces of purged documents may be left in the file
);
INSERT INTO head VALUES (0, 1, NULL, 0, 0);
CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    document_id TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    path TEXT NOT NULL,
    language TEXT NOT NULL,
    metadata TEXT NOT NULL,
    media_type TEXT NOT NULL,
    checksum TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    notes TEXT NOT NULL,
    indexed_at TEXT NOT NULL,
    date TEXT,                         -- as given, if ISO; date_first and date_last are the days it covers
    date_first TEXT,
    date_last TEXT,
    removed_at TEXT,
    changed INTEGER NOT NULL           -- the version that wrote this row
);
CREATE INDEX documents_by_place ON documents (source, path);
CREATE INDEX documents_removed ON documents (removed_at) WHERE removed_at IS NOT NULL;
CREATE TABLE document_texts (
    document INTEGER PRIMARY KEY, text TEXT NOT NULL, pages TEXT NOT NULL, headings TEXT NOT NULL
);
CREATE TABLE document_values (
    field TEXT NOT NULL, value TEXT NOT NULL, document INTEGER NOT NULL, PRIMARY KEY (field, value, document)
) WITHOUT ROWID;
CREATE INDEX document_values_by_document ON document_values (document);
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    passage_id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    language TEXT NOT NULL,
    length INTEGER NOT NULL,           -- in tokens
    text_start INTEGER NOT NULL,
    text_end INTEGER NOT NULL,
    heading TEXT NOT NULL,
    page TEXT,
    embedding_key TEXT NOT NULL,
    sample_order INTEGER NOT NULL
);
CREATE INDEX passages_by_document ON passages (document);
CREATE INDEX passages_by_embedding_key ON passages (embedding_key);
CREATE INDEX passages_by_sample ON passages (language, sample_order);
CREATE TABLE passage_contents (
    passage INTEGER PRIMARY KEY, tokens TEXT NOT NULL, filter_tokens TEXT NOT NULL, vector BLOB NOT NULL
);
CREATE TABLE tombstones (
    version INTEGER NOT NULL, passage INTEGER NOT NULL, PRIMARY KEY (version, passage)
) WITHOUT ROWID;
"""

FILTER_TABLE = "filter_tokens"


def ranking_table(language: Language) -> str:
    """The FTS5 table of one language: BM25 statistics are per table, and so per language."""
    return f"tokens_{language}"


def vocabulary_table(language: Language) -> str:
    """The occurrences of that table's tokens."""
    return f"vocabulary_{language}"


TEXT_INDEXES = (FILTER_TABLE, *map(ranking_table, LANGUAGES))


def schema_statements() -> str:
    """Everything that makes an empty file an empty index, as one transaction."""
    parts = [_TABLES, _text_index(FILTER_TABLE, "none")]
    for language in LANGUAGES:
        ranking, vocabulary = ranking_table(language), vocabulary_table(language)
        parts.append(_text_index(ranking, "full"))
        parts.append(f"CREATE VIRTUAL TABLE {vocabulary} USING fts5vocab('{ranking}', 'instance');")
    pragmas = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {SCHEMA_VERSION};"
    return "\n".join(("BEGIN IMMEDIATE;", *parts, pragmas, "COMMIT;"))


def _text_index(name: str, detail: str) -> str:
    # Contentless: the tokens lie in passage_contents, from where a removal takes them back. BM25 counts occurrences,
    # which are positions (detail=full); filters only ask whether a token occurs.
    tokenizer = _TOKENIZER.replace('"', '""')
    return f"CREATE VIRTUAL TABLE {name} USING fts5 (tokens, content='', detail={detail}, tokenize=\"{tokenizer}\");"


def write_token(token: str) -> str:
    """A token as the FTS5 tables hold it."""
    return token.translate(_WRITTEN)


def write_tokens(tokens: Iterable[str]) -> str:
    return write_token(" ".join(tokens))


def read_tokens(written: str) -> tuple[str, ...]:
    """What `write_tokens` wrote."""
    plain = _ESCAPED.sub(lambda found: found[1].upper(), written)
    return tuple(plain.split(" ")) if plain else ()


def match_all(tokens: Iterable[str]) -> str:
    """An FTS5 query for rows with every one of the tokens."""
    return " AND ".join(map(_quote, tokens))


def _quote(token: str) -> str:
    return '"' + write_token(token).replace('"', '""') + '"'
