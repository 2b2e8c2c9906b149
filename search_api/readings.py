"""What a cross-encoder makes of passages, remembered: turning pages back and asking again cost nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from search_api.marking import HEADING_SEPARATOR
from search_api.recent import Recent, make_key
from search_core.cross_encoding import OffersCrossEncoder, Reading, ReadText
from search_core.embedding import Embedder
from search_core.errors import ModelError
from search_core.model import Passage
from search_core.sentences import Span, sentence_spans

READINGS_KEPT = 4096

SENTENCES_READ = 24
"""Of a passage; in 256 tokens there are hardly more, in a foreign model's longer passages the first count."""

_QUESTION_MARKS = ("?", "？")


class Readings:
    """Reads passages with questions. Safe to use from several threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._known: Recent[Reading] = Recent(READINGS_KEPT)

    def read(self, question: str, passages: Sequence[Passage], titles: Mapping[str, str]) -> dict[str, Reading]:
        """By passage id; `titles` by document id. Nothing where the model has no cross-encoder or fails."""
        texts = {each.passage_id: make_read_text(each, titles.get(each.document_id, "")) for each in passages}
        keys = {passage_id: make_key(question, text.context, text.text) for passage_id, text in texts.items()}
        known = self._known.find(keys.values())
        found = {passage_id: known[key] for passage_id, key in keys.items() if key in known}
        missing = [passage_id for passage_id in texts if passage_id not in found]
        if missing:
            try:
                cross_encoder = (
                    self._embedder.open_cross_encoder() if isinstance(self._embedder, OffersCrossEncoder) else None
                )
                if cross_encoder is None:
                    return {}
                read = cross_encoder.read(question, [texts[passage_id] for passage_id in missing])
            except ModelError:
                return {}
            found |= zip(missing, read, strict=True)
        self._known.keep({keys[passage_id]: reading for passage_id, reading in found.items()})
        return found


def make_read_text(passage: Passage, title: str) -> ReadText:
    """A passage below its document's title and its headings."""
    context = "\n".join(part for part in (title.strip(), passage.heading.strip()) if part)
    return ReadText(context, passage.text, tuple(find_sentences(passage, title)))


def find_sentences(passage: Passage, title: str) -> list[Span]:
    """The sentences of a passage that can answer.

    Not its own heading; and where anything else stands, no question and not the title of its document.
    """
    heading = passage.heading.rpartition(HEADING_SEPARATOR)[2]
    body = len(heading) if passage.text.startswith(heading) else 0
    spans = [span for span in sentence_spans(passage.text)[:SENTENCES_READ] if span[0] >= body]
    return [span for span in spans if _says_something(passage.text[slice(*span)], title)] or spans


def _says_something(sentence: str, title: str) -> bool:
    return not sentence.endswith(_QUESTION_MARKS) and sentence.split() != title.split()
