"""What the legs of names found: read again, and joined into one result a language.

The engine finds passages that hold all words of a name; those are kept in which the words make the name. What holds
a name holds as much of the question as the name makes up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import regex

from search_api.name_legs import Way, read_kind, text_number
from search_api.phrases import READ_ATTEMPTS
from search_core.analysis.normalize import fold
from search_core.engines.base import LegHit, LegResult, PassageIndex, PassageScore, Scope, SearchReply
from search_core.model import Language, Passage, Shared
from search_core.names.book import NameMatch

MAX_SPELLINGS = 6
"""Ways of writing a name that a reader is told."""

_HAN = regex.compile(r"\p{Han}")


@dataclass(frozen=True)
class FoundName(Shared):
    """A name of the question, and how it is written where it was found or is listed."""

    match: NameMatch
    spellings: tuple[str, ...]


@dataclass
class _Holding:
    """Which names a document holds, and where."""

    names: set[int] = field(default_factory=set)
    passages: dict[str, set[int]] = field(default_factory=dict)


def search_names(
    search: Callable[[], SearchReply], index: PassageIndex, scope: Scope, names: Sequence[NameMatch]
) -> tuple[SearchReply, tuple[FoundName, ...]]:
    """What `search` finds, checked by `check_names` on passages of the commit that was searched."""
    for _ in range(READ_ATTEMPTS):
        reply = search()
        wanted = _list_passages(reply)
        passages = index.passages(wanted, scope) if wanted else {}
        if len(passages) == len(wanted):
            break
    return check_names(reply, passages, names)


def check_names(
    reply: SearchReply, passages: Mapping[str, Passage], names: Sequence[NameMatch]
) -> tuple[SearchReply, tuple[FoundName, ...]]:
    """The reply with only those hits of name legs that hold the name, and the names that are any.

    A name that nothing lists is one only where something writes it in pinyin.
    """
    spellings: dict[int, dict[str, None]] = {number: {} for number in range(len(names))}
    legs = []
    for leg in reply.legs:
        number = text_number(leg.name)
        legs.append(leg if number is None else _keep(leg, names[number], passages, reply, spellings[number]))
    real = {
        number
        for number, name in enumerate(names)
        if name.known or name.is_reference or any(map(_is_latin, spellings[number]))
    }
    kept = tuple(leg if _is_real(leg.name, real) else replace(leg, hits=(), truncated=False) for leg in legs)
    told = [number for number in sorted(real) if not names[number].is_reference]
    found = tuple(FoundName(names[at], _list_spellings(names[at], spellings[at])) for at in told)
    return replace(reply, legs=kept), found


def join_names(kinds: Mapping[str, LegResult], language: Language, shares: Sequence[float]) -> LegResult | None:
    """The documents of a language that hold names of the question, by how much of it they hold; None where none does.

    `kinds` are the language's results by kind of leg, `shares` what each name makes up of the question.
    """
    holding = _gather(kinds, "name", "named")
    if not holding:
        return None
    hits = sorted(
        (_make_hit(document_id, held, shares) for document_id, held in holding.items()),
        key=lambda hit: (-hit.score, hit.document_id),
    )
    cut = any(leg.truncated for kind, leg in kinds.items() if read_kind(kind))
    return LegResult("name", language, tuple(hits), cut, ceiling=1.0)


def raise_references(kinds: Mapping[str, LegResult], shares: Sequence[float]) -> LegResult | None:
    """The lexical result of a language, in which what holds a whole reference number holds that much of the question.

    BM25 alone gives little more to the number asked for than to its neighbours, which share all parts of it but one.
    """
    lexical = kinds.get("lexical")
    holding = _gather(kinds, "code")
    if not holding or lexical is None:
        return lexical
    known = {hit.document_id: hit for hit in lexical.hits}
    raised = [
        _make_hit(document_id, held, [share * lexical.ceiling for share in shares], lexical.ceiling)
        for document_id, held in holding.items()
    ]
    best = known | {hit.document_id: hit for hit in raised if _is_better(hit, known.get(hit.document_id))}
    return replace(lexical, hits=tuple(sorted(best.values(), key=lambda hit: (-hit.score, hit.document_id))))


def hold_references(kinds: Mapping[str, LegResult]) -> frozenset[str]:
    """The documents that hold a whole reference number of the question."""
    return frozenset(_gather(kinds, "code"))


def _is_better(raised: LegHit, known: LegHit | None) -> bool:
    return known is None or raised.score > known.score


def names_in(text: str, names: Sequence[NameMatch]) -> list[NameMatch]:
    """The names of a question that are names in one text: those listed, and those that it writes in pinyin."""
    people = [name for name in names if not name.is_reference]
    return [name for name in people if name.known or any(_is_latin(text[slice(*span)]) for span in name.find(text))]


def _list_passages(reply: SearchReply) -> list[str]:
    legs = (leg for leg in reply.legs if text_number(leg.name) is not None)
    return sorted({scored.passage_id for leg in legs for hit in leg.hits for scored in hit.passages})


def _keep(
    leg: LegResult, name: NameMatch, passages: Mapping[str, Passage], reply: SearchReply, spellings: dict[str, None]
) -> LegResult:
    hits: list[LegHit] = []
    for hit in leg.hits:
        title = reply.documents[hit.document_id].metadata.title
        kept = []
        for scored in hit.passages:
            written = _find_spellings(name, passages.get(scored.passage_id), title)
            spellings.update(dict.fromkeys(written))
            kept.extend([scored] if written else [])
        if kept:
            hits.append(replace(hit, passages=tuple(kept)))
    return replace(leg, hits=tuple(hits))


def _find_spellings(name: NameMatch, passage: Passage | None, title: str) -> list[str]:
    texts = (passage.text, passage.heading, title) if passage else ()
    return [" ".join(text[start:end].split()) for text in texts for start, end in name.find(text)]


def _list_spellings(name: NameMatch, found: Mapping[str, None]) -> tuple[str, ...]:
    """How a name is listed and how it is written where it was found, each once; not as it was typed."""
    written = {fold(each): each for each in (*found, *(known.text for known in name.known))}
    written.pop(fold(name.text), None)
    return tuple(written.values())[:MAX_SPELLINGS]


def _gather(legs: Mapping[str, LegResult], *ways: Way) -> dict[str, _Holding]:
    holding: dict[str, _Holding] = {}
    for kind, leg in legs.items():
        name = read_kind(kind)
        if name is None or name.way not in ways:
            continue
        for hit in leg.hits:
            held = holding.setdefault(hit.document_id, _Holding())
            held.names.add(name.number)
            for scored in hit.passages:
                held.passages.setdefault(scored.passage_id, set()).add(name.number)
    return holding


def _make_hit(document_id: str, held: _Holding, shares: Sequence[float], most: float = 1.0) -> LegHit:
    worths = {passage_id: min(most, _add_up(names, shares)) for passage_id, names in held.passages.items()}
    ranked = sorted(worths.items(), key=lambda item: (-item[1], item[0]))
    return LegHit(
        document_id, min(most, _add_up(held.names, shares)), tuple(PassageScore(each, worth) for each, worth in ranked)
    )


def _add_up(names: Iterable[int], shares: Sequence[float]) -> float:
    return sum(shares[number] for number in names)


def _is_real(leg_name: str, real: set[int]) -> bool:
    number = text_number(leg_name)
    return number is None or number in real


def _is_latin(spelling: str) -> bool:
    return _HAN.search(spelling) is None
