"""Run as a program: syncs a folder in a new process for each line that comes in, for the test that kills them.

    python sync_process.py

A line holds a data folder and a folder of documents, separated by a tab. The answer is the id of a process; another
line, `done`, follows when it has ended by itself. What takes long to import is imported once.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import indexer.pipeline  # noqa: F401 - imports Haystack before the first process begins
from indexer.sync import SyncRules, sync_folder
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import Glossary
from search_core.vocabulary import load_vocabulary


def main() -> None:
    glossary, vocabulary = Glossary(()), load_vocabulary()
    analyzer = Analyzer(glossary)
    analyzer.analyze("乐山市 réseau")
    for line in sys.stdin:
        data, folder = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            index = open_embedded_index(Path(data))
            sync_folder(
                Path(folder),
                index=index,
                embedder=HashEmbedder(),
                analyzer=analyzer,
                glossary=glossary,
                vocabulary=vocabulary,
                rules=SyncRules(yes=True, settle_s=0),
            )
            index.close()
            os._exit(0)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print("done" if status == 0 else "killed", flush=True)


if __name__ == "__main__":
    main()
