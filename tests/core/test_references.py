"""Reference numbers: which codes of a question are one, and where they stand in documents."""

from __future__ import annotations

import pytest

from search_core.analysis.normalize import normalize
from search_core.names.references import iter_references


@pytest.mark.parametrize(
    ("question", "codes"),
    [
        ("la note DGA-2015/0417 du maire", ["DGA-2015/0417"]),
        ("文件DGA-2015/0417的内容", ["DGA-2015/0417"]),
        ("乐府发〔2015〕12号", ["乐府发〔2015〕12号"]),
        ("樂府發（2015）第12號文件", ["樂府發（2015）第12號"]),
        ("DCM_2014.117 et SRU-03/2", ["DCM_2014.117", "SRU-03/2"]),
        ("2014-2017, le 2014-11-03, 3.5", []),
        ("éco-quartier, est-ce", []),
        ("IssyGrid 5G", []),
        ("", []),
    ],
)
def test_codes_are_recognised(question: str, codes: list[str]) -> None:
    assert [question[start:end] for start, end, _ in iter_references(normalize(question))] == codes


@pytest.mark.parametrize(
    ("code", "text", "found"),
    [
        ("DGA-2015/0417", "Note dga 2015-0417.", ["dga 2015-0417"]),
        ("DGA-2015/0417", "文件DGA-2015/0417的内容", ["DGA-2015/0417"]),
        ("DGA-2015/0417", "Note DGA-2015/04170, DGA-2015/0418, XDGA-2015/0417", []),
        ("乐府发〔2015〕12号", "按照樂府發[2015]12號文件", ["樂府發[2015]12號"]),
        ("乐府发〔2015〕12号", "乐府发〔2015〕112号、乐府发〔2015〕13号", []),
    ],
)
def test_code_is_found_whatever_signs_it_is_written_with(code: str, text: str, found: list[str]) -> None:
    [(_, _, form)] = iter_references(normalize(code))
    assert [text[start:end] for start, end in form.find(normalize(text), text)] == found
