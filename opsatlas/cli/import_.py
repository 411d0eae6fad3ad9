"""`opsatlas import`: fill a snapshot's draft from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError
from artifacts.files import refuse_existing
from opsatlas.cli import completing
from opsatlas.cli.console import TerminalProgress, out, say, styled
from opsatlas.cli.options import (
    COLUMN_HELP,
    DelimiterOption,
    EncodingOption,
    LargeOption,
    WorkspaceOption,
    computes,
    writes,
)
from opsatlas.cli.root import Group
from opsatlas.workspace import open_workspace

if TYPE_CHECKING:
    from mining.drafts import ImportSummary
    from mining.sources.lists import Placements

app = typer.Typer(cls=Group, no_args_is_help=True, help="Fill a snapshot's draft from files.")

MOST_COLUMNS = 12
"""So many unused columns are named."""

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILE", help="Files to read.")]
DraftOption = Annotated[
    str,
    typer.Option(
        "--snapshot",
        "-s",
        metavar="SNAPSHOT",
        autocompletion=completing.snapshots,
        help="Snapshot to fill, DATE.SOURCE.",
    ),
]
SealOption = Annotated[bool, typer.Option("--seal", help="Close the snapshot for good afterwards.")]
FetchedOption = Annotated[datetime | None, typer.Option(help="When the data were fetched (UTC).")]
REPOSITORY_TARGETS = (
    "full_name repo_id node_id aliases owner owner_type description homepage topics language "
    "license_spdx stars forks open_issues watchers size_kb created_at updated_at pushed_at "
    "archived fork is_template default_branch fetched_at first_commit_at last_commit_at commits "
    "commit_authors commits_per_month"
)
ISSUE_TARGETS = (
    "full_name number node_id title body labels state state_reason author_association created_at "
    "updated_at closed_at comments reactions_total reactions_plus1 matched_labels"
)
README_TARGETS = "full_name text path commit sha fetched_at"
HISTORY_TARGETS = (
    "full_name observed_at entered_at first_commit_at last_human_at last_commit_at head_commit "
    "commits roots merges squash_share identities absence_factor truck_factor flags reason"
)

ConstantsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--constant", metavar="TARGET=VALUE", help="What the files do not say. Repeatable."
    ),
]


def _column_option(targets: str) -> Any:
    """Return the option of columns whose help names what they may fill."""
    named = f"{COLUMN_HELP} TARGET is one of {', '.join(targets.split())}."
    return typer.Option("--column", metavar="TARGET=SOURCE", help=named)


RepositoryColumns = Annotated[list[str] | None, _column_option(REPOSITORY_TARGETS)]
IssueColumns = Annotated[list[str] | None, _column_option(ISSUE_TARGETS)]
ReadmeColumns = Annotated[list[str] | None, _column_option(README_TARGETS)]
HistoryColumns = Annotated[list[str] | None, _column_option(HISTORY_TARGETS)]


GoldOutOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv",
        help="Write the lists' categories (their headings) to a CSV, to judge a taxonomy by: "
        "taxonomy evaluate --gold.",
    ),
]


@app.command("github-search")
@writes
def github_search(
    files: FilesArgument,
    snapshot: DraftOption,
    encoding: EncodingOption = None,
    large: LargeOption = False,
    seal: SealOption = False,
    fetched_at: FetchedOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Import saved pages of GitHub's repository search.

    JSON as `gh api` saves it, plain or .gz.
    """
    from mining.reading import FileFormat
    from mining.sources.github_search import import_github_search

    found = _matching(files)
    folder = _draft_folder(workspace, snapshot)
    summary = import_github_search(
        found,
        folder,
        fetched_at=_utc(fetched_at),
        file_format=FileFormat(encoding=encoding, large=large),
        progress=TerminalProgress(),
    )
    _finish(summary, folder, seal=seal)


