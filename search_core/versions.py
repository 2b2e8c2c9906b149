"""What an index was made with. Queries are analysed with the index's own glossary; anything else must be the same.

The state record `versions` names the schema of records, the analysis, the model, the glossary and the splitter; the
record `glossary` holds the glossary itself. A newer glossary waits for the next `passerelle reindex`; another analysis
or model refuses, because what is stored would be searched wrongly.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from search_core.engines.base import IndexWriter, PassageIndex
from search_core.errors import IndexOutdated
from search_core.glossary import Glossary

VERSIONS_KEY = "versions"
GLOSSARY_KEY = "glossary"

SCHEMA_VERSION = 1
"""Raised when the meaning of stored records changes."""


@dataclass(frozen=True)
class Versions:
    """What the passages of an index were made with."""

    analysis: str
    model: str
    model_name: str
    dimension: int
    glossary: str
    splitter: str
    schema: int = SCHEMA_VERSION


def read_versions(index: PassageIndex) -> Versions | None:
    """The versions of an index; None before anything was indexed. Raises `IndexOutdated` for an unknown record."""
    stored = index.state(VERSIONS_KEY)
    if stored is None:
        return None
    try:
        return Versions(**json.loads(stored))
    except (TypeError, ValueError) as cause:
        raise IndexOutdated(
            "The index was made by another version of Passerelle.", remedy="Run `passerelle reindex`."
        ) from cause


def write_versions(writer: IndexWriter, versions: Versions, glossary: Glossary) -> None:
    """Record what the next passages are made with."""
    writer.put_state(GLOSSARY_KEY, glossary.to_bytes())
    writer.put_state(VERSIONS_KEY, json.dumps(asdict(versions), sort_keys=True).encode())


def check_versions(index: PassageIndex, analyzer_version: str, embedder_identity: str) -> None:
    """Refuse an index that was analysed or embedded otherwise. Raises `IndexOutdated`; an empty index passes."""
    versions = read_versions(index)
    if versions is None:
        return
    if versions.schema != SCHEMA_VERSION:
        raise _outdated(f"with record schema {versions.schema}, this program has {SCHEMA_VERSION}")
    if versions.analysis != analyzer_version:
        raise _outdated("with another text analysis")
    if versions.model != embedder_identity:
        raise _outdated(f"with another embedding model ({versions.model_name})")


def stored_glossary(index: PassageIndex) -> Glossary | None:
    """The glossary that the index was analysed with; None before anything was indexed."""
    stored = index.state(GLOSSARY_KEY)
    return None if stored is None else Glossary.from_bytes(stored)


def _outdated(how: str) -> IndexOutdated:
    return IndexOutdated(
        f"The index was made {how}.",
        remedy="Run `passerelle reindex`; until it is done, searching is refused rather than wrong.",
    )
