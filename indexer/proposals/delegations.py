"""Which delegation a document comes from: the one of whose month its head tells, with a day and the word for it.

Note de délégation : mission à Leshan, 23-27 mars 2015       leshan-2015-03
考察团于2014年12月8日至13日赴法国伊西莱穆利诺市                issy-2014-12
Commandée après la rencontre de mars 2016, cette étude …      none
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from indexer.dates import fold_date, iter_dates
from indexer.proposals.evidence import Evidence

_FIELD = "delegation"

_WORDS = re.compile(
    r"delegation|mission|\bvisite|rencontre|reunion trimestrielle|voyage d'etude|sejour"
    r"|代表团|考察|赴|来访|访问|季度会议|会议纪要|会议记录|会晤|跟班"
)
_ELSEWHERE = re.compile(r"prochain|suivant|apres|avant|depuis|suite a|下次|上次|此前|之后")
_SENTENCE_END = re.compile(r"(?<=[。！？!?;；])|(?<=\. )")


def propose_delegations(evidence: Evidence) -> tuple[str, ...]:
    """The id of a delegation, or nothing where none or several are spoken of."""
    months = dict(_iter_months(evidence))
    cities = {city for city, _ in evidence.iter_known("city", evidence.title_terms + evidence.text_terms)}
    found = {months[month] for month in _iter_named(evidence) if month in months}
    return tuple(found) if len(found) == 1 and cities else ()


def _iter_months(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """`2015-03` to the delegation of that month, by its label, where there is one only."""
    by_month: dict[str, list[str]] = {}
    for delegation in evidence.vocabulary.ids(_FIELD):
        _, label = evidence.vocabulary.label(_FIELD, delegation)
        for date in iter_dates(fold_date(label)):
            by_month.setdefault(date.iso[:7], []).append(delegation)
    return ((month, ids[0]) for month, ids in by_month.items() if len(ids) == 1)


def _iter_named(evidence: Evidence) -> Iterable[str]:
    """Months of the days on which title and head say that people met."""
    for line in (evidence.title, *evidence.head):
        for sentence in _SENTENCE_END.split(line):
            folded = fold_date(sentence)
            if _WORDS.search(folded) and not _ELSEWHERE.search(folded):
                yield from (date.iso[:7] for date in iter_dates(folded) if len(date.iso) == 10)
