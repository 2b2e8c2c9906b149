"""The date that a document bears: where letters, minutes and press releases are dated, in the words they use for it.

    Issy-les-Moulineaux, le 2 décembre 2014          2014-12-02
    会议时间：2015年6月16日9时15分至12时40分         2015-06-16
    Accueil de la délégation, 7-10 décembre 2015     nothing: that is when it came
    Prochaine réunion : le 14 juin 2016              nothing

A date that a document speaks of looks the same as the one that it bears. Hence only short lines at its head and its end
count, and of these only the forms below: better no date than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from indexer.dates import DateMatch, fold_date, iter_dates

HEAD_LINES = 15
TAIL_LINES = 6
MOST_DATES = 2
"""Different dates at one head: of a meeting and of its minutes. Where there are more, it is a table of contents."""

LONGEST_LINE = 120
"""Folded characters. A dateline may go on for longer: only its beginning is read."""

_NUMBER_ONLY = re.compile(r"[-–—\s\d/]*")

_WEEKDAY = r"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche),? )?"
_MEETING = (
    r"(?:reunion|rencontre|seance|session|assemblee|conseil|comite|commission|bureau|visioconference|conference"
    r"|communique|compte[ -]rendu|cr|copil|cotech|proces[ -]verbal|pv|releve de (?:decisions|conclusions)"
    r"|lettre|courrier|note|version)"
)
_QUALIFIED = (
    r"(?: (?:trimestriel|mensuel|annuel|ordinaire|extraordinaire|plenier|publique?|technique|municipal|general)"
    r"(?:le|e)?"
    r"| (?:de|d') ?(?:presse|travail|pilotage|suivi|coordination|cooperation|lancement|avancement|service|direction)"
    r"| (?:(?:de la|du|de l'|d'une|de) ?)?" + _MEETING + r")*"
)

_LABEL = re.compile(
    r"\W*(?:date(?: (?:de|du|de la|d'|de l') ?(?:reunion|seance|rencontre|publication|redaction|envoi|document|rapport"
    r"|emission|edition|mise en ligne))?|(?:date et (?:heure|lieu)|date, (?:heure|lieu).{0,20})"
    r"|(?:publie|mis en ligne|redige|etabli|edite|envoye)e?|(?:会议|召开|发布|完成|编制|编写|报告|成文|发文|印发|签发"
    r"|填报|制表|拟稿|发稿|发送|记录)?(?:日期|时间)) ?(?:[:：] ?(?:le )?|le )" + _WEEKDAY
)
_ISSUED = re.compile(rf"(?:n[°o] ?\d+ ?[-–—:,] ?)?{_MEETING}{_QUALIFIED},? (?:du |le |en date du )?{_WEEKDAY}")
_ISSUED_CHINESE = re.compile(r"[^,;。:]{2,40}(?:会议|纪要|记录|简报|新闻稿|公报|通报|讨论及议定事项) ?[(,]?")
_PLACE = re.compile(rf"(?:fait )?(?:a )?[^\d,;:。()]{{2,40}}, ?(?:le )?{_WEEKDAY}")
_AFTER_DASH = re.compile(rf"\(?[^;:。()]{{2,80}}(?:[,·–—-] ?|(?<=[一-鿿]) )\(?{_WEEKDAY}")
_NOTHING = re.compile(rf"[(<《【\[ ]*(?:le |en date du )?{_WEEKDAY}")

_DAY_AFTER = r"(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
_END = re.compile(_DAY_AFTER + r"[.)\]】》]?")
_CLOCK = re.compile(_DAY_AFTER + r" ?[,(]?(?:[上下中]午|a |de |vers )?\d{1,2} ?(?::|h|时|点).{0,40}")
_PLACE_AFTER = re.compile(r"[, ] ?[^\d,;:。]{2,20}\)?")
_TITLE_AFTER = re.compile(r" ?(?:[:–—-]|\. rapport).*")
_DATELINE = re.compile(r" ?(?:——|--|–|—|- |讯|电)")

_HEAD_FORMS = (
    (_LABEL, (_END, _CLOCK)),
    (_ISSUED, (_END, _CLOCK, _TITLE_AFTER)),
    (_ISSUED_CHINESE, (_END, _PLACE_AFTER)),
    (_NOTHING, (_END, _CLOCK, _PLACE_AFTER)),
    (_PLACE, (_END, _TITLE_AFTER)),
    (_AFTER_DASH, (_END,)),
)
_TAIL_FORMS = ((_LABEL, (_END,)), (_NOTHING, (_END,)), (_PLACE, (_END,)))
"""What may stand before a date in its line, and what after it."""

_SPEAKS_OF = re.compile(
    r"prochain|suivant|preparation|ordre du jour|convocation|invitation|avant|depuis|jusqu|partir|apres|echeance|limite"
    r"|\b(?:fin|debut|mi|courant)\b|下次|下一次|截至|截止|[自从至到]\W*$"
)
_IS_RANGE_BEFORE = re.compile(r"(?:\d ?(?:-|–|—|/|a|au|et)|\b(?:au|entre)|[至到和、]) ?$")
_IS_RANGE_AFTER = re.compile(r" ?(?:(?:-|–|a|au|et) ?\d+\b(?! ?[h:])|[至到起前后底末初的之以])")


def find_text_date(text: str) -> str | None:
    """The ISO date that the text bears at its head, else at its end; None where none is certain.

    The date must be alone in its line: two make a period or a list.
    """
    head = [found for line in _iter_head(text) if (found := _read_line(line, _HEAD_FORMS) or _read_dateline(line))]
    if head:
        return head[0] if len(set(head)) <= MOST_DATES else None
    return next((found for line in _iter_tail(text) if (found := _read_line(line, _TAIL_FORMS))), None)


def is_dated_line(line: str) -> bool:
    """Whether a line of a document's head does nothing but date it."""
    return _read_line(fold_date(line[: 2 * LONGEST_LINE]), ((_LABEL, (_END, _CLOCK)), *_TAIL_FORMS)) is not None


