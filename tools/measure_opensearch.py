"""Measures the OpenSearch engine on real text: the recall of its dense leg, and what a passage costs.

    .venv/bin/python -m tools.measure_opensearch FOLDER [--measure-only] [--queries 50]

The server is the one that PASSERELLE_OPENSEARCH_HOSTS names. The text is that of manuals which Debian has in French
and in Chinese: their packages are fetched with `apt-get download`, unpacked with `dpkg-deb` into FOLDER (nothing is
installed) and indexed there by `passerelle index`. That takes an hour or more and can be interrupted: the same command
goes on where it stopped, and `--measure-only` takes what is there. All of it is copied to the server, without embedding
it again, and deleted there in the end.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np

from indexer.analyze import analyze_document, split_document
from indexer.embed import embed_documents
from indexer.progress import SilentProgress
from search_core.analysis.analyzer import Analyzer
from search_core.calibration import scope_calibration
from search_core.embedding import Embedder
from search_core.engines.base import DenseLeg, Filters, PassageIndex, Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.engines.opensearch import ServerAddress, open_opensearch_index
from search_core.engines.opensearch.cluster import Cluster
from search_core.engines.opensearch.head import HeadReader, View
from search_core.engines.opensearch.legs import ask_leg, read_hits
from search_core.engines.opensearch.names import RowKind
from search_core.engines.opensearch.statistics import Counts
from search_core.engines.values import sample_order
from search_core.glossary import load_glossary
from search_core.model import Document, IndexedDocument, Language
from search_core.opening import open_embedder, read_address
from search_core.settings import Settings

EVERYTHING = Scope.everything()
LANGUAGES: tuple[Language, ...] = ("fr", "zh")

MANUALS: Mapping[str, Mapping[Language, tuple[str, str]]] = {
    "libreoffice-help": {
        "fr": ("libreoffice-help-fr", "libreoffice/help/fr/text"),
        "zh": ("libreoffice-help-zh-cn", "libreoffice/help/zh-CN/text"),
    },
    "gimp-help": {
        "fr": ("gimp-help-fr", "gimp/2.0/help/fr"),
        "zh": ("gimp-help-zh-cn", "gimp/2.0/help/zh_CN"),
    },
    "debian-handbook": {
        "fr": ("debian-handbook", "doc/debian-handbook/html/fr-FR"),
        "zh": ("debian-handbook", "doc/debian-handbook/html/zh-CN"),
    },
    "installation-guide": {
        "fr": ("installation-guide-amd64", "doc/installation-guide-amd64/fr"),
        "zh": ("installation-guide-amd64", "doc/installation-guide-amd64/zh_CN"),
    },
    "debian-reference": {
        "fr": ("debian-reference-fr", "debian-reference"),
        "zh": ("debian-reference-zh-cn", "debian-reference"),
    },
}
"""Package and folder of each manual's pages."""

SHARES = (1.0, 0.1, 0.01)
"""What filters keep of the documents."""

DEPTH = 100
BATCH = 32
EMBEDDED_A_BATCH = 4
"""Passages that are embedded again beside each batch that is written, for a measure of the machine's speed."""

KINDS: tuple[RowKind, ...] = ("passages", "documents", "texts")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--measure-only", action="store_true", help="what is indexed so far")
    parser.add_argument("--queries", type=int, default=50, help="of each language")
    given = parser.parse_args()
    folder: Path = given.folder
    if not given.measure_only:
        fetch_manuals(folder)
        index_manuals(folder)
    settings = Settings()
    embedder = open_embedder(settings)
    address = replace(read_address(settings), prefix=f"passerelle-measure-{uuid4().hex[:8]}")
    with closing(open_embedded_index(folder / "data")) as made, closing(Cluster(address)) as cluster:
        try:
            copied = copy_index(made, address, embedder, folder)
            print(f"{copied.passages} passages of {len(copied.rows)} documents", copied.counts())
            for line in (*copied.speed(), "", *measure_size(cluster, address.prefix, copied)):
                print(line, flush=True)
            for line in measure_recall(cluster, address, copied, embedder, given.queries):
                print(line, flush=True)
        finally:
            cluster.drop(cluster.names(f"{address.prefix}-*"))
    return 0


def fetch_manuals(folder: Path) -> None:
    """Lay out the pages of all manuals, both languages side by side: `text/MANUAL/page.fr.html`."""
    for manual, languages in MANUALS.items():
        if (folder / "text" / manual).is_dir():
            continue
        for language, (package, place) in languages.items():
            pages = fetch_package(package, folder / "packages") / "usr/share" / place
            for page in sorted(pages.rglob("*.html")):
                target = folder / "text" / manual / page.relative_to(pages).with_suffix(f".{language}.html")
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(page, target)


