"""The shipped glossary with one town more, and the analyzer that it makes."""

from __future__ import annotations

import pytest
from hypothesis import settings

from search_core.analysis.analyzer import Analyzer
from search_core.glossary import Glossary, GlossaryEntry, load_glossary

settings.register_profile("unhurried", deadline=None, max_examples=60)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    """Saintes is a town whose name French stemming takes for a saint."""
    saintes = GlossaryEntry(("Saintes",), ("桑特",), subject="place", source="test", name=True)
    return Glossary((*load_glossary().entries, saintes))


@pytest.fixture(scope="session")
def analyzer(glossary: Glossary) -> Analyzer:
    return Analyzer(glossary)
