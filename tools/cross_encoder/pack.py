"""Packs what training a cross-encoder reads: token ids of all texts, and the model with that part of its vocabulary.

PYTHONPATH=.:tools/adapter python tools/cross_encoder/pack.py EXAMPLES OUT
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
import numpy.typing as npt
from examples import HELD_OUT, Example, read_examples, read_quads
from packing import PackedTexts, pack_weights
from records import ANSWER_UNKNOWN, is_held_out, read_records
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from search_core.embedders.bundled import default_cache, find_packed_file, unpack_model
from search_core.embedders.packed_model import read_packed
from search_core.embedding import Embedder, load_embedder
from search_core.sentences import sentence_spans

HERE = Path(__file__).parent
MINED, SKIPPED = 24, 4
LEAST_PASSAGE = 40
"""Characters of Chinese of a package's text, below which nothing in it can be told apart."""


@dataclass(frozen=True)
class Passage:
    """Sentences in both languages, joined as they stand in a text; `title` may be empty in both."""

    group: str
    dev: bool
    written: int
    title: tuple[str, str]
    sentences: tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True)
class Question:
    """In both languages; `answers` number the answering sentences, or say why there is none."""

    passage: int
    texts: tuple[str, str]
    answers: tuple[int, int]
    is_title: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("examples", type=Path, help="what tools/adapter/build.py made")
    parser.add_argument("out", type=Path)
    parser.add_argument("--records", type=Path, nargs="*", default=[HERE / "passages.jsonl"])
    parser.add_argument("--quads", type=Path, nargs="*", default=[HERE.parent / "adapter" / "quads.jsonl"])
    parser.add_argument(
        "--unmined", action="store_true", help='find no others for a question: training wants "mined": 0'
    )
    given = parser.parse_args()
    passages: list[Passage] = []
    questions: list[Question] = []
    for passage, asked in [*_iter_records(given.records), *_iter_quads(given.quads), *_iter_examples(given.examples)]:
        questions += [Question(len(passages), *each) for each in asked]
        passages.append(passage)
    packed = find_packed_file()
    tokenizer = Tokenizer.from_file(str(unpack_model(packed, default_cache()) / "tokenizer.json"))
    texts = PackedTexts(tokenizer)
    groups = {group: number for number, group in enumerate(sorted({each.group for each in passages}))}
    passage_rows = [
        [
            groups[each.group],
            int(each.dev),
            each.written,
            *(_add(texts, [title]) if title else -1 for title in each.title),
            _add(texts, each.sentences[0], " "),
            _add(texts, each.sentences[1], ""),
        ]
        for each in passages
    ]
    question_rows = [
        [each.passage, *(_add(texts, [text]) for text in each.texts), *each.answers, int(each.is_title)]
        for each in questions
    ]
    if given.unmined:
        mined = np.full((len(questions), MINED), -1, dtype=np.int32)
    else:
        with open_vectors(given.out.parent) as store:
            mined = mine(passages, questions, CachedEmbedder(load_embedder(), store))
    arrays = {
        **texts.arrays(),
        "mined": mined,
        "passages": np.array(passage_rows, dtype=np.int32),
        "questions": np.array(question_rows, dtype=np.int32),
    }
    model = read_packed(packed.path.read_bytes())
    arrays.update(pack_weights(model, arrays.pop("vocabulary")))
    about = {
        "weights": packed.key,
        "layers": str(model.shape.layers),
        "heads": str(model.shape.heads),
        "epsilon": repr(model.shape.epsilon),
    }
    save_file(arrays, given.out, metadata=about)
    print(f"{len(passages)} passages, {len(questions)} questions, {given.out.stat().st_size / 1e6:.1f} MB")


def mine(passages: Sequence[Passage], questions: Sequence[Question], embedder: Embedder) -> npt.NDArray[np.int32]:
    """For each question, written passages of other groups that a search would find for it, shape (questions, `MINED`).

    The very first ones are left out: written apart, some answer after all. -1 fills the rows of questions that are not
    asked of what was written here.
    """
    written = [number for number, each in enumerate(passages) if each.written and not each.dev]
    names = {name: number for number, name in enumerate(sorted({each.group for each in passages}))}
    groups = np.array([names[passages[number].group] for number in written])
    asked = [number for number, each in enumerate(questions) if passages[each.passage].written and not each.is_title]
    asked = [number for number in asked if not passages[questions[number].passage].dev]
    scores = np.zeros((len(asked), len(written)), dtype=np.float32)
    for language, between in enumerate((" ", "")):
        bodies = embedder.embed_passages([between.join(passages[each].sentences[language]) for each in written])
        for spoken in (0, 1):
            words = embedder.embed_queries([questions[each].texts[spoken] for each in asked])
            scores += (words - words.mean(0)) @ bodies.T  # by the whole mean, as what is shipped was mined
    own = np.array([names[passages[questions[each].passage].group] for each in asked])
    scores[own[:, None] == groups[None, :]] = -np.inf
    best = np.argsort(-scores, axis=1)[:, SKIPPED : SKIPPED + MINED]
    mined = np.full((len(questions), MINED), -1, dtype=np.int32)
    mined[np.array(asked)[:, None], np.arange(best.shape[1])] = np.array(written, dtype=np.int32)[best]
    return mined


Asked = list[tuple[tuple[str, str], tuple[int, int], bool]]


def _iter_records(paths: Sequence[Path]) -> Iterator[tuple[Passage, Asked]]:
    for record in read_records(paths):
        passage = Passage(f"block {record.block}", is_held_out(record.block), 2, record.title, (record.fr, record.zh))
        yield passage, [(each.texts, each.answers, False) for each in record.questions]


def _iter_quads(paths: Sequence[Path]) -> Iterator[tuple[Passage, Asked]]:
    for dev in (False, True):
        for quad in read_quads(paths, dev=dev):
            yield (
                _as_passage(quad, 1, quad.source in HELD_OUT),
                [
                    ((quad.fr_question, quad.zh_question), (ANSWER_UNKNOWN, ANSWER_UNKNOWN), False),
                    *(
                        [((quad.fr_title, quad.zh_title), (ANSWER_UNKNOWN, ANSWER_UNKNOWN), True)]
                        if quad.fr_title
                        else []
                    ),
                ],
            )


def _iter_examples(path: Path) -> Iterator[tuple[Passage, Asked]]:
    for example in read_examples(path, dev=False):
        if example.fr_question and len(example.zh_passage) >= LEAST_PASSAGE:
            asked = (example.fr_question, example.zh_question), (ANSWER_UNKNOWN, ANSWER_UNKNOWN), True
            yield _as_passage(example, 0, dev=False), [asked]


def _as_passage(example: Example, written: int, dev: bool) -> Passage:
    bodies = (example.fr_passage, example.zh_passage)
    split = [[text[start:end] for start, end in sentence_spans(text)] for text in bodies]
    return Passage(example.source, dev, written, (example.fr_title, example.zh_title), (split[0], split[1]))


def _add(texts: PackedTexts, sentences: Sequence[str], between: str = "") -> int:
    """The number of the text that they make."""
    starts = accumulate((len(sentence) + len(between) for sentence in sentences[:-1]), initial=0)
    return texts.add(between.join(sentences), list(starts))


if __name__ == "__main__":
    main()
