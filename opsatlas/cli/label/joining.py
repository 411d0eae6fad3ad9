"""`opsatlas label merge`, `copy` and `check`: files of labels as wholes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError
from opsatlas.cli.console import say, show
from opsatlas.cli.label.sets import change_labels, counted, open_labels
from opsatlas.cli.options import JsonOption, LabelsArgument, WorkspaceOption
from reports.tables import Column, Table

if TYPE_CHECKING:
    from labels.history.replay import Conflict
    from labels.joining import Joined
    from labels.label_set import LabelSet

CONFLICTS_SHOWN = 10


def merge(
    name: LabelsArgument,
    other: Annotated[
        list[Path], typer.Argument(metavar="FILE", help="Copies of it, as .sqlite files.")
    ],
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take everything from copies of a set of labels into it.

    Nothing is lost, and conflicts are told. The copies stay as they are. Joining twice changes
    nothing.
    """
    from labels.joining import join

    with change_labels(name, workspace) as labels:
        joined = join(labels, other)
        parts: list[Table | str] = [*_came_in(name, joined)]
        if joined.conflicts:
            parts.append(_conflicts_table(joined, labels))
        show(*parts, data=_values(joined, labels), json=as_json)


def copy(
    name: LabelsArgument,
    target: Annotated[
        Path, typer.Argument(metavar="FILE", help="File to write, ending in .sqlite.")
    ],
    workspace: WorkspaceOption = None,
) -> None:
    """Write a copy of a set of labels, to code elsewhere and merge."""
    if target.suffix != ".sqlite":
        fix = f"write {target.with_suffix('.sqlite')}"
        raise InputError("A copy ends in .sqlite.", where=str(target), fix=fix)
    with open_labels(name, workspace, read_only=True) as labels:
        labels.store.copy(target)
    back = f"opsatlas label merge {name} {shlex.quote(str(target))}"
    say(f"{target} is a whole copy. Bring it back with: {back}")


def check(
    name: LabelsArgument, as_json: JsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Check that no event is missing or other than it was written."""
    from labels.label_set import refuse_damaged

    with open_labels(name, workspace, read_only=True) as labels:
        refuse_damaged(labels.store)
        n_events = len(labels.store.all_events())
    told = f"{n_events:,} events, each as it was written."
    show(told, data={"name": name, "intact": True, "events": n_events}, json=as_json)


def _came_in(name: str, joined: Joined) -> Iterator[str]:
    """Yield what came in from copies, and what is to be looked at."""
    n_added = sum(joined.added.values())
    listed = ", ".join(f"{n:,} of {who}" for who, n in sorted(joined.added.items()))
    yield f"{counted(n_added, 'event')} came in: {listed}." if n_added else "There was nothing new."
    for who, n in sorted(joined.late.items()):
        decisions = counted(n, "decision")
        yield f"{who} made {decisions} while another copy closed the wave; they count."
    for code in joined.doubled:
        yield (
            f"Two copies created '{code}' with other meanings; see: "
            f"opsatlas label codebook history {name}"
        )


def _values(joined: Joined, labels: LabelSet) -> dict[str, Any]:
    """Return the same as JSON-compatible values; what is still blind is not said."""
    from labels.overview import is_open

    blind = {"first": None, "last": None}
    return {
        "added": dict(joined.added),
        "late": dict(joined.late),
        "doubled": list(joined.doubled),
        "conflicts": [
            vars(conflict) | (blind if is_open(labels, conflict.item) else {})
            for conflict in joined.conflicts
        ],
    }


def _conflicts_table(joined: Joined, labels: LabelSet) -> Table:
    columns = (
        Column("coder", "coder"),
        Column("title", "document"),
        Column("what", "what"),
        Column("first", "one copy"),
        Column("last", "the other, which holds"),
    )
    more = len(joined.conflicts) - CONFLICTS_SHOWN
    return Table.of(
        columns,
        [_conflict_cells(conflict, labels) for conflict in joined.conflicts[:CONFLICTS_SHOWN]],
        caption=f"{counted(len(joined.conflicts), 'conflict')}: one coder said two things in two "
        "copies.",
        notes=[
            f"… and {more:,} more." if more > 0 else "",
            "They are over once the coder decides again: "
            f"opsatlas label annotate {labels.name} --coder NAME",
        ],
    )


def _conflict_cells(conflict: Conflict, labels: LabelSet) -> dict[str, str]:
    from labels.overview import is_open

    # What a coder said in a wave that is open is for that coder alone.
    hidden = is_open(labels, conflict.item)
    return {
        "coder": conflict.coder,
        "title": labels.document(conflict.item).title,
        "what": conflict.what,
        "first": "(blind)" if hidden else _in_words(conflict.first),
        "last": "(blind)" if hidden else _in_words(conflict.last),
    }


def _in_words(value: Any) -> str:
    if value is None or value == [] or value == "":
        return "nothing"
    return ", ".join(value) if isinstance(value, list) else str(value)
