"""Reading a question and a passage together: which sentence answers, and whether any does.

A vector says what a text is about. Whether it answers, only reading both at once tells: the words of the question meet
those of the passage in every layer of the model, whatever their languages. It costs a run of the model for each pair,
so only a few passages of a search are read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from search_core.sentences import Span


@dataclass(frozen=True)
class ReadText:
    """What is read of a passage: `context` stands above it (title and headings), `sentences` are spans of `text`."""

    context: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True)
class Reading:
    """What one passage is to one question, in log-odds.

    `worth`: that it answers, against that it does not. `sentences`: how much each sentence is the answer, comparable
    inside a passage; one that was not read, behind the model's window, has -inf.
    """

    worth: float
    sentences: tuple[float, ...]


class CrossEncoder(Protocol):
    """Reads questions with passages. Safe to call from several threads; raises `ModelError` where it cannot run."""

    @property
    def identity(self) -> str:
        """A hash of all that decides what a reading is."""
        ...

    def read(self, question: str, texts: Sequence[ReadText]) -> list[Reading]: ...


@runtime_checkable
class OffersCrossEncoder(Protocol):
    """What comes with a cross-encoder, or may: an embedder of the bundled model does."""

    def open_cross_encoder(self) -> CrossEncoder | None:
        """The cross-encoder, None where the model has none or none is wanted. Raises `ModelError`."""
        ...
