"""What the command prints: progress, reports, hits. Results go to standard output, all else to standard error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from search_core.errors import PasserelleError

if TYPE_CHECKING:  # each command brings what it prints: importing all of it took most of a second
    from indexer.report import FileEntry, RunReport
    from indexer.rollback import Offer
    from indexer.sync import SyncReport
    from passerelle.pairing import ListedPair
    from search_api.schemas import Hit, PassageHit, SearchResult
    from search_core.backups import Backup
    from search_core.findings import Finding

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

_STATUS_STYLES = {
    "indexed": "green",
    "unchanged": "dim",
    "partial": "yellow",
    "failed": "bold red",
    "skipped": "dim",
    "removed": "dim",
}
_MARK_STYLES = {"word": "bold", "stem": "bold", "phrase": "bold", "glossary": "bold cyan", "name": "bold cyan"}
_PAIR_STYLES = {"detected": "green", "confirmed": "bold green", "refuted": "dim"}

NAMES_SHOWN = 3

_COMMANDING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What makes a terminal do something else than show text, or cannot be written at all."""


def harmless(text: str) -> str:
    """Text of documents, files and errors, one character for one: a title must not drive the terminal."""
    return _COMMANDING.sub("\ufffd", text)


def tell(message: str) -> None:
    err.print(escape(harmless(message)), style="dim")


def print_error(error: PasserelleError) -> None:
    err.print(f"[bold red]Error:[/] {escape(harmless(error.message))}")
    if error.remedy:
        err.print(f"  {escape(harmless(error.remedy))}")


def print_json(data: object) -> None:
    """JSON, in UTF-8 whatever the terminal's encoding is."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2).encode("utf-8", "replace"))


def print_json_line(data: object) -> None:
    """JSON on a line of its own, for whoever reads one object after the other."""
    typer.echo(json.dumps(data, ensure_ascii=False).encode("utf-8", "replace"))


class RichProgress:
    """The progress of an indexing run: a bar for files, one for pages that are recognised, one for passages."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._files = progress.add_task("documents", total=None, visible=False)
        self._pages = progress.add_task("pages recognised", total=0, visible=False)
        self._passages = progress.add_task("passages embedded", total=0, visible=False)
        self._questions = progress.add_task("questions", total=0, visible=False)
        self._found = 0
        self._pages_found = 0
        self._asked = 0

    def files_found(self, count: int) -> None:
        self._progress.update(self._files, total=count, visible=True)

    def file_done(self, entry: FileEntry) -> None:
        self._progress.advance(self._files)
        if entry.status in ("failed", "partial"):
            err.print(_describe_entry(entry))

    def pages_met(self, *, found: int, recognized: int) -> None:
        self._pages_found += found
        self._progress.update(self._pages, total=self._pages_found, advance=recognized, visible=self._pages_found > 0)

    def passages_found(self, count: int) -> None:
        self._found += count
        self._progress.update(self._passages, total=self._found, visible=self._found > 0)

    def passages_embedded(self, count: int) -> None:
        self._progress.advance(self._passages, count)

    def questions_found(self, count: int) -> None:
        self._asked += count
        self._progress.update(self._questions, total=self._asked, visible=self._asked > 0)

    def question_done(self) -> None:
        self._progress.advance(self._questions)


class RateColumn(ProgressColumn):
    """How many a second, of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f}/s" if speed else "", "dim")


@contextmanager
def show_progress() -> Iterator[RichProgress]:
    """A progress bar on standard error; in a file or a pipe it prints its last state only."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err) as progress:
        yield RichProgress(progress)


@contextmanager
def working(on: str) -> Iterator[None]:
    """A sign of life on standard error, where that is a terminal."""
    with err.status(on):
        yield


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_run(report: RunReport) -> None:
    """The counts of a run, after the lines that were printed while it went on."""
    counts = report.counts
    parts = [f"[{style}]{counts[status]} {status}[/]" for status, style in _STATUS_STYLES.items() if counts.get(status)]
    out.print(f"{counted(len(report.files), 'file')}: {', '.join(parts) or 'nothing found'}")
    for notice in report.notices:
        err.print(escape(notice), style="yellow")


