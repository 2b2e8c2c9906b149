"""Runs over real files: what is indexed, what is left as it is, and what the report says of each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from indexer.ocr.installed import Tesseract
from indexer.read import MAX_FILE_BYTES
from indexer.report import FileEntry, RunReport, forget_documents, read_report
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import LexicalLeg, Scope
from search_core.engines.embedded import EmbeddedIndex
from search_core.errors import IndexOutdated, InvalidRequest
from search_core.glossary import Glossary, GlossaryEntry
from search_core.model import Document, make_document_id
from search_core.people import PeopleStore
from search_core.versions import read_versions, stored_glossary
from tests.indexer.counting import CountingEmbedder

Run = Callable[..., RunReport]
ReadAll = Callable[[], dict[str, Document]]

FRENCH = "La ville d’Issy-les-Moulineaux a ouvert une nouvelle ligne de tramway vers la gare de Lyon."
CHINESE = "乐山市人民政府决定在高新区建设智慧城市示范项目，首期投资两千万元。"


class BreakingEmbedder(CountingEmbedder):
    """Breaks off after some batches as Ctrl-C does."""

    def __init__(self, break_after: int) -> None:
        super().__init__()
        self._break_after = break_after

    def embed_passages(self, texts: Sequence[str], progress: Any = None) -> Any:
        if progress:
            if self._break_after == 0:
                raise KeyboardInterrupt
            self._break_after -= 1
        return super().embed_passages(texts, progress)


def statuses(report: RunReport) -> dict[str, str]:
    return {entry.path: entry.status for entry in report.files}


def entry_of(report: RunReport, path: str) -> FileEntry:
    return next(entry for entry in report.files if entry.path == path)


def find(index: EmbeddedIndex, analyzer: Analyzer, query: str, language: str = "fr") -> list[str]:
    tokens = tuple(token.text for token in analyzer.analyze(query))
    reply = index.search([LexicalLeg("lexical", language, tokens)], Scope.everything())  # type: ignore[arg-type]
    return [reply.documents[hit.document_id].path for hit in reply.legs[0].hits]


def test_all_five_formats_in_both_languages_are_found(
    folder: Path,
    run: Run,
    index: EmbeddedIndex,
    analyzer: Analyzer,
    read_all: ReadAll,
    make_pdf: Callable[..., bytes],
    make_docx: Callable[..., bytes],
) -> None:
    for language, text in (("fr", FRENCH), ("zh", CHINESE)):
        (folder / f"{language}.txt").write_text(text)
        (folder / f"{language}.md").write_text(f"---\ntitle: T\n---\n# Titre\n\n{text}")
        (folder / f"{language}.html").write_text(f"<html><body><p>{text}</p></body></html>")
        (folder / f"{language}.pdf").write_bytes(make_pdf([text]))
        (folder / f"{language}.docx").write_bytes(make_docx(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"))
    report = run(folder)

    assert report.ok
    assert report.counts == {"indexed": 10}
    assert sorted(find(index, analyzer, "tramway", "fr")) == ["fr.docx", "fr.html", "fr.md", "fr.pdf", "fr.txt"]
    assert sorted(find(index, analyzer, "智慧城市", "zh")) == ["zh.docx", "zh.html", "zh.md", "zh.pdf", "zh.txt"]
    assert {path: document.language for path, document in read_all().items()} == {
        f"{language}.{suffix}": language for language in ("fr", "zh") for suffix in ("txt", "md", "html", "pdf", "docx")
    }


@pytest.mark.usefixtures("without_tesseract")
def test_every_file_has_its_line_whatever_is_wrong_with_it(
    folder: Path, run: Run, make_pdf: Callable[..., bytes]
) -> None:
    (folder / "bon.txt").write_text(FRENCH)
    (folder / "vide.txt").write_bytes(b"")
    (folder / "blanc.md").write_text(" \n\n")
    (folder / "binaire.txt").write_bytes(bytes(range(256)) * 10)
    (folder / "coupé.pdf").write_bytes(make_pdf([FRENCH])[:300])
    (folder / "faux.docx").write_bytes(b"PK\x03\x04 rien")
    (folder / "secret.pdf").write_bytes(make_pdf([FRENCH], password="x"))
    (folder / "image.pdf").write_bytes(make_pdf([FRENCH], [], picture_on=1))
    (folder / "plan.dwg").write_text("a;b")
    (folder / "lien.txt").symlink_to("/etc/hostname")
    report = run(folder)

    assert statuses(report) == {
        "bon.txt": "indexed",
        "vide.txt": "failed",
        "blanc.md": "failed",
        "binaire.txt": "failed",
        "coupé.pdf": "failed",
        "faux.docx": "failed",
        "secret.pdf": "failed",
        "image.pdf": "partial",
        "plan.dwg": "skipped",
        "lien.txt": "skipped",
    }
    assert sum(report.counts.values()) == 10
    assert not report.ok
    assert all(entry.reason for entry in report.files if entry.status not in ("indexed", "unchanged"))
    assert "password" in entry_of(report, "secret.pdf").reason
    assert "Page 2 of 2" in entry_of(report, "image.pdf").reason


def test_a_second_run_changes_nothing_and_embeds_nothing(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    (folder / "a.txt").write_text(FRENCH)
    (folder / "b.txt").write_text(CHINESE)
    run(folder)
    embedder = CountingEmbedder()
    report = run(folder, embedder=embedder)

    assert report.counts == {"unchanged": 2}
    assert embedder.embedded == 0


def test_a_changed_file_is_indexed_again_under_its_id(
    folder: Path, run: Run, index: EmbeddedIndex, analyzer: Analyzer
) -> None:
    path = folder / "a.txt"
    path.write_text(FRENCH)
    first = run(folder).files[0]
    path.write_text("Le musée rouvre ses portes au printemps.")
    second = run(folder).files[0]

    assert (second.status, second.document_id) == ("indexed", first.document_id)
    assert find(index, analyzer, "tramway") == []
    assert find(index, analyzer, "musée") == ["a.txt"]


def test_changed_metadata_indexes_again_without_embedding_the_same_text(
    folder: Path, run: Run, read_all: ReadAll
) -> None:
    (folder / "a.txt").write_text(FRENCH)
    (folder / "a.txt.meta.yaml").write_text("title: Tramway\nkind: study\n")
    run(folder)
    (folder / "a.txt.meta.yaml").write_text("title: Tramway\nkind: report\n")
    embedder = CountingEmbedder()
    report = run(folder, embedder=embedder)

    assert report.counts == {"indexed": 1}
    assert embedder.embedded == 0
    assert read_all()["a.txt"].metadata.values == {"kind": ("report",)}


def test_a_broken_sidecar_is_noted_and_the_rest_used(folder: Path, run: Run, read_all: ReadAll) -> None:
    (folder / "a.txt").write_text(FRENCH)
    (folder / "a.txt.meta.yaml").write_text("title: Tramway\naccess: [direction\ndate: bientôt\n")
    report = run(folder)
    document = read_all()["a.txt"]

    assert report.files[0].status == "indexed"
    assert len(report.files[0].notes) == 2
    assert document.metadata.title == "Tramway"
    assert document.metadata.access == ()


def test_a_moved_file_keeps_its_id_and_its_vectors(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    (folder / "a.txt").write_text(FRENCH)
    first = run(folder).files[0]
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub" / "b.txt")
    embedder = CountingEmbedder()
    second = run(folder, embedder=embedder)

    assert statuses(second) == {"sub/b.txt": "unchanged"}
    assert second.files[0].document_id == first.document_id
    assert second.files[0].notes == (f"Moved from {folder / 'a.txt'}.",)
    assert embedder.embedded == 0
    assert [record.path for record in index.records(None, Scope.everything())] == ["sub/b.txt"]
    assert statuses(read_report(index, Scope.everything())) == {"sub/b.txt": "unchanged"}


def test_a_copy_is_another_document(folder: Path, run: Run) -> None:
    (folder / "a.txt").write_text(FRENCH)
    run(folder)
    shutil.copy(folder / "a.txt", folder / "b.txt")

    assert statuses(run(folder)) == {"a.txt": "unchanged", "b.txt": "indexed"}


def test_a_new_file_where_a_moved_one_lay_gets_another_id(folder: Path, run: Run) -> None:
    (folder / "a.txt").write_text(FRENCH)
    first = run(folder).files[0]
    (folder / "a.txt").rename(folder / "b.txt")
    run(folder)
    (folder / "a.txt").write_text(CHINESE)
    report = run(folder)

    assert entry_of(report, "b.txt").document_id == first.document_id == make_document_id(str(folder), "a.txt")
    assert entry_of(report, "a.txt").document_id != first.document_id


def test_a_file_given_by_itself_is_the_document_of_its_folder(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "a.txt").write_text(FRENCH)
    first = run(folder).files[0]
    (folder / "sub" / "a.txt").write_text(CHINESE)
    second = run(folder / "sub" / "a.txt").files[0]

    assert second == FileEntry("sub/a.txt", str(folder), "indexed", "", first.document_id)
    assert len(list(index.records(None, Scope.everything()))) == 1


def test_a_removed_document_that_is_met_again_is_indexed_anew_and_says_so(
    folder: Path, run: Run, index: EmbeddedIndex, analyzer: Analyzer
) -> None:
    (folder / "a.txt").write_text(FRENCH)
    document_id = run(folder).files[0].document_id
    with index.writer("test") as writer:
        writer.remove([document_id or ""], "2026-01-31T00:00:00+00:00")
    embedder = CountingEmbedder()
    entry = run(folder, embedder=embedder).files[0]

    assert (entry.status, entry.document_id) == ("indexed", document_id)
    assert entry.notes == ("It was removed on 2026-01-31, and is indexed again.",)
    assert embedder.embedded == 0
    assert find(index, analyzer, "tramway") == ["a.txt"]


def test_a_failed_file_is_not_tried_again_until_asked_or_changed(folder: Path, run: Run) -> None:
    (folder / "a.txt").write_bytes(b"")
    first = run(folder)
    second = run(folder)
    (folder / "a.txt").write_text(FRENCH)
    third = run(folder)

    assert [report.files[0].status for report in (first, second, third)] == ["failed", "failed", "indexed"]
    assert second.files[0].reason == first.files[0].reason
    assert not second.ok


@pytest.mark.usefixtures("without_tesseract")
def test_a_partial_file_is_read_again_with_retry(
    folder: Path, run: Run, index: EmbeddedIndex, make_pdf: Callable[..., bytes]
) -> None:
    (folder / "a.pdf").write_bytes(make_pdf([FRENCH], [], picture_on=1))
    run(folder)
    before = index.status().version
    assert run(folder).files[0].status == "partial"
    unread = index.status().version - before
    run(folder, retry=True)

    assert index.status().version - before - unread > unread


def test_a_version_that_was_indexed_stays_when_its_file_breaks(
    folder: Path, run: Run, index: EmbeddedIndex, analyzer: Analyzer
) -> None:
    (folder / "a.txt").write_text(FRENCH)
    run(folder)
    (folder / "a.txt").write_bytes(b"")
    report = run(folder)

    assert report.files[0].status == "failed"
    assert find(index, analyzer, "tramway") == ["a.txt"]


def test_a_file_too_large_is_refused_before_it_is_read(folder: Path, run: Run) -> None:
    with (folder / "a.txt").open("wb") as stream:
        stream.truncate(MAX_FILE_BYTES + 1)
    entry = run(folder).files[0]

    assert entry.status == "failed"
    assert "200 MB" in entry.reason or "more than 200" in entry.reason


def test_an_interrupted_run_goes_on_where_it_stopped(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    for number in range(40):
        (folder / f"{number:02}.txt").write_text(f"Le document numéro {number} parle de la rue {number * 7}.")
    interrupted = BreakingEmbedder(break_after=2)
    with pytest.raises(KeyboardInterrupt):
        run(folder, embedder=interrupted)
    told = read_report(index, Scope.everything()).counts
    resumed = CountingEmbedder()
    report = run(folder, embedder=resumed)

    assert interrupted.embedded == 32
    assert told == {"indexed": 32}
    assert resumed.embedded == 8
    assert report.counts == {"unchanged": 32, "indexed": 8}


def test_a_document_that_breaks_the_pipeline_costs_only_itself(folder: Path, run: Run) -> None:
    class PickyEmbedder(HashEmbedder):
        def count_tokens(self, texts: Sequence[str]) -> list[int]:
            if any("interdit" in text for text in texts):
                raise RuntimeError("no such word")
            return super().count_tokens(texts)

    (folder / "a.txt").write_text(FRENCH)
    (folder / "b.txt").write_text("Un mot interdit se cache dans cette phrase.")
    (folder / "c.txt").write_text(CHINESE)
    report = run(folder, embedder=PickyEmbedder())

    assert statuses(report) == {"a.txt": "indexed", "b.txt": "failed", "c.txt": "indexed"}
    assert "no such word" in entry_of(report, "b.txt").reason


def test_the_language_a_person_set_wins_over_text_and_metadata(
    folder: Path, run: Run, people: PeopleStore, read_all: ReadAll
) -> None:
    (folder / "a.txt").write_text(FRENCH)
    (folder / "a.txt.meta.yaml").write_text("language: zh\n")
    document_id = run(folder).files[0].document_id or ""
    from_metadata = read_all()["a.txt"].language
    people.set_language(document_id, "other")
    run(folder)
    from_person = read_all()["a.txt"].language
    people.set_language(document_id, None)
    (folder / "a.txt.meta.yaml").unlink()
    run(folder)

    assert (from_metadata, from_person, read_all()["a.txt"].language) == ("zh", "other", "fr")


def test_each_passage_has_its_own_language(folder: Path, run: Run, index: EmbeddedIndex, read_all: ReadAll) -> None:
    (folder / "a.md").write_text(f"# Rapport\n\n{FRENCH * 3}\n\n# 附件\n\n{CHINESE}")
    run(folder)
    sampled = {
        language: [found.passage.text[:2] for found in index.sample(language, 10, Scope.everything())]  # type: ignore[arg-type]
        for language in ("fr", "zh")
    }

    assert sampled == {"fr": ["Ra"], "zh": ["附件"]}
    assert read_all()["a.md"].language == "fr"


def test_the_index_keeps_what_it_was_made_with(
    folder: Path, run: Run, index: EmbeddedIndex, glossary: Glossary, analyzer: Analyzer
) -> None:
    (folder / "a.txt").write_text(FRENCH)
    run(folder)
    newer = Glossary((*glossary.entries, GlossaryEntry(("tramway",), ("有轨电车",))))
    (folder / "b.txt").write_text("乐山有轨电车示范线正式开通运营。")
    report = run(folder, glossary=newer, analyzer=Analyzer(newer))
    versions = read_versions(index)

    assert versions is not None
    assert (versions.glossary, versions.model) == (glossary.version, HashEmbedder().identity)
    assert stored_glossary(index) == glossary
    assert "passerelle reindex" in report.notices[0]


def test_another_model_is_refused_and_named_unless_nothing_is_indexed(folder: Path, run: Run) -> None:
    run(folder)
    (folder / "a.txt").write_text(FRENCH)
    run(folder, embedder=HashEmbedder(dimension=32))
    with pytest.raises(IndexOutdated, match="passerelle reindex"):
        run(folder, embedder=HashEmbedder())


def test_a_missing_path_is_an_error_before_anything_is_done(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    (folder / "a.txt").write_text(FRENCH)
    with pytest.raises(InvalidRequest):
        run(folder, folder / "absent")

    assert index.status().documents == {}


def test_the_report_knows_every_file_ever_met_and_forgets_what_is_purged(
    folder: Path, tmp_path: Path, run: Run, index: EmbeddedIndex
) -> None:
    other = tmp_path / "autre"
    other.mkdir()
    (folder / "a.txt").write_text(FRENCH)
    (folder / "b.dwg").write_text("x")
    (other / "c.txt").write_text(CHINESE)
    purged = run(folder).files
    run(other)
    before = statuses(read_report(index, Scope.everything()))
    ids = [entry.document_id for entry in purged if entry.document_id]
    with index.writer("test") as writer:
        writer.purge(ids)
        forget_documents(index, writer, ids)

    assert before == {"a.txt": "indexed", "b.dwg": "skipped", "c.txt": "indexed"}
    assert statuses(read_report(index, Scope.everything())) == {"b.dwg": "skipped", "c.txt": "indexed"}
    assert b"a.txt" not in (index.state("report") or b"")


def test_progress_counts_up_to_what_was_announced(folder: Path, run: Run) -> None:
    class CountedProgress:
        files = done = passages = embedded = 0

        def files_found(self, count: int) -> None:
            self.files += count

        def file_done(self, entry: FileEntry) -> None:  # noqa: ARG002 - part of the protocol
            self.done += 1

        def passages_found(self, count: int) -> None:
            self.passages += count

        def passages_embedded(self, count: int) -> None:
            self.embedded += count

    for number in range(20):
        (folder / f"{number}.txt").write_text(f"Le document numéro {number} existe.")
    (folder / "x.bin").write_bytes(b"x")
    progress = CountedProgress()
    run(folder, progress=progress)

    assert (progress.files, progress.done) == (21, 21)
    assert progress.passages == progress.embedded == 20


def test_what_was_assumed_is_told_after_every_run(folder: Path, run: Run, index: EmbeddedIndex) -> None:
    (folder / "note.txt").write_bytes("Été à Issy, où la forêt se mêle à la ville.".encode("cp1252"))
    for _ in range(2):
        (entry,) = run(folder).files
        assert entry.notes == ("Charset assumed: cp1252.",)
        assert read_report(index, Scope.everything()).files[0].notes == ("Charset assumed: cp1252.",)


def test_file_that_needs_ocr_is_tried_again_when_tesseract_appears(
    folder: Path, run: Run, read_all: ReadAll, tesseract: Tesseract, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(Path(__file__).parent / "files" / "fr-scan.jpg", folder)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("PATH", "")
        assert "apt install tesseract-ocr" in entry_of(run(folder), "fr-scan.jpg").reason
        assert statuses(run(folder)) == {"fr-scan.jpg": "partial"}

    assert statuses(run(folder)) == {"fr-scan.jpg": "indexed"}
    assert read_all()["fr-scan.jpg"].pages[0].confidence
    assert statuses(run(folder)) == {"fr-scan.jpg": "unchanged"}
