"""Everything that a study knows of one tool, as plain values; what is unknown has a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from artifacts.intervals import Estimate
from insights.history.rows import ChangePoint, HealthSignal, StageSpell, ToolRow
from reports.history.lives import NO_REASON

Known = str | int | bool
"""What a fact says: days are written ``2026-08-23``."""


@dataclass(frozen=True)
class ToolFact:
    """A figure of a tool.

    Attributes
    ----------
    key
        Which it is, for programs.
    name
        Which it is, in words.
    value
        None: not known.
    reason
        Why it is not known; None where it is.
    """

    key: str
    name: str
    value: Known | None
    reason: str | None = None


@dataclass(frozen=True)
class ToolPurpose:
    """Where a tool is in the taxonomy.

    Attributes
    ----------
    topic, category
        Numbers and names: its own, or of an unplaced tool those that it came nearest.
    is_placed
        Whether they are its own.
    """

    topic: int
    topic_name: str
    category: int
    category_name: str
    is_placed: bool


@dataclass(frozen=True)
class FeatureUse:
    """A feature, or a channel, as dependents use it.

    Attributes
    ----------
    code, name
        Of the feature; of a channel both are its name.
    n
        Dependents that use it; None where code does not tell, for the reason of ``share``.
    share
        Of all dependents, where more than a count may be told.
    evidence
        Key of the lines of code on the page (`reports.usage.evidence.evidence_key`); empty: none.
    """

    code: str
    name: str
    n: int | None
    share: Estimate
    evidence: str


@dataclass(frozen=True)
class ToolUse:
    """How dependents use a tool.

    Attributes
    ----------
    framework
        As commands call it.
    n_users
        Dependents.
    heading
        What these are, and how many.
    features, channels
        Most used first; those that code does not tell last.
    asked_and_not_used
        In a sentence; None where it cannot be told, for the reason in ``gap_unknown``.
    """

    framework: str
    n_users: int
    heading: str
    features: tuple[FeatureUse, ...]
    channels: tuple[FeatureUse, ...]
    asked_and_not_used: str | None
    gap_unknown: str | None


@dataclass(frozen=True)
class AskedTheme:
    """A theme that users of a tool ask for; ``topic`` is `NOISE` of requests in none.

    Attributes
    ----------
    n_open
        Of its ``n`` requests; None where the state of one is not known.
    """

    topic: int
    name: str
    n: int
    n_open: int | None


@dataclass(frozen=True)
class WantedRequest:
    """A feature request.

    Attributes
    ----------
    weight
        Reactions and comments; None where either is not known.
    """

    key: str
    title: str
    text: str | None
    url: str | None
    topic: int
    state: str | None
    created_at: date | None
    weight: int | None


@dataclass(frozen=True)
class ToolRequests:
    """What users of a tool ask for.

    Attributes
    ----------
    n, n_open
        Requests; those that are open, None where the state of one is not known.
    themes
        Those of most requests first.
    wanted
        The first requests.
    order
        In which order these are, in words.
    """

    n: int
    n_open: int | None
    themes: tuple[AskedTheme, ...]
    wanted: tuple[WantedRequest, ...]
    order: str


@dataclass(frozen=True)
class GoesWith:
    """Another tool that goes with it.

    Attributes
    ----------
    name, key
        Which: as people know it, and its key where it is one of the study's tools.
    by
        ``used``: both in code; ``named``: both as topics of one repository.
    n_owners
        Who have both.
    expected
        Owners who would by chance; None where that cannot be told.
    lift
        Owners with both over those expected, shrunk.
    relation
        ``complementary``, ``rival``, ``complement``, ``substitute``; None where it is not told.
    source
        The snapshot whose repositories name both; of uses what the dependents are.
    evidence
        Key of the lines of code on the page; empty: none.
    """

    name: str
    key: str | None
    by: Literal["used", "named"]
    n_owners: int
    expected: float | None
    lift: Estimate
    relation: str | None
    source: str
    evidence: str


@dataclass(frozen=True)
class NearTool:
    """A tool that means much the same.

    Attributes
    ----------
    likeness
        Cosine in the taxonomy's space, in [-1, 1].
    is_same_topic
        Whether it is in the same topic; None where one of the two is in none.
    """

    key: str
    name: str
    likeness: float
    is_same_topic: bool | None


@dataclass(frozen=True, kw_only=True)
class ToolAnswer:
    """Everything that is known of one tool.

    Attributes
    ----------
    snapshot
        Whose row of it the facts are from; None: there is none.
    is_listed
        Whether it is one of the tools that the study describes. Others are frameworks of which
        requests or uses are known.
    description
        What it is; None: not known.
    life, life_snapshot, life_unknown
        Where it stands, in which snapshot, or why there is nothing of it.
    by_people
        Whether commits are those of people; else of anybody, for people are not told apart there.
    spells, commits, changes, signals
        Of that life: its stages; commits by month (``2026-08``), where months after the first that
        are not there have none; where the number of commits changed; measures of health.
    elsewhere
        What other snapshots know of it, by their ids.
    purpose, use, asked, goes_with, neighbours
        Each with the reason why it is not there (`..._unknown`).
    links
        Names and addresses, of the web alone.
    """

    key: str
    full_name: str
    former_names: tuple[str, ...]
    snapshot: str | None
    is_listed: bool
    description: str | None
    purpose: ToolPurpose | None
    purpose_unknown: str | None
    life: ToolRow | None
    life_snapshot: str | None
    life_unknown: str | None
    by_people: bool
    spells: tuple[StageSpell, ...]
    commits: Mapping[str, int] = field(hash=False)
    changes: tuple[ChangePoint, ...]
    signals: tuple[HealthSignal, ...]
    elsewhere: tuple[tuple[str, ToolRow], ...]
    facts: tuple[ToolFact, ...]
    use: ToolUse | None
    use_unknown: str | None
    asked: ToolRequests | None
    asked_unknown: str | None
    goes_with: tuple[GoesWith, ...]
    goes_with_unknown: str | None
    neighbours: tuple[NearTool, ...]
    neighbours_unknown: str | None
    links: tuple[tuple[str, str], ...]

    @property
    def stage(self) -> str | None:
        """Return its stage; None: not known, for the reason in `stage_unknown`."""
        return None if self.life is None else self.life.stage

    @property
    def stage_unknown(self) -> str | None:
        """Return why its stage is not known; None where it is."""
        if self.life is None:
            return self.life_unknown
        return None if self.life.stage is not None else self.life.unknown or NO_REASON
