"""Hashes of every run of all texts that a training may draw: so the repository keeps them, to be checked.

What the file holds already stays: an earlier training may have drawn it.

python tools/adapter/list_runs.py EXAMPLES tools/adapter/quads.jsonl tools/adapter/runs.bin
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from examples import read_examples, read_quads
from leakage import hash_runs, read_hashes, write_hashes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("quads", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    drawn = [*read_examples(given.examples, dev=False), *read_quads([given.quads], dev=False)]
    hashes = hash_runs(text for example in drawn for text in example.texts())
    if given.out.exists():
        hashes = np.union1d(hashes, read_hashes(given.out))
    write_hashes(given.out, hashes)
    print(f"{len(drawn)} examples, {len(hashes)} runs, {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
