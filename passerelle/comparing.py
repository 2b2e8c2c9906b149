"""`passerelle eval --compare`, from files and folders to tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from indexer.progress import SilentProgress
from passerelle.console import print_comparison, print_json, show_progress, tell
from passerelle.evaluation.compare import compare_sets
from passerelle.evaluation.comparison_tables import to_markdown
from passerelle.evaluation.configuration import load_configurations
from passerelle.evaluation.judged_set import load_judged_set
from passerelle.workspace import open_workspace
from search_core.opening import open_embedder


def run_comparison(folders: Sequence[Path], files: Sequence[Path], markdown: Path | None, *, as_json: bool) -> None:
    """Run the configurations of `files` over the sets in `folders`; all are read before anything is run."""
    configurations = load_configurations(files)
    sets = [load_judged_set(folder) for folder in folders]
    if markdown:
        markdown.touch()  # what cannot be written is better known before an hour of work
    with open_workspace() as known:
        found = compare_sets(
            sets,
            configurations,
            known.set_tools(SilentProgress()),
            lambda model: open_embedder(known.settings.model_copy(update=model.settings()), tell, deferred=True),
            known.settings.data,
            show_progress,
        )
    if markdown:
        markdown.write_text(to_markdown(found["sets"]), "utf-8")
    if as_json:
        print_json(found)
    else:
        print_comparison(found)