def print_sync(report: SyncReport) -> None:
    """What a round of sync changed, and the counts of all its files."""
    parts = [f"{count} {name.replace('_', ' ')}" for name, count in report.changes.items() if count]
    out.print(", ".join(parts) or "nothing changed")
    print_run(report)


def print_report(report: RunReport) -> None:
    """Every file met and what became of it."""
    table = Table(box=None, pad_edge=False)
    for heading in ("status", "path", "reason"):
        table.add_column(heading, overflow="fold")
    for entry in report.files:
        reason = "; ".join(filter(None, (entry.reason, *entry.notes)))
        status = Text(entry.status, _STATUS_STYLES[entry.status])
        table.add_row(status, Text(harmless(entry.path)), Text(harmless(reason)))
    out.print(table)
    print_run(report)


def print_pairs(pairs: Iterable[ListedPair]) -> None:
    """Versions of one document side by side, and how that is known."""
    table = Table(box=None, pad_edge=False)
    for heading in ("state", "score", "French", "Chinese"):
        table.add_column(heading, overflow="fold")
    for pair in pairs:
        score = "" if pair.score is None else f"{pair.score:.2f}"
        table.add_row(
            Text(pair.state, _PAIR_STYLES[pair.state]),
            score,
            *(Text(harmless(each.path)) for each in (pair.fr, pair.zh)),
        )
    out.print(table)
    out.print(f"{counted(table.row_count, 'pair')}", style="dim")


def print_backups(backups: Iterable[Backup]) -> None:
    """What lies in a place, newest first; what cannot be recovered says why."""
    table = Table(box=None, pad_edge=False)
    for heading in ("name", "made at", "documents", "model", "from", "problem"):
        table.add_column(heading, overflow="fold")
    for backup in backups:
        facts = backup.name, backup.made_at, str(backup.documents), backup.model, backup.origin, backup.problem
        table.add_row(*(Text(harmless(fact)) for fact in facts))
    out.print(table)


def print_result(result: SearchResult) -> None:
    """Hits as a person reads them."""
    if result.hits:
        bound = "more than " if result.more_than else ""
        out.print(f"{bound}{counted(result.total, 'document')}", style="dim")
    for number, hit in enumerate(result.hits, start=result.offset + 1):
        out.print(_describe_hit(number, hit))
    for notice in result.notices:
        err.print(escape(f"{notice.message.fr}\n{notice.message.zh}"), style="yellow")


def print_facts(facts: Mapping[str, object]) -> None:
    """Names and values, one a line."""
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, value in facts.items():
        table.add_row(Text(name, "dim"), Text(harmless(_describe_value(value))))
    out.print(table)


def print_offer(offer: Offer) -> None:
    """Where a rollback would lead, and what would be lost: by count, and the first names."""
    err.print(f"The index before: {counted(offer.documents, 'document')}, made with {escape(offer.model)}.")
    for happened, paths in offer.loss.to_dict().items():
        names = ", ".join(paths[:NAMES_SHOWN]) + (", …" if len(paths) > NAMES_SHOWN else "")
        err.print(escape(harmless(f"{counted(len(paths), 'document')} {happened} since: {names}")))
    if not offer.loss:
        err.print("Nothing happened to documents since.")


def print_findings(findings: Iterable[Finding]) -> None:
    """What was checked; a problem stands with its remedy."""
    for finding in findings:
        mark = ("✗", "bold red") if finding.remedy else ("✓", "green")
        out.print(Text.assemble(mark, " ", (finding.subject, "bold"), f": {finding.state}"))
        if finding.remedy:
            out.print(Text(f"    {finding.remedy}"))


