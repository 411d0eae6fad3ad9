"""`opsatlas kinds`: what kind of thing each repository is, and each issue."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import check_choice
from opsatlas.cli import completing
from opsatlas.cli.console import first_words, show
from opsatlas.cli.options import JsonOption, WorkspaceOption, computes, writes
from opsatlas.cli.root import Group
from opsatlas.cli.session import open_study
from reports.tables import Column, Table, bounded, for_data, number, percent

if TYPE_CHECKING:
    from artifacts.words import Corpus, Documents
    from insights.kinds.build import FoundKinds
    from opsatlas.pipeline import Pipeline

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Kinds of repositories (tool, list, …) and of issues: tell, show.",
)
WORDS_SHOWN = 70
"""Characters of what a document says of itself."""
SHOWN_OF: dict[Documents, Corpus] = {"repositories": "tools", "issues": "themes"}
OTHER_POPULATION = (
    "Those were drawn at random from what GitHub's search gave for the topics mlops and "
    "model-management: the correction is for such a mix of kinds, not for one that was picked."
)
OfSnapshotOption = Annotated[
    str | None,
    typer.Option(
        "--snapshot",
        metavar="SNAPSHOT",
        autocompletion=completing.snapshots,
        help="Snapshot to look at. Default: the study's own.",
    ),
]


@app.command()
@computes
@writes
def build(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell what kind each repository is; show how common each kind is."""
    _show_shares(_found(workspace, "repositories", snapshot, make=True), as_json=as_json)


