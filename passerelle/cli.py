"""The `passerelle` command.

Heavy parts (torch, Haystack, FastAPI) are imported inside the commands that need them: `--help` answers at once.
Exit status: 0 done; 1 some files failed, `doctor` found a problem, or a question was answered with no; 2 wrong usage;
3 nothing could be done, and why stands on standard error; 130 interrupted.
"""

from __future__ import annotations

import errno
import io
import sys
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer
import typer.core
from pydantic import ValidationError

from search_core.errors import InvalidRequest, PasserelleError, SettingsError

if TYPE_CHECKING:
    from passerelle.workspace import Workspace

app = typer.Typer(
    help="Bilingual search, French and Chinese, over a folder of documents. · 法中双语文档检索。",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
FAILED, INTERRUPTED = 3, 130

Names = Annotated[list[str], typer.Argument(help="Document ids, paths of files, or folders.", metavar="ID|PATH...")]


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to index.")],
    retry: Annotated[bool, typer.Option("--retry", help="Try failed and partial files again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Convert, embed and index files and folders. What did not change is left alone; an interrupted run goes on."""
    from indexer.run import index_paths
    from passerelle.console import print_json, print_run, show_progress
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        with show_progress() as progress:
            report = index_paths(paths, **workspace.file_tools(), retry=retry, progress=progress)
        _clean_up(workspace)
    if as_json:
        print_json(report.to_dict())
    else:
        print_run(report)
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def sync(
    folder: Annotated[Path, typer.Argument(help="The folder that its source is made equal to.")],
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C, following what changes.")] = False,
    poll: Annotated[
        float | None,
        typer.Option(min=0.1, metavar="SECONDS", help="Watch by looking this often, not by change events."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove documents however many have lost their file.")] = False,
    adopt: Annotated[bool, typer.Option("--adopt", help="Take over what `index` added with this folder.")] = False,
    shown_as: Annotated[
        str | None,
        typer.Option("--shown-as", metavar="PLACE", help=r"Show its files below this place, e.g. '\\server\share'."),
    ] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Try failed and partial files again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a source equal to its folder: what is new, changed, moved or deleted there. Other documents stay."""
    from passerelle.syncing import Syncing
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        syncing = Syncing(workspace, folder, yes=yes, adopt=adopt, retry=retry, shown_as=shown_as, as_json=as_json)
        is_ok = syncing.watch(poll) if watch else syncing.run()
        _clean_up(workspace)
    if not is_ok:
        raise typer.Exit(1)


@app.command()
def search(  # noqa: PLR0913, PLR0917 - one parameter an option
    query: Annotated[str, typer.Argument(help='The question; "a phrase" and -word work as on the page.')],
    lang: Annotated[Literal["fr", "zh", "both"], typer.Option(help="Language of the documents wanted.")] = "both",
    prefer: Annotated[Literal["fr", "zh"] | None, typer.Option(help="Language to put first.")] = None,
    query_lang: Annotated[Literal["auto", "fr", "zh", "both"], typer.Option(help="Language of the question.")] = "auto",
    filters: Annotated[
        list[str] | None, typer.Option("--filter", metavar="FIELD=VALUE", help="E.g. kind=minutes; repeatable.")
    ] = None,
    date_from: Annotated[str | None, typer.Option("--from", help="First date (2014, 2014-11, 2014-11-03).")] = None,
    date_to: Annotated[str | None, typer.Option("--to", help="Last date.")] = None,
    sort: Annotated[Literal["relevance", "newest", "oldest"], typer.Option(help="Order of the hits.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=100, help="Hits to print.")] = 10,
    cursor: Annotated[str | None, typer.Option(help="`next` or `previous` of an earlier answer.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a question in French or Chinese. With --json, print exactly what GET /api/v1/search answers."""
    from starlette.datastructures import QueryParams

    from passerelle.console import print_result, tell
    from search_api.inputs import read_request
    from search_api.opening import open_service
    from search_core.settings import Settings

    given = [
        ("q", query),
        ("lang", lang),
        ("prefer", prefer or ""),
        ("query_lang", query_lang),
        ("date_from", date_from or ""),
        ("date_to", date_to or ""),
        ("sort", sort),
        ("limit", str(limit)),
        ("cursor", cursor or ""),
        *(_read_filter(each) for each in filters or ()),
    ]
    # Bytes that are no UTF-8 reach a program as half surrogates; in an address they would be replaced.
    readable = [(name, value.encode("utf-8", "replace").decode()) for name, value in given]
    with closing(open_service(Settings(), tell)) as service:
        result = service.search(read_request(QueryParams(readable)))
    if as_json:
        typer.echo(result.model_dump_json().encode())
    else:
        print_result(result)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address (default: PASSERELLE_HOST or 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port (default: PASSERELLE_PORT or 8000).")] = None,
) -> None:
    """Serve the search page and the API."""
    from passerelle.serving import run_server
    from search_core.settings import Settings

    given = {"host": host, "port": port}
    run_server(Settings(**{name: value for name, value in given.items() if value is not None}))  # type: ignore[arg-type]


@app.command()
def remove(
    names: Names,
    purge: Annotated[bool, typer.Option("--purge", help="Erase all traces; this cannot be undone.")] = False,
    yes: Yes = False,
) -> None:
    """Take documents out of the index. They can be restored for 30 days, unless --purge erases them."""
    from passerelle.console import counted, out
    from passerelle.selection import select_documents
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        chosen = select_documents(workspace.index, names, removed=None if purge else False)
        if purge:
            _confirm(f"Erase {counted(len(chosen), 'document')} and all traces of their text?", yes=yes)
        ids = [record.document_id for record in chosen]
        if purge:
            from indexer.erase import erase_documents

            done = erase_documents(workspace.index, workspace.people, workspace.embedder, ids)
        else:
            from indexer.pairs.detect import refresh_pairs

            with workspace.index.writer("removing documents") as writer:
                done = writer.remove(ids, datetime.now(UTC).isoformat(timespec="seconds"))
                refresh_pairs(workspace.index, writer, workspace.people)
        _clean_up(workspace)
    said = "erased" if purge else "removed; `passerelle restore` brings back what was removed"
    out.print(f"{counted(done, 'document')} {said}.")


@app.command()
def restore(names: Names) -> None:
    """Bring removed documents back as they were."""
    from indexer.pairs.detect import refresh_pairs
    from passerelle.console import counted, out
    from passerelle.selection import select_documents
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        chosen = select_documents(workspace.index, names, removed=True)
        with workspace.index.writer("restoring documents") as writer:
            done = writer.restore([record.document_id for record in chosen])
            refresh_pairs(workspace.index, writer, workspace.people)
    out.print(f"{counted(done, 'document')} restored.")


@app.command()
def reindex(
    discard: Annotated[
        bool, typer.Option("--discard", help="Only delete what an interrupted reindex left; nothing is made.")
    ] = False,
) -> None:
    """Analyse and embed stored texts again after a new glossary, analysis or model. The old index serves meanwhile."""
    from passerelle.console import out, print_run, show_progress, tell
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        if discard:
            was_there = workspace.index.discard()
            out.print("Discarded." if was_there else "There is no unfinished reindex.")
            return
        from indexer.reindex import reindex as run_reindex

        tools = workspace.indexing_tools()
        with show_progress() as progress:
            report = run_reindex(**tools, progress=progress, tell=tell)
    print_run(report)


@app.command()
def rollback(yes: Yes = False) -> None:
    """Go back to the index before the last reindex; what would be lost is told first. Again, it goes forth."""
    from indexer.rollback import offer_rollback, roll_back
    from passerelle.console import out, print_offer
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        offer = offer_rollback(workspace.index, workspace.embedder, workspace.analyzer)
        print_offer(offer)
        if not yes:
            typer.confirm("Go back to it?", abort=True, err=True)
        roll_back(workspace.index, offer, workspace.embedder, workspace.people)
    out.print("Done. `passerelle rollback` once more undoes it; `passerelle index` or `sync` brings files up to date.")


@app.command()
def backup(
    place: Annotated[str, typer.Argument(help="A folder; with OpenSearch, a snapshot repository or its folder.")],
    list_only: Annotated[bool, typer.Option("--list", help="List the backups that lie there; make none.")] = False,
    keep: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Then delete the oldest until so many are left.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="With --list: print JSON.")] = False,
) -> None:
    """Back up the index and what people entered, while others read and write."""
    from passerelle.backing_up import list_backups, make_backup
    from passerelle.console import harmless, out, print_backups, print_json
    from search_core.settings import Settings

    if not list_only:
        for sentence in make_backup(Settings(), place, keep):
            out.print(harmless(sentence), markup=False)
        return
    found = list_backups(Settings(), place)
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        print_backups(found)


@app.command()
def recover(
    place: Annotated[str, typer.Argument(help="Where the backup lies, as `backup` was told; or one backup's folder.")],
    name: Annotated[str | None, typer.Argument(help="Which backup (default: the newest).")] = None,
    yes: Yes = False,
) -> None:
    """Put a backup in the place of the index and of what people entered; `rollback` goes back to the index before."""
    from passerelle.console import harmless, out
    from passerelle.recovering import recover_backup
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        for sentence in recover_backup(workspace, place, name, lambda question: _confirm(question, yes=yes)):
            out.print(harmless(sentence), markup=False)


@app.command()
def migrate(
    source: Annotated[Literal["embedded", "opensearch"], typer.Option("--from", help="Engine to copy from.")],
    target: Annotated[Literal["embedded", "opensearch"], typer.Option("--to", help="Engine to copy to.")],
    yes: Yes = False,
) -> None:
    """Copy everything from one engine to the other as it is stored, without embedding anything again."""
    from passerelle.console import harmless, out
    from passerelle.migrating import run_migration
    from search_core.settings import Settings

    for sentence in run_migration(Settings(), source, target, lambda question: _confirm(question, yes=yes)):
        out.print(harmless(sentence), markup=False)


@app.command()
def language(
    name: Annotated[str, typer.Argument(help="Document id or path.", metavar="ID|PATH")],
    value: Annotated[Literal["fr", "zh", "other", "auto"], typer.Argument(help="`auto`: as detected.")],
) -> None:
    """Set the language of a document where the detected one is wrong. It survives every reindex."""
    from passerelle.console import out
    from passerelle.selection import select_documents
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        for record in select_documents(workspace.index, [name], removed=False):
            workspace.people.set_language(record.document_id, None if value == "auto" else value)
            out.print(f"{record.path}: {value}")
    out.print("Run `passerelle index` on it, or `passerelle reindex`, to apply this.")


@app.command()
def pairs(
    action: Annotated[
        Literal["list", "confirm", "refute", "forget"],
        typer.Argument(help="What to do; `forget` takes back what was said of two documents."),
    ] = "list",
    names: Annotated[
        list[str] | None, typer.Argument(help="Two documents, by id or path.", metavar="ID|PATH ID|PATH")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Versions of one document, in French and Chinese: list them, or say which are and which are not."""
    from passerelle.console import harmless, out, print_json, print_pairs
    from passerelle.pairing import judge_pair, list_pairs
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        if action != "list":
            for sentence in judge_pair(workspace, action, names or []):
                out.print(harmless(sentence), markup=False)
            return
        found = list_pairs(workspace)
    if as_json:
        print_json([pair.to_dict() for pair in found])
    else:
        print_pairs(found)


@app.command()
def report(as_json: AsJson = False) -> None:
    """Every file met and what became of it."""
    from passerelle.console import print_json, print_report
    from passerelle.workspace import open_workspace
    from search_core.engines.base import Scope
    from search_core.report import read_report

    with open_workspace() as workspace:
        found = read_report(workspace.index, Scope.everything())
    if as_json:
        print_json(found.to_dict())
    else:
        print_report(found)


@app.command()
def status(as_json: AsJson = False) -> None:
    """What is indexed, by what model, where."""
    from passerelle.condition import describe_index
    from passerelle.console import print_facts, print_json
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        facts = describe_index(workspace)
    if as_json:
        print_json(facts)
    else:
        print_facts(facts)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Check disk, memory, rights, model and index; each problem with its remedy."""
    from passerelle.condition import examine
    from passerelle.console import print_findings, print_json
    from passerelle.workspace import open_workspace

    with open_workspace() as workspace:
        findings = examine(workspace)
    if as_json:
        print_json([finding.to_dict() for finding in findings])
    else:
        print_findings(findings)
    if any(finding.remedy for finding in findings):
        raise typer.Exit(1)


class SpreadCommand(typer.core.TyperCommand):
    """A command whose `--compare` takes all the .toml files behind it: `--compare a.toml b.toml`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, spread_option(args, "--compare", ".toml"))


@app.command(name="eval", cls=SpreadCommand)
def evaluate(
    folders: Annotated[list[Path], typer.Argument(help="Judged sets.", metavar="SET_DIR...")],
    compare: Annotated[
        list[Path] | None,
        typer.Option(
            "--compare", metavar="FILE.toml...", help="Configurations to run side by side; the first is the reference."
        ),
    ] = None,
    markdown: Annotated[
        Path | None, typer.Option("--markdown", metavar="FILE", help="Write the tables of --compare there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Index judged sets in scratch indexes, ask their questions, score in four directions beside the usual recipe."""
    from passerelle.console import print_evaluation, print_json, show_progress
    from passerelle.evaluation.evaluate import evaluate_set
    from passerelle.workspace import open_workspace

    if compare:
        from passerelle.comparing import run_comparison

        run_comparison(folders, compare, markdown, as_json=as_json)
        return
    if markdown:
        raise InvalidRequest("--markdown is written by a comparison only.", remedy="Add --compare FILE.toml.")
    with open_workspace() as known:
        for folder in folders:
            with show_progress() as progress:
                tools = known.set_tools(progress)
                found = evaluate_set(folder, tools, known.settings.data)
            if as_json:
                print_json(found)
            else:
                print_evaluation(found)


def main() -> NoReturn:
    """Run the command; every error of the family is a sentence with its remedy, never a traceback."""
    from passerelle.console import err, print_error

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows no Chinese shows the rest
    try:
        app(prog_name="passerelle")  # whatever started Python
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            err.print("Interrupted. Run the same command again to go on.")
        raise
    except PasserelleError as error:
        print_error(error)
    except ValidationError as error:
        first = error.errors()[0]
        name = "PASSERELLE_" + "_".join(str(part) for part in first["loc"]).upper()
        print_error(SettingsError(f"The setting {name} is wrong: {first['msg']}.", remedy="See docs/settings.md."))
    except OSError as error:
        print_error(_explain(error))
    raise SystemExit(FAILED)


def _explain(error: OSError) -> PasserelleError:
    remedies = {
        errno.ENOSPC: "Free some space, or set PASSERELLE_DATA to a folder on another disk; what was done is kept.",
        errno.EACCES: "Set PASSERELLE_DATA to a folder that you may write to.",
        errno.EROFS: "Set PASSERELLE_DATA to a folder that you may write to.",
    }
    remedy = remedies.get(error.errno or 0, "`passerelle doctor` checks disk, rights and model.")
    return PasserelleError(f"{error.strerror or error}: {error.filename or 'the data folder'}.", remedy=remedy)


def spread_option(arguments: list[str], option: str, ending: str) -> list[str]:
    """Repeat an option before each file behind its first value.

    --compare a.toml b.toml set   ->   --compare a.toml --compare b.toml set
    """
    spread: list[str] = []
    last_is_file = False
    for argument in arguments:
        behind = last_is_file and argument.endswith(ending)
        spread += [option, argument] if behind else [argument]
        last_is_file = behind or (argument.endswith(ending) and len(spread) > 1 and spread[-2] == option)
    return spread


def _read_filter(given: str) -> tuple[str, str]:
    field, separator, value = given.partition("=")
    if not separator:
        raise InvalidRequest(
            f"The filter {given!r} has no value.", remedy="Write it as FIELD=VALUE, e.g. kind=minutes."
        )
    return field.strip(), value.strip()


def _confirm(question: str, *, yes: bool) -> None:
    """End the command where the answer is no."""
    if not yes:
        typer.confirm(question, abort=True, err=True)


def _clean_up(workspace: Workspace) -> None:
    """Erase what was removed long ago, and the images of pages of what is erased."""
    from indexer.erase import erase_documents, find_expired
    from search_api.preview.cache import PageCache
    from search_core.engines.base import Scope

    expired = find_expired(workspace.index, datetime.now(UTC))
    if expired:
        erase_documents(workspace.index, workspace.people, workspace.embedder, expired)
    records = workspace.index.records(None, Scope.everything())
    images = PageCache(workspace.settings.data, workspace.settings.page_images_mb)
    images.tidy([record.document_id for record in records])
