"""Which documents of the sample collection are versions of each other, as the bundled model finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from indexer.run import index_paths
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.pairs import read_pairs
from search_core.vocabulary import load_vocabulary


@pytest.mark.slow
@pytest.mark.model
def test_the_versions_of_the_collection_are_found_and_no_others(
    corpus: Path, bundled_embedder: Embedder, tmp_path: Path
) -> None:
    """Half of the documents stand alone, among them minutes of other quarters."""
    page = (corpus / "SOURCES.md").read_text("utf-8")
    known = {(fr, zh) for fr, zh in re.findall(r"^\| `(fr/[^`]+)` \| `(zh/[^`]+)` \|", page, re.MULTILINE)}
    glossary = load_glossary()
    index = open_embedded_index(tmp_path / "data")
    index_paths(
        [corpus],
        index=index,
        embedder=bundled_embedder,
        analyzer=Analyzer(glossary),
        glossary=glossary,
        vocabulary=load_vocabulary(),
    )
    paths = {record.document_id: record.path for record in index.records(None, Scope.everything())}
    found = {(paths[pair.fr], paths[pair.zh]) for pair in read_pairs(index, Scope.everything()).pairs}
    index.close()

    assert len(known) >= 12
    assert found == known
