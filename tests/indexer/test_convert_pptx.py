from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from indexer.convert import containers
from indexer.convert.convert_bytes import convert_bytes
from indexer.convert.office.pptx import PPTX
from indexer.convert.registry import find_family
from search_core.errors import ConversionError

FILES = Path(__file__).parent / "files"
FRENCH = FILES / "fr-eclairage.pptx"

CHART = "ppt/charts/chart1.xml"

_BOX = (
    '<p:sp><p:nvSpPr><p:cNvPr id="{id}" name="b"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/>'
    "<a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
)


def edit_parts(data: bytes, edits: dict[str, tuple[str, str]], added: dict[str, str] | None = None) -> bytes:
    """The presentation with something replaced in some of its parts, and with others added."""
    edited = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(edited, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            replaced, by = edits.get(name, ("", ""))
            new.writestr(name, old.read(name).replace(replaced.encode(), by.encode()) if replaced else old.read(name))
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return edited.getvalue()


def add_shapes(data: bytes, shapes: str) -> bytes:
    """The presentation with shapes (XML) at the end of its first slide."""
    return edit_parts(data, {"ppt/slides/slide1.xml": ("</p:spTree>", f"{shapes}</p:spTree>")})


def test_french_slides_are_pages_with_titles_tables_charts_and_notes() -> None:
    data = FRENCH.read_bytes()
    converted = convert_bytes(data, PPTX)
    slides = [converted.text[page.start : page.end] for page in converted.pages]

    assert find_family(data, "x.zip") is PPTX
    assert [page.label for page in converted.pages] == ["1", "2", "3", "4"]
    assert slides[0].endswith("Novembre 2016\n\nNotes\n\nRemercier la délégation de Leshan avant de commencer.")
    assert slides[1].split("\n\n") == [
        "Deux sites pilotes",
        "À Issy\nQuarante mâts autour du fort.\nCapteurs de présence posés en mars.",
        "À Leshan\nSoixante mâts sur la rive du Dadu.",
        "Budget tenu",
        "Économie : 38 %",
    ]
    assert "Ville | Mâts | Économie\nIssy | 40 | 38 %" in slides[2]
    assert "Consommation par mois (kWh)\nJanvier | Avant : 820 | Après : 510\nFévrier | Avant : 760" in slides[2]
    assert slides[3].startswith("Diapositive 4\n\nSans titre, cette diapositive")
    assert converted.notes == ("Hidden slides were read too: 4.",)
    assert converted.declared.values == {"author": "Paul Garnier", "date": "2016-11-08"}


@pytest.mark.parametrize(
    "kind",
    [
        "openxmlformats-officedocument.presentationml.slideshow",
        "openxmlformats-officedocument.presentationml.template",
        "ms-powerpoint.presentation.macroEnabled",
        "ms-powerpoint.slideshow.macroEnabled",
    ],
)
def test_shows_and_templates_are_presentations(kind: str) -> None:
    usual = "openxmlformats-officedocument.presentationml.presentation.main+xml"
    data = edit_parts(FRENCH.read_bytes(), {"[Content_Types].xml": (usual, f"{kind}.main+xml")})

    assert "Deux sites pilotes" in convert_bytes(data, PPTX).text


def test_chinese_notes_are_marked_in_chinese() -> None:
    converted = convert_bytes((FILES / "zh-lvyou.pptx").read_bytes(), PPTX)
    headings = [(converted.text[found.start : found.end], found.level) for found in converted.headings]

    assert headings == [("乐山智慧旅游平台", 1), ("大佛景区客流监测", 1), ("备注", 2)]
    assert converted.text.endswith("备注\n\n请翻译人员说明预警标准。")
    assert converted.declared.values["title"] == "智慧旅游平台建设汇报"


def test_shapes_that_newer_programs_show_are_read_and_their_substitutes_are_not() -> None:
    choice = (
        '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="a14" xmlns:a14="x">{_BOX.format(id=90, text="Formule à calculer")}</mc:Choice>'
        f"<mc:Fallback>{_BOX.format(id=90, text='Image de la formule')}</mc:Fallback></mc:AlternateContent>"
    )
    text = convert_bytes(add_shapes(FRENCH.read_bytes(), choice), PPTX).text

    assert "Formule à calculer" in text
    assert "Image de la formule" not in text


def test_charts_of_kinds_that_python_pptx_does_not_know_are_read() -> None:
    data = edit_parts(FRENCH.read_bytes(), {CHART: ("c:barChart", "c:surface3DChart")})

    assert "Janvier | Avant : 820 | Après : 510" in convert_bytes(data, PPTX).text


def test_a_chart_that_cannot_be_read_is_told_and_the_rest_is_read() -> None:
    converted = convert_bytes(edit_parts(FRENCH.read_bytes(), {CHART: ("<c:v>820", "<c:v>beaucoup")}), PPTX)

    assert converted.partial_reason == "Not all groups, tables, charts and diagrams could be read on slides 3."
    assert "Résultats de la première année" in converted.text


def test_the_texts_of_a_diagram_are_read() -> None:
    main = "http://schemas.openxmlformats.org"
    diagram = f"{main}/drawingml/2006/diagram"
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="95" name="d"/><p:cNvGraphicFramePr/><p:nvPr/>'
        '</p:nvGraphicFramePr><p:xfrm><a:off x="0" y="9000000"/><a:ext cx="1" cy="1"/></p:xfrm><a:graphic>'
        f'<a:graphicData uri="{diagram}"><dgm:relIds xmlns:dgm="{diagram}" '
        f'xmlns:r="{main}/officeDocument/2006/relationships" r:dm="rId95"/></a:graphicData></a:graphic>'
        "</p:graphicFrame>"
    )
    points = "".join(
        f"<dgm:pt><dgm:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></dgm:t></dgm:pt>" for text in ("Mesurer", "Comparer")
    )
    relation = (
        f'<Relationship Id="rId95" Type="{main}/officeDocument/2006/relationships/diagramData" '
        'Target="../diagrams/data1.xml"/></Relationships>'
    )
    data = edit_parts(
        add_shapes(FRENCH.read_bytes(), frame),
        {"ppt/slides/_rels/slide1.xml.rels": ("</Relationships>", relation)},
        {
            "ppt/diagrams/data1.xml": f'<dgm:dataModel xmlns:dgm="{diagram}" xmlns:a="{main}/drawingml/2006/main">'
            f"<dgm:ptLst>{points}</dgm:ptLst></dgm:dataModel>"
        },
    )

    assert "\n\nMesurer\nComparer\n\n" in convert_bytes(data, PPTX).text


