"""A sealed snapshot grows into a new one: a draft that begins with all its rows, and takes more."""

from __future__ import annotations

from pathlib import Path

from artifacts.errors import ArtifactError, InputError
from mining.commits import filling, is_there
from mining.drafts import REJECTS_FILE, Parent, begin_draft
from mining.snapshots import Snapshot, open_snapshot, refuse_changed


def extend(old: Path, new: Path) -> Snapshot:
    """Begin a draft with what a sealed snapshot holds; one that began so is left as it is.

    Parameters
    ----------
    old
        Folder of the sealed snapshot; it is not changed.
    new
        Folder of the draft. Its manifest names the parent: its id, its content hash, and the
        imports that its rows come from.

    Raises
    ------
    InputError
        If both are one, or the first is not sealed.
    ArtifactError
        If the first is not there or was changed, or the second is there and is no extension of it.
    """
    if old.name == new.name:
        raise InputError(
            f"Snapshot {new.name} cannot extend itself.", fix="choose a new id, DATE.SOURCE"
        )
    parent = _parent(old)
    with filling(new):
        if not is_there(new):
            rejects = old / REJECTS_FILE
            begin_draft(new, old, parent, rejects.read_bytes() if rejects.exists() else b"")
        return _checked(open_snapshot(new), parent)


def _parent(folder: Path) -> Parent:
    """Return what the snapshot in ``folder`` is as a parent; raise an error if it can be none."""
    snapshot = open_snapshot(folder)
    if not snapshot.is_sealed:
        raise InputError(
            f"Snapshot {snapshot.id} is still a draft: more can be imported into it as it is.",
            where=str(folder),
            fix=f"import into it; or seal it first: opsatlas snapshot seal {snapshot.id}",
        )
    refuse_changed(snapshot)
    return Parent(
        snapshot=snapshot.id,
        content_hash=snapshot.manifest.content_hash,
        sources=[*snapshot.inherited, *snapshot.sources],
    )


def _checked(snapshot: Snapshot, parent: Parent) -> Snapshot:
    """Return a snapshot that extends the parent as it is; raise an error for any other."""
    found = snapshot.parent
    if found is not None and found.snapshot == parent.snapshot:
        if found.content_hash == parent.content_hash:
            return snapshot
        raise ArtifactError(
            f"Snapshot {snapshot.id} extends {parent.snapshot} as it was "
            f"(content {found.content_hash[:12]}), and that is another now "
            f"(content {parent.content_hash[:12]}).",
            where=str(snapshot.folder),
            fix=f"extend {parent.snapshot} into a new id; or, where a study names its files, have "
            f"it made anew: opsatlas run --rebuild {snapshot.id}",
        )
    extends = "extends none" if found is None else f"extends {found.snapshot}"
    raise ArtifactError(
        f"Snapshot {snapshot.id} is there already and {extends}, not {parent.snapshot}.",
        where=str(snapshot.folder),
        fix=f"extend {parent.snapshot} into a new id",
    )
