"""Mutates documents and converts them as an indexing run does: whatever they are, each has to be read or refused.

    python -m tools.fuzz_documents [--mutants 20000] [--seed 1] [FILE_OR_FOLDER...]

Without files: those of the shared folder beside the repository, if there is one, of `corpus/` and of the tests. Every
mutant is made from the seed, its file and its number: the same in every run. Exit status 1 where a mutant was not
accounted for.
"""

from __future__ import annotations

import argparse
import io
import random
import sys
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from indexer.convert.registry import find_family
from indexer.convert_file import ChosenFile
from indexer.find import FoundFile
from indexer.match import Fingerprints
from indexer.read import ReadFile
from indexer.workers.limits import ConversionLimits
from indexer.workers.pool import WorkerPool
from search_core.model import Document
from search_core.vocabulary import load_vocabulary

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "files"
SAMPLES = ROOT / "tests" / "indexer" / "files"
LIMITS = ConversionLimits(timeout_s=30, memory_mb=1024, ocr=False)
"""Tesseract would take all the time, and is another program's."""

FEWEST = 2
"""Mutants of each file, however long it takes, and of each that no family reads."""

QUICK_S = 0.05
"""Quicker files get no more mutants for it: texts would take all of them."""

BATCH = 64

Mutation = Callable[[bytes, random.Random, Sequence[bytes]], bytes]


def flip_bytes(data: bytes, chance: random.Random) -> bytes:
    mutant = bytearray(data)
    for _ in range(chance.choice((1, 4, 32))):
        mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
    return bytes(mutant)