def print_evaluation(found: Mapping[str, Any]) -> None:
    """A judged set's figures, a row a run, four directions side by side."""
    directions = list(found["runs"]["passerelle"]["directions"])
    heading = f"{found['set']}: {found['documents']} documents, {found['queries']} questions, {found['model']}"
    table = Table(title=f"{heading}\nnDCG@10 filtered / nDCG@10 mixed / hit@10 mixed / recall@50", title_justify="left")
    for column in ("run", *directions, "parity"):
        table.add_column(column, no_wrap=True)
    for run, figures in found["runs"].items():
        cells = [_describe_direction(figures["directions"].get(direction)) for direction in directions]
        table.add_row(run, *cells, " ".join(f"{pair} {value:.2f}" for pair, value in figures["parity"].items()))
    out.print(table, crop=False)
    out.print(f"answered in the other language only: {found['other_language_only']}", style="dim")
    out.print(f"“nothing close” said: {found['nothing_close']}", style="dim")
    if "answer_sentences" in found:
        told, reachable = found["answer_sentences"], found["answer_passages"]
        out.print(f"answering sentence told: {told}; in the best passage: {reachable}", style="dim")
    if "with_pairs" in found:
        out.print(f"versions of one document: {found['with_pairs']}", style="dim")


def print_comparison(found: Mapping[str, Any]) -> None:
    """Several configurations over several sets: the tables of each set, a row a configuration."""
    from passerelle.evaluation.comparison_tables import LEGEND, describe_set, find_harm, make_tables

    for figures in found["sets"]:
        out.print(escape(harmless(f"\n{describe_set(figures)}")), style="bold")
        for each in make_tables(figures):
            table = Table(title=escape(each.title), title_justify="left")
            for column in ("configuration", *each.columns):
                table.add_column(escape(column), no_wrap=True)
            for name, cells in each.rows.items():
                table.add_row(*(Text(harmless(cell)) for cell in (name, *cells)))
            out.print(table, crop=False)
        for sentence in find_harm(figures):
            out.print(escape(harmless(f"Fusion hurts: {sentence}")), style="yellow")
        out.print(escape(LEGEND), style="dim")


def _describe_direction(figures: Mapping[str, float] | None) -> str:
    if figures is None:
        return ""
    return " / ".join(f"{figures[name]:.3f}" for name in ("ndcg10_filtered", "ndcg10_mixed", "hit10_mixed", "recall50"))


def _describe_value(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)


def _describe_entry(entry: FileEntry) -> Text:
    return Text.assemble((entry.status, _STATUS_STYLES[entry.status]), harmless(f" {entry.path}: {entry.reason}"))


def _describe_hit(number: int, hit: Hit) -> Text:
    text = Text.assemble(
        "\n",
        f"{number}. ",
        (f"[{hit.language}] ", "cyan"),
        (harmless(hit.title), "bold"),
        *((("  [illustrative]", "yellow"),) if hit.illustrative else ()),
        "\n   ",
        (harmless(" · ".join(filter(None, (_describe_date(hit), hit.path, hit.document_id)))), "dim"),
    )
    for passage in hit.passages:
        where = " · ".join(filter(None, (f"p. {passage.page}" if passage.page else "", passage.heading)))
        text.append(f"\n   {harmless(where)}: " if where else "\n   ", "dim")
        text.append_text(_describe_passage(passage))
    return text


def _describe_date(hit: Hit) -> str:
    return f"{hit.date} (proposed)" if "date" in hit.proposed else hit.date or ""


def _describe_passage(passage: PassageHit) -> Text:
    start, end = (
        (passage.snippets[0].start, passage.snippets[0].end) if passage.snippets else (passage.start, passage.end)
    )
    text = Text(harmless(passage.text[start - passage.start : end - passage.start]).replace("\n", " "))
    for mark in passage.highlights:
        if start <= mark.start and mark.end <= end:
            text.stylize(_MARK_STYLES[mark.kind], mark.start - start, mark.end - start)
    return text