@app.command("show")
def show_kinds(
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show how common each kind of repository is.

    As called, and corrected for the classifier's errors.
    """
    _show_shares(_found(workspace, "repositories", snapshot, make=False), as_json=as_json)


@app.command("list")
def list_kind(
    kind: Annotated[str, typer.Argument(help="Kind whose repositories to list.")],
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List the repositories of a kind, the surest first."""
    from insights.kinds.vocabulary import KINDS

    check_choice(kind, KINDS, "kind")
    found = _found(workspace, "repositories", snapshot, make=False)
    show(_documents_table(workspace, found, "repositories", kind), json=as_json)


@app.command()
@computes
@writes
def issues(
    kind: Annotated[
        str | None, typer.Argument(help="bug, feature or question: list these.")
    ] = None,
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell which issues are bugs, features or questions.

    Without a kind, how common each is.
    """
    from insights.kinds.vocabulary import ISSUE_KINDS

    if kind is not None:
        check_choice(kind, ISSUE_KINDS, "kind")
    found = _found(workspace, "issues", snapshot, make=True)
    if kind is None:
        _show_shares(found, as_json=as_json)
    else:
        show(_documents_table(workspace, found, "issues", kind), json=as_json)


@app.command()
def evaluate(
    gold: Annotated[
        list[Path],
        typer.Option(help="CSV of a coder, with columns full_name and kind. Repeatable."),
    ],
    column: Annotated[str, typer.Option(help="The CSV's column of kinds.")] = "kind",
    snapshot: OfSnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the kinds of repositories by what people say they are.

    Cohen's κ, and what is taken for what.
    Repositories that the classifier was trained on flatter it.
    """
    from insights.kinds.judging import agreement_values, judge_kinds, read_coders
    from mining.names import document_names
    from opsatlas.cli.crosswalk import judgement_tables
    from opsatlas.steps import built_kinds

    pipeline = open_study(None, workspace)
    snapshot_id = _snapshot(pipeline, "repositories", snapshot)
    coders = read_coders(gold, column=column)
    folder = built_kinds(pipeline, "repositories", snapshot_id)
    key_of = document_names(pipeline.sealed(snapshot_id).folder, "repositories")
    found, ceiling = judge_kinds(folder, key_of, coders)
    lacking = "{}: {} not in the snapshot, left out"
    tables = judgement_tables(found, ceiling, abstained="unsure", lacking=lacking)
    show(*tables, data=agreement_values(found, ceiling), json=as_json)


def _snapshot(pipeline: Pipeline, documents: Documents, snapshot: str | None) -> str:
    return snapshot or pipeline.settings(SHOWN_OF[documents]).snapshot


def _found(
    workspace: Path | None, documents: Documents, snapshot: str | None, *, make: bool
) -> FoundKinds:
    from insights.kinds.build import read_found
    from opsatlas.steps import built_kinds, make_kinds, make_snapshots

    pipeline = open_study(None, workspace)
    snapshot_id = _snapshot(pipeline, documents, snapshot)
    if make:
        make_snapshots(pipeline)
        folder = make_kinds(pipeline, documents, snapshot_id)
    else:
        folder = built_kinds(pipeline, documents, snapshot_id)
    return read_found(folder, documents, snapshot_id)


def _show_shares(found: FoundKinds, *, as_json: bool) -> None:
    """Show each kind: how many, their share, and the share without the classifier's errors."""
    unsure = Counter(row["kind"] for row in found.rows if row["abstained"])
    shares = sorted(found.shares, key=lambda share: (-share.n_called, share.kind))
    notes = [
        f"{len(found.rows):,} in {found.snapshot}; {sum(unsure.values()):,} unsure: no kind has a "
        f"probability of {found.model.threshold:g}.",
        f"Corrected for the classifier's errors on {found.n_unseen:,} that it had not seen "
        f"({found.model.training['held_out']}).",
        *found.manifest.notes,
        OTHER_POPULATION if found.model.drawn == "at random" else "",
    ]
    columns = (
        Column("kind", "kind"),
        number("n_called", "called"),
        number("unsure", "unsure"),
        percent("raw", "share", 1),
        bounded("corrected", "corrected (95 %)", 1, 0, scale=100),
    )
    rows = [vars(share) | {"unsure": unsure[share.kind]} for share in shares]
    values = {
        "snapshot": found.snapshot,
        "documents": len(found.rows),
        "unsure": sum(unsure.values()),
        "threshold": found.model.threshold,
        "judged": found.manifest.facts["heads"],
        "errors_known_on": found.n_unseen,
        "kinds": found.shares,
        "notes": found.manifest.notes,
    }
    show(Table.of(columns, rows, notes=notes), data=values, json=as_json)


def _documents_table(
    workspace: Path | None, found: FoundKinds, documents: Documents, kind: str
) -> Table:
    """Return what is called a kind, the surest first: its address, and what it says of itself."""
    rows = [row for row in found.rows if row["kind"] == kind]
    rows.sort(key=lambda row: (-row["probability"], row["key"]))
    said, urls = _described(workspace, found.snapshot, documents)
    rows = [
        {
            **row,
            "about": (about := said.get(row["key"], "")),
            "url": (url := urls[row["key"]]),
            "told": f"{first_words(about, most=WORDS_SHOWN)}\n{url}".lstrip(),
        }
        for row in rows
    ]
    columns = (
        Column("title", "document"),
        *for_data("key", "about", "url"),
        number("probability", "probability", 2),
        Column("abstained", csv_name="unsure", form=lambda unsure: "unsure" if unsure else ""),
        Column("told", in_data=False),
    )
    return Table.of(columns, rows, notes=[f"{len(rows):,} are called {kind}."])


def _described(
    workspace: Path | None, snapshot_id: str, documents: Documents
) -> tuple[dict[str, str], dict[str, str]]:
    """Return what each document of a snapshot says of itself, and its address, by key."""
    from artifacts.tables import rows_of
    from embeddings.build import descriptions
    from mining.names import GITHUB, issue_url, read_owners
    from mining.snapshots import load_table
    from mining.tables import issue_key

    pipeline = open_study(None, workspace)
    folder = pipeline.sealed(snapshot_id).folder
    name = read_owners(folder).name
    urls = {
        row["repo_key"]: GITHUB + name(row["repo_key"])
        for row in rows_of(load_table(folder, "repositories", ["repo_key"]))
    }
    urls |= {
        issue_key(row["repo_key"], row["number"]): issue_url(name(row["repo_key"]), row["number"])
        for row in rows_of(load_table(folder, "issues", ["repo_key", "number"]))
    }
    return descriptions(pipeline.workspace, folder, documents), urls
