"""`opsatlas kinds`: what kind of thing each repository is, and each issue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus, Documents
    from insights.kinds.build import FoundKinds
    from opsatlas.pipeline import Pipeline

app = typer.Typer(
    no_args_is_help=True,
    help="Kinds of repositories (tool, course, template, …) and of issues: tell, show, evaluate.",
)
SHOWN_OF: dict[Documents, Corpus] = {"repositories": "tools", "issues": "themes"}
SnapshotOption = Annotated[
    str | None,
    typer.Option(help="Snapshot to look at. Default: the study's own.", show_default=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
@writes
def build(snapshot: SnapshotOption = None, workspace: WorkspaceOption = None) -> None:
    """Tell what kind each repository is, and show how common the kinds are."""
    _print_shares(_found(workspace, "repositories", snapshot, make=True), as_json=False)


@app.command()
def show(
    snapshot: SnapshotOption = None, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show how common each kind is, as called and corrected for the classifier's errors."""
    _print_shares(_found(workspace, "repositories", snapshot, make=False), as_json=as_json)


@app.command("list")
def list_kind(
    kind: Annotated[str, typer.Argument(help="Kind whose repositories to list.")],
    snapshot: SnapshotOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """List the repositories of a kind, the surest first."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.kinds import list_table

    out().print(list_table(_found(workspace, "repositories", snapshot, make=False), kind))


@app.command()
@writes
def issues(
    kind: Annotated[
        str | None,
        typer.Argument(help="bug, feature or question: list these.", show_default=False),
    ] = None,
    snapshot: SnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Tell which issues are bugs, feature requests or questions, and show how common they are."""
    from opsatlas.cli.console import out
    from opsatlas.cli.views.kinds import list_table

    found = _found(workspace, "issues", snapshot, make=True)
    if kind is None:
        _print_shares(found, as_json=as_json)
    else:
        out().print(list_table(found, kind))


@app.command()
def evaluate(
    gold: Annotated[
        list[Path],
        typer.Option(help="CSV of a coder, with columns full_name and kind. Repeatable."),
    ],
    column: Annotated[str, typer.Option(help="The CSV's column of kinds.")] = "kind",
    snapshot: SnapshotOption = None,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Judge the kinds of repositories by what people say they are: Cohen's κ, and confusions.

    Repositories that the classifier was trained on flatter it: see the README.
    """
    from insights.kinds.judging import judge_kinds, read_coders
    from mining.names import document_names
    from opsatlas.cli.console import out
    from opsatlas.cli.views.kinds import judgement_table, judgement_values
    from opsatlas.steps import built_kinds

    pipeline = _pipeline(workspace)
    snapshot_id = _snapshot(pipeline, "repositories", snapshot)
    coders = read_coders(gold, column=column)
    folder = built_kinds(pipeline, "repositories", snapshot_id)
    key_of = document_names(pipeline.sealed(snapshot_id).folder, "repositories")
    found, ceiling = judge_kinds(folder, key_of, coders)
    if as_json:
        out().print_json(data=judgement_values(found, ceiling))
    else:
        from insights.kinds.vocabulary import KINDS

        out().print(judgement_table(found, ceiling, KINDS))


def _pipeline(workspace: Path | None) -> Pipeline:
    from opsatlas.cli.console import progress
    from opsatlas.cli.session import open_study

    return open_study(None, workspace, progress=progress())


def _snapshot(pipeline: Pipeline, subject: Documents, snapshot: str | None) -> str:
    return snapshot or pipeline.settings(SHOWN_OF[subject]).snapshot


def _found(
    workspace: Path | None, subject: Documents, snapshot: str | None, *, make: bool
) -> FoundKinds:
    from insights.kinds.build import read_found
    from opsatlas.steps import built_kinds, make_kinds, make_snapshots

    pipeline = _pipeline(workspace)
    snapshot_id = _snapshot(pipeline, subject, snapshot)
    if make:
        make_snapshots(pipeline)
        folder = make_kinds(pipeline, subject, snapshot_id)
    else:
        folder = built_kinds(pipeline, subject, snapshot_id)
    return read_found(folder, subject, snapshot_id)


def _print_shares(found: FoundKinds, *, as_json: bool) -> None:
    from opsatlas.cli.console import out
    from opsatlas.cli.views.kinds import kinds_values, shares_table

    if as_json:
        out().print_json(data=kinds_values(found))
    else:
        out().print(shares_table(found))
