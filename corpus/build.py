"""Make the PDF and DOCX files of the sample collection from `sources/`, byte for byte the same on every run.

    python corpus/build.py [--out FOLDER]

`sources/fr/note.docx.md` becomes `fr/note.docx` and its sidecar `fr/note.docx.meta.yaml`. A source is YAML front
matter and plain Markdown: headings, paragraphs, lists, tables, and `***` for a page break in the PDF.
"""

from __future__ import annotations

import argparse
import io
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from xml.sax.saxutils import escape

import docx
import yaml
from docx.document import Document as DocxDocument
from docx.oxml.ns import qn
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

CORPUS = Path(__file__).parent
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
FONTS = {
    "latin": ("DejaVuSans.ttf", "fonts-dejavu-core"),
    "latin-bold": ("DejaVuSans-Bold.ttf", "fonts-dejavu-core"),
    "han": ("DroidSansFallbackFull.ttf", "fonts-droid-fallback"),
}
"""Name in the PDF -> file, Debian package. Both are free, and have the TrueType outlines that reportlab needs."""

FIXED_ZIP_TIME = (1980, 1, 1, 0, 0, 0)
MARGIN = 25 * mm

BlockKind = Literal["heading", "paragraph", "item", "table", "page_break"]


@dataclass(frozen=True)
class Block:
    """One piece of a source; `level` of a heading from 1, `number` of an item in an ordered list."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    number: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Source:
    metadata: dict[str, Any]
    blocks: tuple[Block, ...]

    @property
    def language(self) -> str:
        return str(self.metadata["language"])


def read_source(path: Path) -> Source:
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    tokens = MarkdownIt("commonmark").enable("table").parse(body)
    return Source(yaml.safe_load(front), tuple(read_blocks(tokens)))


def read_blocks(tokens: list[Token]) -> Iterator[Block]:
    """Walk the Markdown tokens; inline markup is dropped, its text stays."""
    context: list[Token] = []
    rows: list[list[str]] = []
    for token in tokens:
        if token.nesting == 1:
            context.append(token)
        elif token.nesting == -1:
            context.pop()
        if token.type == "hr":
            yield Block("page_break")
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            yield Block("table", rows=tuple(tuple(row) for row in rows))
            rows = []
        elif token.type == "inline":
            if rows:
                rows[-1].append(read_text(token))
            else:
                yield read_block(context, read_text(token))


def read_text(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [])


def read_block(context: list[Token], text: str) -> Block:
    parent = context[-1]
    if parent.type == "heading_open":
        return Block("heading", text, level=int(parent.tag[1]))
    item = next((token for token in context if token.type == "list_item_open"), None)
    if item is None:
        return Block("paragraph", text)
    return Block("item", text, number=int(item.info) if item.info else None)


def describe_origin(source: Source) -> str:
    """The subject property of the file, so that a copy that leaves the collection still says what it is."""
    return "Document illustratif / 示例文件" if source.metadata["illustrative"] else ""


# PDF


def find_font(name: str) -> Path:
    """The font file of a name in `FONTS`; FileNotFoundError with the Debian package that has it."""
    file, package = FONTS[name]
    for folder in FONT_FOLDERS:
        for path in sorted(folder.rglob(file)):
            return path
    raise FileNotFoundError(f"{file} not found; on Debian or Ubuntu: apt-get install {package}")


def write_pdf(source: Source, target: Path) -> None:
    for name in FONTS:
        pdfmetrics.registerFont(TTFont(name, find_font(name)))
    template = BaseDocTemplate(
        str(target),
        pagesize=A4,
        title=source.metadata["title"],
        author=", ".join(source.metadata.get("authors", [])),
        subject=describe_origin(source),
        lang=source.language,
        invariant=1,
    )
    frame = Frame(MARGIN, MARGIN, A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN, 0, 0, 0, 0)
    # The page number is drawn last: text extraction follows the order of drawing.
    template.addPageTemplates(PageTemplate(frames=[frame], onPageEnd=draw_page_number))
    styles = make_pdf_styles(source.language)
    template.build([flowable for block in source.blocks for flowable in make_flowables(block, styles)])


def draw_page_number(canvas: Canvas, _: BaseDocTemplate) -> None:
    canvas.setFont("latin", 9)
    canvas.drawCentredString(A4[0] / 2, MARGIN / 2, f"— {canvas.getPageNumber()} —")


def make_pdf_styles(language: str) -> dict[str, ParagraphStyle]:
    wrap = "CJK" if language == "zh" else "LTR"
    body = ParagraphStyle("body", fontName="latin", fontSize=11, leading=18, spaceAfter=8, wordWrap=wrap)
    heading = ParagraphStyle("heading", body, fontName="latin-bold", keepWithNext=1)
    return {
        "body": body,
        "item": ParagraphStyle("item", body, leftIndent=18, spaceAfter=4),
        "cell": ParagraphStyle("cell", body, fontSize=9.5, leading=13, spaceAfter=0),
        "1": ParagraphStyle("1", heading, fontSize=17, leading=24, spaceAfter=14),
        "2": ParagraphStyle("2", heading, fontSize=13, leading=19, spaceBefore=10),
    }


def make_flowables(block: Block, styles: dict[str, ParagraphStyle]) -> list[Flowable]:
    if block.kind == "page_break":
        return [PageBreak()]
    if block.kind == "table":
        return [make_pdf_table(block.rows, styles["cell"]), Spacer(1, 10)]
    if block.kind == "heading":
        return [Paragraph(mark_fonts(block.text), styles[str(min(block.level, 2))])]
    if block.kind == "item":
        return [Paragraph(mark_fonts(make_item_text(block)), styles["item"])]
    return [Paragraph(mark_fonts(block.text), styles["body"])]


def make_pdf_table(rows: tuple[tuple[str, ...], ...], style: ParagraphStyle) -> Table:
    cells = [[Paragraph(mark_fonts(cell), style) for cell in row] for row in rows]
    grid = TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ]
    )
    return Table(cells, colWidths=[(A4[0] - 2 * MARGIN) / len(rows[0])] * len(rows[0]), style=grid, repeatRows=1)


def mark_fonts(text: str) -> str:
    """Put what the Latin font lacks into the Han font: neither font has both scripts."""
    latin = pdfmetrics.getFont("latin").face.charToGlyph
    pieces: list[tuple[bool, str]] = []
    for char in text:
        is_han = ord(char) not in latin
        if pieces and pieces[-1][0] == is_han:
            pieces[-1] = (is_han, pieces[-1][1] + char)
        else:
            pieces.append((is_han, char))
    return "".join(f'<font name="han">{escape(run)}</font>' if is_han else escape(run) for is_han, run in pieces)


def make_item_text(block: Block) -> str:
    return f"{block.number}. {block.text}" if block.number else f"• {block.text}"


# DOCX


def write_docx(source: Source, target: Path) -> None:
    document = docx.Document()
    set_docx_properties(document, source)
    for block in source.blocks:
        add_docx_block(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    target.write_bytes(fix_zip_times(buffer.getvalue()))


def set_docx_properties(document: DocxDocument, source: Source) -> None:
    properties = document.core_properties
    properties.title = source.metadata["title"]
    properties.author = ", ".join(source.metadata.get("authors", []))
    properties.subject = describe_origin(source)
    properties.language = source.language
    properties.comments = ""
    if source.language == "zh":
        document.styles["Normal"].element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")


def add_docx_block(document: DocxDocument, block: Block) -> None:
    if block.kind == "heading":
        document.add_heading(block.text, level=block.level)
    elif block.kind == "paragraph":
        document.add_paragraph(block.text)
    elif block.kind == "item":
        document.add_paragraph(block.text, style="List Number" if block.number else "List Bullet")
    elif block.kind == "table":
        table = document.add_table(rows=0, cols=len(block.rows[0]), style="Table Grid")
        for row in block.rows:
            for cell, text in zip(table.add_row().cells, row, strict=True):
                cell.text = text


def fix_zip_times(data: bytes) -> bytes:
    """python-docx stamps each part with the current time; write the parts again with one fixed time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(zipfile.ZipInfo(part.filename, FIXED_ZIP_TIME), old.read(part), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


# the whole collection

WRITERS = {".pdf": write_pdf, ".docx": write_docx}


def build(out: Path, sources: Path = CORPUS / "sources") -> list[Path]:
    """Write every binary file and its sidecar under `out`; the files written, sorted."""
    written = []
    for path in sorted(sources.glob("*/*.md")):
        target = out / path.parent.name / path.stem
        target.parent.mkdir(parents=True, exist_ok=True)
        source = read_source(path)
        WRITERS[target.suffix](source, target)
        sidecar = target.with_name(target.name + ".meta.yaml")
        sidecar.write_text(yaml.safe_dump(source.metadata, allow_unicode=True, sort_keys=False), encoding="utf-8")
        written.append(target)
    return written


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=CORPUS, help="folder to write fr/ and zh/ under (default: corpus/)")
    try:
        for path in build(parser.parse_args().out):
            print(path)
    except FileNotFoundError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
