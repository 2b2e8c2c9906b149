"""What goes in and what comes out: `SearchRequest` and `SearchResult`.

The JSON of the API, the page and `passerelle search` are renderings of one `SearchResult`; if one of them needs
to know something, it stands here. Offsets are half-open, in Unicode code points of the document's text as
`GET /api/v1/documents/{id}` returns it.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from search_core.model import Language, Status

QueryLanguage = Literal["fr", "zh", "both"]
"""`both`: undecided or mixed."""

Order = Literal["relevance", "newest", "oldest"]

HighlightKind = Literal["word", "stem", "glossary", "phrase", "name"]
"""word: as typed (accents, width, variants aside); stem: another form; glossary: a translation; phrase: quoted;
name: a name in any script and order."""

DEFAULT_LIMIT = 10
MAX_LIMIT = 100
MAX_QUERY_CHARS = 1000


class Model(BaseModel):
    model_config = ConfigDict(frozen=True)


class SearchRequest(Model):
    """One question. `lang`: the language of the documents wanted; `prefer`: the one to put first, hiding neither."""

    q: str = ""
    query_lang: Literal["auto", "fr", "zh", "both"] = "auto"
    lang: Literal["both", "fr", "zh"] = "both"
    prefer: Literal["fr", "zh"] | None = None
    filters: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Field to values (OR); fields are ANDed."
    )
    date_from: str | None = None
    date_to: str | None = None
    sort: Order = "relevance"
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None
    only: frozenset[str] | None = Field(None, exclude=True)
    """The ids of the documents to search in, None for all: for callers within the program. No address gives it."""


class Span(Model):
    start: int
    end: int


class Highlight(Span):
    kind: HighlightKind


class Correspondence(Span):
    """A glossary term of a passage that is not in the question's language: `term` as it stands there (in `language`).

    `asked`: the question holds it, and `translation` is as the question wrote it.
    """

    language: Literal["fr", "zh"]
    term: str
    translation: str
    asked: bool


class PassageHit(Model):
    """A passage that answers. `text` is the whole passage; `snippets` are its best sentences, for display.

    `answer` is the sentence that answers, told for the best passage of a hit that is not in the question's language.
    """

    passage_id: str
    language: Language
    text: str
    start: int
    end: int
    page: str | None = Field(None, description="Printed page label or number; null where the document has no pages.")
    confidence: float | None = Field(None, description="0 to 1 where the text was recognised (OCR); null where read.")
    heading: str = ""
    highlights: list[Highlight] = []
    snippets: list[Span] = []
    answer: Span | None = None
    correspondences: list[Correspondence] = []


class LegRank(Model):
    """Which leg found a hit, at which rank (from 1) among that leg's documents."""

    leg: Literal["lexical", "dense", "glossary", "name"]
    language: Language
    rank: int


class DocumentInfo(Model):
    """What is shown of a document besides its text. Values of `metadata` are vocabulary ids or text as found."""

    document_id: str
    path: str
    display_path: str = Field("", description="The path below the place that people know its source by.")
    source: str
    title: str
    titles: dict[Literal["fr", "zh"], str] = Field({}, description="Translations of the title that metadata gives.")
    language: Language
    date: str | None = None
    metadata: dict[str, list[str]] = {}
    proposed: list[str] = Field(
        [], description="Fields (`date` too) that nobody declared: rules read them from the text."
    )
    illustrative: bool = False
    media_type: str
    status: Status
    notes: list[str] = []

    def title_in(self, language: Literal["fr", "zh"]) -> str:
        """The title for a reader of this language, where the document is in another; empty where nobody wrote one."""
        title = self.titles.get(language, "")
        return "" if language == self.language or title == self.title else title


class Version(DocumentInfo):
    """The same document in the other language."""

    confirmed: bool = Field(description="True when a person said so, false when it was detected.")
    found: bool = Field(description="It answers too: it is in the set, and shares this place instead of its own.")
    passage_id: str | None = Field(None, description="Its best passage, where it was found.")


class Place(Model):
    """Another document with the same text."""

    document_id: str
    path: str
    display_path: str = ""
    source: str


