"""Mutated documents of every format: each is read or refused by name, and nothing else happens."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from indexer.report import RunReport
from indexer.workers.limits import ConversionLimits
from indexer.workers.pool import WorkerPool
from search_core.vocabulary import Vocabulary
from tools.fuzz_documents import PLAIN, ZIPPED, default_files, fuzz, list_files, mutate

CORPUS = Path(__file__).resolve().parents[2] / "corpus"

MUTANTS = 2000
LIMITS = ConversionLimits(timeout_s=30, memory_mb=1024, ocr=False)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_mutated_document_is_read_or_refused_by_name() -> None:
    outcomes = fuzz(default_files(), MUTANTS, seed=1)
    assert outcomes.total() == MUTANTS
    assert (outcomes["mute"], outcomes["unsound"]) == (0, 0)
    assert outcomes["given up"] <= MUTANTS / 100
    assert min(outcomes["read"], outcomes["refused"]) > MUTANTS / 50


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_run_over_mutants_accounts_for_every_file(
    folder: Path, run: Callable[..., RunReport], vocabulary: Vocabulary
) -> None:
    chance = random.Random(1)
    files = [path for path in list_files([CORPUS / "fr", CORPUS / "zh"]) if path.stat().st_size < 100_000]
    for number in range(200):
        path = chance.choice(files)
        data = mutate(path.read_bytes(), chance, ZIPPED if path.suffix == ".docx" else PLAIN)
        (folder / f"{number} {path.name}").write_bytes(data)
    with WorkerPool(LIMITS, vocabulary) as pool:
        report = run(folder, converter=pool)
    assert sorted(entry.path for entry in report.files) == sorted(path.name for path in folder.iterdir())
    assert all(entry.reason for entry in report.files if entry.status in ("failed", "partial", "skipped"))
    assert sum(report.counts.values()) == 200
