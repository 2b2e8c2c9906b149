"""Run as a program: one who searches, in a process of its own, for the test of three nodes.

    python reader_process.py PLACE COUNT    search until the input ends, for one of the documents d0 … dCOUNT-1 a time

PLACE is as for writer_process.py. It prints a line a search: `found`, or what was wrong.
"""

from __future__ import annotations

import random
import sys
import threading

import numpy as np
from writer_process import make_grown, open_index

from search_core.engines.base import DenseLeg, Leg, LexicalLeg, PassageIndex, Scope
from search_core.errors import PasserelleError

EVERYTHING = Scope.everything()


def search(index: PassageIndex, number: int) -> str:
    """Look for one document by its token and by its vector, all its passages, as a search page does."""
    expected = make_grown(number)
    legs: list[Leg] = [
        LexicalLeg("lexical", "fr", (f"doc{number}",), passages_per_document=99),
        DenseLeg("dense", "fr", np.full(8, 1, dtype=np.float32)),
    ]
    try:
        lexical, dense = index.search(legs, EVERYTHING).legs
        texts = index.documents([expected.document.document_id], EVERYTHING)
    except PasserelleError as error:
        return f"{type(error).__name__}: {error}"
    if lexical.error or dense.error:
        return f"leg: {lexical.error or dense.error}"
    found = {hit.document_id: len(hit.passages) for hit in lexical.hits}
    if found != {expected.document.document_id: len(expected.passages)} or not dense.hits:
        return f"wrong hits: {found}"
    return "found" if texts[expected.document.document_id].text == expected.document.text else "wrong text"


def main(place: str, count: str) -> None:
    index = open_index(place)
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    while ended.is_alive():
        print(search(index, random.randrange(int(count))), flush=True)
    index.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
