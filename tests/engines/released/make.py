"""Run as a program, by hand, when a schema is released: makes the small index of it that lies beside this file.

    python tests/engines/released/make.py embedded tests/engines/released/embedded-v1.sqlite
    python tests/engines/released/make.py opensearch tests/engines/released/opensearch-v1.jsonl

The second needs a server (PASSERELLE_OPENSEARCH_HOSTS). What is made is never made anew: it is what that release wrote.

A line of the .jsonl is an index, {"kind", "name", "body"}, or a row of one, {"kind", "id", "source"}.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from indexer.run import index_paths
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import LivingIndex, Scope
from search_core.engines.embedded import open_embedded_index
from search_core.engines.opensearch import mapping, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader
from search_core.engines.opensearch.names import ROW_KINDS
from search_core.glossary import Glossary, GlossaryEntry
from search_core.opening import read_address
from search_core.settings import Settings
from search_core.vocabulary import load_vocabulary

FILES = {
    "reseau.md": "---\ntitle: Réseau électrique\nkind: study\ndate: 2014-11\n---\n\n# Bilan\n\nLe réseau relie Issy.",
    "电网.md": "---\ntitle: 智能电网\naccess: board\n---\n\n伊西的智能电网连接了一千六百户住宅。",
    "ancien.txt": "Un vieux compte rendu que personne ne lit plus.",
    "vide.txt": "",
}
GLOSSARY = Glossary((GlossaryEntry(("réseau électrique",), ("电网",)), GlossaryEntry(("Issy",), ("伊西",), name=True)))


def fill(index: LivingIndex) -> None:
    """A French document, a Chinese one that not everybody may read, a removed one and a file that failed."""
    with tempfile.TemporaryDirectory(prefix="released") as folder:
        for name, text in FILES.items():
            (Path(folder) / name).write_text(text, "utf-8")
        index_paths(
            [Path(folder)],
            index=index,
            embedder=HashEmbedder(8),
            analyzer=Analyzer(GLOSSARY),
            glossary=GLOSSARY,
            vocabulary=load_vocabulary(),
        )
    removed = next(each for each in index.records(None, Scope.everything()) if each.path == "ancien.txt")
    with index.writer("removing documents") as writer:
        writer.remove([removed.document_id], "2026-11-01T00:00:00+00:00")


def make_embedded(target: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with closing(open_embedded_index(Path(folder))) as index:
            fill(index)
        with closing(sqlite3.connect(Path(folder) / "index-0001.sqlite")) as connection:
            connection.execute("VACUUM INTO ?", (str(target),))


def make_opensearch(target: Path) -> None:
    address = replace(read_address(Settings()), prefix="released")
    with closing(Cluster(address)) as cluster:
        cluster.drop(cluster.names("released-*"))
        with closing(open_opensearch_index(address)) as index:
            fill(index)
        lines = [json.dumps(line, ensure_ascii=False, sort_keys=True) for line in iter_lines(cluster)]
        cluster.drop(cluster.names("released-*"))
    target.write_text("\n".join(lines) + "\n", "utf-8")


def iter_lines(cluster: Cluster) -> Iterator[dict[str, Any]]:
    names = HeadReader(cluster, "released").view().names
    for kind in ROW_KINDS:
        body = getattr(mapping, f"{kind}_index")()
        if kind == "passages":
            body["mappings"]["properties"] |= mapping.vector_mapping(8)["properties"]
        yield {"kind": kind, "name": names.index(kind), "body": body}
        cluster.refresh([names.index(kind)])
        everything = {"query": {"match_all": {}}, "size": 1000}
        for hit in cluster.search(names.index(kind), everything)["hits"]["hits"]:
            yield {"kind": kind, "id": hit["_id"], "source": hit["_source"]}


if __name__ == "__main__":
    {"embedded": make_embedded, "opensearch": make_opensearch}[sys.argv[1]](Path(sys.argv[2]))
