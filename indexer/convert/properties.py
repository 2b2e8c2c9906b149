"""What office files say about themselves, without the dates of the empty files that their programs start from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

_PROGRAM_DATES = frozenset(
    {
        "1996-10-21", "1996-12-17", "2006-08-16", "2006-09-13", "2006-09-16", "2013-01-27", "2015-06-05", "2023-05-12",
    }
)  # fmt: skip
"""When the empty files were made that Excel, PowerPoint, WPS and python-pptx start from.

Days like others anywhere else; `indexer/unasked.py` knows the dates and authors that tell nothing wherever they stand.
"""


def declare_properties(
    *, title: str | None = None, author: str | None = None, created: date | str | None = None, keywords: str | None = ""
) -> dict[str, Any]:
    """Values by metadata key, those that tell nothing left out. `created` is a date or begins with one (ISO)."""
    day = created.isoformat() if isinstance(created, date | datetime) else created or ""
    declared = {
        "title": title,
        "author": author,
        "date": "" if day[:10] in _PROGRAM_DATES else day[:10],
        "keywords": keywords,
    }
    return {key: value for key, value in declared.items() if value}
