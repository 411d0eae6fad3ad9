"""`opsatlas snapshot`: list, show, seal and verify snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption, open_workspace

if TYPE_CHECKING:
    from mining.snapshots import Snapshot

app = typer.Typer(no_args_is_help=True, help="List, show, seal and verify snapshots.")

SnapshotId = Annotated[str, typer.Argument(metavar="ID", help="Snapshot, DATE.SOURCE.")]


@app.command("list")
def list_(workspace: WorkspaceOption = None) -> None:
    """List the snapshots of the workspace."""
    from rich.table import Table

    from mining.snapshots import list_snapshots
    from mining.tables import SCHEMAS
    from opsatlas.cli.console import out, styled

    found = list_snapshots(open_workspace(workspace))
    if not found:
        out().print("No snapshots yet: see `opsatlas import --help`.")
        return
    table = Table("snapshot", "state", *SCHEMAS, box=None, header_style="bold")
    for column in table.columns[2:]:
        column.justify = "right"
    for snapshot in found:
        rows = [f"{snapshot.rows[name]:,}" if name in snapshot.rows else "–" for name in SCHEMAS]
        table.add_row(snapshot.id, styled(_state(snapshot)), *rows)
    out().print(table)


@app.command()
def show(snapshot: SnapshotId, workspace: WorkspaceOption = None) -> None:
    """Show what a snapshot holds and where it comes from."""
    from opsatlas.cli.console import out, styled

    found = _open(workspace, snapshot)
    console = out()
    console.print(styled((found.id, "bold"), " (", _state(found), ")"))
    for table, counts in found.manifest.counts.items():
        console.print(f"  {table}: {counts.kept:,} of {counts.read:,} rows read")
        for drop in counts.dropped:
            console.print(f"    {drop.count:,} dropped: {drop.reason}")
    for source in found.sources:
        files = f"{len(source.files):,} file{'s' if len(source.files) != 1 else ''}"
        rejected = f", {source.n_rejected:,} rejects" if source.n_rejected else ""
        console.print(styled((f"from {source.command}", "bold"), f": {files}{rejected}"))
        for note in source.notes:
            console.print(f"  {note}", soft_wrap=True)
    console.print(f"content {found.manifest.content_hash}")


@app.command()
@writes
def seal(snapshot: SnapshotId, workspace: WorkspaceOption = None) -> None:
    """Close a draft for good: nothing can be added to it afterwards."""
    from mining import snapshots
    from opsatlas.cli.console import out, styled

    found = snapshots.seal(_open(workspace, snapshot).folder)
    told = f" {found.id} is sealed, content {found.manifest.content_hash}"
    out().print(styled(("✓", "green"), told))


@app.command()
def verify(snapshot: SnapshotId, workspace: WorkspaceOption = None) -> None:
    """Check every file of a snapshot against its manifest."""
    from artifacts.errors import ArtifactError
    from mining import snapshots
    from opsatlas.cli.console import out, styled

    found = _open(workspace, snapshot)
    result = snapshots.verify(found.folder)
    if result.problems:
        raise ArtifactError(
            f"Snapshot {found.id} is not as it was written: {'; '.join(result.problems)}.",
            where=str(found.folder),
            fix="get the snapshot from where it is intact, or import it again under another id",
        )
    state = "sealed" if found.is_sealed else "still a draft"
    told = f" {found.id} is intact ({result.n_files} files, {state})"
    out().print(styled(("✓", "green"), told))


def _open(workspace: Path | None, snapshot: str) -> Snapshot:
    from mining.snapshots import open_snapshot, snapshot_folder

    return open_snapshot(snapshot_folder(open_workspace(workspace), snapshot))


def _state(snapshot: Snapshot) -> tuple[str, str]:
    """Return its state with the colour of it."""
    return ("sealed", "green") if snapshot.is_sealed else ("draft", "yellow")
