"""Writes a packed model as an ordinary sentence-transformers folder: weights, tokenizer, configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors.numpy import save_file
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from search_core.embedders.packed_model import PackedModel, Shape


def write_folder(model: PackedModel, folder: Path) -> None:
    """Write everything into `folder`, which is there already. Raises `OSError` or `SafetensorError`."""
    for name, content in make_configuration(model.shape, model.specials).items():
        (folder / name).parent.mkdir(exist_ok=True)
        write_json(folder / name, content)
    write_tokenizer(model, folder / "tokenizer.json")
    weights = folder / "model.safetensors"
    save_file(make_weights(model), weights, metadata={"format": "pt"})
    weights.chmod((folder / "config.json").stat().st_mode)  # save_file gives it to its owner alone


def make_weights(model: PackedModel) -> dict[str, npt.NDArray[np.float16]]:
    """Tensors by their name in a `BertModel`.

    In 16 bits: half the disk, and a vector's cosine to the one from 32 bits is above 0.99999. The pooler, which the
    packed file leaves out and mean pooling never asks, is written as zeros lest loading warns that it is missing.
    """
    shape, hidden = model.shape, model.shape.hidden
    weights = {
        _name_tensor(name): model.unpack(name).astype(np.float16).reshape(_tensor_shape(name, shape))
        for name in model.tensors
    }
    weights["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float16)
    weights["pooler.dense.bias"] = np.zeros(hidden, np.float16)
    return weights


_EMBEDDINGS = {
    "word": "word_embeddings",
    "pos": "position_embeddings",
    "type": "token_type_embeddings",
    "ln": "LayerNorm",
}
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SUFFIX = {"w": "weight", "b": "bias"}


def _name_tensor(name: str) -> str:
    """`l3.fi.w` -> `encoder.layer.3.intermediate.dense.weight`."""
    place, part, *rest = name.split(".")
    suffix = _SUFFIX[rest[0]] if rest else "weight"
    if place == "emb":
        return f"embeddings.{_EMBEDDINGS[part]}.{suffix}"
    return f"encoder.layer.{place[1:]}.{_LAYER[part]}.{suffix}"


def _tensor_shape(name: str, shape: Shape) -> tuple[int, ...]:
    part, hidden = name.split(".", 1)[1], shape.hidden
    if name.startswith("emb."):
        return (-1,) if part.startswith("ln") else (-1, hidden)
    rows = {"fi.w": (shape.feed_forward, hidden), "fo.w": (hidden, shape.feed_forward)}
    square = part in {"q.w", "k.w", "v.w", "ao.w"}
    return (hidden, hidden) if square else rows.get(part, (-1,))


def write_tokenizer(model: PackedModel, path: Path) -> None:
    """XLM-R's tokenizer. Nmt and NFKC are its normalization map but for U+FF5E and U+1F23B (compared code by code)."""
    specials = model.specials
    tokenizer = Tokenizer(Unigram(list(model.pieces), unk_id=specials["unk"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", specials["bos"]), ("</s>", specials["eos"])],
    )
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in ("<s>", "<pad>", "</s>", "<unk>")])
    tokenizer.save(str(path), pretty=False)


def make_configuration(shape: Shape, specials: Mapping[str, int]) -> dict[str, object]:
    """File name -> JSON content of everything besides weights and tokenizer."""
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float16",
            "hidden_act": "gelu",
            "hidden_size": shape.hidden,
            "intermediate_size": shape.feed_forward,
            "layer_norm_eps": shape.epsilon,
            "max_position_embeddings": shape.positions,
            "num_attention_heads": shape.heads,
            "num_hidden_layers": shape.layers,
            "pad_token_id": specials["pad"],
            "type_vocab_size": shape.types,
            "vocab_size": shape.vocabulary,
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": shape.positions,
            "bos_token": "<s>",
            "cls_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "pad_token": "<pad>",
            "unk_token": "<unk>",
        },
        "sentence_bert_config.json": {"max_seq_length": shape.positions, "do_lower_case": False},
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
        "1_Pooling/config.json": {"embedding_dimension": shape.hidden, "pooling_mode": "mean"},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "},
            "similarity_fn_name": "cosine",
        },
    }


def write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2), encoding="utf-8")
