"""Fields that nobody declared, filled in by rules and marked as proposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from indexer.proposals.cities import propose_cities
from indexer.proposals.delegations import propose_delegations
from indexer.proposals.evidence import Evidence
from indexer.proposals.groups import propose_groups
from indexer.proposals.kinds import propose_kind
from search_core.analysis.analyzer import Analyzer
from search_core.glossary import Glossary, GlossaryMatcher
from search_core.model import Document
from search_core.vocabulary import Vocabulary

RULES: dict[str, Callable[[Evidence], tuple[str, ...]]] = {
    "kind": propose_kind,
    "working_group": propose_groups,
    "city": propose_cities,
    "delegation": propose_delegations,
}


class MetadataProposer:
    """Knows the glossary and the vocabulary; a field that is declared, also as empty, is never touched."""

    def __init__(self, glossary: Glossary, analyzer: Analyzer, vocabulary: Vocabulary) -> None:
        self._matcher = GlossaryMatcher(glossary, analyzer)
        self._vocabulary = vocabulary

    def propose(self, document: Document) -> Document:
        """The document with values for what its metadata leave open, as far as the rules are sure of any."""
        metadata = document.metadata
        evidence = Evidence(document, self._matcher, self._vocabulary)
        open_fields = {name: rule for name, rule in RULES.items() if name not in metadata.values}
        found = {name: values for name, rule in open_fields.items() if (values := rule(evidence))}
        if not found:
            return document
        return replace(
            document,
            metadata=replace(metadata, values={**metadata.values, **found}, proposed=(*metadata.proposed, *found)),
        )
