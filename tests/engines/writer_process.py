"""Run as a program: a writer in a process of its own, for the tests of two processes.

    python writer_process.py FOLDER put ID TOKENS...     write one document of one passage
    python writer_process.py FOLDER hold                 hold the writer's lock until killed
    python writer_process.py FOLDER churn COUNT FIRST    write COUNT documents in ever new versions until killed
    python writer_process.py FOLDER grow FIRST           write ever more documents until the input ends

FOLDER is a data folder, or `opensearch:PREFIX` on the server that the settings name.
It prints a line whenever something is done.
"""

from __future__ import annotations

import itertools
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from search_core.engines.base import IndexWriter, PassageIndex
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import open_opensearch_index
from search_core.model import Document, IndexedDocument, IndexedPassage, Passage
from search_core.opening import read_address
from search_core.settings import Settings


def make_document(document_id: str, lines: list[str], number: float) -> IndexedDocument:
    """One passage a line; the vectors hold `number`."""
    text = "\n".join(lines)
    passages = []
    for n, line in enumerate(lines):
        start = sum(len(earlier) + 1 for earlier in lines[:n])
        passage = Passage(f"{document_id}-{n}", document_id, n, "fr", start, start + len(line), line)
        tokens = tuple(line.split())
        vector = np.full(8, number, dtype=np.float32)
        passages.append(IndexedPassage(passage, tokens, tokens, f"{document_id} {n}", vector))
    return IndexedDocument(Document(document_id, "notes", f"{document_id}.txt", "fr", text=text), tuple(passages))


def make_version(document: int, version: int) -> IndexedDocument:
    """A version of a document: everything in it, the number of passages too, tells which version it is."""
    count = 1 + (document + version) % 5
    lines = [f"doc{document} version{version} doc{document}version{version} passage{n}" for n in range(count)]
    return make_document(f"d{document}", lines, version)


def churn(writer: IndexWriter, count: int, first: int) -> None:
    """New versions in commits of several documents; every third round documents are removed and brought back."""
    for version in itertools.count(first):
        documents = [make_version(n, version) for n in range(count)]
        for start in range(0, count, 7):
            writer.replace(documents[start : start + 7])
        if version % 3 == 0:
            names = [f"d{n}" for n in range(0, count, 4)]
            writer.remove(names, "2024-05-01T10:00:00+00:00")
            writer.restore(names)
        print("version", version, flush=True)


def grow(writer: IndexWriter, first: int) -> None:
    """New documents of twenty passages, three a commit; their numbers are told once they are written."""
    ended = threading.Thread(target=sys.stdin.read, daemon=True)
    ended.start()
    for number in itertools.count(first, 3):
        if not ended.is_alive():
            return
        names = range(number, number + 3)
        writer.replace([make_grown(name) for name in names])
        print("written", *names, flush=True)


def make_grown(number: int) -> IndexedDocument:
    return make_document(f"d{number}", [f"commun doc{number} passage{n}" for n in range(20)], 1 + number)


def open_index(place: str) -> PassageIndex:
    engine, _, prefix = place.partition(":")
    if engine == "opensearch":
        return open_opensearch_index(replace(read_address(Settings()), prefix=prefix))
    return open_embedded_index(Path(place))


def main(folder: str, command: str, *arguments: str) -> None:
    index = open_index(folder)
    with index.writer(f"test: {command}") as writer:
        print("writing", flush=True)
        if command == "put":
            writer.replace([make_document(arguments[0], [" ".join(arguments[1:])], 1)])
        elif command == "churn":
            churn(writer, int(arguments[0]), int(arguments[1]))
        elif command == "grow":
            grow(writer, int(arguments[0]))
        else:
            time.sleep(600)
    index.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