@app.command()
@writes
def repositories(
    files: FilesArgument,
    snapshot: DraftOption,
    column: RepositoryColumns = None,
    constant: ConstantsOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = None,
    large: LargeOption = False,
    seal: SealOption = False,
    fetched_at: FetchedOption = None,
    gold_out: GoldOutOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Import repositories from tables (CSV, JSONL, …) or lists.

    Tables are CSV, TSV, JSONL or Parquet; text may be packed (.gz). Columns are found by usual
    names, and given by --column.

    A list is a text that names one repository a line (owner/name or its address; # begins a
    comment), or Markdown (.md), as awesome lists are. Of an entry in Markdown, the first link to a
    repository on GitHub counts, and the description is the list's.
    """
    from mining.sources.tabular import import_repositories, list_placements

    found = _matching(files)
    folder = _draft_folder(workspace, snapshot)
    form = _table_form(column, constant, delimiter, encoding, large=large)
    lists = {}
    if gold_out is not None:
        refuse_existing(gold_out)
        lists = list_placements(found, form["file_format"])
    summary = import_repositories(found, folder, fetched_at=_utc(fetched_at), **form)
    _finish(summary, folder, seal=seal)
    if gold_out is not None:
        _write_gold(gold_out, lists)


@app.command()
@writes
def issues(
    files: FilesArgument,
    snapshot: DraftOption,
    column: IssueColumns = None,
    constant: ConstantsOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = None,
    large: LargeOption = False,
    seal: SealOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Import issues from CSV, TSV, JSONL or Parquet.

    Text may be packed (.gz). Columns are found by usual names, and given by --column.
    """
    from mining.sources.tabular import import_issues

    found = _matching(files)
    folder = _draft_folder(workspace, snapshot)
    form = _table_form(column, constant, delimiter, encoding, large=large)
    summary = import_issues(found, folder, **form)
    _finish(summary, folder, seal=seal)


@app.command()
@writes
def readmes(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Folders with OWNER/NAME/README.md, or JSONL with full_name and text.",
        ),
    ],
    snapshot: DraftOption,
    column: ReadmeColumns = None,
    constant: ConstantsOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = None,
    large: LargeOption = False,
    seal: SealOption = False,
    fetched_at: FetchedOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Import READMEs of the repositories that a draft holds.

    They are joined by name or former name.
    """
    from mining.sources.readmes import import_readmes

    found = _matching(files)
    folder = _draft_folder(workspace, snapshot)
    form = _table_form(column, constant, delimiter, encoding, large=large)
    summary = import_readmes(found, folder, fetched_at=_utc(fetched_at), **form)
    _finish(summary, folder, seal=seal)


@app.command()
@computes
@writes
def git(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR", help="Clones, or folders that hold them as OWNER/NAME."),
    ],
    snapshot: DraftOption,
    observed_at: Annotated[
        datetime | None,
        typer.Option(help="Up to when all clones show their origins (UTC), where git did not say."),
    ] = None,
    truck_factor: Annotated[
        bool, typer.Option("--truck-factor", help="Read changes of files, too; that takes long.")
    ] = False,
    seal: SealOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Import the histories of local clones, month by month.

    Clones may be bare, shallow or partial; nothing in them is run, and nothing fetched. Names and
    e-mails are counted and never written. Repositories that the draft lacks are added.

    A clone shows a repository up to the day it was made or last fetched. That is what an imported
    table of histories says, or what git recorded in its reflog; where neither tells, nothing is
    computed of it: say it by --observed-at.
    """
    from mining.sources.git import import_git

    found = _matching(folders)
    folder = _draft_folder(workspace, snapshot)
    summary = import_git(
        found,
        folder,
        observed_at=_utc(observed_at),
        with_truck_factor=truck_factor,
        progress=TerminalProgress(),
    )
    _finish(summary, folder, seal=seal)


