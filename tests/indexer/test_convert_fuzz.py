"""Mutated documents of every format: each is read or refused by name, and nothing else happens."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer.convert.registry import convert_bytes, find_family
from search_core.errors import ConversionError

CORPUS = Path(__file__).resolve().parents[2] / "corpus"
MUTANTS_PER_FILE = 40


def iter_mutants(data: bytes, seed: str) -> Iterator[bytes]:
    """The file itself, then with bytes flipped, cut out, doubled, cut off and zeroed; the same in every run."""
    yield data
    chance = random.Random(seed)
    for _ in range(MUTANTS_PER_FILE - 1):
        mutant = bytearray(data)
        for _ in range(chance.randint(1, 12)):
            at, length = chance.randrange(len(mutant)), chance.randint(1, 64)
            match chance.randrange(5):
                case 0:
                    mutant[at] ^= 1 << chance.randrange(8)
                case 1:
                    del mutant[at : at + length]
                case 2:
                    mutant[at:at] = mutant[at : at + length]
                case 3:
                    del mutant[max(at, 16) :]
                case 4:
                    mutant[at : at + length] = bytes(len(mutant[at : at + length]))
            if not mutant:
                break
        yield bytes(mutant)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".pdf", ".docx"])
@pytest.mark.parametrize("language", ["fr", "zh"])
def test_mutated_document_is_read_or_refused_by_name(language: str, suffix: str) -> None:
    files = sorted((CORPUS / language).glob(f"*{suffix}"))[:3]
    assert files
    outcomes = {"read": 0, "refused": 0, "unknown": 0}
    for file in files:
        for mutant in iter_mutants(file.read_bytes(), file.name):
            outcomes[convert(mutant, file.name)] += 1
    assert sum(outcomes.values()) == MUTANTS_PER_FILE * len(files)
    assert outcomes["read"] >= len(files)


def convert(data: bytes, name: str) -> str:
    family = find_family(data, name)
    if family is None:
        return "unknown"
    try:
        converted = convert_bytes(data, family)
    except ConversionError as error:
        return "refused" if error.message and error.remedy else "refused without a word"
    converted.text.encode("utf-8")
    for span in (*converted.pages, *converted.headings):
        assert 0 <= span.start <= span.end <= len(converted.text)
    return "read"
