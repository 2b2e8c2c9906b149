"""What a document is called: the declared title, its first heading or a line that stands like one, the file's name.

Never what a program or a scanner wrote there unasked: "Microsoft Word - doc1", "幻灯片 1", "SKM_C25820150312".
"""

from __future__ import annotations

import re
from itertools import islice

from indexer.convert.base import ConvertedFile, clean_text
from indexer.dates import parse_date
from indexer.text_date import is_dated_line
from indexer.unasked import is_unasked_title

MAX_TITLE_CHARS = 250
_LONGEST_READ = 1000
"""Of a title; patterns for what programs write take long on megabytes."""

_LINES_LOOKED_AT = 8
_LONGEST_TITLE_LINE = 120
_MOST_WRAPPED = 3
_FEWEST_CAPITALS = 10

_PROGRAM_PREFIX = re.compile(
    r"^(?:microsoft (?:office )?(?:word|powerpoint|excel|publisher|visio)|wps ?(?:文字|演示|表格|office)?) *[-–—] *",
    re.IGNORECASE,
)

_LETTERHEAD = re.compile(
    r"(?:\S{2,30}(?:文件|专报|简报|函件))|\W*(?:\S{1,12}[〔\[【（(]\d{4}[〕\]】）)]\s*第?\s*\d+\s*号|第\s*\d+\s*[期号])\W*"
)
_BODY = re.compile(
    r"république française"
    r"|(?:ville|mairie|commune|direction|service|département|préfecture|communauté) (?:de|du|des|d)\b[^:.]*"
    r"|(?:四川省|乐山市|中共)?\S{2,20}(?:人民政府|委员会|办公室|局|处|厅)",
    re.IGNORECASE,
)
"""Who writes: above a title where more such lines follow, itself one where the text does."""

_SHORT_LINE = 80

_KIND_ONLY = re.compile(
    r"\W*(?:communiqué(?: de presse)?|dossier de presse|compte[ -]rendu|procès[ -]verbal|note|rapport|étude|projet"
    r"|annexe"
    r"|新闻稿|新闻通稿|会议纪要|会议记录|纪要|报告|通知|通报|公告|函|附件\d*|内部资料|机密|秘密)\W*",
    re.IGNORECASE,
)
_OFFICIAL = re.compile(
    r"关于.{2,60}(?:的|之)\S{1,6}"
    r"|[^，。；！？]{4,40}(?:报告|通知|纪要|方案|研究|总结|汇报|说明|办法|意见|请示|批复|协议|规划|计划|通报|公告|规定"
    r"|建议|调查|要点)"
    r"|(?:compte[ -]rendu|procès[ -]verbal|relevé de|rapport|note|étude|convention|communiqué|projet|bilan|programme)"
    r"\b[^.]{4,}",
    re.IGNORECASE,
)
"""What a title looks like in both administrations: it needs no blank line below it."""

_SENTENCE_END = tuple(".。!！?？;；:：,，、–—-…")


def clean_title(text: str) -> str:
    """A title that tells something, on one line; empty for what programs and scanners put there unasked."""
    title = _PROGRAM_PREFIX.sub("", " ".join(repair_title(clean_text(text[:_LONGEST_READ])).split()))
    if is_unasked_title(title) or not any(map(str.isalnum, title)):
        return ""
    return title if len(title) <= MAX_TITLE_CHARS else title[: MAX_TITLE_CHARS - 1].rstrip() + "…"


def repair_title(text: str) -> str:
    """The title as it was meant where a program stored GBK as Latin-1: `ÎÞ±êÌâ` is 无标题.

    French has no two accented letters side by side but for a few words; Chinese read that way has nothing else.
    """
    odd = sum("\xa1" <= character <= "\xfe" for character in text)
    if odd < 4 or odd * 2 < len(text.replace(" ", "")):
        return text
    try:
        found = text.encode("latin-1").decode("gbk")
    except UnicodeError:
        return text
    han = sum("一" <= character <= "鿿" for character in found)
    return found if han * 2 >= len(found.replace(" ", "")) else text


def choose_title(declared: str, converted: ConvertedFile, stem: str) -> str:
    """The declared title, else a first heading above all others, else a first line like one, else the file's name."""
    if not converted.holds_title:
        return declared or stem
    candidates = [declared, *_find_first_heading(converted), find_title_line(converted.text)]
    return next((title for text in candidates if (title := clean_title(text))), stem)


def _find_first_heading(converted: ConvertedFile) -> list[str]:
    """The first heading where it stands above the text, or alone on the highest level.

    Several on that level are chapters, as in the outline of a PDF file with a cover.
    """
    text, headings = converted.text, converted.headings
    if not headings:
        return []
    first = headings[0]
    is_only = first.level == 1 and sum(found.level == 1 for found in headings) == 1
    line = text[first.start : first.end]
    stands_first = not text[: first.start].strip()
    return [line] if (is_only or stands_first) and not _KIND_ONLY.fullmatch(line) else []


def find_title_line(text: str) -> str:
    """The first line that is a title; the letterhead, number, date or kind that stand above one are passed over.

    A title stands alone or above longer text, ends like no sentence, and is more than a date or a number.
    """
    lines = [line.strip() for line in text[:10_000].split("\n")]
    filled = [number for number, line in enumerate(lines) if line]
    kind = ""
    for number in islice(filled, _LINES_LOOKED_AT):
        line, below = _join_wrapped(lines[number : number + _MOST_WRAPPED + 1])
        following = next((found for found in lines[number + 1 :] if found), "")
        if _KIND_ONLY.fullmatch(line):
            kind = kind or line
        elif _OFFICIAL.fullmatch(line) or not _is_passed_over(line, following):
            return line if _is_title(line, below) else kind
    return kind


def _is_passed_over(line: str, following: str) -> bool:
    is_body = _BODY.fullmatch(line) is not None and 0 < len(following) <= _SHORT_LINE
    return is_body or _LETTERHEAD.fullmatch(line) is not None or is_dated_line(line)


def _join_wrapped(lines: list[str]) -> tuple[str, str]:
    """A line with those that go on with it in lower case, and the line below."""
    line, rest = lines[0], [*lines[1:], ""]
    while rest[0] and rest[0][0].islower() and len(line) + len(rest[0]) < _LONGEST_TITLE_LINE:
        line += f" {rest.pop(0)}"
    return line, rest[0]


def _is_title(line: str, below: str) -> bool:
    if len(line) > _LONGEST_TITLE_LINE or line.endswith(_SENTENCE_END) or parse_date(line):
        return False
    is_marked = _OFFICIAL.fullmatch(line) is not None or (line.isupper() and len(line) >= _FEWEST_CAPITALS)
    stands_alone = not below or len(line) * 2 < len(below) or is_marked
    return stands_alone and any(map(str.isalpha, line))
