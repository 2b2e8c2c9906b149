"""A hit in the other language tells its answering sentence and corresponding words, at offsets into the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from search_api.answers import AnswerFinder
from search_api.first_reader import DOCUMENTS_READ
from search_api.legs import ALL_FILTERS
from search_api.pipeline import QueryPipeline
from search_api.question import read_question
from search_api.readings import Readings
from search_api.schemas import SearchRequest
from search_api.tools import ToolCache
from search_core.cross_encoding import CrossEncoder, Reading, ReadText
from search_core.embedding import HashEmbedder, Progress
from search_core.engines.base import Scope
from search_core.errors import ModelError
from search_core.fusion import FusionSettings
from search_core.glossary import load_glossary
from search_core.model import Matrix, Passage

REPORT = """# 考察报告

𠮷🚲 第一段。

## IssyGrid 2015 是什么？

代表团到达伊西堡。IssyGrid 2015 连接乐山的5G网络。大家都很满意。

## 其他

午餐很好。
"""
STUDY = """# Étude

Rien ici. IssyGrid 2015 relie le Fort d’Issy à 乐山 et à Leshan. Tout le monde est content.
"""
PAPER = """IssyGrid 2015 项目总结

电表在四月装好。
"""
TEXTS = {
    "zh/rapport.md": REPORT,
    "zh/question.txt": "IssyGrid 2015 怎么样？",
    "zh/paper.txt": PAPER,
    "fr/etude.md": STUDY,
}


@pytest.fixture(scope="module")
def reports(make_collection: Callable[..., Any]) -> Any:
    titles = {"zh/rapport.md": {"title_fr": "Rapport de visite"}, "zh/paper.txt": {"title": "IssyGrid 2015  项目总结"}}
    return make_collection(TEXTS, titles)


def told(collection: Any, path: str, q: str, **asked: Any) -> list[str]:
    """The answering sentences of a hit, cut from the document's text."""
    text = collection.text(path)
    passages = collection.hit(path, q, **asked).passages
    return [text[each.answer.start : each.answer.end] for each in passages if each.answer]


def pairs(collection: Any, path: str, q: str, **asked: Any) -> list[tuple[str, str, bool]]:
    text = collection.text(path)
    found = [each for passage in collection.hit(path, q, **asked).passages for each in passage.correspondences]
    assert all(text[each.start : each.end] == each.term for each in found)
    return [(each.term, each.translation, each.asked) for each in found]


def test_sentence_that_answers_is_told_in_the_other_language(reports: Any) -> None:
    question = "Que relie IssyGrid 2015 au Fort d'Issy et à Leshan ?"

    assert told(reports, "zh/rapport.md", question) == ["IssyGrid 2015 连接乐山的5G网络。"]
    assert told(reports, "fr/etude.md", "IssyGrid 2015 连接了哪些地方？") == [
        "IssyGrid 2015 relie le Fort d’Issy à 乐山 et à Leshan."
    ]


def test_only_the_best_passage_tells_it_and_shows_it(reports: Any) -> None:
    hit = reports.hit("zh/rapport.md", "Que relie IssyGrid 2015 ?", query_lang="fr")

    first, *others = hit.passages
    assert first.answer
    assert any(each.start <= first.answer.start and first.answer.end <= each.end for each in first.snippets)
    assert others
    assert not any(each.answer for each in others)


def test_where_nothing_but_a_question_stands_it_is_told(reports: Any) -> None:
    assert told(reports, "zh/question.txt", "Que relie IssyGrid 2015 ?", query_lang="fr") == ["IssyGrid 2015 怎么样？"]


def test_the_title_of_a_document_is_no_sentence_that_answers(reports: Any) -> None:
    """It holds the words of the question as no sentence below it does."""
    assert told(reports, "zh/paper.txt", "IssyGrid 2015 : quel bilan ?", query_lang="fr") == ["电表在四月装好。"]


@pytest.mark.parametrize(("q", "asked"), [("IssyGrid 2015 连接什么", {}), ("IssyGrid 2015", {"query_lang": "both"})])
def test_who_can_read_the_passage_or_asks_in_no_language_is_told_no_sentence(
    reports: Any, q: str, asked: dict[str, Any]
) -> None:
    assert told(reports, "zh/rapport.md", q, **asked) == []


def test_terms_of_a_mixed_sentence_correspond_exactly(reports: Any) -> None:
    found = pairs(reports, "zh/rapport.md", "Le réseau 5G de Leshan et IssyGrid 2015", lang="zh")
    assert ("乐山", "Leshan", True) in found
    assert ("5G网络", "réseau 5G", True) in found
    assert not [pair for pair in found if pair[0] == "IssyGrid"]
    assert pairs(reports, "fr/etude.md", "IssyGrid 2015 与乐山", lang="fr")[-1] == ("Leshan", "乐山", True)


