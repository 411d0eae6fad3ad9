"""Joining copies of one set of labels: nothing is lost, and what does not fit is told.

Events are sets, so joining copies in any order, any number of times, gives the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from artifacts.errors import InputError
from labels.history.events import LogEvent
from labels.history.replay import Conflict, LabelState
from labels.label_set import LabelSet, refuse_damaged


@dataclass(frozen=True)
class Joined:
    """What came in, and what is to be looked at.

    Attributes
    ----------
    added
        Events by coder that the set did not have.
    conflicts
        Where copies of one coder disagree.
    late
        Decisions, by coder, that were made while another copy closed their wave. They count.
    doubled
        Codes, as ``variable/code``, that two copies created under one id with another meaning.
    """

    added: Mapping[str, int]
    conflicts: tuple[Conflict, ...]
    late: Mapping[str, int]
    doubled: tuple[str, ...]


def join(labels: LabelSet, others: Sequence[Path]) -> Joined:
    """Take everything from other copies of a set of labels into it.

    Raises
    ------
    InputError
        If another is no copy of this set: it began apart. Nothing is taken then from any.
    ArtifactError
        If another is damaged. Nothing is taken then from any.
    """
    labels.sync()
    with ExitStack() as stack:
        opened = [stack.enter_context(LabelSet.open(path, read_only=True)) for path in others]
        for other in opened:
            refuse_damaged(other.store)
            _refuse_strangers(labels, other)
        for other in opened:
            labels.store.take(other.store)
    return Joined(
        added=Counter(event.coder for event in labels.sync()),
        conflicts=tuple(labels.state.conflicts()),
        late=Counter(event.coder for event in labels.state.late),
        doubled=tuple(sorted(_doubled(labels.state))),
    )


def _refuse_strangers(labels: LabelSet, other: LabelSet) -> None:
    if other.state.first != labels.state.first:
        raise InputError(
            f"'{other.name}' is no copy of '{labels.name}': the two were begun apart.",
            where=str(other.store.path),
            fix=f"export the one, `opsatlas label export {other.name} FILE.csv`, and import "
            f"it into the other, `opsatlas label import {labels.name} FILE.csv`",
        )


def _doubled(state: LabelState) -> Iterator[str]:
    created: dict[str, list[LogEvent]] = defaultdict(list)
    for event, change in state.changes:
        if change.kind == "create":
            created[f"{change.variable}/{change.codes[0]}"].append(event)
    for code, events in created.items():
        if len({str(sorted(event.body["values"].items())) for event in events}) > 1:
            yield code
