"""`opsatlas snapshot`: list, show, extend, seal and verify snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import ArtifactError
from opsatlas.cli import completing
from opsatlas.cli.console import out, say, show, styled
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.root import Group
from opsatlas.workspace import open_workspace
from reports.tables import Column, Table, texts

if TYPE_CHECKING:
    from mining.snapshots import Snapshot

app = typer.Typer(
    cls=Group, no_args_is_help=True, help="List, show, extend, seal and verify snapshots."
)

SnapshotArgument = Annotated[
    str,
    typer.Argument(
        metavar="ID", autocompletion=completing.snapshots, help="Snapshot, DATE.SOURCE."
    ),
]


@app.command("list")
def list_(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    """List the snapshots of the workspace."""
    from mining.snapshots import list_snapshots

    snapshots = list_snapshots(open_workspace(workspace))
    rows = [
        {"snapshot": snapshot.id, "state": _state(snapshot), "rows": snapshot.rows}
        for snapshot in snapshots
    ]
    columns = [*texts("snapshot", "state"), Column("rows", "rows", form=_listed)]
    hint = [] if snapshots else ["No snapshots yet: see `opsatlas import --help`."]
    show(Table.of(columns, rows, notes=hint), json=as_json)


@app.command("show")
def show_(
    snapshot: SnapshotArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Show what a snapshot holds and where it comes from."""
    found = _open(workspace, snapshot)
    if as_json:
        show(data=_values(found), json=True)
        return
    out().print(styled((found.id, "bold"), f" ({_state(found)})"))
    for table, counts in found.manifest.counts.items():
        say(f"  {table}: {counts.kept:,} of {counts.read:,} rows read")
        for drop in counts.dropped:
            say(f"    {drop.count:,} dropped: {drop.reason}")
    if found.parent is not None:
        parent = f" {found.parent.snapshot}, content {found.parent.content_hash}"
        out().print(styled(("extends", "bold"), parent))
    for source in [*found.inherited, *found.sources]:
        files = f"{len(source.files):,} file{'s' if len(source.files) != 1 else ''}"
        rejected = f", {source.n_rejected:,} rejects" if source.n_rejected else ""
        out().print(styled((f"from {source.command}", "bold"), f": {files}{rejected}"))
        for note in source.notes:
            say(f"  {note}")
    say(f"content {found.manifest.content_hash}")


def _values(found: Snapshot) -> dict[str, Any]:
    """Return what a snapshot holds and where it comes from as JSON-compatible values."""
    return {
        "snapshot": found.id,
        "state": _state(found),
        "rows": found.rows,
        "counts": found.manifest.counts,
        "extends": None
        if found.parent is None
        else {"snapshot": found.parent.snapshot, "content": found.parent.content_hash},
        "inherited": found.inherited,
        "sources": found.sources,
        "content": found.manifest.content_hash,
    }


@app.command()
@writes
def extend(
    snapshot: SnapshotArgument,
    into: Annotated[str, typer.Option("--into", metavar="ID", help="The new one, DATE.SOURCE.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Begin a draft with all rows of a sealed snapshot.

    That one stays as it is. What is imported into the draft is added; then it is sealed.
    """
    from mining.extending import extend as extend_snapshot
    from mining.snapshots import snapshot_folder

    found = _open(workspace, snapshot)
    new = extend_snapshot(found.folder, snapshot_folder(open_workspace(workspace), into))
    told = f" {new.id} ({_state(new)}) extends {found.id} and holds: {_listed(new.rows)}"
    out().print(styled(("✓", "green"), told))
    if not new.is_sealed:
        say(f"add to it with `opsatlas import readmes FOLDER --snapshot {new.id} --seal`")


@app.command()
@writes
def seal(snapshot: SnapshotArgument, workspace: WorkspaceOption = None) -> None:
    """Close a draft for good: nothing can be added to it afterwards."""
    from mining import snapshots

    found = snapshots.seal(_open(workspace, snapshot).folder)
    told = f" {found.id} is sealed, content {found.manifest.content_hash}"
    out().print(styled(("✓", "green"), told))


@app.command()
def verify(
    snapshot: SnapshotArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Check every file of a snapshot against its manifest."""
    from mining import snapshots

    found = _open(workspace, snapshot)
    result = snapshots.verify(found.folder)
    if result.problems:
        raise ArtifactError(
            f"Snapshot {found.id} is not as it was written: {'; '.join(result.problems)}.",
            where=str(found.folder),
            fix="get the snapshot from where it is intact, or import it again under another id",
        )
    state = "sealed" if found.is_sealed else "still a draft"
    values = {"snapshot": found.id, "intact": True, "files": result.n_files, "state": _state(found)}
    show(f"✓ {found.id} is intact ({result.n_files} files, {state})", data=values, json=as_json)


def _open(workspace: Path | None, snapshot: str) -> Snapshot:
    from mining.snapshots import open_snapshot, snapshot_folder

    return open_snapshot(snapshot_folder(open_workspace(workspace), snapshot))


def _listed(rows: dict[str, int]) -> str:
    return ", ".join(f"{table} {n:,}" for table, n in rows.items())


def _state(snapshot: Snapshot) -> str:
    return "sealed" if snapshot.is_sealed else "draft"
