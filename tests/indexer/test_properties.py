from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from indexer.convert.properties import declare_properties


@pytest.mark.parametrize(
    ("given", "declared"),
    [
        (
            {"title": "Bilan", "author": "Claire Morel", "created": "2015-03-12T09:30:00"},
            "Bilan|Claire Morel|2015-03-12",
        ),
        ({"created": datetime(2016, 5, 18, 10, 0, tzinfo=UTC)}, "2016-05-18"),
        ({"created": datetime(2006, 9, 16, tzinfo=UTC)}, ""),
        ({"created": "2013-01-27"}, ""),
        ({"title": None, "author": None, "created": None, "keywords": None}, ""),
    ],
)
def test_what_is_empty_and_the_dates_of_empty_files_are_not_declared(given: dict[str, Any], declared: str) -> None:
    assert "|".join(declare_properties(**given).values()) == declared
