"""After a purge the words of a document are nowhere in the data folder."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from search_core.engines.base import Scope
from search_core.engines.embedded.store import Store
from search_core.errors import IndexUnavailable

EVERYTHING = Scope.everything()

LETTERS = "abcdefghijklmnopqrstuvwxyz"

SECRETS = ["zwiebelkuchen", "sauerkraut", "blumenkohl", "rosenkohl", "keyofzwiebel"]

SECRET_IDS = [f"secret{n}" for n in range(30)]


@pytest.fixture
def make_secret(make_document):
    """A document with planted words in text and tokens, title, path and metadata."""

    def make(document_id, chance):
        indexed = make_document(
            document_id,
            *(f"tram zwiebelkuchen mot{n}" for n in range(chance.randint(1, 9))),
            title="sauerkraut" * chance.randint(1, 20),
            path="m" + "blumenkohl" * chance.randint(1, 20),
            values={"city": ("m" + "rosenkohl" * chance.randint(1, 20),)},
        )
        keyed = tuple(replace(passage, embedding_key=f"keyofzwiebel{n}") for n, passage in enumerate(indexed.passages))
        return replace(indexed, passages=keyed)

    return make


@pytest.fixture
def crowded(embedded, folder, make_document, make_secret, put):
    """An index where secret documents lie among others of all sizes.

    SQLite moved their rows about when others came, and left copies in the gaps of its pages.
    """
    chance = random.Random(4)
    for document_id in SECRET_IDS:
        put(embedded, make_secret(document_id, chance))
        put(embedded, *(make_neighbour(make_document, chance) for _ in range(chance.randint(2, 12))))
    assert found_words(folder) == set(SECRETS)
    return embedded


def make_neighbour(make_document, chance):
    word = "".join(chance.choices(LETTERS, k=9 * chance.randint(1, 80)))
    return make_document(
        f"d{chance.randrange(4000)}", "tram bus", title=word, path=word[:400], values={"city": (word,)}
    )


def found_words(folder):
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return {word for word in SECRETS if word.encode() in everything}


def test_purge_leaves_no_trace_on_disk(crowded, folder, find):
    before = set(find(crowded, "tram", k=1000))

    with crowded.writer("test") as writer:
        assert writer.purge(SECRET_IDS) == len(SECRET_IDS)

    assert found_words(folder) == set()
    assert set(find(crowded, "tram", k=1000)) == before - set(SECRET_IDS)


def test_purge_of_removed_documents_leaves_no_trace(crowded, folder):
    with crowded.writer("test") as writer:
        writer.remove(SECRET_IDS, "2024-05-01T10:00:00+00:00")
        writer.purge(SECRET_IDS)

    assert found_words(folder) == set()


def test_purge_reaches_the_older_and_the_unfinished_index(crowded, folder, make_secret):
    with crowded.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_secret("secret0", random.Random(1))])
        rebuild.publish()
    with crowded.rebuild("reindex") as rebuild:
        rebuild.writer.replace([make_secret("secret1", random.Random(2))])

    with crowded.writer("test") as writer:
        assert writer.purge(SECRET_IDS) == 1

    assert found_words(folder) == set()
    assert len(list(folder.glob("index-*.sqlite"))) == 3


def test_purge_gives_up_an_older_file_that_cannot_be_purged(crowded, folder):
    with crowded.rebuild("reindex") as rebuild:
        rebuild.publish()
    older = folder / "index-0001.sqlite"
    older.write_bytes(b"no database, but sauerkraut")

    with crowded.writer("test") as writer:
        assert writer.purge(SECRET_IDS) == 0

    assert found_words(folder) == set()
    assert not older.exists()


def test_purge_that_a_reader_holds_up_goes_on_with_the_next_writer(crowded, folder, find):
    store = Store(folder / "index-0001.sqlite")
    with store.reading() as reader, crowded.writer("test") as writer:
        reader.execute("SELECT version FROM head").fetchone()
        writer._connection.execute("PRAGMA busy_timeout = 50")
        with pytest.raises(IndexUnavailable, match="a reader still holds"):
            writer.purge(SECRET_IDS)
        assert not set(find(crowded, "tram", k=1000)) & set(SECRET_IDS)
    store.close()

    with crowded.writer("test"):
        pass

    assert found_words(folder) == set()
