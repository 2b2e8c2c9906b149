"""The numbers behind a chart of a PowerPoint presentation, whatever its kind.

Read from the XML: python-pptx knows some kinds of charts and raises on the others, three-dimensional ones among them.
"""

from __future__ import annotations

from typing import Any

from pptx.oxml.ns import qn

from indexer.convert.tables.cells import show_value

MAX_POINTS = 1_000
"""Of a series; a chart of more shows a curve and no values."""


def read_chart(chart_space: Any) -> tuple[str, list[list[str]]]:
    """The title, and a table: the names of the series, then each category with its values."""
    series = list(chart_space.iter(qn("c:ser")))
    categories: dict[int, str] = {}
    for each in series:
        categories = {**_read_points(each, "c:cat", "c:xVal"), **categories}
    values = [_read_points(each, "c:val", "c:yVal") for each in series]
    rows = [["", *map(_read_name, series)]]
    numbers = sorted({*categories, *(number for points in values for number in points)})
    rows += [[categories.get(number, ""), *(points.get(number, "") for points in values)] for number in numbers]
    title = chart_space.find(f"{qn('c:chart')}/{qn('c:title')}")
    runs = title.iter(qn("a:t")) if title is not None else ()
    return "".join(run.text or "" for run in runs), rows


def _read_name(series: Any) -> str:
    name = series.find(qn("c:tx"))
    return "".join(value.text or "" for value in name.iter(qn("c:v"))) if name is not None else ""


def _read_points(series: Any, *tags: str) -> dict[int, str]:
    """Point number to what it shows, under the first of the tags that there is."""
    found = next((child for tag in tags for child in series.iterchildren(qn(tag))), None)
    if found is None:
        return {}
    code = next((element.text for element in found.iter(qn("c:formatCode"))), None) or "General"
    is_number = next(found.iter(qn("c:numCache"), qn("c:numLit")), None) is not None
    points: dict[int, str] = {}
    for point in found.iter(qn("c:pt")):
        text = point.findtext(qn("c:v")) or ""
        number = int(point.get("idx", "0"))
        if number < MAX_POINTS:  # of categories on several levels, the innermost comes first
            points.setdefault(number, show_value(float(text), code) if is_number and text else text)
    return points
