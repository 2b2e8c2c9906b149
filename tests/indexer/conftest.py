"""An empty index with small tools, and real files of all formats made by other programs than the ones that read them.

`run` indexes with the hash embedder; `write_docx` writes the XML by hand; `write_pdf` uses reportlab.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from reportlab.lib import pdfencrypt
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from indexer.convert.office.libreoffice import find_libreoffice
from indexer.ocr.installed import Tesseract, explain_missing, find_tesseract
from indexer.report import RunReport
from indexer.run import index_paths
from indexer.seen import SeenFiles
from indexer.sync import SyncReport, SyncRules, sync_folder
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import EmbeddedIndex, open_embedded_index
from search_core.glossary import Glossary, GlossaryEntry
from search_core.model import Document
from search_core.people import PeopleStore
from search_core.vocabulary import Vocabulary, load_vocabulary


@pytest.fixture(scope="session")
def glossary() -> Glossary:
    return Glossary((GlossaryEntry(("ville intelligente",), ("智慧城市",)),))


@pytest.fixture(scope="session")
def analyzer(glossary: Glossary) -> Analyzer:
    return Analyzer(glossary)


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def index(tmp_path: Path) -> Iterator[EmbeddedIndex]:
    opened = open_embedded_index(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture
def people(tmp_path: Path) -> PeopleStore:
    return PeopleStore(tmp_path / "data")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of documents, empty."""
    made = tmp_path / "documents"
    made.mkdir()
    return made


@pytest.fixture(scope="session")
def tesseract() -> Iterator[Tesseract]:
    """The one installed, with the data of all languages; where it is missing, tests that need it are skipped.

    With PASSERELLE_REQUIRE_OCR=1 they fail instead.
    """
    found = find_tesseract()
    if found is None or found.missing:
        (pytest.fail if os.environ.get("PASSERELLE_REQUIRE_OCR") == "1" else pytest.skip)(explain_missing())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OMP_THREAD_LIMIT", "1")  # as in a worker; with more, busy machines take ten times as long
        yield found


@pytest.fixture
def without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def run(
    index: EmbeddedIndex,
    embedder: HashEmbedder,
    analyzer: Analyzer,
    glossary: Glossary,
    vocabulary: Vocabulary,
    people: PeopleStore,
) -> Callable[..., RunReport]:
    """Index paths into `index`; any argument of `index_paths` can be given another value."""

    def run_paths(*paths: Path, **other: Any) -> RunReport:
        tools = {
            "index": index,
            "embedder": embedder,
            "analyzer": analyzer,
            "glossary": glossary,
            "vocabulary": vocabulary,
            "people": people,
        }
        return index_paths(paths, **{**tools, **other})

    return run_paths


@pytest.fixture
def sync(
    index: EmbeddedIndex,
    embedder: HashEmbedder,
    analyzer: Analyzer,
    glossary: Glossary,
    vocabulary: Vocabulary,
    people: PeopleStore,
) -> Callable[..., SyncReport]:
    """Sync a folder into `index` without waiting for files to settle; keywords are those of `SyncRules`, and `seen`."""

    def sync_one(folder: Path, *, seen: SeenFiles | None = None, settle_s: float = 0, **rules: Any) -> SyncReport:
        return sync_folder(
            folder,
            index=index,
            embedder=embedder,
            analyzer=analyzer,
            glossary=glossary,
            vocabulary=vocabulary,
            people=people,
            rules=SyncRules(settle_s=settle_s, **rules),
            seen=seen,
        )

    return sync_one


@pytest.fixture
def read_all(index: EmbeddedIndex) -> Callable[[], dict[str, Document]]:
    """Every document that is not removed, whole, by path."""

    def read_documents() -> dict[str, Document]:
        ids = [record.document_id for record in index.records(None, Scope.everything())]
        return {found.path: found for found in index.documents(ids, Scope.everything()).values()}

    return read_documents


