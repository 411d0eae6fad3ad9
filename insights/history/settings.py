"""What a study says of histories: the rules of the stages, and what counts as an end."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict, field_validator, model_validator

from insights.history.rows import Stage

Sign = Literal["human", "any", "push"]
"""Of life: commits by people (by anybody, where these are not told apart); commits by anybody;
pushes to any branch, where GitHub tells of them (else commits by anybody)."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class StageRule(_Section):
    """A row of the table of rules: all of its conditions that are named hold in a month.

    ``commits`` are those of the last twelve months, by people where these are told apart.
    """

    stage: Stage = Field(description="the stage that it gives")
    ended: bool | None = Field(
        None, description="whether an end was announced: archived, moved, or in the README's words"
    )
    silent_from: int | None = Field(None, ge=1, description="months without a commit, at least")
    age_below: int | None = Field(None, ge=1, description="months since birth, fewer than")
    commits_below: int | None = Field(None, ge=1, description="commits, fewer than")
    of_before_from: float | None = Field(
        None, ge=0, description="commits over those of the twelve months before, at least"
    )
    of_before_below: float | None = Field(None, ge=0, description="the same, below")
    of_best_from: float | None = Field(
        None, ge=0, le=1, description="commits over those of the best twelve months, at least"
    )
    of_best_below: float | None = Field(None, ge=0, le=1, description="the same, below")
    why: str = Field(min_length=1, description="the reason, in words, for whoever reads the stage")


STAGE_RULES: Final = (
    # An announcement is the one sign of death that is none of silence.
    StageRule(stage="dead", ended=True, why="its end was announced"),
    # Two years: of tools that were silent for one, about a tenth came back.
    StageRule(stage="dead", silent_from=24, why="nobody has committed for two years"),
    # Half a year is longer than a release cycle and a summer together.
    StageRule(stage="dormant", silent_from=6, why="nobody has committed for half a year"),
    # Less than one commit a month and a twentieth of what it was: kept from rotting, not developed.
    StageRule(
        stage="dormant",
        commits_below=12,
        of_best_below=0.05,
        why="less than one commit a month is left of what there was",
    ),
    # A year can be compared with the one before it only after two.
    StageRule(stage="emerging", age_below=24, why="it is younger than two years"),
    # A quarter is beyond what releases and holidays move from year to year; and what is below half
    # of its best is recovering, not growing.
    StageRule(
        stage="growing",
        of_before_from=1.25,
        of_best_from=0.5,
        why="a quarter more commits than in the year before",
    ),
    StageRule(
        stage="declining",
        of_before_below=0.75,
        why="a quarter fewer commits than in the year before",
    ),
    StageRule(
        stage="declining", of_best_below=0.5, why="less than half the commits of its best year"
    ),
    StageRule(stage="peak", why="about as many commits as in the year before, near its best year"),
)
"""The first rule whose conditions hold gives the stage."""


class EndDefinition(_Section):
    """What counts as the end of a tool: silence for so long, or an announcement, or either."""

    name: str = Field(min_length=1, description="what the curves call it")
    silent_months: int | None = Field(
        None, ge=1, description="months without a sign of life; the end is dated at the last sign"
    )
    sign: Sign = Field("human", description="of life: human, any or push")
    announced: bool = Field(
        False, description="whether an announced end counts: archived, moved, README's words"
    )

    @model_validator(mode="after")
    def _ends_somehow(self) -> EndDefinition:
        if self.silent_months is None and not self.announced:
            raise ValueError("name silent_months, or announced = true, or both")
        return self


ENDS: Final = (
    EndDefinition(name="silent for a year", silent_months=12),
    EndDefinition(name="silent for two years", silent_months=24),
    EndDefinition(name="announced or silent for two years", silent_months=24, announced=True),
)


class HistorySettings(_Section):
    """How stages are told, what counts as an end, and what is put together."""

    stages: Annotated[tuple[StageRule, ...], Strict(False)] = Field(
        STAGE_RULES,
        min_length=1,
        description="rules, of which the first that holds gives the stage; the last has no "
        "conditions",
    )
    hold_months: int = Field(
        3, ge=1, le=24, description="a change of stage counts once it has lasted so many months"
    )
    # One busy month lifts the comparison with the year before for twelve months and lowers it for
    # the next twelve. To be told of, that takes three changes: at eight months each they are not
    # worth it, and one odd month makes no stage.
    change_months: int = Field(
        8,
        ge=0,
        le=60,
        description="a change of stage that is over is told where, without it, more than so many "
        "further months would contradict the rules; months of silence count twice",
    )
    ends: Annotated[tuple[EndDefinition, ...], Strict(False)] = Field(
        ENDS, min_length=1, description="what counts as the end of a tool, one or more definitions"
    )
    smallest_group: int = Field(
        10, ge=2, description="tools, at least, of which a curve or a share is told"
    )
    smallest_pair: int = Field(
        10, ge=1, description="owners, at least, on whom a step of a stack rests"
    )
    seed: int = Field(0, ge=0, description="of resamples and permutations")

    @field_validator("ends")
    @classmethod
    def _have_names_of_their_own(cls, ends: tuple[EndDefinition, ...]) -> tuple[EndDefinition, ...]:
        names = Counter(end.name for end in ends)
        if (most := names.most_common(1)[0])[1] > 1:
            raise ValueError(f"two definitions of the end are called {most[0]!r}")
        return ends

    @model_validator(mode="after")
    def _always_gives_a_stage(self) -> HistorySettings:
        conditions = self.stages[-1].model_dump(exclude={"stage", "why"}, exclude_none=True)
        if conditions:
            raise ValueError("the last rule of stages has no conditions, so that one always holds")
        return self
