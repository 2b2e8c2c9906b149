"""`passerelle migrate`: the index of one engine into the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Literal

from indexer.migrate import migrate_index
from passerelle.console import counted, show_progress
from search_core.engines.base import PassageIndex
from search_core.errors import InvalidRequest, NotFound
from search_core.opening import open_index
from search_core.settings import Settings

Engine = Literal["embedded", "opensearch"]

Confirm = Callable[[str], None]
"""Asks a question; does not return where the answer is no."""


def run_migration(settings: Settings, source: Engine, target: Engine, confirm: Confirm) -> list[str]:
    """Copy everything; what is in the target already is replaced after asking. Returns sentences on what was done.

    Raises `InvalidRequest` for one and the same engine, `NotFound` where there is nothing to copy.
    """
    if source == target:
        raise InvalidRequest(
            "A migration leads from one engine to the other.", remedy="Name another engine after --from or --to."
        )
    with (
        closing(open_index(settings.model_copy(update={"engine": source}))) as original,
        closing(open_index(settings.model_copy(update={"engine": target}))) as copy,
    ):
        if not count_documents(original):
            raise NotFound(
                f"There is nothing to migrate in {original.status().location}.",
                remedy="Check PASSERELLE_DATA, PASSERELLE_OPENSEARCH_HOSTS and PASSERELLE_OPENSEARCH_PREFIX.",
            )
        held = count_documents(copy)
        if held:
            confirm(f"{copy.status().location} holds {counted(held, 'document')}. Replace them?")
        with show_progress() as progress:
            count = migrate_index(original, copy, progress)
        return [
            f"{counted(count, 'document')} copied from {original.status().location} to {copy.status().location}.",
            f"Set PASSERELLE_ENGINE={target} to use the copy, and start `passerelle serve` again.",
        ]


def count_documents(index: PassageIndex) -> int:
    """Removed ones too."""
    status = index.status()
    return sum(status.documents.values()) + status.removed
