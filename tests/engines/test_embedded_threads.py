"""Many threads on one embedded index."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from search_core.engines.base import BrowseRequest, DenseLeg, Filters, LexicalLeg, Scope
from search_core.engines.embedded import open_embedded_index

PUBLIC = Scope.of(["public"])


def make_legs(query, vector):
    filters = Filters({"kind": frozenset(["study"])}) if query % 3 else Filters(excluded=((f"mot{query % 11}",),))
    return [
        leg
        for language in ("fr", "zh")
        for leg in (
            LexicalLeg("words", language, (f"mot{query % 17}", f"mot{query % 23}", "tram"), filters, k=20),
            DenseLeg("near", language, vector, filters, k=20),
        )
    ]


@pytest.fixture
def questions(make_vector):
    return [make_legs(n, make_vector(f"question {n % 40}")) for n in range(200)]


@pytest.fixture
def documents(make_document):
    return [
        make_document(
            f"d{n:03}",
            *(f"tram mot{n % 17} mot{n % 23} mot{(n + p) % 11}" for p in range(1 + n % 4)),
            language="fr" if n % 2 else "zh",
            values={"kind": ("study" if n % 5 else "press",)},
            access=("public",) if n % 7 else ("board",),
        )
        for n in range(300)
    ]


def test_searches_of_16_threads_answer_as_one_at_a_time(embedded, put, documents, questions):
    put(embedded, *documents)
    expected = [embedded.search(legs, PUBLIC).legs for legs in questions]

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda legs: embedded.search(legs, PUBLIC).legs, questions))

    assert found == expected


def test_searches_during_writing_each_answer_as_their_commit_does(embedded, folder, put, documents, questions):
    """Every answer of 16 threads is that which a reader of its own gives at that very commit."""
    put(embedded, *documents[:200])
    expected = {}
    done = threading.Event()

    def write():
        alone = open_embedded_index(folder)
        for step in range(200, 230, 5):
            with embedded.writer("test") as writer:
                writer.replace(documents[step : step + 3])
                writer.remove([documents[step - 150].document.document_id], "2024-05-01T10:00:00+00:00")
            for number, legs in enumerate(questions[:5]):
                reply = alone.search(legs, PUBLIC)
                expected[reply.version, number] = (reply.legs, set(reply.documents))
        alone.close()
        done.set()

    def read(worker):
        replies = []
        while not done.is_set():
            number = (worker + len(replies)) % 5
            reply = embedded.search(questions[number], PUBLIC)
            replies.append((reply.version, number, (reply.legs, set(reply.documents))))
        return replies

    with ThreadPoolExecutor(17) as pool:
        writing = pool.submit(write)
        replies = [reply for found in pool.map(read, range(16)) for reply in found]
        writing.result()

    checked = [(number, answer) for version, number, answer in replies if (version, number) in expected]
    assert len({version for version, _, _ in replies}) > 3
    assert checked
    for version, number, answer in replies:
        assert expected.get((version, number), answer) == answer


def test_other_reads_share_the_index_with_a_writer(embedded, put, documents):
    put(embedded, *documents[:50])
    names = [document.document.document_id for document in documents]

    def read(n):
        page = embedded.browse(BrowseRequest(facet_fields=("kind",)), Scope.everything())
        whole = embedded.documents(names, Scope.everything())
        return page.total, len(whole), len(list(embedded.records(None, Scope.everything())))

    with ThreadPoolExecutor(8) as pool:
        reads = [pool.submit(read, n) for n in range(60)]
        put(embedded, *documents[50:])
        totals = {count for counts in (reading.result() for reading in reads) for count in counts}

    assert totals <= {50, 300}
