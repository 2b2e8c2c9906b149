"""Hashes of every run of all texts that a training drew: the form in which the repository keeps them, to be checked.

python tools/adapter/list_runs.py EXAMPLES QUADS tools/adapter/runs.bin --steps 360 --seed 1
"""

from __future__ import annotations

import argparse
from pathlib import Path

from batches import Batches, read_examples, read_quads
from leakage import hash_runs, write_hashes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path)
    parser.add_argument("quads", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    batches = Batches(read_examples(given.examples, dev=False), read_quads([given.quads], dev=False), given.seed)
    drawn = {example for _, batch in zip(range(given.steps), batches, strict=False) for example in batch}
    texts = [text for each in drawn for text in (each.fr_question, each.zh_question, each.fr_passage, each.zh_passage)]
    hashes = hash_runs(texts)
    write_hashes(given.out, hashes)
    print(f"{len(drawn)} examples drawn, {len(hashes)} runs, {given.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
