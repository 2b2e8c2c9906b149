"""Nothing that the product is judged on may be in the training text: runs of words and characters that both share."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

FRENCH_RUN = 8
CHINESE_RUN = 16
HASH_BITS = 46

Hashes = npt.NDArray[np.uint64]

_WORD = re.compile(r"[^\W\d_\u3400-\u9fff]+|\d+")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]")


def iter_runs(text: str) -> Iterator[str]:
    """Every run of 8 words and of 16 Chinese characters, whatever stands between them: signs, spaces, cases."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(folded)
    for at in range(len(words) - FRENCH_RUN + 1):
        yield " ".join(words[at : at + FRENCH_RUN])
    characters = "".join(_HAN_RUN.findall(folded))
    for at in range(len(characters) - CHINESE_RUN + 1):
        yield characters[at : at + CHINESE_RUN]


def hash_runs(texts: Iterable[str]) -> Hashes:
    """Sorted hashes of all runs, of 46 bits: among a million a foreign run is taken for known once in 70 million."""
    found = {hashlib.blake2b(run.encode(), digest_size=8).digest() for text in set(texts) for run in iter_runs(text)}
    return np.unique(np.frombuffer(b"".join(found), dtype="<u8") >> np.uint64(64 - HASH_BITS))


def write_hashes(path: Path, hashes: Hashes) -> None:
    """The distances between neighbours, byte by byte of all of them, compressed: four bytes a run."""
    distances = np.diff(hashes, prepend=np.uint64(0)).astype("<u8")
    path.write_bytes(lzma.compress(distances.view(np.uint8).reshape(-1, 8).T.tobytes()))


def read_hashes(path: Path) -> Hashes:
    columns = np.frombuffer(lzma.decompress(path.read_bytes()), dtype=np.uint8).reshape(8, -1)
    return np.cumsum(np.ascontiguousarray(columns.T).view("<u8").ravel(), dtype=np.uint64)


def shares_run(text: str, hashes: Hashes) -> bool:
    """Whether any run of `text` is among `hashes`, which are sorted."""
    own = hash_runs([text])
    at = np.minimum(np.searchsorted(hashes, own), max(len(hashes) - 1, 0))
    return bool(len(hashes) and (hashes[at] == own).any())


def iter_judged_texts(folder: Path) -> Iterator[str]:
    """Titles and texts of every document and query of the judged sets in `folder`."""
    for path in sorted([*folder.glob("*/documents.jsonl"), *folder.glob("*/queries.jsonl")]):
        for line in path.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            yield f"{record.get('title', '')}\n{record['text']}"