@pytest.fixture
def libreoffice() -> None:
    """For tests that need it. Where PASSERELLE_REQUIRE_LIBREOFFICE is set, its absence is a failure."""
    if find_libreoffice() is None:
        assert not os.environ.get("PASSERELLE_REQUIRE_LIBREOFFICE"), "LibreOffice is not installed"
        pytest.skip("LibreOffice is not installed")


@pytest.fixture
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no program is found."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("indexer.convert.office.libreoffice._MAC_PROGRAM", Path("/nowhere"))


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    return _make_pdf


@pytest.fixture(scope="session")
def make_docx() -> Callable[..., bytes]:
    return _make_docx


def _make_pdf(
    *pages: Sequence[str],
    title: str = "",
    author: str = "",
    outline: Sequence[tuple[str, int, int]] = (),
    password: str = "",
    labels: str = "",
    picture_on: int | None = None,
) -> bytes:
    """A PDF with one line of text under the other; `outline` holds (title, page from 0, level from 0)."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    buffer = io.BytesIO()
    encryption = pdfencrypt.StandardEncryption(password) if password else None
    canvas = Canvas(buffer, encrypt=encryption, invariant=1)
    canvas.setTitle(title)
    canvas.setAuthor(author)
    for number, lines in enumerate(pages):
        if labels:
            canvas.addPageLabel(number, style=labels, start=number + 1)
        if number == picture_on:
            canvas.drawInlineImage(_make_picture(), 50, 500, 100, 100)
        for row, line in enumerate(lines):
            canvas.setFont("Helvetica" if line.isascii() or all(ord(c) < 256 for c in line) else "STSong-Light", 11)
            canvas.drawString(60, 780 - 16 * row, line)
        for heading, page, level in outline:
            if page == number:
                canvas.bookmarkPage(heading)
                canvas.addOutlineEntry(heading, heading, level)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _make_picture() -> Any:
    from PIL import Image

    return Image.new("RGB", (8, 8), "red")


_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/word/document.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>
<Override PartName="/word/styles.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>
<Override PartName="/word/footnotes.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"/>
<Override PartName="/word/numbering.xml"
 ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""

_RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
 Target="word/document.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
 Target="docProps/core.xml"/>
</Relationships>"""

_WORD_RELATIONS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles"
 Target="styles.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
 Target="footnotes.xml"/>
<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering"
 Target="numbering.xml"/>
</Relationships>"""

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

_STYLES = f"""<?xml version="1.0" encoding="UTF-8"?>
<w:styles {_W}>
<w:style w:type="paragraph" w:styleId="Titre1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Titre2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Rubrique"><w:name w:val="Rubrique"/><w:basedOn w:val="Titre2"/></w:style>
<w:style w:type="paragraph" w:styleId="Plan"><w:name w:val="Plan"/>
 <w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Sommaire1"><w:name w:val="toc 1"/></w:style>
</w:styles>"""

_NAMESPACES = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def _make_docx(
    body: str, *, title: str = "", author: str = "", created: str = "", note: str = "", numbering: str = ""
) -> bytes:
    """A Word document whose body is the XML given (prefix `w`)."""
    when = f'<dcterms:created xsi:type="dcterms:W3CDTF">{created}</dcterms:created>' if created else ""
    footnote = f'<w:footnote w:id="2"><w:p><w:r><w:t>{note}</w:t></w:r></w:p></w:footnote>' if note else ""
    separator = '<w:footnote w:id="0" w:type="separator"><w:p><w:r><w:t>-----</w:t></w:r></w:p></w:footnote>'
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": _RELATIONS,
        "word/_rels/document.xml.rels": _WORD_RELATIONS,
        "word/styles.xml": _STYLES,
        "word/footnotes.xml": f"<w:footnotes {_W}>{separator}{footnote}</w:footnotes>",
        "word/numbering.xml": f"<w:numbering {_W}>{numbering}</w:numbering>",
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
        "docProps/core.xml": f"<cp:coreProperties {_NAMESPACES}><dc:title>{title}</dc:title>"
        f"<dc:creator>{author}</dc:creator>{when}</cp:coreProperties>",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
