"""What a study may set about mining."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict


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
    unlabelled: bool = Field(
        False, description="issues without any label as well, to be classified later"
    )
    most_unknown: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of repositories, and of issues, that may be unknown for now in a "
        "sealed snapshot; 3 may always be",
    )
