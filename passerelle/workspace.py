"""What a command works with: settings, index, model, glossary, vocabulary, opened once and only when needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from passerelle.console import tell
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.engines.base import LivingIndex
from search_core.glossary import Glossary, load_glossary
from search_core.opening import open_embedder, open_index, open_scratch_index
from search_core.people import PeopleStore
from search_core.settings import Settings
from search_core.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from indexer.progress import RunProgress
    from indexer.workers.pool import WorkerPool
    from passerelle.evaluation.scratch import SetTools


class Workspace:
    """One command's view of a data folder. The index is closed at the end of `open_workspace`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.people = PeopleStore(settings.data)
        self._index: LivingIndex | None = None

    @property
    def index(self) -> LivingIndex:
        if self._index is None:
            self._index = open_index(self.settings)
        return self._index

    @cached_property
    def embedder(self) -> Embedder:
        return open_embedder(self.settings, tell, deferred=True)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return load_vocabulary()

    @cached_property
    def glossary(self) -> Glossary:
        """The shipped glossary and one's own; lines that cannot be used are told, the rest is used."""
        glossary = load_glossary(self.settings.glossary)
        for problem in glossary.problems:
            tell(f"Glossary {problem.file}, line {problem.line}: {problem.message}")
        return glossary

    @cached_property
    def analyzer(self) -> Analyzer:
        return Analyzer(self.glossary)

    def indexing_tools(self) -> dict[str, Any]:
        """The named arguments that every indexing run takes."""
        return {
            "index": self.index,
            "embedder": self.embedder,
            "analyzer": self.analyzer,
            "glossary": self.glossary,
            "people": self.people,
        }

    @cached_property
    def converter(self) -> WorkerPool:
        """Reads files in processes of their own; they are ended with the workspace."""
        from indexer.ocr.installed import allow_ocr
        from indexer.workers.limits import ConversionLimits
        from indexer.workers.pool import WorkerPool

        settings = self.settings
        allowed = settings.ocr == "auto"
        allow_ocr(allowed)  # here too: fingerprints tell what files were read with
        limits = ConversionLimits(settings.convert_timeout_s, settings.convert_memory_mb, settings.workers, allowed)
        return WorkerPool(limits, self.vocabulary)

    def file_tools(self) -> dict[str, Any]:
        """Those of a run over files."""
        return {**self.indexing_tools(), "vocabulary": self.vocabulary, "converter": self.converter}

    def set_tools(self, progress: RunProgress) -> SetTools:
        """Those of an evaluation."""
        from passerelle.evaluation.scratch import SetTools

        return SetTools(
            self.embedder,
            self.analyzer,
            self.glossary,
            self.vocabulary,
            progress,
            lambda folder: open_scratch_index(self.settings, folder),
        )

    def close(self) -> None:
        if "converter" in self.__dict__:
            self.converter.close()
        if self._index is not None:
            self._index.close()


@contextmanager
def open_workspace() -> Iterator[Workspace]:
    """The workspace that the environment's settings name."""
    workspace = Workspace(Settings())
    try:
        yield workspace
    finally:
        workspace.close()
