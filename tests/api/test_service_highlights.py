"""From a file to a marked word: offsets count code points of the document's text exactly as it is kept."""

from collections.abc import Callable
from typing import Any

import pytest

from search_core.sentences import sentence_spans

FILLER = "## Généralités\n\nUn paragraphe avant, avec 𠮷🚲 et des sauts.\n\n"
TEXTS = {
    "composed.md": f"{FILLER}## Été\n\nL’électricité de l’été est comptée. Rien d’autre ici.",
    "decomposed.md": "## E\u0301te\u0301\n\nL'e\u0301lectricite\u0301 de l'e\u0301te\u0301 est compte\u0301e.",
    "wide.txt": "Ｌ＇éｌｅｃｔｒｉｃｉｔé en pleine largeur.",
    "simplified.md": f"{FILLER}## 电网\n\n代表团参观了智能电网。另一句话。",
    "traditional.txt": "代表團參觀了智能電網。",
    "half.txt": "他们讨论了５Ｇ网络。",
}


@pytest.fixture(scope="module")
def spellings(make_collection: Callable[..., Any]) -> Any:
    return make_collection(TEXTS)


@pytest.mark.parametrize(
    ("path", "question", "word"),
    [
        ("composed.md", "électricité", "électricité"),
        ("composed.md", "ELECTRICITE", "électricité"),
        ("composed.md", "l'électricité", "électricité"),
        ("composed.md", "l’e\u0301lectricite\u0301", "électricité"),
        ("decomposed.md", "électricité", "électricité"),
        ("wide.txt", "électricité", "éｌｅｃｔｒｉｃｉｔé"),
        ("simplified.md", "代表团", "代表团"),
        ("simplified.md", "代表團", "代表团"),
        ("traditional.txt", "代表团", "代表團"),
        ("half.txt", "5G", "５Ｇ"),
    ],
)
def test_word_is_marked_at_its_place_in_the_document(spellings: Any, path: str, question: str, word: str) -> None:
    from unicodedata import normalize

    texts = [normalize("NFC", text) for kind, text in spellings.marked(path, question) if kind == "word"]
    assert word in texts


@pytest.mark.parametrize(("path", "question"), [("composed.md", "électricité"), ("simplified.md", "智能电网 话")])
def test_passage_highlights_and_snippets_lie_at_offsets_of_the_document(
    spellings: Any, path: str, question: str
) -> None:
    text = spellings.text(path)
    document = spellings.serve().document(spellings.id(path), q=question)
    assert document.text == text
    for passage in spellings.hit(path, question).passages:
        assert text[passage.start : passage.end] == passage.text
        [snippet] = passage.snippets
        borders = sentence_spans(passage.text)
        assert snippet.start - passage.start in {start for start, _ in borders}
        assert snippet.end - passage.start in {end for _, end in borders}
        for mark in passage.highlights:
            assert passage.start <= mark.start < mark.end <= passage.end
            assert mark in document.highlights


def test_translation_is_marked_in_the_other_language(spellings: Any) -> None:
    assert ("glossary", "智能电网") in spellings.marked("simplified.md", "réseau électrique intelligent")
    assert ("glossary", "智能電網") in spellings.marked("traditional.txt", "réseau électrique intelligent")


def test_document_is_marked_without_a_question_nowhere(spellings: Any) -> None:
    assert spellings.serve().document(spellings.id("composed.md")).highlights == []


def test_passage_of_another_document_is_not_pointed_out(spellings: Any) -> None:
    [passage, *_] = spellings.hit("composed.md", "électricité").passages
    service = spellings.serve()
    pointed = service.document(spellings.id("composed.md"), passage.passage_id).passage
    assert (pointed.start, pointed.end) == (passage.start, passage.end)
    assert service.document(spellings.id("wide.txt"), passage.passage_id).passage is None
    assert service.document(spellings.id("wide.txt"), "nothing").passage is None


def test_snippet_is_the_sentence_with_the_words_in_a_long_passage(make_collection: Callable[..., Any]) -> None:
    before = "Une phrase qui ne dit rien de particulier sur le sujet. " * 7
    collection = make_collection({"long.txt": f"{before}Le coût du tramway est connu. {before}"})
    hit = collection.hit("long.txt", "coût du tramway")
    [snippet] = hit.passages[0].snippets
    shown = collection.text("long.txt")[snippet.start : snippet.end]
    assert "Le coût du tramway est connu." in shown
    assert len(shown) <= 320
