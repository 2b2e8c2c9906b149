"""Which cities a document is about.

Leshan in the title                    leshan
Issy nine times, Leshan eight          both
Leshan four times, no other city       none: in Issy's own papers Issy is "la Ville", and Leshan the partner
"""

from __future__ import annotations

import re
from collections import Counter

from indexer.proposals.evidence import Evidence

_FEWEST_MENTIONS = 3
"""Of each city in a text that is about several. With 2, Chengdu came into a study of the train from there to Leshan."""

_COMES_FROM = re.compile(
    r"(?:délégation|visite de la délégation|agents?|habitants|élus|groupe) (?:de|d['’]) ?$", re.IGNORECASE
)
_COMES_FROM_AFTER = re.compile(r"市?(?:代表团|考察团|来访)")


def propose_cities(evidence: Evidence) -> tuple[str, ...]:
    """Ids of cities, those of the title first."""
    title = evidence.title
    named = [
        city
        for city, term in evidence.iter_known("city", evidence.title_terms)
        if not (_COMES_FROM.search(title[: term.start]) or _COMES_FROM_AFTER.match(title, term.end))
    ]
    counts = Counter(city for city, _ in evidence.iter_known("city", evidence.text_terms))
    often = [city for city, count in counts.most_common() if count >= _FEWEST_MENTIONS]
    return tuple(dict.fromkeys([*named, *(often if len(often) > 1 else [])]))