def test_a_title_in_the_other_language_is_told_beside_its_own(reports: Any) -> None:
    hit = reports.hit("zh/rapport.md", "IssyGrid 2015")

    assert (hit.title, hit.titles) == ("考察报告", {"fr": "Rapport de visite"})
    assert (hit.title_in("fr"), hit.title_in("zh")) == ("Rapport de visite", "")
    assert reports.public.document(hit.document_id).titles == hit.titles


class CountingEmbedder(HashEmbedder):
    """Counts the passages it embeds, and cannot embed any when told so."""

    def __init__(self) -> None:
        super().__init__(1024)
        self.embedded: list[str] = []
        self.broken = False

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Matrix:
        if self.broken:
            raise ModelError("No memory.", remedy="Close other programs.")
        self.embedded += texts
        return super().embed_passages(texts, progress)


def test_sentences_are_embedded_once_and_only_those_of_the_best_foreign_passages(reports: Any) -> None:
    embedder = CountingEmbedder()
    service = reports.serve(embedder=embedder)
    service.search(SearchRequest(q="乐山", lang="zh"))
    embedder.embedded.clear()  # what the calibration needs is embedded with the first question

    asked = SearchRequest(q="Que relie IssyGrid 2015 ?", query_lang="fr")
    first = service.search(asked)
    embedded = sorted(embedder.embedded)
    again = service.search(asked)

    best = "".join(hit.passages[0].text for hit in first.hits if hit.language == "zh")
    assert embedded
    assert all(text.splitlines()[-1] in best for text in embedded)
    assert "IssyGrid 2015 是什么？\n大家都很满意。" in embedded
    assert sorted(embedder.embedded) == embedded
    assert again.hits == first.hits


def test_a_model_that_fails_costs_the_sentence_only(reports: Any) -> None:
    embedder = CountingEmbedder()
    service = reports.serve(embedder=embedder)
    service.search(SearchRequest(q="乐山"))
    embedder.broken = True

    hits = service.search(SearchRequest(q="Que relie IssyGrid 2015 ?", query_lang="fr", lang="zh")).hits

    assert hits
    assert not any(passage.answer for hit in hits for passage in hit.passages)


class WordCrossEncoder:
    """Takes every text that holds `right` for an answer; cannot run when told so."""

    identity = "words"

    def __init__(self, right: str) -> None:
        self.right = right
        self.fails = False
        self.asked: list[tuple[str, ReadText]] = []

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]:
        if self.fails:
            raise ModelError("No memory.", remedy="Close other programs.")
        self.asked += [(question, text) for text in texts]
        return [
            Reading(
                5.0 if self.right in text.text else -5.0,
                tuple(99.0 if self.right in text.text[start:end] else 0.0 for start, end in text.sentences),
            )
            for text in texts
        ]


class ReadingEmbedder(CountingEmbedder):
    """An embedder that comes with a cross-encoder."""

    def __init__(self, cross_encoder: WordCrossEncoder) -> None:
        super().__init__()
        self.cross_encoder = cross_encoder

    def open_cross_encoder(self) -> CrossEncoder:
        return self.cross_encoder


READ = SearchRequest(q="Que relie IssyGrid 2015 ?", query_lang="fr")


def answers(service: Any) -> dict[str, str]:
    """By path, the sentence told, cut from its passage."""
    return {
        hit.path: passage.text[passage.answer.start - passage.start : passage.answer.end - passage.start]
        for hit in service.search(READ).hits
        for passage in hit.passages
        if passage.answer
    }


def test_the_sentence_is_the_cross_encoder_s_and_its_passage_comes_first(reports: Any) -> None:
    plain = reports.serve(embedder=CountingEmbedder()).search(READ)
    second = next(hit for hit in plain.hits if hit.path == "zh/rapport.md").passages[1].text
    service = reports.serve(embedder=ReadingEmbedder(WordCrossEncoder(second.splitlines()[-1])))
    assert answers(service)["zh/rapport.md"] == second.splitlines()[-1]
    hit = next(hit for hit in service.search(READ).hits if hit.path == "zh/rapport.md")
    assert hit.passages[0].text == second
    assert len({passage.passage_id for passage in hit.passages}) == len(hit.passages)


@pytest.mark.parametrize(("right", "path"), [("大家都很满意", "zh/rapport.md"), ("Tout le monde", "fr/etude.md")])
def test_documents_that_read_as_answers_come_before_others_in_any_language(reports: Any, right: str, path: str) -> None:
    embedder = ReadingEmbedder(WordCrossEncoder(right))
    settings, scope = FusionSettings(worth_weight=5.0), Scope.everything()
    pipeline = QueryPipeline(reports.index, embedder, scope, settings, Readings(embedder))
    tools = ToolCache(reports.index, embedder, load_glossary(), scope).current()

    answer = pipeline.run(SearchRequest(q="大家 IssyGrid, le monde content", query_lang="fr"), tools)

    first, *_ = answer.windows[ALL_FILTERS].documents
    assert answer.reply.documents[first.document_id].path == path
    by_language = Counter(
        answer.reply.documents[each.document_id].language for each in answer.windows[ALL_FILTERS].documents
    )
    assert len(embedder.cross_encoder.asked) == sum(min(count, DOCUMENTS_READ) for count in by_language.values())