def fetch_package(package: str, folder: Path) -> Path:
    unpacked = folder / package
    if not unpacked.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        _run(["apt-get", "--quiet", "download", package], folder)
        (file,) = folder.glob(f"{package}_*.deb")
        _run(["dpkg-deb", "-x", file.name, unpacked.name], folder)
    return unpacked


def index_manuals(folder: Path) -> None:
    """A page that cannot be read is no matter."""
    environment = {**os.environ, "PASSERELLE_ENGINE": "embedded", "PASSERELLE_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "passerelle", "index", str(folder / "text")]
    subprocess.run(command, env=environment, check=False)  # noqa: S603 - constants


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - constants


class Row(NamedTuple):
    """A document: where its passages begin in the matrix, how many they are, and how large a filter keeps it."""

    start: int
    passages: int
    kept_by: float


@dataclass
class Copied:
    """What was written to the server: all passages in one order, with their vectors, and how long that took."""

    ids: list[str] = field(default_factory=list)
    languages: list[Language] = field(default_factory=list)
    vectors: list[Any] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    embedded_again: int = 0

    @property
    def passages(self) -> int:
        return len(self.ids)

    def counts(self) -> dict[str, int]:
        return {language: self.languages.count(language) for language in sorted(set(self.languages))}

    def add(self, indexed: IndexedDocument) -> None:
        self.rows.append(Row(self.passages, len(indexed.passages), share_of(indexed.document)))
        for passage in indexed.passages:
            self.ids.append(passage.passage.passage_id)
            self.languages.append(passage.passage.language)
            self.vectors.append(passage.vector)

    def chosen(self, language: Language | None, share: float) -> np.ndarray[Any, Any]:
        """Which passages a leg of a language, or of all, may find under a filter, as a mask."""
        mask = np.zeros(self.passages, dtype=bool)
        for row in self.rows:
            mask[row.start : row.start + row.passages] = row.kept_by <= share
        return mask & (np.array(self.languages) == language) if language else mask

    def speed(self) -> Iterator[str]:
        embedding = self.seconds["embed"] / self.embedded_again
        for engine in ("opensearch", "embedded"):
            rate = self.passages * embedding / self.seconds[engine]
            yield f"written to {engine}: {rate:.1f} passages in the time that the model embeds one"


def share_of(document: Document) -> float:
    """The smallest share that keeps a document, by a hash of its id."""
    place = (sample_order(document.document_id) % 10_000) / 10_000
    return next(share for share in sorted(SHARES) if place < share)


def copy_index(made: EmbeddedIndex, address: ServerAddress, embedder: Embedder, folder: Path) -> Copied:
    """Write what is indexed to the server and, beside it, to another embedded index; vectors are those stored."""
    analyzer = Analyzer(load_glossary())
    copied = Copied(seconds=dict.fromkeys(("opensearch", "embedded", "embed"), 0.0))
    scratch = folder / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    ids = [record.document_id for record in made.records(None, EVERYTHING) if record.passages]
    with (
        closing(open_opensearch_index(address)) as server,
        closing(open_embedded_index(scratch)) as beside,
        server.writer("measuring") as writer,
        beside.writer("measuring") as writer_beside,
    ):
        for at in range(0, len(ids), BATCH):
            documents = made.documents(ids[at : at + BATCH], EVERYTHING).values()
            analyzed = [analyze_document(split_document(mark(document), embedder), analyzer) for document in documents]
            batch = embed_documents(analyzed, (made,), embedder, SilentProgress())
            for indexed in batch:
                copied.add(indexed)
            texts = [passage.embedded_text for document in analyzed for passage in document.passages]
            sample = texts[:: max(1, len(texts) // EMBEDDED_A_BATCH)]
            copied.embedded_again += len(sample)
            with timed(copied.seconds, "opensearch"):
                writer.replace(batch)
            with timed(copied.seconds, "embedded"):
                writer_beside.replace(batch)
            with timed(copied.seconds, "embed"):
                embedder.embed_passages(sample)
    shutil.rmtree(scratch)
    return copied


def mark(document: Document) -> Document:
    """With the filters that keep it as values of a field."""
    kept = tuple(f"{share:g}" for share in SHARES if share >= share_of(document))
    return replace(document, metadata=replace(document.metadata, values={"working_group": kept}))


@contextmanager
def timed(seconds: dict[str, float], what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    seconds[what] += time.perf_counter() - began


def measure_size(cluster: Cluster, prefix: str, copied: Copied) -> Iterator[str]:
    """Bytes a passage, once everything is in one segment and nothing is deleted, by index and by kind of file."""
    names = HeadReader(cluster, prefix).view().names
    yield "| Index | Bytes a passage | Largest files, by their ending |"
    yield "| --- | --- | --- |"
    for kind in KINDS:
        merge(cluster, names.index(kind))
        asked = {"index": names.index(kind), "metric": "store,segments"}
        reply = cluster._client.indices.stats(**asked, params={"include_segment_file_sizes": "true"})
        found = reply["_all"]["primaries"]
        sizes = {name: each["size_in_bytes"] for name, each in found["segments"]["file_sizes"].items()}
        largest = sorted(sizes, key=lambda name: -sizes[name])[:8]
        parts = ", ".join(f"{name} {sizes[name] / copied.passages:.0f}" for name in largest)
        yield f"| {kind} | {found['store']['size_in_bytes'] / copied.passages:.0f} | {parts} |"


def merge(cluster: Cluster, index: str) -> None:
    cluster._client.indices.forcemerge(index=index, params={"max_num_segments": 1, "request_timeout": 3600})
    cluster._client.indices.flush(index=index, params={"force": "true", "request_timeout": 3600})
    cluster.refresh([index])  # lets go of the files that were merged


@dataclass(frozen=True)
class Way:
    """How neighbours are looked for: `None` for what the product does, else so many, and candidates (`ef_search`)."""

    name: str
    neighbours: int | None = None
    candidates: int | None = None

    def change(self, query: dict[str, Any]) -> dict[str, Any]:
        if self.neighbours is None:
            return query
        ((name, clause),) = query["knn"].items()
        changed = {"k": self.neighbours, "method_parameters": {"ef_search": self.candidates}}
        return {"knn": {name: {**clause, **changed}}}


WAYS = (Way("the product"), Way("100 / 100", 100, 100), Way("100 / 400", 100, 400), Way("400 / 400", 400, 400))


class Question(NamedTuple):
    language: Language
    vector: np.ndarray[Any, Any]


def make_questions(index: PassageIndex, embedder: Embedder, count: int) -> list[Question]:
    """Texts like questions, made from a sample of the passages as calibration does, centred as those of the product."""
    calibration = scope_calibration(index, embedder, EVERYTHING)
    return [
        Question(language, calibration.centre(vector, language))
        for language in LANGUAGES
        for vector in calibration.queries[language][:count]
    ]


def measure_recall(
    cluster: Cluster, address: ServerAddress, copied: Copied, embedder: Embedder, count: int
) -> Iterator[str]:
    """Of the nearest hundred passages of a language, by exact products, how many a dense leg has among its first."""
    with closing(open_opensearch_index(address)) as index:
        questions = make_questions(index, embedder, count)
    view = HeadReader(cluster, address.prefix).view()
    matrix = np.stack(copied.vectors)
    yield f"\n{len(questions)} questions; neighbours / ef_search; time of the product beside comparing all vectors"
    yield "| Passages of | Filter keeps | Passages | " + " | ".join(way.name for way in WAYS) + " | Time |"
    yield "| --- | --- | --- | " + " --- |" * (len(WAYS) + 1)
    for language in (*LANGUAGES, None):
        for share in SHARES:
            mask = copied.chosen(language, share)
            recalls: dict[str, list[float]] = {way.name: [] for way in WAYS}
            seconds = dict.fromkeys([*recalls, "exact"], 0.0)
            for question in questions:
                products = np.where(mask, matrix @ question.vector, -np.inf)
                scores = dict(zip(copied.ids, products, strict=True))
                nearest = np.sort(products[mask])[::-1][:DEPTH]
                for way in WAYS:
                    with timed(seconds, way.name):
                        found = ask(view, question, language, share, way)
                    right = sum(scores[name] >= nearest[-1] - 1e-6 for name in found[:DEPTH])
                    recalls[way.name].append(right / len(nearest))
                with timed(seconds, "exact"):
                    ask(view, question, language, share, None)
            told = " | ".join(f"{np.mean(each):.3f}" for each in recalls.values())
            share_of_exact = seconds[WAYS[0].name] / seconds["exact"]
            yield f"| {language or 'both'} | {share:.0%} | {mask.sum()} | {told} | {share_of_exact:.2f} |"


def ask(view: View, question: Question, language: Language | None, share: float, way: Way | None) -> list[str]:
    """Ids of the passages that a dense leg finds, nearest first; without a `way` by comparing all."""
    filters = Filters({"working_group": frozenset([f"{share:g}"])})
    leg = DenseLeg("dense", language or "fr", question.vector.astype(np.float32), filters)
    counts = Counts({leg.language: sys.maxsize}, {})
    asked = ask_leg(leg, view, EVERYTHING, counts, {}, 0 if way else sys.maxsize)
    query = asked.query or {}
    clause = next(iter(query["knn"].values())) if way else query["script_score"]
    if language is None:
        allowed = clause["filter" if way else "query"]["bool"]["filter"]
        allowed.remove({"term": {"language": leg.language}})
    asked = replace(asked, query=way.change(query) if way else query)
    return [hit.passage_id for hit in read_hits(asked, view.search("passages", asked.body()))]


if __name__ == "__main__":
    sys.exit(main())
