from __future__ import annotations

import pytest

from indexer.dates import parse_date


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2014-10-31", "2014-10-31"),
        ("2014-10", "2014-10"),
        ("2014", "2014"),
        ("2014-10-31T23:30:00Z", "2014-10-31"),
        ("2014-10-31 12:00", "2014-10-31"),
        ("2014/10/31", "2014-10-31"),
        ("20141031", "2014-10-31"),
        ("31/10/2014", "2014-10-31"),
        ("31.10.2014", "2014-10-31"),
        ("10/2014", "2014-10"),
        ("31 octobre 2014", "2014-10-31"),
        ("vendredi 31 octobre 2014", "2014-10-31"),
        ("1er décembre 2014", "2014-12-01"),
        ("Août 2014", "2014-08"),
        ("2014年10月31日", "2014-10-31"),
        ("２０１４年１０月３１日", "2014-10-31"),
        ("2014 年 10 月", "2014-10"),
        ("2014年", "2014"),
        ("D:20141031120000+02'00'", "2014-10-31"),
    ],
)
def test_parse_date_reads_what_people_write(written: str, iso: str) -> None:
    assert parse_date(written) == iso


@pytest.mark.parametrize(
    "written", ["2014-02-30", "31/02/2014", "2014年13月", "0000", "99999", "bientôt", "", "31 brumaire 2014"]
)
def test_parse_date_refuses_what_is_no_date(written: str) -> None:
    assert parse_date(written) is None
