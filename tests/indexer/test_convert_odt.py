"""OpenDocument texts, as LibreOffice writes them and as hostile people do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from indexer.convert import containers
from indexer.convert.opendocument.odt import convert_odt
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"

_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{path}:1.0"'
    for prefix, path in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "svg": "svg-compatible",
    }.items()
)


def make_odt(body: str, *, styles: str = "", prologue: str = "", **parts: str) -> bytes:
    """A text whose body is the XML given; `parts` are those of its objects."""
    content = (
        f'{prologue}<office:document-content {_NAMES} xmlns:xlink="http://www.w3.org/1999/xlink">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        for path, part in parts.items():
            archive.writestr(f"{path}/content.xml", part)
    return packed.getvalue()


def test_odt_leaves_out_what_nobody_sees_and_what_is_there_twice() -> None:
    body = (
        '<text:p>Vu<text:hidden-text text:string-value="x">caché</text:hidden-text><text:s text:c="3"/>'
        "<text:ruby><text:ruby-base>乐山</text:ruby-base><text:ruby-text>lè shān</text:ruby-text></text:ruby></text:p>"
        "<text:table-of-content><text:index-body><text:p>Vu……3</text:p></text:index-body></text:table-of-content>"
    )

    assert convert_odt(make_odt(body)).text == "Vu   乐山"


def test_odt_list_items_are_counted() -> None:
    level = '<text:list-level-style-number text:level="{}" style:num-format="{}" style:num-suffix="{}"{}/>'
    styles = (
        '<text:list-style style:name="L">'
        + level.format(1, "一, 二, 三, ...", "、", "")
        + level.format(2, "a", ")", "")
        + "</text:list-style>"
    )
    inner = "<text:list><text:list-item><text:p>x</text:p></text:list-item></text:list>"
    items = f"<text:list-item><text:p>总则</text:p><text:p>suite</text:p>{inner}</text:list-item>"
    items += f"<text:list-item><text:p>附则</text:p>{inner}</text:list-item>"
    body = f'<text:list text:style-name="L">{items}</text:list><text:p>Entre</text:p>'
    more = '<text:list text:style-name="L"{}><text:list-item><text:p>y</text:p></text:list-item></text:list>'
    body += more.format(' text:continue-numbering="true"') + more.format("")

    assert convert_odt(make_odt(body, styles=styles)).text.split("\n\n") == [
        *("一、总则", "suite", "a) x", "二、附则", "a) x", "Entre", "三、y", "一、y"),
    ]


def test_odt_title_is_a_heading_whatever_its_look() -> None:
    styles = '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Title"/>'
    converted = convert_odt(
        make_odt('<text:p text:style-name="P1">Plan 2015</text:p><text:p>x</text:p>', styles=styles)
    )

    assert [(heading.start, heading.end, heading.level) for heading in converted.headings] == [(0, 9, 1)]


def test_odt_formula_is_text() -> None:
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mrow><mi>E</mi><mo>=</mo><mi>m</mi>'
        "<msup><mi>c</mi><mn>2</mn></msup></mrow></math>"
    )
    body = '<text:p>Soit :<draw:frame><draw:object xlink:href="./Object 1"/></draw:frame></text:p>'

    assert convert_odt(make_odt(body, **{"Object 1": math})).text == "Soit :\n\nE = m c 2"


def test_odt_table_in_a_frame_of_one_column_stays_a_table() -> None:
    row = "<table:table-row>{}</table:table-row>"
    cell = "<table:table-cell>{}</table:table-cell>"
    inner = f"<table:table>{row.format(cell.format('<text:p>a</text:p>') * 2)}</table:table>"
    frame = f"<table:table>{row.format(cell.format('<text:p>Un</text:p><text:p>Deux</text:p>' + inner))}</table:table>"

    assert convert_odt(make_odt(frame)).text == "Un\n\nDeux\n\na | a"


def test_odt_entities_do_not_unfold() -> None:
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = make_odt("<text:p>Ha&a9;</text:p>", prologue=f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>')

    with pytest.raises(ConversionError, match="damaged"):
        convert_odt(bomb)


def test_odt_entity_does_not_bring_a_file_in(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("confidentiel")
    prologue = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'

    assert convert_odt(make_odt("<text:p>Vu&a;</text:p>", prologue=prologue)).text == "Vu"


def test_odt_that_nests_too_deeply_is_refused() -> None:
    with pytest.raises(ConversionError, match="damaged"):
        convert_odt(make_odt("<text:section>" * 5000 + "<text:p>x</text:p>" + "</text:section>" * 5000))


def test_odt_that_unfolds_to_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED_BYTES", 100_000)

    with pytest.raises(ConversionError, match="larger than"):
        convert_odt(make_odt(f"<text:p>{'0' * 1_000_000}</text:p>"))


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_truncated_odt_is_damaged(keep: float) -> None:
    data = (FILES / "visit-fr.odt").read_bytes()

    with pytest.raises(ConversionError, match="damaged"):
        convert_odt(data[: int(len(data) * keep)])
