"""What an experiment varies: one TOML file a configuration, the product's way where a key is absent.

    name = "without centring"
    [centring]
    share = 0.0

`docs/evaluation.md` lists every key. What is not known is refused, naming file, key and the known ones.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from dataclasses import fields
from functools import cached_property
from math import isfinite
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from indexer.split import FEWEST_TOKENS, PASSAGE_TOKENS
from passerelle.evaluation.scratch import PassageVariant
from search_api.window import WINDOW_SIZE
from search_core.errors import InvalidRequest
from search_core.fusion import FusionSettings
from search_core.settings import Settings

MAX_BYTES = 1_000_000
"""Of a configuration file: anything larger is something else."""

MergeMethod = Literal["profile", "closeness", "zscore", "plain", "words", "alternation"]
Means = Literal["collection", "anchors", "passages"]
Pooling = Literal["best", "mean2", "mean3"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Merge(_Section):
    """How the languages' lists become one (`merging.METHODS`).

    `quotations`: passages in another language, in documents of the question's, count as foreign documents do.
    """

    method: MergeMethod = "profile"
    quotations: bool = False


class Centring(_Section):
    """Which texts the means come from that are subtracted from a question, and how much of them."""

    means: Means = "collection"
    share: float | None = Field(None, ge=0.0, le=1.0)


class Context(_Section):
    """What the model reads with each passage."""

    title: bool = True
    heading: bool = True


class Passages(_Section):
    """The splitter's budget, and what a document's meaning is worth: its best passage or the mean of its best ones."""

    tokens: int = Field(PASSAGE_TOKENS, ge=FEWEST_TOKENS, le=8192)
    pooling: Pooling = "best"


class Query(_Section):
    """The share that the question with its terms translated has in the question's vector."""

    glossary_weight: float = Field(0.0, ge=0.0, le=1.0)


class Legs(_Section):
    """Which legs count."""

    lexical: bool = True
    dense: bool = True
    glossary: bool = True

    @model_validator(mode="after")
    def _need_one(self) -> Legs:
        if not (self.lexical or self.dense or self.glossary):
            raise ValueError("at least one leg has to be on")
        return self


class Model(_Section):
    """The embedding model, by the settings of the product; unset: as in the environment."""

    name: str | None = None
    adapter: str | None = None
    cross_encoder: str | None = None
    query_prompt: str | None = None
    passage_prompt: str | None = None

    @model_validator(mode="after")
    def _need_known(self) -> Model:
        if self.adapter is not None and "adapter" not in Settings.model_fields:
            raise ValueError("this version of Passerelle has no adapter")
        return self

    def settings(self) -> dict[str, str]:
        """The settings that this changes, by their names in `Settings`."""
        chosen = self.model_dump(exclude_none=True)
        return {("model" if name == "name" else name): value for name, value in chosen.items()}


class Rerank(_Section):
    """The first `documents` of a language are ordered anew, by token vectors or the cross-encoder, at this weight."""

    by: Literal["late-interaction", "cross-encoder"] = "late-interaction"
    documents: int = Field(0, ge=0, le=WINDOW_SIZE)
    weight: float = Field(0.5, ge=0.0, le=1.0)


class Configuration(_Section):
    """One way to search. `recipe` "usual" is the recipe everybody uses; of it only the passages can be varied."""

    name: str = Field(min_length=1, max_length=60)
    recipe: Literal["passerelle", "usual"] = "passerelle"
    fusion: FusionSettings = FusionSettings()
    merge: Merge = Merge()
    centring: Centring = Centring()
    context: Context = Context()
    passages: Passages = Passages()
    query: Query = Query()
    legs: Legs = Legs()
    model: Model = Model()
    rerank: Rerank = Rerank()

    @model_validator(mode="after")
    def _usual_has_no_parts(self) -> Configuration:
        foreign = {"fusion", "merge", "centring", "query", "legs", "rerank"} & self.model_fields_set
        if self.recipe == "usual" and foreign:
            raise ValueError(f'the recipe "usual" has no [{min(foreign)}]')
        return self

    @cached_property
    def passage_variant(self) -> PassageVariant:
        """What has to be indexed for it."""
        return PassageVariant(
            self.context.title, self.context.heading, self.passages.tokens, languages=self.recipe != "usual"
        )

    def changes(self) -> dict[str, Any]:
        """What the file sets, for the record of a run."""
        return self.model_dump(exclude_unset=True, exclude={"name"})


def load_configurations(files: Sequence[Path]) -> list[Configuration]:
    """Read configurations in their order. Raises `InvalidRequest` for what cannot be used."""
    loaded: dict[str, Configuration] = {}
    for file in files:
        found = load_configuration(file)
        if found.name in loaded:
            raise InvalidRequest(
                f"{file}: another configuration has the name {found.name!r}.", remedy="Give each a name of its own."
            )
        loaded[found.name] = found
    return list(loaded.values())


def load_configuration(file: Path) -> Configuration:
    """Read one configuration; without a `name` it bears the file's."""
    raw = _read_toml(file)
    if bad := _find_not_finite(raw):
        raise _refuse(file, f"{bad} is not a finite number")
    try:
        # By way of JSON: strict validation of Python values takes no table for a dataclass.
        return Configuration.model_validate_json(json.dumps({"name": file.stem, **raw}, default=str))
    except ValidationError as error:
        raise _refuse(file, _explain(error.errors()[0])) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise _refuse(file, "is too large for a configuration")
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise _refuse(file, f"cannot be read: {error}") from error
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise _refuse(file, f"is not TOML: {error}") from error


def _find_not_finite(value: Any, place: str = "") -> str | None:
    """Where a number is not finite: comparisons with it would say nothing."""
    if isinstance(value, dict):
        found = (_find_not_finite(each, f"{place}.{key}".strip(".")) for key, each in value.items())
        return next(filter(None, found), None)
    return place if isinstance(value, float) and not isfinite(value) else None


def _explain(problem: Any) -> str:
    *above, key = problem["loc"] or ("",)
    if problem["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        where = f"[{above[0]}]" if above else "a configuration"
        return f"{where} has no key {key!r}; known: {', '.join(_known_keys(above))}"
    return f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg'].removeprefix('Value error, ')}"


def _known_keys(above: Sequence[Any]) -> list[str]:
    if not above:
        return list(Configuration.model_fields)
    if above[0] == "fusion":
        return [field.name for field in fields(FusionSettings)]
    section = Configuration.model_fields[above[0]].annotation
    return list(getattr(section, "model_fields", {}))


def _refuse(file: Path, why: str) -> InvalidRequest:
    return InvalidRequest(f"{file}: {why}.", remedy="The keys of a configuration are listed in docs/evaluation.md.")
