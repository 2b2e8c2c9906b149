"""What the indexer says of files, in the languages of those who read the page."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from string import Formatter

import pytest
from lxml import html
from reportlab.pdfgen.canvas import Canvas
from starlette.testclient import TestClient

from indexer.run import index_paths
from search_api.access import Access
from search_api.app import create_app
from search_api.reasons import Sentence, explain
from search_api.service import SearchService
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import HashEmbedder
from search_core.engines.base import Scope
from search_core.engines.embedded import open_embedded_index
from search_core.glossary import load_glossary
from search_core.vocabulary import load_vocabulary

SENTENCES = tomllib.loads(resources.files("search_api").joinpath("reasons.toml").read_text("utf-8"))["sentences"]


@pytest.mark.parametrize(
    ("said", "french", "chinese"),
    [
        (
            "The PDF file is damaged. Print it to a new PDF file.",
            ["Le fichier PDF est endommagé.", "Imprimez-le dans un nouveau fichier PDF."],
            ["PDF 文件已损坏。", "请打印成新的 PDF 文件。"],
        ),
        (
            "Pages 3, 5 of 12: an image or a font that holds no readable text.",
            ["Pages 3, 5 sur 12\u00a0: des images, ou une police sans texte lisible."],
            ["页码 3, 5（共 12 页）：为图片，或字体不含可读文字。"],
        ),
        (
            "Pages 1, 2 and 5 more of 12: the text that comes with it looks wrong. OCR could not read it either.",
            [
                "Pages 1, 2 et 5 autres sur 12\u00a0: le texte fourni avec elles semble faux.",
                "La reconnaissance de texte (OCR) n’y est pas parvenue non plus.",
            ],
            ["页码 1, 2 及另外 5 页（共 12 页）：所附文字似乎有误。", "文字识别（OCR）也未能读出。"],
        ),
        (
            "Attachment winmail.dat: what Outlook packed for itself is not read. Save it as text.",
            [
                "Pièce jointe winmail.dat\u00a0: ce qu’Outlook a empaqueté pour lui-même n’est pas lu.",
                "Enregistrez-le comme texte.",
            ],
            ["附件 winmail.dat：Outlook 专用格式打包的内容不予读取。", "请另存为文本。"],
        ),
        (
            "Attachment plan.doc: LibreOffice cannot read the file.",
            ["Pièce jointe plan.doc\u00a0: LibreOffice ne peut pas lire ce fichier."],
            ["附件 plan.doc：LibreOffice 无法读取此文件。"],
        ),
        (
            "plan.v2.txt: Charset assumed: cp1252.",
            ["plan.v2.txt\u00a0: codage supposé\u00a0: cp1252."],
            ["plan.v2.txt：推测的编码：cp1252。"],
        ),
        (
            "Page 1: text recognised (OCR), confidence 95%.",
            ["Page 1\u00a0: texte reconnu (OCR), confiance 95\u00a0%."],
            ["页码 1：文字经识别（OCR）得到，置信度 95%。"],
        ),
        ("The ZIP archive is damaged.", ["Le fichier est endommagé (ZIP archive)."], ["文件已损坏（ZIP archive）。"]),
    ],
)
def test_known_sentences_are_said_in_the_reader_s_language(said: str, french: list[str], chinese: list[str]) -> None:
    assert explain(said, "fr") == [Sentence(text, "fr") for text in french]
    assert explain(said, "zh") == [Sentence(text, "zh") for text in chinese]


def test_what_is_unknown_of_a_part_stays_as_it_is() -> None:
    assert explain("plan.txt: A new problem.", "fr") == [Sentence("plan.txt: A new problem.", "en")]


def test_an_unknown_sentence_stays_as_it_is_beside_known_ones() -> None:
    assert explain("A new problem. The file is empty. And so on", "fr") == [
        Sentence("A new problem.", "en"),
        Sentence("Le fichier est vide.", "fr"),
        Sentence("And so on", "en"),
    ]
    assert explain("", "fr") == []


@pytest.mark.parametrize("entry", SENTENCES, ids=lambda entry: entry["en"][:40])
def test_each_sentence_keeps_its_values_in_both_languages(entry: dict[str, str]) -> None:
    fields = {
        language: sorted(name for _, name, _, _ in Formatter().parse(text) if name) for language, text in entry.items()
    }

    assert fields["fr"] == fields["zh"] == fields["en"]
    filled = entry["en"].format_map(dict.fromkeys(fields["en"], "X1"))
    assert [found.language for found in explain(filled, "zh")] == ["zh"]


def make_odd_files(folder: Path) -> None:
    """One of each kind that a report has something to say of."""
    (folder / "vide.txt").write_bytes(b"")
    (folder / "binaire.txt").write_bytes(bytes(range(256)) * 9)
    (folder / "abîmé.pdf").write_bytes(b"%PDF-1.4 rien")
    (folder / "abîmé.docx").write_bytes(b"PK\3\4rien")
    (folder / "image.xyz").write_bytes(b"\0")
    (folder / "lien.txt").symlink_to(folder / "absent.txt")
    (folder / "dehors.txt").symlink_to(Path(__file__))
    (folder / "seul.pdf.meta.yaml").write_text("title: x")
    (folder / "b.txt").write_text("Une phrase dans un fichier, et son double ailleurs, mot pour mot." * 9, "utf-8")
    (folder / "c.txt").write_text((folder / "b.txt").read_text("utf-8"), "utf-8")
    (folder / "b.txt.meta.yaml").write_text("kind: poème\ndate: bientôt\naccess: public", "utf-8")
    (folder / "latin.txt").write_bytes("Un été à Issy, où l’école a été fermée.".encode("cp1252"))
    canvas = Canvas(str(folder / "dessin.pdf"))
    canvas.drawString(72, 720, "Le tramway relie la gare au centre de la ville.")
    canvas.showPage()
    for x in range(60):
        canvas.line(x, 0, x, 100)
    canvas.save()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd") / "documents"
    folder.mkdir()
    make_odd_files(folder)
    return folder


@pytest.fixture(scope="module")
def client(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    glossary, vocabulary = load_glossary(), load_vocabulary()
    index, embedder = open_embedded_index(tmp_path_factory.mktemp("data")), HashEmbedder()
    index_paths(
        [folder], index=index, embedder=embedder, analyzer=Analyzer(glossary), glossary=glossary, vocabulary=vocabulary
    )
    service = SearchService(index, embedder, vocabulary, glossary, Scope.everything())
    yield TestClient(create_app(service, Access()), base_url="http://localhost")
    index.close()


def test_all_that_a_report_says_of_odd_files_is_translated_and_counts_add_up(client: TestClient, folder: Path) -> None:
    for ui in ("fr", "zh"):
        page = html.fromstring(client.get("/report", headers={"Accept-Language": ui}).text)
        said = page.cssselect("td span[lang]")
        assert len(said) > 12
        assert {sentence.get("lang") for sentence in said} == {ui}, [
            s.text_content() for s in said if s.get("lang") != ui
        ]
        counts = [int(re.sub(r"\D", "", count.text)) for count in page.cssselect(".modes .count")]
        met = [path for path in folder.iterdir() if path.name != "b.txt.meta.yaml"]
        assert counts[0] == sum(counts[1:]) == len(met) == len(page.cssselect("tbody tr"))


@pytest.mark.parametrize(
    ("name", "french", "chinese"),
    [
        ("vide.txt", "Le fichier est vide. Récupérez-le de nouveau là d’où il vient.", "文件为空。请从原处重新获取。"),
        ("abîmé.docx", "Le document Word est endommagé. ", "Word 文档已损坏。请"),
    ],
)
def test_page_of_a_document_says_why_it_could_not_be_read(
    client: TestClient, name: str, french: str, chinese: str
) -> None:
    hits = client.get("/api/v1/search", params={"limit": 50}).json()["hits"]
    document_id = next(hit["document_id"] for hit in hits if hit["path"] == name)

    assert client.get(f"/api/v1/documents/{document_id}").json()["reason"]
    for ui, said in (("fr", french), ("zh", chinese)):
        page = html.fromstring(client.get(f"/documents/{document_id}", headers={"Accept-Language": ui}).text)
        assert page.cssselect("header .notice")[0].text_content().startswith(said)
