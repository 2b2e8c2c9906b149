"""200 searches from 16 threads while documents are indexed again give the answers that one at a time gives."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any

import pytest

from indexer.documents import index_documents
from search_api.schemas import SearchRequest, SearchResult
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index

EVERYTHING = Scope.everything()

pytestmark = pytest.mark.slow

REWRITE = """
import sys
from pathlib import Path
from indexer.documents import index_documents
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary

index, glossary = open_embedded_index(Path(sys.argv[1])), load_glossary()
tools = {"index": index, "embedder": HashEmbedder(1024), "analyzer": Analyzer(glossary), "glossary": glossary}
ids = [record.document_id for record in index.records(None, Scope.everything())]
print("ready", flush=True)
while True:
    for document_id in ids:
        index_documents(index.documents([document_id], Scope.everything()).values(), **tools)
        print("written", flush=True)
"""


def make_requests() -> list[SearchRequest]:
    subjects = ["réseau", "vélos", "école", "tourisme", "logements", "智能电网", "自行车", "学校", "乐山", "住宅"]
    forms = ["{}", "{} de la ville", '"{}"', "{} -charte", "{} 数字", "le {} et Issy", "{} compteur"]
    variants: list[dict[str, Any]] = [{}, {"lang": "zh"}, {"sort": "newest"}]
    questions = product(forms, subjects, variants)
    return [SearchRequest(q=form.format(subject), **asked) for form, subject, asked in islice(questions, 200)]


def comparable(result: SearchResult) -> SearchResult:
    return result.model_copy(update={"took_ms": 0, "index_version": 0})


@contextmanager
def rewriting_process(folder: Path) -> Iterator[Callable[[], int]]:
    """Indexes every document again and again; gives how often it did so far."""
    process = subprocess.Popen([sys.executable, "-c", REWRITE, str(folder)], stdout=subprocess.PIPE, text=True)
    written: list[str] = []
    assert process.stdout
    assert process.stdout.readline() == "ready\n"
    reader = threading.Thread(target=written.extend, args=(process.stdout,))
    reader.start()
    try:
        yield lambda: len(written)
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


@contextmanager
def rewriting_thread(collection: Any) -> Iterator[Callable[[], int]]:
    """The same from a thread beside those that search, with an index of its own."""
    tools = {name: getattr(collection, name) for name in ("embedder", "analyzer", "glossary")}
    stop, written = threading.Event(), []

    def rewrite() -> None:
        index = open_embedded_index(collection.folder.with_name("data"))
        ids = [collection.id(path) for path in ("fr/reseau.txt", "zh/dianwang.txt", "mixte.md")]
        for document_id in cycle(ids):
            if stop.is_set():
                break
            written.append(index_documents(index.documents([document_id], EVERYTHING).values(), index=index, **tools))
        index.close()

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        yield lambda: len(written)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("writer", ["thread", "process"])
def test_many_threads_get_the_answers_of_one_at_a_time(
    make_collection: Callable[..., Any], texts: dict[str, str], writer: str
) -> None:
    collection = make_collection(texts)
    requests = make_requests()
    assert len(set(map(SearchRequest.model_dump_json, requests))) == 200
    expected = [comparable(collection.serve().search(request)) for request in requests]
    service = collection.serve()
    rewriting = (
        rewriting_thread(collection) if writer == "thread" else rewriting_process(collection.folder.with_name("data"))
    )
    with rewriting as count, ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(service.search, requests))
        while count() < 10:
            answers += threads.map(service.search, requests)
    for number, answer in enumerate(answers):
        wanted = number % len(requests)
        assert comparable(answer) == expected[wanted], requests[wanted].q
    assert len({answer.index_version for answer in answers}) > 1