class Hit(DocumentInfo):
    score: float
    legs: list[LegRank] = []
    passages: list[PassageHit] = []
    versions: list[Version] = Field([], description="The same document in the other language, where it is known.")
    places: list[Place] = []


class Label(Model):
    fr: str
    zh: str


class FacetValue(Model):
    value: str
    label: Label
    count: int
    selected: bool = False


class RecognizedName(Model):
    """A name in the query and how it is written elsewhere: as listed, else as found."""

    text: str
    spellings: list[str] = []


class UsedQuery(Model):
    """The query as it was understood."""

    text: str = Field(description="The text that was searched, after cutting.")
    language: QueryLanguage
    language_given: bool = Field(description="False when the language was detected.")
    truncated: bool = Field(False, description=f"True when the query was cut at {MAX_QUERY_CHARS} characters.")
    phrases: list[str] = []
    excluded: list[str] = []
    glossary: list[Label] = Field([], description="Glossary pairs recognised in the query.")
    names: list[RecognizedName] = Field([], description="Names recognised in the query, in either script.")


class SearchedLanguage(Model):
    """What one document language gave. `searched` is false where the request leaves that language out; of one that was
    searched, `close` is false when nothing there seems to answer."""

    language: Language
    searched: bool
    total: int
    close: bool


class Notice(Model):
    """Something a reader should know of this answer: a code for programs, a sentence in both languages for people."""

    code: Literal[
        "nothing_close",
        "nothing_close_in_language",
        "query_truncated",
        "leg_unavailable",
        "reindex_advised",
        "empty_index",
    ]
    message: Label


class SearchResult(Model):
    """The answer. `total`, `facets`, sorting and paging speak of the same set; `more_than` says that set was cut.

    To a question two versions of one document are one result; browsing lists each by itself.
    """

    query: UsedQuery
    request: SearchRequest
    total: int
    more_than: bool = False
    hits: list[Hit]
    offset: int = 0
    next: str | None = Field(None, description="Cursor of the next page.")
    previous: str | None = Field(None, description="Cursor of the page before.")
    languages: list[SearchedLanguage] = []
    facets: dict[str, list[FacetValue]] = {}
    notices: list[Notice] = []
    index_version: int
    took_ms: int = 0


class PageOut(Span):
    label: str
    confidence: float | None = Field(None, description="0 to 1 where the page was recognised (OCR); null where read.")


class HeadingOut(Span):
    level: int


class DocumentResult(DocumentInfo):
    """A whole document. `original_available` is false when the file is gone; the kept text is still here."""

    text: str
    pages: list[PageOut] = []
    headings: list[HeadingOut] = []
    extra: dict[str, Any] = {}
    reason: str = Field("", description="Why the file was read in part or not at all, and what to do.")
    passage: Span | None = Field(None, description="The passage asked for with `passage`, where it still exists.")
    highlights: list[Highlight] = Field([], description="The words of `q`, where one was given, in the whole text.")
    original_available: bool
    original_changed: bool = Field(False, description="A PDF file is there, but not as it was read.")
    page_images: bool = Field(False, description="The pages can be had as images.")
    versions: list[Version] = Field([], description="The same document in the other language, where it is known.")
    index_version: int


class Liveness(Model):
    """What anyone may know of the service: that it runs, and whether searching works wholly or in part."""

    status: Literal["ok", "degraded"]


class Translation(Model):
    """A passage in another language, by machine: not part of the document, not indexed, and possibly wrong."""

    document_id: str
    passage_id: str
    start: int
    end: int
    source: Language
    into: Literal["fr", "zh"]
    text: str
    machine: Literal[True] = True
    service: str = Field(description="The host that translated it.")


class FacetsResult(Model):
    total: int
    more_than: bool = False
    facets: dict[str, list[FacetValue]]
    index_version: int


class Health(Model):
    """`ok`: searching works; `degraded`: it works in part; `reasons` say why."""

    status: Literal["ok", "degraded"]
    engine: str
    model: str
    documents: dict[str, int]
    passages: dict[str, int]
    index_version: int
    reasons: list[str] = []


class Problem(Model):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    remedy: str
    instance: str
    parameter: str | None = None