def test_copies_of_a_text_are_read_once_and_move_together(make_collection: Callable[..., Any]) -> None:
    copies = {
        f"fr/copie{number}.txt": "Le tramway de la ville relie la gare au centre, toutes les dix minutes."
        for number in range(4)
    }
    collection = make_collection({**copies, "fr/autre.txt": "Le tramway ne circule pas la nuit."}, {})
    embedder, scope = ReadingEmbedder(WordCrossEncoder("la gare")), Scope.everything()
    settings = FusionSettings(worth_weight=5.0, decisive_share=2.0)
    pipeline = QueryPipeline(collection.index, embedder, scope, settings, Readings(embedder))
    tools = ToolCache(collection.index, embedder, load_glossary(), scope).current()

    answer = pipeline.run(SearchRequest(q="tramway ne circule pas la nuit", query_lang="zh"), tools)

    paths = [answer.reply.documents[each.document_id].path for each in answer.windows[ALL_FILTERS].documents]
    assert sorted(paths[:4]) == sorted(copies)
    assert len(embedder.cross_encoder.asked) == 2


def test_what_the_cross_encoder_leaves_open_is_settled_by_nearness(reports: Any) -> None:
    undecided = answers(reports.serve(embedder=ReadingEmbedder(WordCrossEncoder("in no text"))))
    assert undecided == answers(reports.serve(embedder=CountingEmbedder()))
    decided = answers(reports.serve(embedder=ReadingEmbedder(WordCrossEncoder("大家都很满意"))))
    assert "大家都很满意。" in decided.values()
    assert "大家都很满意。" not in undecided.values()


def test_a_cross_encoder_alone_tells_the_sentence_where_embedding_fails(reports: Any) -> None:
    embedder = ReadingEmbedder(WordCrossEncoder("大家都很满意"))
    service = reports.serve(embedder=embedder)
    service.search(SearchRequest(q="乐山"))
    embedder.broken = True
    assert answers(service)["zh/rapport.md"] == "大家都很满意。"


def test_only_passages_in_another_language_change_places(reports: Any) -> None:
    finder = AnswerFinder(HashEmbedder(), Readings(ReadingEmbedder(WordCrossEncoder("oui"))))
    tools = ToolCache(reports.index, reports.embedder, load_glossary(), Scope.everything()).current()
    question = read_question(READ, tools)
    fr, zh, other, answer, own, unread = (
        Passage(name, "d", number, language, 0, 9, text)
        for number, (name, language, text) in enumerate(
            [
                ("a", "fr", "oui."),
                ("b", "zh", "非。"),
                ("c", "zh", "没有。"),
                ("d", "zh", "oui。"),
                ("e", "fr", "oui."),
                ("f", "zh", "oui。"),
            ]
        )
    )
    assert finder.order(
        question, [[zh, answer, fr], [zh, other, answer], [zh, own, other, unread], [own, unread], []], {}
    ) == [
        [answer, zh, fr],
        [answer, zh, other],
        [zh, own, other, unread],
        [own, unread],
        [],
    ]


def test_the_cross_encoder_is_given_the_title_and_the_headings_and_asked_once(reports: Any) -> None:
    cross_encoder = WordCrossEncoder("5G")
    service = reports.serve(embedder=ReadingEmbedder(cross_encoder))
    service.search(READ)
    asked = list(cross_encoder.asked)
    service.search(READ)
    assert cross_encoder.asked == asked
    assert len(asked) == len(set(asked))
    assert any(text.context.startswith("考察报告") and "IssyGrid 2015 是什么？" in text.context for _, text in asked)


def test_a_cross_encoder_that_fails_leaves_the_nearest_sentence(reports: Any) -> None:
    cross_encoder = WordCrossEncoder("午餐很好")
    cross_encoder.fails = True
    service = reports.serve(embedder=ReadingEmbedder(cross_encoder))
    assert answers(service) == answers(reports.serve(embedder=CountingEmbedder()))


def test_the_first_documents_of_each_language_are_read_whatever_is_shown(reports: Any) -> None:
    cross_encoder = WordCrossEncoder("5G")
    service = reports.serve(embedder=ReadingEmbedder(cross_encoder))
    service.search(READ.model_copy(update={"limit": 1}))
    read = {text.context.partition("\n")[0] for _, text in cross_encoder.asked}
    assert {"考察报告", "Étude"} <= read
