"""The cross-encoder: it tells which sentence answers and whether any does, across languages, and takes any text."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from torch import nn

from search_core.cross_encoding import CrossEncoder, OffersCrossEncoder, Reading, ReadText
from search_core.embedders.adapter import CROSS_ENCODER_FORMAT, find_adapter, find_cross_encoder, make_metadata
from search_core.embedders.bundled import find_packed_file
from search_core.embedders.computing import merge_adapter
from search_core.embedding import Embedder, HashEmbedder, load_embedder
from search_core.errors import ModelError
from search_core.sentences import sentence_spans

SHIPPED = Path(__file__).resolve().parents[3] / "search_core" / "cross_encoder.safetensors"
WEIGHTS = find_packed_file().key

POOL_FR = (
    "La piscine municipale ferme trois semaines en juillet pour la vidange des bassins. Les abonnements sont prolongés "
    "d'autant, sans démarche. Le bassin extérieur, lui, reste ouvert le matin. Un maître-nageur manque à l'équipe."
)
POOL_ZH = "市游泳馆七月停业三周，换水检修。年卡有效期自动顺延，无须办理手续。室外池上午照常开放。馆里还缺一名救生员。"
TRAM_ZH = "有轨电车二号线今年延长到医院，新增四站。施工期间改走滨河路，早高峰多花六分钟。"

QUESTIONS = [
    ("Que deviennent les cartes d'abonnement pendant la fermeture de la piscine ?", POOL_ZH, 1),
    ("游泳馆关门的时候还能在哪儿游泳", POOL_FR, 2),
    ("Combien de temps la piscine municipale reste-t-elle fermée ?", POOL_ZH, 0),
    ("游泳馆停业，年卡怎么办", POOL_FR, 1),
]


def read_text(text: str, context: str = "") -> ReadText:
    return ReadText(context, text, tuple(sentence_spans(text)))


@pytest.fixture(scope="module")
def cross_encoder(bundled_embedder: Embedder) -> CrossEncoder:
    assert isinstance(bundled_embedder, OffersCrossEncoder)
    found = bundled_embedder.open_cross_encoder()
    assert found is not None
    return found


@pytest.mark.model
@pytest.mark.parametrize(("question", "passage", "answer"), QUESTIONS)
def test_the_sentence_that_answers_is_told_in_the_other_language(
    cross_encoder: CrossEncoder, question: str, passage: str, answer: int
) -> None:
    [found] = cross_encoder.read(question, [read_text(passage)])
    assert int(np.argmax(found.sentences)) == answer


@pytest.mark.model
def test_a_passage_that_answers_is_worth_more_than_one_that_does_not(cross_encoder: CrossEncoder) -> None:
    for question, passage, answer in QUESTIONS:
        start, end = sentence_spans(passage)[answer]
        texts = [passage, passage[:start] + passage[end:], TRAM_ZH]
        whole, without, other = (
            each.worth for each in cross_encoder.read(question, [read_text(text) for text in texts])
        )
        assert whole > max(without, other)
        assert other < 0


@pytest.mark.model
def test_the_context_says_what_a_passage_is_about(cross_encoder: CrossEncoder) -> None:
    question = "À quelle heure ouvre la bibliothèque de Valmorin le samedi ?"
    text = "Le samedi, les portes ouvrent à dix heures. Le lundi, tout est fermé."
    right, wrong = cross_encoder.read(
        question, [read_text(text, "Bibliothèque de Valmorin"), read_text(text, "Musée de Port-Galant")]
    )
    assert right.worth > wrong.worth


@pytest.mark.model
def test_what_is_read_together_is_read_as_alone(cross_encoder: CrossEncoder) -> None:
    texts = [read_text(POOL_ZH), read_text(TRAM_ZH, "有轨电车"), read_text(POOL_FR * 2)]
    together = cross_encoder.read(QUESTIONS[0][0], texts)
    for text, found in zip(texts, together, strict=True):
        [alone] = cross_encoder.read(QUESTIONS[0][0], [text])
        assert found.worth == pytest.approx(alone.worth, abs=0.35)  # of a dozen; 16 bits where the processor has them
        assert len(found.sentences) == len(text.sentences)


@pytest.mark.model
def test_any_text_is_read_and_what_is_behind_the_window_is_no_answer(cross_encoder: CrossEncoder) -> None:
    long = " ".join(f"La ligne {number} compte {number} arrêts." for number in range(200))
    texts = [read_text(long), read_text("\ud800 乐山"), ReadText("", "", ()), ReadText("t" * 9000, "Oui.", ((0, 4),))]
    first, *others = cross_encoder.read("Combien d'arrêts ? " * 100, texts)
    assert math.isfinite(first.worth)
    assert first.sentences[-1] == -math.inf
    assert first.sentences[0] > -math.inf
    assert [len(each.sentences) for each in others] == [1, 0, 1]
    assert cross_encoder.read("Combien ?", []) == []
    assert cross_encoder.read("", [ReadText("", "", ())]) == [Reading(-math.inf, ())]


@pytest.mark.slow
@pytest.mark.model
def test_the_cross_encoder_changes_no_vector(bundled_embedder: Embedder) -> None:
    without = load_embedder("bundled", cross_encoder="none")
    assert isinstance(without, OffersCrossEncoder)
    assert without.open_cross_encoder() is None
    assert without.identity == bundled_embedder.identity
    assert np.allclose(without.embed_queries(["vélo"]), bundled_embedder.embed_queries(["vélo"]), atol=1e-3)


@pytest.mark.parametrize("setting", ["bundled", "none"])
def test_another_model_has_no_cross_encoder(setting: str) -> None:
    assert find_cross_encoder(setting, "some/model", WEIGHTS) is None
    assert not isinstance(HashEmbedder(), OffersCrossEncoder)


def test_a_cross_encoder_chosen_for_another_model_is_refused() -> None:
    with pytest.raises(ModelError, match=r"cross-encoder mine cannot be used.*PASSERELLE_CROSS_ENCODER=none"):
        find_cross_encoder("mine", "some/model", WEIGHTS)


def test_the_shipped_cross_encoder_is_whole_and_readable_by_anyone() -> None:
    found = find_cross_encoder("bundled", "bundled", WEIGHTS)
    assert found is not None
    assert found.tensors["heads.weight"].shape == (2, 384)
    assert SHIPPED.stat().st_mode & 0o444 == 0o444


def test_an_adapter_is_no_cross_encoder_and_a_cross_encoder_no_adapter() -> None:
    with pytest.raises(ModelError, match=r"not a cross-encoder.*PASSERELLE_CROSS_ENCODER"):
        find_cross_encoder(str(SHIPPED.with_name("adapter.safetensors")), "bundled", WEIGHTS)
    with pytest.raises(ModelError, match=r"not an adapter.*PASSERELLE_ADAPTER"):
        find_adapter(str(SHIPPED), "bundled", WEIGHTS)


def test_a_cross_encoder_without_heads_or_of_other_weights_is_refused(tmp_path: Path) -> None:
    tensors = load_file(SHIPPED)
    save_file(tensors, tmp_path / "r", metadata=make_metadata(tensors, "others", CROSS_ENCODER_FORMAT))
    with pytest.raises(ModelError, match=r"other weights \(others"):
        find_cross_encoder(str(tmp_path / "r"), "bundled", WEIGHTS)
    del tensors["heads.bias"]
    save_file(tensors, tmp_path / "r", metadata=make_metadata(tensors, WEIGHTS, CROSS_ENCODER_FORMAT))
    with pytest.raises(ModelError, match="not a cross-encoder"):
        find_cross_encoder(str(tmp_path / "r"), "bundled", WEIGHTS)


@pytest.mark.slow
def test_a_broken_cross_encoder_is_told_by_the_command(tmp_path: Path) -> None:
    (tmp_path / "broken").write_bytes(b"half")
    environment = os.environ | {"PASSERELLE_CROSS_ENCODER": str(tmp_path / "broken"), "PASSERELLE_DATA": str(tmp_path)}
    command = [sys.executable, "-m", "passerelle", "doctor"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "PASSERELLE_CROSS_ENCODER" in ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_cross_encoder_that_does_not_fit_is_refused_with_its_own_remedy(tmp_path: Path) -> None:
    tensors = {
        "encoder.layer.77.output.dense.down": np.zeros((1, 4), "f2"),
        "encoder.layer.77.output.dense.up": np.zeros((4, 1), "f2"),
        "heads.weight": np.zeros((2, 4), "f2"),
        "heads.bias": np.zeros(2, "f2"),
    }
    path = tmp_path / "other.safetensors"
    save_file(tensors, path, metadata=make_metadata(tensors, WEIGHTS, CROSS_ENCODER_FORMAT))
    found = find_cross_encoder(str(path), "bundled", WEIGHTS)
    assert found is not None
    with pytest.raises(ModelError, match=r"does not fit.*layer\.77.*PASSERELLE_CROSS_ENCODER"):
        merge_adapter(nn.Linear(4, 4), found)
