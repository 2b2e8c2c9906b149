"""Dense retrieval in four directions, with the product's centring and calibration, for one or more adapters.

python tools/adapter/measure.py ../shared/eval/libreoffice_hard --sample 300 --adapter none bundled
"""

from __future__ import annotations

import argparse
import json
import math
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from search_core.calibration import SAMPLE_SIZE, Calibration, make_calibration
from search_core.embedding import Embedder, load_embedder
from search_core.engines.base import SampledPassage
from search_core.model import Language, Matrix, Passage, make_embedded_text

MAX_CHARACTERS = {"fr": 900, "zh": 360}
"""About 250 tokens: measuring has to be quick."""

BOTH: tuple[Language, Language] = ("fr", "zh")


@dataclass
class Collection:
    """Documents and queries as (id, language, title, text); judgements as query id -> ids of documents."""

    documents: list[tuple[str, Language, str, str]] = field(default_factory=list)
    queries: list[tuple[str, Language, str]] = field(default_factory=list)
    judgements: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("judged", type=Path, nargs="+", help="folders of judged sets")
    parser.add_argument(
        "--sample",
        type=int,
        default=0,
        help="of a large set, so many queries, their documents and twice as many others",
    )
    parser.add_argument("--adapter", nargs="+", default=["none", "bundled"], help="as PASSERELLE_ADAPTER")
    given = parser.parse_args()
    torch.set_num_threads(2)
    collections = {folder.name: read_judged(folder, given.sample) for folder in given.judged}
    for adapter in given.adapter:
        embedder = load_embedder("bundled", adapter=adapter)
        for name, collection in collections.items():
            print(json.dumps({"adapter": adapter, "set": name, **measure(collection, embedder)}), flush=True)


def read_judged(folder: Path, sample: int) -> Collection:
    def lines(name: str) -> list[dict[str, str]]:
        return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines()]

    collection = Collection()
    for row in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = row.split("\t")
        if int(grade) > 0:
            collection.judgements[query].add(document)
    documents, queries = lines("documents.jsonl"), lines("queries.jsonl")
    if 0 < 2 * sample < len(queries):
        dice = random.Random(0)  # noqa: S311
        queries = dice.sample(queries, sample)
        wanted = {document for query in queries for document in collection.judgements[query["id"]]}
        rest = [document for document in documents if document["id"] not in wanted]
        documents = [document for document in documents if document["id"] in wanted] + dice.sample(rest, 2 * sample)
    for each in documents:
        language: Language = "zh" if each["lang"] == "zh" else "fr"
        collection.documents.append((each["id"], language, each["title"], each["text"][: MAX_CHARACTERS[language]]))
    collection.queries += [(each["id"], "zh" if each["lang"] == "zh" else "fr", each["text"]) for each in queries]
    return collection


def measure(collection: Collection, embedder: Embedder) -> dict[str, float]:
    """nDCG@10 filtered (`fr>zh`) and hit@10 in the mixed list (`fr>zh hit`)."""
    passages = embedder.embed_passages(
        [make_embedded_text(title, "", text) for *_, title, text in collection.documents]
    )
    questions = embedder.embed_queries([text for *_, text in collection.queries])
    calibration = _calibrate(collection, passages, embedder)
    languages = np.array([language for _, language, *_ in collection.documents])
    ids = np.array([document for document, *_ in collection.documents])
    found: dict[str, list[float]] = defaultdict(list)
    for (query, asked, _), vector in zip(collection.queries, questions, strict=True):
        centred = calibration.centre(vector, asked)
        scores = passages @ centred
        for language in BOTH:
            background = calibration.background(language, centred)
            at = languages == language
            scores[at] = (scores[at] - background.mean) / background.deviation
        relevant = collection.judgements[query]
        mixed = ids[np.argsort(-scores, kind="stable")[:10]]
        for language in BOTH:
            at = np.flatnonzero(languages == language)
            wanted = relevant & set(ids[at])
            if wanted:
                ranking = ids[at[np.argsort(-scores[at], kind="stable")[:10]]]
                found[f"{asked}>{language}"].append(_ndcg(ranking, wanted))
                found[f"{asked}>{language} hit"].append(float(bool(wanted & set(mixed))))
    return {name: round(float(np.mean(values)), 3) for name, values in sorted(found.items())}


def _calibrate(collection: Collection, passages: Matrix, embedder: Embedder) -> Calibration:
    samples: Mapping[Language, list[SampledPassage]] = {"fr": [], "zh": [], "other": []}
    order = np.random.default_rng(0).permutation(len(collection.documents))
    for number in order:
        document, language, title, text = collection.documents[number]
        if len(samples[language]) < SAMPLE_SIZE:
            passage = Passage(f"{document}-0", document, 0, language, 0, len(text), text)
            samples[language].append(SampledPassage(passage, title, passages[number]))
    return make_calibration(samples, embedder)


def _ndcg(ranking: Sequence[str], wanted: set[str]) -> float:
    gains = [1 / math.log2(rank + 2) for rank, document in enumerate(ranking) if document in wanted]
    return sum(gains) / sum(1 / math.log2(rank + 2) for rank in range(min(len(wanted), 10)))


if __name__ == "__main__":
    main()
