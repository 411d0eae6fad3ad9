"""Where the code of projects is: small, so that another process can be sent it, and opens it.

A place's ``identity`` differs wherever its code does: a commit, a hash, or why there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from artifacts.processes import cores, spread
from mining.code.local import pin_project, read_project
from mining.code.projects import Keep, ProjectCode
from mining.code.store import NOT_FETCHED, CodeRecord, CodeStore

_SPREAD_FROM: Final = 200
"""Fewer clones are looked at sooner than further processes would be there."""


@dataclass(frozen=True)
class AskedClone:
    """A clone, or a folder without git, that is asked for, as `ClonePlace` has it."""

    project: str
    folder: Path
    commit: str | None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ClonePlace:
    """A clone, or a folder without git, on this machine.

    Attributes
    ----------
    commit
        That is read; None: of a folder, as it stands.
    about
        What sources say of the project that its code does not.
    """

    project: str
    folder: Path
    commit: str | None
    identity: str
    about: Mapping[str, Any] = field(default_factory=dict)

    def open(self, keep: Keep) -> ProjectCode:
        """Return the code: of the files, those that ``keep`` wants."""
        return read_project(self.project, self.folder, keep, commit=self.commit)


def clone_place(keep: Keep, asked: AskedClone) -> ClonePlace:
    """Return the place of a project at a commit (None: its HEAD)."""
    code = pin_project(asked.project, asked.folder, keep, commit=asked.commit)
    identity = code.commit or code.content_hash or f"{code.status}: {code.reason}"
    commit = code.commit or asked.commit
    return ClonePlace(asked.project, asked.folder, commit, identity, asked.about)


def clone_places(asked: Sequence[AskedClone], keep: Keep) -> list[ClonePlace]:
    """Return the places of clones, in no order: many are looked at at once."""
    workers = cores() if len(asked) >= _SPREAD_FROM else 1
    every = spread(clone_place, asked, shared=keep, workers=workers, what="looking at clones")
    return [place for _, place in every]


@dataclass(frozen=True)
class StoredPlace:
    """The store of what was fetched; ``asked`` and ``asked_commit`` are what a list has."""

    project: str
    folder: Path
    asked: str
    asked_commit: str | None
    identity: str
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(
        cls, folder: Path, asked: str, commit: str | None, about: Mapping[str, Any]
    ) -> StoredPlace:
        """Return the place of a candidate, which may not be fetched yet."""
        record = CodeStore(folder).record(asked, commit)
        if record is None:
            return cls(asked, folder, asked, commit, NOT_FETCHED, about)
        return cls(record.project, folder, asked, commit, _identity(record), _told(record, about))

    def open(self, keep: Keep) -> ProjectCode:
        """Return the code; ``keep`` chose the files when they were fetched."""
        return CodeStore(self.folder).read(self.asked, self.asked_commit)


def _identity(record: CodeRecord) -> str:
    return f"{record.commit} {record.listing}" if record.listing else f"unknown: {record.reason}"


def _told(record: CodeRecord, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a project: what GitHub said when it was fetched goes first."""
    asked = {
        "stars": record.stars,
        "description": record.description,
        "fork": record.is_fork,
    }
    return {**about, **{name: value for name, value in asked.items() if value is not None}}
