"""Pieces of text to passages with their language, tokens and the text that is embedded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from indexer.context import Context, make_contexts
from indexer.split import PASSAGE_TOKENS, Piece, find_sections, make_heading, split_text
from search_core.analysis.analyzer import Analyzer
from search_core.embedding import Embedder
from search_core.language import LETTERS_PER_HAN, detect_language, majority_language
from search_core.model import (
    Document,
    IndexedPassage,
    Language,
    Passage,
    Shared,
    Vector,
    make_embedded_text,
    make_embedding_key,
    make_passage_id,
)


@dataclass(frozen=True)
class SplitDocument(Shared):
    """A document and its pieces; its `language` is what is assumed of a piece that is too short to tell."""

    document: Document
    pieces: tuple[tuple[Piece, Context], ...]


@dataclass(frozen=True)
class AnalyzedPassage(Shared):
    """All of an `IndexedPassage` but its vector."""

    passage: Passage
    tokens: tuple[str, ...]
    filter_tokens: tuple[str, ...]
    embedded_text: str

    def with_vector(self, vector: Vector, embedding_key: str) -> IndexedPassage:
        return IndexedPassage(self.passage, self.tokens, self.filter_tokens, embedding_key, vector)


@dataclass(frozen=True)
class AnalyzedDocument(Shared):
    """A document whose language is decided, and its passages."""

    document: Document
    passages: tuple[AnalyzedPassage, ...]

    def embedding_keys(self, model_identity: str) -> list[str]:
        return [make_embedding_key(model_identity, passage.embedded_text) for passage in self.passages]


def split_document(document: Document, embedder: Embedder, budget: int = PASSAGE_TOKENS) -> SplitDocument:
    """The pieces of a document's text, of at most `budget` tokens and within what the model reads."""
    sections = find_sections(document.text, document.headings)
    headings = [make_heading(section.path, document.metadata.title) for section in sections]
    contexts = make_contexts(document.metadata.title, headings, embedder)
    pieces = split_text(
        document.text,
        list(zip(sections, contexts, strict=True)),
        document.pages,
        embedder.count_tokens,
        embedder.max_tokens,
        budget,
    )
    by_heading = {context.heading_path: context for context in contexts}
    return SplitDocument(document, tuple((piece, by_heading[piece.heading]) for piece in pieces))


def analyze_document(
    split: SplitDocument, analyzer: Analyzer, overrides: Mapping[str, Language] | None = None
) -> AnalyzedDocument:
    """Passages of a split document. Its language is what a person says, else its metadata, else most of its text."""
    document, occurrences = split.document, Counter[str]()
    tokens = _TokenReader(analyzer)
    passages: list[AnalyzedPassage] = []
    for number, (piece, context) in enumerate(split.pieces):
        embedded_text = make_embedded_text(context.title, context.heading, document.text[piece.start : piece.end])
        passage_id = make_passage_id(document.document_id, embedded_text, occurrences[embedded_text])
        occurrences[embedded_text] += 1
        passage = _make_passage(document, piece, number, passage_id)
        above = (document.metadata.title, piece.heading)
        passages.append(AnalyzedPassage(passage, *tokens.read(above, passage.text), embedded_text))
    language = (overrides or {}).get(document.document_id) or document.metadata.language
    decided = language or _find_language([passage.passage for passage in passages], document)
    return AnalyzedDocument(replace(document, language=decided), tuple(passages))


class _TokenReader:
    """Ranking and filter tokens of a passage with its title and heading, which are analysed once a document."""

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._above: dict[str, tuple[list[str], tuple[str, ...]]] = {}

    def read(self, above: Sequence[str], text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        for part in above:
            if part not in self._above:
                self._above[part] = self._analyze(part)
        parts = [*(self._above[part] for part in above), self._analyze(text)]
        ranking = tuple(token for tokens, _ in parts for token in tokens)
        return ranking, tuple(dict.fromkeys(token for _, tokens in parts for token in tokens))

    def _analyze(self, text: str) -> tuple[list[str], tuple[str, ...]]:
        return [token.text for token in self._analyzer.analyze(text)], self._analyzer.filter_tokens(text)


def _make_passage(document: Document, piece: Piece, number: int, passage_id: str) -> Passage:
    text = document.text[piece.start : piece.end]
    return Passage(
        passage_id=passage_id,
        document_id=document.document_id,
        number=number,
        language=detect_language(text, document.language),
        start=piece.start,
        end=piece.end,
        text=text,
        heading=piece.heading,
        page=piece.page,
        confidence=piece.confidence,
    )


def _find_language(passages: list[Passage], document: Document) -> Language:
    """That of most of the text; of a page half translated, what it says itself, where its title agrees."""
    weights = [
        (passage.language, len(passage.text) * (LETTERS_PER_HAN if passage.language == "zh" else 1))
        for passage in passages
    ]
    found = majority_language(weights) if weights else document.language
    hint = document.language
    return hint if found == "other" and detect_language(document.metadata.title) == hint else found
