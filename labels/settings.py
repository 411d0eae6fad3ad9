"""What a study names before anybody codes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CoefficientName = Literal[
    "percent",
    "cohen",
    "cohen-linear",
    "cohen-quadratic",
    "fleiss",
    "alpha",
    "ac1",
    "ac2-linear",
    "ac2-quadratic",
    "ac2-ordinal",
]


class LabelSettings(BaseModel):
    """The coefficient of agreement that will count, and what it should reach.

    They are written into a set of labels as it is made, before anybody has coded.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    coefficient: CoefficientName | None = Field(
        None, description="which one counts; unset: none is marked"
    )
    threshold: float | None = Field(
        None, gt=0, le=1, description="what it should reach; named together with it"
    )

    @model_validator(mode="after")
    def _refuse_half(self) -> LabelSettings:
        if (self.coefficient is None) != (self.threshold is None):
            raise ValueError("coefficient and threshold are named together")
        return self
