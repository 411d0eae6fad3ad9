"""Snapshots as data frames, for notebooks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from artifacts.errors import InputError
from mining.snapshots import list_snapshots, load_table
from mining.tables import KEYS, issue_key

if TYPE_CHECKING:
    from pandas import DataFrame


def snapshots_frame(workspace: Path) -> DataFrame:
    """Return a row for each snapshot, by id: its state, and the rows of each table."""
    from pandas import DataFrame

    found = list_snapshots(workspace)
    states = ["sealed" if snapshot.is_sealed else "draft" for snapshot in found]
    names = dict.fromkeys(name for snapshot in found for name in snapshot.rows)
    rows = {name: [snapshot.rows.get(name, 0) for snapshot in found] for name in names}
    index = [snapshot.id for snapshot in found]
    return DataFrame({"state": states, **rows}, index=index).rename_axis("snapshot")


def snapshot_frames(workspace: Path, snapshot_id: str) -> dict[str, DataFrame]:
    """Return the tables of a snapshot by name, indexed by the keys of documents where they can be.

    Raises
    ------
    InputError
        If there is no such snapshot.
    ArtifactError
        If it is damaged.
    """
    found = {snapshot.id: snapshot for snapshot in list_snapshots(workspace)}
    if snapshot_id not in found:
        there = ", ".join(found) or "none"
        raise InputError(f"There is no snapshot {snapshot_id!r}.", fix=f"there are: {there}")
    snapshot = found[snapshot_id]
    return {name: _keyed(load_table(snapshot.folder, name), name) for name in snapshot.rows}


def _keyed(table: pa.Table, name: str) -> DataFrame:
    import pandas as pd

    nullable = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}
    frame: DataFrame = table.to_pandas(types_mapper=nullable.get)
    if KEYS[name] == ("repo_key",):
        return frame.set_index("repo_key")
    if name == "issues":
        pairs = zip(frame["repo_key"], frame["number"], strict=True)
        return frame.set_index(pd.Index([issue_key(*pair) for pair in pairs], name="key"))
    return frame