def cut_off(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def cut_out(data: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(data))
    return data[:at] + data[at + chance.randint(1, 256) :]


def double(data: bytes, chance: random.Random) -> bytes:
    at, length = chance.randrange(len(data)), chance.randint(1, 4096)
    return data[: at + length] + data[at : at + length] * chance.choice((1, 8)) + data[at + length :]


def set_bytes(data: bytes, chance: random.Random) -> bytes:
    """Numbers that formats are sensitive to: nothing, the most, a sign."""
    at, value = chance.randrange(len(data)), chance.choice((b"\0", b"\xff", b"\x7f", b"\x80", b"-", b"9"))
    length = min(chance.choice((1, 2, 4, 8, 64)), len(data) - at)
    return data[:at] + value * length + data[at + length :]


def splice(data: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    """The beginning of one file and the end of another."""
    other = chance.choice(others)
    return data[: chance.randrange(len(data))] + other[chance.randrange(len(other)) :]


def edit_member(data: bytes, chance: random.Random) -> bytes:
    """A ZIP archive one of whose members was mutated, dropped, doubled or renamed; checksums are right again."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [(info.filename, archive.read(info)) for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, OSError, zlib.error):
        members = []  # damaged by an earlier mutation
    if not members:
        return flip_bytes(data, chance)
    number = chance.randrange(len(members))
    name, content = members[number]
    edited: list[tuple[str, bytes]] = chance.choice(
        [
            [(name, mutate(content, chance, PLAIN))] if content else [],
            [],
            [(name, content), (name, content)],
            [(f"../{name}", content)],
        ]
    )
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore", UserWarning)  # of names that are there twice
        for each, written in [*members[:number], *edited, *members[number + 1 :]]:
            archive.writestr(each, written)
    return packed.getvalue()


PLAIN: tuple[Mutation, ...] = (flip_bytes, cut_off, cut_out, double, set_bytes)
ZIPPED: tuple[Mutation, ...] = (*PLAIN, edit_member, edit_member, edit_member)


def mutate(data: bytes, chance: random.Random, mutations: Sequence[Mutation]) -> bytes:
    for _ in range(chance.choice((1, 1, 2, 5))):
        if data:
            data = chance.choice(mutations)(data, chance)
    return data


@dataclass(frozen=True)
class Seed:
    """A file that is mutated; `others` are of its ending too."""

    path: Path
    data: bytes
    others: Sequence[bytes]
    is_read: bool
    seconds: float

    def mutant(self, number: int, seed: int) -> bytes:
        chance = random.Random(f"{seed} {self.path.name} {number}")  # noqa: S311 - nothing is kept secret with it
        mutations = ZIPPED if self.data.startswith(b"PK") else PLAIN
        return mutate(self.data, chance, (*mutations, partial(splice, others=self.others)))


def read_seeds(files: Iterable[Path], pool: WorkerPool) -> list[Seed]:
    """The files as they are, and how long each takes."""
    contents = {path: path.read_bytes() for path in files}
    seeds: list[Seed] = []
    for path, data in contents.items():
        if data:
            began = time.monotonic()
            (document,) = convert(pool, [(path.name, data)])
            others = [other for each, other in contents.items() if each.suffix == path.suffix and other]
            seeds.append(Seed(path, data, others, document is not None, time.monotonic() - began))
    return seeds


def share_out(seeds: Sequence[Seed], mutants: int) -> dict[Path, int]:
    """How many mutants each file gets: as many as it is quick, so that one long report does not take all the time."""
    weights = {seed.path: 1 / max(seed.seconds, QUICK_S) if seed.is_read else 0 for seed in seeds}
    left = mutants - FEWEST * len(seeds)
    counts = {path: FEWEST + int(left * weight / sum(weights.values())) for path, weight in weights.items()}
    quickest = max(weights, key=lambda path: weights[path])
    counts[quickest] += mutants - sum(counts.values())
    return counts


def convert(pool: WorkerPool, files: Sequence[tuple[str, bytes]]) -> list[Document | None]:
    """As a run does: the family by content and name, here; the conversion in the pool. None: no family reads it."""
    chosen = [choose_file(name, data) for name, data in files]
    documents = iter(pool.convert([each for each in chosen if each is not None]))
    return [None if each is None else next(documents) for each in chosen]


def choose_file(name: str, data: bytes) -> ChosenFile | None:
    family = find_family(data, name)
    if family is None:
        return None
    found = FoundFile("/fuzz", name, Path("/fuzz") / name)
    return ChosenFile(found, ReadFile(data), family, name, Fingerprints("complete", "incomplete"))


def fuzz(files: Iterable[Path], mutants: int, seed: int, limits: ConversionLimits = LIMITS) -> Counter[str]:
    """How many mutants ended how; what was given up or crashed its reader is told by its file and number."""
    outcomes: Counter[str] = Counter()
    with WorkerPool(limits, load_vocabulary()) as pool:
        seeds = read_seeds(files, pool)
        counts = share_out(seeds, mutants)
        for batch in iter_batches(seeds, counts):
            given = [(each.path.name, each.mutant(number, seed)) for each, number in batch]
            for (each, number), document in zip(batch, convert(pool, given), strict=True):
                outcome = judge(document)
                outcomes[outcome] += 1
                if outcome not in ("read", "refused", "skipped"):
                    reason = document.reason if document else ""
                    print(f"{outcome}: {each.path.name}, mutant {number} of seed {seed}: {reason}", flush=True)
    return outcomes


def iter_batches(seeds: Sequence[Seed], counts: Mapping[Path, int]) -> Iterator[list[tuple[Seed, int]]]:
    batch: list[tuple[Seed, int]] = []
    for seed in seeds:
        for number in range(counts[seed.path]):
            batch.append((seed, number))
            if len(batch) == BATCH:
                yield batch
                batch = []
    if batch:
        yield batch


def judge(document: Document | None) -> str:
    if document is None:
        return "skipped"
    if document.status == "failed":
        broke = ("crashed on it", "was given up")
        return (
            "given up" if any(word in document.reason for word in broke) else "refused" if document.reason else "mute"
        )
    spans = (*document.pages, *document.headings)
    sound = all(0 <= span.start <= span.end <= len(document.text) for span in spans)
    with suppress(UnicodeEncodeError):
        document.text.encode()
        return "read" if sound else "unsound"
    return "unsound"


def list_files(given: Sequence[Path]) -> list[Path]:
    """Files, and those of folders; without sidecars and notes."""
    paths = [path for each in given for path in (sorted(each.rglob("*")) if each.is_dir() else [each])]
    return [path for path in paths if path.is_file() and path.suffix not in (".tsv", ".py", ".jsonl", ".yaml")]


def default_files() -> list[Path]:
    corpus = [
        path
        for suffix in ("txt", "md", "html", "pdf", "docx")
        for path in list_files([ROOT / "corpus"])
        if path.suffix == f".{suffix}"
    ]
    small = sorted(corpus, key=lambda path: path.stat().st_size)[:40]
    samples = [path for path in list_files([SAMPLES]) if path.suffix != ".md"]
    return [*(list_files([SHARED]) if SHARED.is_dir() else []), *samples, *small]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutants", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("files", nargs="*", type=Path)
    asked = parser.parse_args()
    began = time.monotonic()
    outcomes = fuzz(list_files(asked.files) or default_files(), asked.mutants, asked.seed)
    print(f"{dict(outcomes)} in {time.monotonic() - began:.0f} s")
    return 0 if outcomes.total() == asked.mutants and not outcomes["mute"] and not outcomes["unsound"] else 1


if __name__ == "__main__":
    sys.exit(main())
