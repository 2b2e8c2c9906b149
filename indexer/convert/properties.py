"""What office files say about themselves, without what their programs put there unasked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

_PROGRAM_AUTHORS = frozenset(
    {
        "administrator", "apache poi", "hp", "lenovo", "microsoft", "microsoft office user", "openpyxl", "python-docx",
        "python-pptx", "steve canny", "user", "utilisateur", "utilisateur windows", "windows user", "windows 用户",
        "xuser", "微软用户", "用户",
    }
)  # fmt: skip
"""“Steve Canny” is in the template from which python-pptx makes files."""

_PROGRAM_DATES = frozenset(
    {
        "1601-01-01", "1996-10-21", "1996-12-17", "2006-08-16", "2006-09-13", "2006-09-16", "2013-01-27", "2015-06-05",
        "2023-05-12",
    }
)  # fmt: skip
"""When the empty files were made that Excel, PowerPoint, WPS and python-pptx start from."""


def declare_properties(
    *, title: str | None = None, author: str | None = None, created: date | str | None = None, keywords: str | None = ""
) -> dict[str, Any]:
    """Values by metadata key, those that tell nothing left out. `created` is a date or begins with one (ISO)."""
    day = created.isoformat() if isinstance(created, date | datetime) else created or ""
    declared = {
        "title": title,
        "author": "" if (author or "").strip().casefold() in _PROGRAM_AUTHORS else author,
        "date": "" if day[:10] in _PROGRAM_DATES else day[:10],
        "keywords": keywords,
    }
    return {key: value for key, value in declared.items() if value}
