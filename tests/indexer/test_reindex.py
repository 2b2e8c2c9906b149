from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from indexer.documents import index_documents
from indexer.reindex import reindex
from indexer.report import RunReport, read_report
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.glossary import Glossary, GlossaryEntry
from search_core.model import Document, Metadata
from search_core.people import PeopleStore
from search_core.versions import check_versions, read_versions, stored_glossary
from tests.indexer.counting import CountingEmbedder

Run = Callable[..., RunReport]

EVERYTHING = Scope.everything()


@pytest.fixture
def filled(folder: Path, run: Run, index: EmbeddedIndex) -> EmbeddedIndex:
    """Three documents: one of each language, one removed, and one file that failed."""
    (folder / "fr.txt").write_text("La ligne de tramway relie la gare au centre de la ville depuis hier.")
    (folder / "zh.txt").write_text("伊西莱穆利诺市的代表团昨天访问了乐山高新区。")
    (folder / "ancien.txt").write_text("Un vieux compte rendu que personne ne lit plus depuis longtemps.")
    (folder / "vide.txt").write_bytes(b"")
    report = run(folder)
    removed = next(entry.document_id for entry in report.files if entry.path == "ancien.txt")
    with index.writer("test") as writer:
        writer.remove([removed or ""], "2026-01-31T00:00:00+00:00")
    return index


def find(index: EmbeddedIndex, token: str, language: str) -> list[str]:
    reply = index.search([LexicalLeg("lexical", language, (token,))], EVERYTHING)  # type: ignore[arg-type]
    return [reply.documents[hit.document_id].path for hit in reply.legs[0].hits]


def test_reindex_applies_a_new_glossary_without_embedding_anything(filled: EmbeddedIndex, glossary: Glossary) -> None:
    newer = Glossary((*glossary.entries, GlossaryEntry(("Issy",), ("伊西莱穆利诺",), name=True)))
    before = find(filled, "伊西莱穆利诺", "zh")
    embedder = CountingEmbedder()
    report = reindex(filled, embedder=embedder, analyzer=Analyzer(newer), glossary=newer)

    assert before == []
    assert find(filled, "伊西莱穆利诺", "zh") == ["zh.txt"]
    assert stored_glossary(filled) == newer
    assert embedder.embedded == 0
    assert report.counts == {"indexed": 4}


def test_reindex_with_another_model_embeds_everything_and_is_accepted(
    filled: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary
) -> None:
    embedder = CountingEmbedder(dimension=32)
    reindex(filled, embedder=embedder, analyzer=analyzer, glossary=glossary)
    check_versions(filled, analyzer.version, embedder.identity)
    versions = read_versions(filled)

    assert embedder.embedded == 3
    assert versions is not None
    assert versions.dimension == 32
    assert find(filled, "tramway", "fr") == ["fr.txt"]


def test_reindex_takes_removed_and_failed_documents_and_reports_along(
    filled: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary, folder: Path, run: Run
) -> None:
    records = list(filled.records(None, EVERYTHING))
    told = read_report(filled, Scope.everything())
    reindex(filled, embedder=HashEmbedder(), analyzer=analyzer, glossary=glossary)
    removed = [record.document_id for record in records if record.removed_at]
    with filled.writer("test") as writer:
        restored = writer.restore(removed)

    assert [record.path for record in records if record.removed_at] == ["ancien.txt"]
    assert read_report(filled, Scope.everything()).files != told.files
    assert restored == 1
    assert find(filled, "rendu", "fr") == ["ancien.txt"]
    assert run(folder).counts == {"unchanged": 3, "failed": 1}


def test_reindex_leaves_records_as_they_were(filled: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary) -> None:
    before = list(filled.records(None, EVERYTHING))
    reindex(filled, embedder=HashEmbedder(), analyzer=analyzer, glossary=glossary)

    assert list(filled.records(None, EVERYTHING)) == before


def test_an_interrupted_reindex_serves_the_old_index_and_goes_on(
    filled: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary
) -> None:
    newer = Glossary((*glossary.entries, GlossaryEntry(("Issy",), ("伊西莱穆利诺",), name=True)))

    class StoppingAnalyzer(Analyzer):
        def analyze(self, text: str) -> list[Any]:
            if "tramway" in text:
                raise KeyboardInterrupt
            return super().analyze(text)

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            reindex(filled, embedder=HashEmbedder(), analyzer=StoppingAnalyzer(newer), glossary=newer)
    while_interrupted = find(filled, "伊西莱穆利诺", "zh")
    reindex(filled, embedder=HashEmbedder(), analyzer=Analyzer(newer), glossary=newer)

    assert while_interrupted == []
    assert find(filled, "伊西莱穆利诺", "zh") == ["zh.txt"]
    assert find(filled, "tramway", "fr") == ["fr.txt"]


def test_reindex_applies_the_language_a_person_set(
    filled: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary, people: PeopleStore
) -> None:
    record = next(record for record in filled.records(None, EVERYTHING) if record.path == "fr.txt")
    people.set_language(record.document_id, "other")
    reindex(filled, embedder=HashEmbedder(), analyzer=analyzer, glossary=glossary, people=people)

    assert filled.documents([record.document_id], EVERYTHING)[record.document_id].language == "other"


def test_an_empty_index_can_be_reindexed(index: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary) -> None:
    report = reindex(index, embedder=HashEmbedder(), analyzer=analyzer, glossary=glossary)

    assert report.files == ()
    assert read_versions(index) is not None


def test_documents_that_are_no_files_are_indexed_under_their_ids(
    index: EmbeddedIndex, analyzer: Analyzer, glossary: Glossary
) -> None:
    documents = [
        Document(f"doc-{number}", "set", f"{number}", "fr", f"Texte numéro {number} du jeu.", Metadata(title="T"))
        for number in range(150)
    ]
    count = index_documents(documents, index=index, embedder=HashEmbedder(), analyzer=analyzer, glossary=glossary)

    assert count == 150
    assert find(index, "149", "fr") == ["149"]
