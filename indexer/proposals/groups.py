"""Which working groups a document belongs to: those it names at its head, and those whose terms fill it.

The subjects of glossary entries are ids or labels of working groups (`housing`, `Logement`); other subjects count for
none.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from indexer.proposals.evidence import Evidence
from search_core.glossary import TermMatch

_FIELD = "working_group"

_FEWEST_TERMS, _FEWEST_MENTIONS, _LEAST_SHARE = 3, 5, 0.4
"""Different terms of a group, how often they occur, and their share among the terms of all groups."""

_FEWEST_LISTED = 2
_LONGEST_NAME = 40
_LONGEST_LINE = 100

_NAMED_FRENCH = re.compile(r"\bgroupes?(?: de travail)?[ «\"“:]+([^\W\d_]+(?:[ -][^\W\d_]+){0,3})", re.IGNORECASE)
_NAMED_CHINESE = re.compile(r"([一-鿿]{2,6}?)(?:专题|专项)?工作组")
_NUMBER = re.compile(
    r"\W*(?:(?:point|article|thème|议题|议程|第)\s*)?(?:\d+|[一二三四五六七八九十]+|[ivx]+(?=[.)]))?[.、)）项]?\s*(?:关于)?",
    re.IGNORECASE,
)


def propose_groups(evidence: Evidence) -> tuple[str, ...]:
    """Ids of working groups, the surest first."""
    found = [
        *_iter_named(evidence),
        *(group for group, _ in _iter_terms(evidence, evidence.title_terms)),
        *_find_listed(evidence),
        *_find_dominant(evidence),
    ]
    return tuple(dict.fromkeys(found))


def _iter_named(evidence: Evidence) -> Iterator[str]:
    """Groupe de travail « logement », 住房工作组: in the title, in the head, or as the author."""
    authors = evidence.document.metadata.values.get("author", ())
    for line in (evidence.title, *(line for line in evidence.head if len(line) <= _LONGEST_LINE), *authors):
        for pattern in (_NAMED_FRENCH, _NAMED_CHINESE):
            for match in pattern.finditer(line):
                yield from _resolve(evidence, match[1])


def _resolve(evidence: Evidence, name: str, *, whole: bool = False) -> Iterator[str]:
    """The group of a name, or, where it need not be the whole of it, of as many of its first words as make one."""
    words = name.split(" ")
    for length in range(len(words), len(words) - 1 if whole else 0, -1):
        group = evidence.vocabulary.resolve(_FIELD, " ".join(words[:length]))
        if evidence.vocabulary.known(_FIELD, group):
            yield group
            return


def _find_listed(evidence: Evidence) -> list[str]:
    """Two groups and more at the beginnings of lines, or alone in them: minutes and programmes go by groups.

    2. Transports    一、关于城市规划    - logement : dresser l’inventaire    住房组：清点
    """
    names = [re.split("[:：（(|]", line, maxsplit=1)[0] for line in evidence.text.split("\n")]
    short = [_NUMBER.sub("", name, count=1).strip() for name in names if len(name) <= _LONGEST_NAME]
    listed = dict.fromkeys(
        group
        for name in short
        for group in _resolve(evidence, name.removesuffix("组").removesuffix("工作"), whole=True)
    )
    return list(listed) if len(listed) >= _FEWEST_LISTED else []


def _find_dominant(evidence: Evidence) -> list[str]:
    mentions: Counter[str] = Counter()
    terms: dict[str, set[str]] = {}
    for group, term in _iter_terms(evidence, evidence.text_terms):
        mentions[group] += 1
        terms.setdefault(group, set()).add(term.entry.fr[0])
    return [
        group
        for group, count in mentions.most_common()
        if count >= max(_FEWEST_MENTIONS, _LEAST_SHARE * mentions.total()) and len(terms[group]) >= _FEWEST_TERMS
    ]


def _iter_terms(evidence: Evidence, terms: list[TermMatch]) -> Iterator[tuple[str, TermMatch]]:
    for term in terms:
        group = evidence.vocabulary.resolve(_FIELD, term.entry.subject)
        if evidence.vocabulary.known(_FIELD, group):
            yield group, term
