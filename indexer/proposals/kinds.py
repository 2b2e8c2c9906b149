"""What kind of document it is, where title or head say so in so many words."""

from __future__ import annotations

import re

from indexer.proposals.evidence import Evidence

_WORDS = (
    (
        "minutes",
        r"compte[ -]rendu|procès[ -]verbal|relevé de (?:décisions|conclusions)|会议纪要|会议记录|会议讨论及议定事项",
    ),
    ("press", r"communiqué|dossier de presse|information à la presse|新闻稿|新闻通稿"),
    (
        "delegation_note",
        r"note de délégation|(?:rapport|carnet|compte[ -]rendu) de (?:mission|visite|voyage)"
        r"|考察报告|考察.{0,30}的报告|出访报告",
    ),
    ("study", r"\bétude|enquête|可行性研究|调研|研究$|研究报告|的研究|联合研究"),
    ("report", r"(?<!par )\brapport\b|汇报$|的报告$"),
)
"""The first that fits: minutes are reports too, and so is what a delegation brings home."""

_HEAD_LINES, _LONGEST_LINE = 3, 80

_PATTERNS = tuple((kind, re.compile(words, re.IGNORECASE)) for kind, words in _WORDS)


def propose_kind(evidence: Evidence) -> tuple[str, ...]:
    """The id of a kind, or nothing."""
    for line in (evidence.title, *(line for line in evidence.head[:_HEAD_LINES] if len(line) <= _LONGEST_LINE)):
        for kind, pattern in _PATTERNS:
            if pattern.search(line):
                return (kind,)
    return ()