@app.command()
@writes
def histories(
    files: FilesArgument,
    snapshot: DraftOption,
    column: HistoryColumns = None,
    constant: ConstantsOption = None,
    delimiter: DelimiterOption = None,
    encoding: EncodingOption = None,
    large: LargeOption = False,
    seal: SealOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Import what tables say of histories.

    That is, above all, up to when each is known: CSV, TSV, JSONL or Parquet with full_name,
    observed_at, entered_at, first_commit_at, …, joined by name or former name to the repositories
    of the draft.
    """
    from mining.sources.tabular import import_histories

    found = _matching(files)
    folder = _draft_folder(workspace, snapshot)
    form = _table_form(column, constant, delimiter, encoding, large=large)
    _finish(import_histories(found, folder, **form), folder, seal=seal)


def _matching(files: Sequence[Path]) -> list[Path]:
    """Return the files that are named: a pattern that no shell expanded is expanded here."""
    from configs.finding import matching

    return matching(map(str, files), Path(), meant="the current folder")


def _draft_folder(workspace: Path | None, snapshot: str) -> Path:
    from mining.snapshots import check_id, snapshot_folder

    check_id(snapshot)
    return snapshot_folder(open_workspace(workspace, create=True), snapshot)


def _table_form(
    column: list[str] | None,
    constant: list[str] | None,
    delimiter: str | None,
    encoding: str | None,
    *,
    large: bool,
) -> dict[str, Any]:
    """Return what every import of tables is told: how they are written and what columns mean."""
    from mining.reading import FileFormat

    return {
        "columns": pairs(column, "--column"),
        "constants": pairs(constant, "--constant"),
        "file_format": FileFormat(delimiter, encoding, large),
        "progress": TerminalProgress(),
    }


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def pairs(options: Sequence[str] | None, name: str) -> dict[str, str]:
    """Return options of the form TARGET=VALUE by target; raise `InputError` for any other."""
    sources: dict[str, str] = {}
    for option in options or ():
        target, equals, value = option.partition("=")
        if not (equals and target and value):
            raise InputError(f"{name} {option!r} is not of the form TARGET=VALUE.")
        if target in sources:
            raise InputError(f"{name} names {target!r} twice.")
        sources[target] = value
    return sources


def _write_gold(path: Path, lists: Mapping[str, Placements]) -> None:
    """Write where lists place repositories, in the form that `taxonomy evaluate --gold` reads."""
    from artifacts.delimited import csv_text
    from artifacts.files import write_text

    rows = [
        (name, full_name, category)
        for name, placed in sorted(lists.items())
        for full_name, category in placed.categories.items()
    ]
    write_text(path, csv_text(("list", "full_name", "category"), rows))
    for name, placed in sorted(lists.items()):
        n_categories = len(set(placed.categories.values()))
        several = f"; of {placed.n_several:,} under several, the first counts"
        say(
            f"{name}: {len(placed.categories):,} repositories in {n_categories:,} categories"
            f"{several if placed.n_several else ''}"
        )
    out().print(styled(("✓", "green"), f" to judge by: {path}"))


def _finish(summary: ImportSummary, folder: Path, *, seal: bool) -> None:
    """Seal the snapshot if asked to, and print what the import did."""
    from mining import snapshots
    from mining.drafts import REJECTS_FILE

    sealed = snapshots.seal(folder) if seal else None
    source = summary.source
    for table, counts in source.counts.items():
        n_kept = (f"{counts.kept:,}", "bold")
        out().print(styled((table, "bold"), f": {counts.read:,} rows read, ", n_kept, " kept"))
        for drop in counts.dropped:
            say(f"  {drop.count:,} dropped: {drop.reason}")
    for note in source.notes:
        say(f"! {note}")
    nulls = [f"{name} {n:,}" for name, n in source.facts.get("nulls", {}).items() if n]
    if nulls:
        say(f"without a value: {', '.join(nulls)}")
    if source.ignored_columns:
        shown = source.ignored_columns[:MOST_COLUMNS]
        more = len(source.ignored_columns) - len(shown)
        say(f"columns not used: {', '.join(shown)}{f' and {more} more' if more else ''}")
    if source.n_rejected:
        say(f"! {source.n_rejected:,} rejects, listed in {folder / REJECTS_FILE}")
    rows = ", ".join(f"{table} {n:,}" for table, n in summary.rows_now.items()) or "nothing"
    state = "sealed" if sealed else "draft"
    out().print(styled(("✓", "green"), f" {summary.snapshot_id} ({state}) now holds: {rows}"))
