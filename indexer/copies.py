"""Documents with the same text, found by sketches of their letters: equal ones, and those that differ in a page number.

A sketch is made once for each version of a document and kept in a state record. datasketch was looked at: it hashes
each shingle in Python, where a few array operations do here.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from search_core.copies import STATE_KEY as COPIES_KEY
from search_core.copies import CopyTable
from search_core.engines.base import IndexWriter, PassageIndex, Scope

STATE_KEY = "text_sketches"

SKETCH_VERSION = 1
"""Raised with any change of what a sketch is: all are made anew."""

SAME_SHARE = 0.95
"""Of two texts' shingles. A report as PDF and as Word has 0.97 and more: page numbers are in one of them only."""

FEWEST_LETTERS = 50
"""Shorter texts are no copies of each other: many files say “page blanche” and mean nothing by it."""

FEWEST_TO_COMPARE = 200
"""Shorter texts are copies only if they are equal: two notes of one template are not."""

_SHINGLE = 12
_BINS = 64
_BAND = 4
_EMPTY = 0xFFFFFFFF
_READ_AT_ONCE = 16


@dataclass(frozen=True)
class Sketch:
    """`version` is what it was made from, `letters` a hash of all letters and digits, `bins` the least hash in each.

    Both are empty for a text that is too short.
    """

    version: str
    letters: str
    bins: tuple[int, ...]


def refresh_copies(index: PassageIndex, writer: IndexWriter) -> CopyTable:
    """Find which documents hold the same text now. What is removed stays known, for it may be restored."""
    known = _read_sketches(index)
    records = [record for record in index.records(None, Scope.everything()) if record.passages]
    wanted = {record.document_id: f"{SKETCH_VERSION} {record.fingerprint}" for record in records}
    sketches = {
        document_id: sketch for document_id, sketch in known.items() if wanted.get(document_id) == sketch.version
    }
    missing = [document_id for document_id in wanted if document_id not in sketches]
    for document_id, text in _iter_texts(index, missing):
        sketches[document_id] = make_sketch(text, wanted[document_id])
    table = CopyTable.of(group_copies(sketches))
    if sketches != known:
        _write_sketches(writer, sketches)
    if table.to_json() != (index.state(COPIES_KEY) or CopyTable().to_json()):
        writer.put_state(COPIES_KEY, table.to_json())
    return table


def make_sketch(text: str, version: str = "") -> Sketch:
    """Of letters and digits only: formats differ in spaces, line breaks and dashes."""
    letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
    long_enough = len(letters) >= FEWEST_LETTERS
    digest = hashlib.sha256(letters.encode("utf-8", "surrogatepass")).hexdigest()[:32] if long_enough else ""
    return Sketch(version, digest, _make_bins(letters) if len(letters) >= FEWEST_TO_COMPARE else ())


def estimate_share(one: Sketch, other: Sketch) -> float:
    """How many of the shingles of both texts are in both, about: 0 to 1."""
    if one.letters == other.letters:
        return 1.0
    used = [pair for pair in zip(one.bins, other.bins, strict=False) if pair != (_EMPTY, _EMPTY)]
    return sum(first == second for first, second in used) / len(used) if used else 0.0


def group_copies(sketches: Mapping[str, Sketch]) -> list[set[str]]:
    """Groups of two documents and more with the same text."""
    groups: dict[str, set[str]] = {}
    for one, other in _iter_candidates({key: found for key, found in sketches.items() if found.letters}):
        mine, theirs = groups.get(one, {one}), groups.get(other, {other})
        if mine is not theirs and estimate_share(sketches[one], sketches[other]) >= SAME_SHARE:
            joined = mine | theirs
            groups |= dict.fromkeys(joined, joined)
    return list({min(group): group for group in groups.values()}.values())


def _iter_candidates(sketches: Mapping[str, Sketch]) -> Iterator[tuple[str, str]]:
    """Pairs that agree in all letters or in some band of bins: of copies hardly any is missed."""
    alike: dict[object, list[str]] = {}
    for document_id, sketch in sketches.items():
        alike.setdefault(sketch.letters, []).append(document_id)
        for start in range(0, len(sketch.bins), _BAND):
            alike.setdefault((start, sketch.bins[start : start + _BAND]), []).append(document_id)
    for documents in alike.values():
        # Each with the first is enough: a group is joined through it. All pairs of 1,000 forms would be half a million.
        yield from ((documents[0], other) for other in documents[1:])


def _make_bins(letters: str) -> tuple[int, ...]:
    """One permutation hashing: a shingle's upper bits say its bin, the lower ones compete in it."""
    hashes = _hash_shingles(np.frombuffer(letters.encode("utf-32-le", "surrogatepass"), dtype="<u4"))
    bins = np.full(_BINS, _EMPTY, dtype=np.uint32)
    np.minimum.at(bins, (hashes >> np.uint64(58)).astype(np.intp), (hashes & np.uint64(0xFFFFFFFF)).astype(np.uint32))
    return tuple(int(value) for value in bins)


def _hash_shingles(points: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint64]:
    """A well mixed number for each run of `_SHINGLE` characters."""
    count = len(points) - _SHINGLE + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(_SHINGLE):
        hashes = hashes * np.uint64(0x100000001B3) + points[offset : offset + count].astype(np.uint64)
    hashes ^= hashes >> np.uint64(33)
    hashes *= np.uint64(0xFF51AFD7ED558CCD)
    hashes ^= hashes >> np.uint64(33)
    hashes *= np.uint64(0xC4CEB9FE1A85EC53)
    return np.asarray(hashes ^ (hashes >> np.uint64(33)), dtype=np.uint64)


def _iter_texts(index: PassageIndex, ids: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at in range(0, len(ids), _READ_AT_ONCE):
        found = index.documents(ids[at : at + _READ_AT_ONCE], Scope.everything(), removed_too=True)
        yield from ((document_id, document.text) for document_id, document in found.items())


def _read_sketches(index: PassageIndex) -> dict[str, Sketch]:
    stored = index.state(STATE_KEY)
    rows = json.loads(stored) if stored else {}
    return {key: Sketch(version, letters, tuple(bins)) for key, (version, letters, bins) in rows.items()}


def _write_sketches(writer: IndexWriter, sketches: Mapping[str, Sketch]) -> None:
    rows = {key: (each.version, each.letters, each.bins) for key, each in sorted(sketches.items())}
    writer.put_state(STATE_KEY, json.dumps(rows).encode())
