"""`passerelle eval --compare`: several configurations over several sets, with everything that is embedded kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

from passerelle.evaluation.cached_embedder import CachedEmbedder, open_vectors
from passerelle.evaluation.comparison import compare_outcomes
from passerelle.evaluation.configuration import Configuration, Model
from passerelle.evaluation.experiment import Bench, ExperimentProgress, run_configurations
from passerelle.evaluation.judged_set import JudgedSet
from passerelle.evaluation.scratch import SetTools
from search_core.embedding import Embedder, TokenEmbedder

OpenEmbedder = Callable[[Model], Embedder]


def compare_sets(
    sets: Sequence[JudgedSet],
    configurations: Sequence[Configuration],
    tools: SetTools,
    open_embedder: OpenEmbedder,
    data: Path,
    show_progress: Callable[[], AbstractContextManager[ExperimentProgress]],
) -> dict[str, Any]:
    """The figures of every configuration over every set. The embedder of `tools` is replaced by each model's."""
    embedders: dict[Model, Embedder] = {}
    compared: list[dict[str, Any]] = []
    with open_vectors(data) as store:
        for judged in sets:
            with show_progress() as progress:

                def open_bench(model: Model, progress: ExperimentProgress = progress) -> Bench:
                    if model not in embedders:
                        embedders[model] = open_embedder(model)
                    embedder = embedders[model]
                    cache = CachedEmbedder(embedder, store)
                    given = replace(tools, embedder=cache, progress=progress)
                    return Bench(given, cache, embedder if isinstance(embedder, TokenEmbedder) else None, progress)

                compared.append(compare_outcomes(run_configurations(judged, configurations, open_bench, data)))
    return {"configurations": {each.name: each.changes() for each in configurations}, "sets": compared}