def _iter_head(text: str) -> Iterator[str]:
    lines = (line for line in text[:20_000].split("\n") if line.strip())
    return (fold_date(line[: 2 * LONGEST_LINE]) for line in islice(lines, HEAD_LINES))


def _iter_tail(text: str) -> Iterator[str]:
    """The last lines, the very last first; page numbers do not count."""
    lines = [line for line in text[-20_000:].split("\n") if not _NUMBER_ONLY.fullmatch(line)]
    return (fold_date(line) for line in reversed(lines[-TAIL_LINES:]))


def _read_line(line: str, forms: tuple[tuple[re.Pattern[str], tuple[re.Pattern[str], ...]], ...]) -> str | None:
    dates = list(islice(iter_dates(line), 2))
    if len(dates) != 1 or len(line) > LONGEST_LINE or "|" in line:
        return None
    before, after = line[: dates[0].start], line[dates[0].end :]
    if _SPEAKS_OF.search(before) or _is_range(before, after):
        return None
    for opening, endings in forms:
        if opening.fullmatch(before) and any(ending.fullmatch(after) for ending in endings):
            return dates[0].iso
    return None


def _read_dateline(line: str) -> str | None:
    """Of a press release: 乐山，2016年9月27日——…, （2017年4月29日讯）…"""
    found: DateMatch | None = next(iter_dates(line), None)
    if found is None or not _DATELINE.match(line, found.end):
        return None
    before = line[: found.start]
    is_opening = _NOTHING.fullmatch(before) or _PLACE.fullmatch(before)
    return found.iso if is_opening and len(found.iso) == 10 and not _SPEAKS_OF.search(before) else None


def _is_range(before: str, after: str) -> bool:
    return bool(_IS_RANGE_BEFORE.search(before) or _IS_RANGE_AFTER.match(after))
