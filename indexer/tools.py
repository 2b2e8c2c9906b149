"""What an indexing run works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from indexer.progress import RunProgress, SilentProgress
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import IndexWriter, PassageIndex
from search_core.model import Language


@dataclass(frozen=True)
class IndexingTools:
    """What passages are made with. `stored` are the indexes whose vectors can be used again."""

    embedder: Embedder
    analyzer: Analyzer
    writer: IndexWriter
    stored: Sequence[PassageIndex] = ()
    languages: Mapping[str, Language] = field(default_factory=dict)
    progress: RunProgress = field(default_factory=SilentProgress)
