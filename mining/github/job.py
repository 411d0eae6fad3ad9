"""What one mining is to do, kept beside its raw answers, so that it can go on or be replayed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from artifacts.errors import ArtifactError
from artifacts.files import write_text

FOLDER = "raw"
FILE = "job.json"
VERSION = 1
ENOUGH_TRIES = 3
FIRST_SHARE = 8
"""The first batch is this part of the largest."""
AGAIN_SHARE = 2
"""The same where GitHub was asked before, and was quick enough for a snapshot."""


class MiningSettings(BaseModel):
    """Which of the repositories under the topics are mined, and what is asked about them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    source: str = Field(
        "topics", pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$", description="of the snapshot: DATE.SOURCE"
    )
    forks: bool = Field(False, description="mine forks as well")
    archived: bool = Field(True, description="mine archived repositories as well")
    exclude_topics: Annotated[tuple[str, ...], Strict(False)] = Field(
        (), description="leave out repositories that carry one of these topics"
    )
    contributors: bool = Field(
        False, description="count contributors: one request (REST) a repository"
    )
    star_history: bool = Field(
        False, description="weekly stars: one request (REST) a repository and 30 weeks of its life"
    )
    commit_months: int = Field(
        0,
        ge=0,
        le=240,
        description="count the commits of each of the last months, this one included: of each "
        "repository once more for every 12 of them in which it lived (GraphQL)",
    )
    unlabelled: bool = Field(
        False, description="issues without any label as well, to be classified later"
    )
    expected: dict[str, Annotated[int, Field(ge=0)]] = Field(
        {},
        description="how many repositories there may be under each topic, and feature requests of "
        "each repository: for a plan without a token",
    )
    most_unknown: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of repositories, and of issues, that may be unknown for now in a "
        "sealed snapshot; 3 may always be",
    )


class FrameworkJob(BaseModel):
    """A framework whose feature requests are mined: issues with a label or of a type."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    repository: str
    labels: tuple[str, ...]
    types: tuple[str, ...] = ()


def united(frameworks: Sequence[FrameworkJob]) -> FrameworkJob:
    """Return frameworks of one repository as one, with the labels and types of all of them."""
    if len(frameworks) == 1:
        return frameworks[0]
    return FrameworkJob(
        name=" and ".join(framework.name for framework in frameworks),
        repository=frameworks[0].repository,
        labels=_each_once(framework.labels for framework in frameworks),
        types=_each_once(framework.types for framework in frameworks),
    )


def by_repository(frameworks: Sequence[FrameworkJob]) -> dict[str, FrameworkJob]:
    """Return the frameworks of each repository, united, by its name in lower case."""
    groups: dict[str, list[FrameworkJob]] = {}
    for framework in frameworks:
        groups.setdefault(framework.repository.lower(), []).append(framework)
    return {name: united(group) for name, group in groups.items()}


def _each_once(names: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """Return names without those that differ from an earlier one by case alone."""
    by_lower: dict[str, str] = {}
    for name in itertools.chain.from_iterable(names):
        by_lower.setdefault(name.lower(), name)
    return tuple(by_lower.values())


class Job(BaseModel):
    """Everything that the snapshot depends on besides GitHub's answers.

    Attributes
    ----------
    names
        Repositories that a list names, whatever their topics.
    started_at_s
        By GitHub's clock: what is created later is left to the next snapshot.
    has_token
        Without one there is no GraphQL, and so less can be known.
    token_mark
        Tells whether it is the same token, without saying which.
    as_of
        The end of the day that is to be rebuilt; None: now.
    since
        The snapshot whose unchanged rows are carried over.
    paced
        Whether batches begin small; the minings of earlier versions did not.
    histories
        Whether types of owners are asked for, and histories told; earlier versions did neither.
    tries
        The days (by GitHub's clock) on which too much was unknown to be sealed.
    accept_unknown
        Seal it all the same.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: int = VERSION
    snapshot: str
    topics: tuple[str, ...]
    names: tuple[str, ...] = ()
    frameworks: tuple[FrameworkJob, ...] = ()
    settings: MiningSettings = Field(default_factory=MiningSettings)
    started_at_s: float
    has_token: bool
    token_mark: str | None = None
    as_of: datetime | None = None
    since: str | None = None
    paced: bool = False
    histories: bool = False
    tries: tuple[str, ...] = ()
    accept_unknown: bool = False

    @property
    def accepts(self) -> bool:
        """Tell whether what is unknown for now is sealed, however much it is."""
        return self.accept_unknown or len(self.tries) >= ENOUGH_TRIES

    @property
    def share(self) -> int:
        """Return which part of the largest batches the first ones are."""
        if not self.paced:
            return 1
        return FIRST_SHARE if self.since is None else AGAIN_SHARE

    @property
    def document(self) -> dict[str, Any]:
        """Return what the content of the snapshot depends on."""
        besides = {"token_mark", "paced", "histories", "tries", "accept_unknown"}
        document = self.model_dump(mode="json", exclude=besides)
        del document["settings"]["most_unknown"], document["settings"]["expected"]
        if not self.settings.commit_months:
            del document["settings"]["commit_months"]  # as snapshots of earlier versions have it
        for framework in document["frameworks"]:
            if not framework["types"]:
                del framework["types"]  # as snapshots of earlier versions have it
        return document

    @property
    def observed_at(self) -> datetime:
        """Return the day (UTC) on which mining began, or that is rebuilt."""
        if self.as_of is not None:
            return self.as_of
        return self.started_at.replace(hour=0, minute=0, second=0)

    @property
    def started_at(self) -> datetime:
        """Return when mining began (UTC), to the second."""
        return datetime.fromtimestamp(int(self.started_at_s), UTC)

    @property
    def until(self) -> datetime:
        """Return up to when things count."""
        return self.started_at if self.as_of is None else self.as_of

    def write(self, folder: Path) -> None:
        """Write the job into ``folder``, whole or not at all."""
        write_text(folder / FILE, self.model_dump_json(indent=2) + "\n")


def raw_folder(workspace: Path, snapshot_id: str) -> Path:
    """Return where the raw answers of a snapshot are kept."""
    return workspace / FOLDER / snapshot_id


def read_job(folder: Path) -> Job | None:
    """Return the job of ``folder``, None if there is none.

    Raises
    ------
    ArtifactError
        If it cannot be read, or is of another version.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        return Job.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise ArtifactError(
            "The job of this mining cannot be read.",
            where=str(path),
            fix="restore it from a backup, or mine under another id: --snapshot",
        ) from error