def test_groups_nested_too_deeply_end_the_slide_and_not_the_run() -> None:
    opening = '<p:grpSp><p:nvGrpSpPr><p:cNvPr id="91" name="g"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
    inner = _BOX.format(id=92, text="tout au fond")

    shallow = add_shapes(FRENCH.read_bytes(), opening * 20 + inner + "</p:grpSp>" * 20)
    deep = add_shapes(FRENCH.read_bytes(), opening * 5000 + inner + "</p:grpSp>" * 5000)

    assert "tout au fond" in convert_bytes(shallow, PPTX).text
    with pytest.raises(ConversionError, match="damaged"):
        convert_bytes(deep, PPTX)


def test_a_presentation_that_unfolds_to_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_UNPACKED_BYTES", 100_000)

    with pytest.raises(ConversionError, match="larger than"):
        convert_bytes(add_shapes(FRENCH.read_bytes(), _BOX.format(id=93, text="0" * 1_000_000)), PPTX)


@pytest.mark.parametrize("keep", [0.2, 0.6, 0.95])
def test_a_truncated_presentation_is_damaged(keep: float) -> None:
    data = FRENCH.read_bytes()

    with pytest.raises(ConversionError, match="damaged"):
        convert_bytes(data[: int(len(data) * keep)], PPTX)
