"""What people decide about a taxonomy: the entries of a log.

Entries are only ever added, or marked as undone. They name nodes by the keys of their documents
(*anchors*), never by numbers, which a rebuild changes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, Strict, StringConstraints

from artifacts.errors import InputError
from artifacts.words import Layer

VERSION = 1

# What is printed on one line must not break it, or steer the terminal.
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")
]
Name = Annotated[Line, StringConstraints(max_length=120)]
Keys = Annotated[tuple[str, ...], Strict(False)]
Anchor = Annotated[tuple[str, ...], Strict(False), Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Undone(_Table):
    """Who took an entry back, and when."""

    by: Line
    at: AwareDatetime


class Decision(_Table):
    """One entry of the log.

    Attributes
    ----------
    id
        Counted from 1, never used again.
    layer
        Of the nodes that ``anchors`` mean.
    anchors
        For each node that is meant, the keys of the documents it had when the entry was made.
    called
        For each of these nodes, the name it had then.
    """

    id: int = Field(ge=1)
    by: Line
    at: AwareDatetime
    because: Line | None = None
    layer: Layer
    called: Annotated[tuple[str, ...], Strict(False)] = ()
    anchors: Annotated[tuple[Anchor, ...], Strict(False)] = ()
    undone: Undone | None = None


class Rename(Decision):
    """One node gets a name."""

    action: Literal["rename"] = "rename"
    name: Name


class Merge(Decision):
    """Nodes become one."""

    action: Literal["merge"] = "merge"
    name: Name | None = None


class Part(_Table):
    """A part of a node that is split; the words are those of its documents at that time."""

    name: Name
    named_by: Literal["documents", "person"]
    keywords: Annotated[tuple[str, ...], Strict(False)] = ()
    weights: Annotated[tuple[float, ...], Strict(False)] = ()
    exemplars: Keys = ()
    documents: Anchor


class Split(Decision):
    """One node becomes several."""

    action: Literal["split"] = "split"
    parts: Annotated[tuple[Part, ...], Strict(False), Field(min_length=2)]


class MoveDocuments(Decision):
    """Documents go to the topic that is anchored; without an anchor they become unplaced."""

    action: Literal["move-documents"] = "move-documents"
    documents: Anchor


class MoveTopics(Decision):
    """The anchored topics go to the category that ``to`` anchors, or to a new one."""

    action: Literal["move-topics"] = "move-topics"
    to: Keys = ()
    to_called: str | None = None
    name: Name | None = None


class Hide(Decision):
    """One node is taken out of what is shown."""

    action: Literal["hide"] = "hide"


class Unhide(Decision):
    """One node is shown again."""

    action: Literal["unhide"] = "unhide"


class Note(Decision):
    """Something is written about one node."""

    action: Literal["note"] = "note"
    text: Line


AnyDecision = Rename | Merge | Split | MoveDocuments | MoveTopics | Hide | Unhide | Note


class Log(_Table):
    """The whole file: which taxonomy it is about, and the entries in order."""

    version: int = VERSION
    taxonomy: str
    decisions: tuple[AnyDecision, ...] = ()

    def adding(self, decision: AnyDecision) -> Log:
        """Return the log with one more entry."""
        return self.model_copy(update={"decisions": (*self.decisions, decision)})

    def next_id(self) -> int:
        """Return the id of the next entry."""
        return max((decision.id for decision in self.decisions), default=0) + 1

    def undoing(self, which: int | None, *, by: str, at: datetime) -> tuple[Log, AnyDecision]:
        """Return the log with one entry marked as undone, and that entry.

        Parameters
        ----------
        which
            Its id; None: the last that is not undone.

        Raises
        ------
        InputError
            If there is no such entry, or it is undone already.
        """
        standing = [entry for entry in self.decisions if entry.undone is None]
        by_id = {entry.id: entry for entry in self.decisions}
        if which is None and not standing:
            raise InputError("There is no decision to undo.")
        chosen = standing[-1] if which is None else by_id.get(which)
        if chosen is None:
            raise InputError(f"There is no decision {which}.", fix="see `decisions` for their ids")
        if chosen.undone is not None:
            raise InputError(f"Decision {which} is undone already, by {chosen.undone.by}.")
        undone = chosen.model_copy(update={"undone": Undone(by=by, at=at)})
        rest = tuple(undone if entry.id == chosen.id else entry for entry in self.decisions)
        return self.model_copy(update={"decisions": rest}), chosen


def now() -> datetime:
    """Return the time as entries carry it: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)
