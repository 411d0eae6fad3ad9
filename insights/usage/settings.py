"""What a study says of the dependents and the requests that it looks at."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Sample = Literal["census", "random", "chosen"]
"""How things were found: all that there are; drawn at random; or picked, so that they are examples
and stand for themselves alone."""

FoundBy = Literal["framework", "topic"]
"""Whether projects were looked for because they may use one of the frameworks; or without regard to
that, so that those which use none are among them."""


class UsageSettings(BaseModel):
    """Which frameworks, how their dependents and requests were found, and which of them count."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    frameworks: tuple[str, ...] = Field(
        (), description="names of shipped frameworks, or files; none: all that are shipped"
    )
    dependents_sample: Sample = Field(
        "chosen", description="how the dependents were found: census, random, or chosen (examples)"
    )
    requests_sample: Sample = Field(
        "chosen", description="how the requests were found: census, random, or chosen (examples)"
    )
    found_by: FoundBy = Field(
        "framework", description="whether projects were looked for by framework or by topic"
    )
    min_stars: int | None = Field(
        None, ge=0, description="projects with fewer stars do not count; unset: all count"
    )
    without_tutorials: bool = Field(False, description="tutorials and courses do not count")
    without_forks: bool = Field(False, description="forks of other projects do not count")
