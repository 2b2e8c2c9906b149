"""What an index must be before anything is written to it: made with the same analysis and model, or empty."""

from __future__ import annotations

from indexer.split import SPLITTER_VERSION
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import IndexWriter, PassageIndex
from search_core.glossary import Glossary
from search_core.versions import Versions, check_versions, stored_glossary, write_versions

GLOSSARY_NOTICE = (
    "The glossary has changed since the index was made: it acts on questions at once, and `passerelle reindex` "
    "completes it."
)


def make_versions(embedder: Embedder, analyzer: Analyzer, glossary: Glossary) -> Versions:
    """What passages made with these are made with."""
    return Versions(
        analysis=analyzer.version,
        model=embedder.identity,
        model_name=embedder.name,
        dimension=embedder.dimension,
        glossary=glossary.version,
        splitter=str(SPLITTER_VERSION),
    )


def prepare_index(
    index: PassageIndex,
    writer: IndexWriter,
    embedder: Embedder,
    analyzer: Analyzer,
    glossary: Glossary,
    *,
    is_empty: bool,
) -> tuple[Analyzer, tuple[str, ...]]:
    """The analyzer to use and notices for the report. An empty index takes over the versions given.

    An index keeps the glossary it was made with until it is reindexed: passages and queries must be analysed alike.
    Raises `IndexOutdated` for an index of another analysis or model.
    """
    if is_empty:
        write_versions(writer, make_versions(embedder, analyzer, glossary), glossary)
        return analyzer, ()
    check_versions(index, analyzer.version, embedder.identity)
    stored = stored_glossary(index)
    if stored is None or stored.version == glossary.version:
        return analyzer, ()
    return Analyzer(stored), (GLOSSARY_NOTICE,)
