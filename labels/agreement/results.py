"""What a study named beforehand, and what was found: the values that a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from artifacts.errors import InputError
from labels.agreement.coded import JOINT
from labels.agreement.estimate import RESAMPLES, Coefficient, Resampling
from labels.agreement.scales import Shape

Family = Literal["percent", "cohen", "fleiss", "alpha", "gwet"]
Kind = Literal["overall", "variable", "code", "wave", "version", "pair"]

NAMED: dict[str, tuple[Family, Shape | None]] = {
    "percent": ("percent", None),
    "cohen": ("cohen", None),
    "cohen-linear": ("cohen", "linear"),
    "cohen-quadratic": ("cohen", "quadratic"),
    "fleiss": ("fleiss", None),
    "alpha": ("alpha", None),
    "ac1": ("gwet", None),
    "ac2-linear": ("gwet", "linear"),
    "ac2-quadratic": ("gwet", "quadratic"),
    "ac2-ordinal": ("gwet", "ordinal"),
}
"""What a study can name beforehand. Without an order of codes, weights change nothing."""


@dataclass(frozen=True)
class Settings:
    """What the study settled before it coded, and how intervals are drawn.

    Attributes
    ----------
    named
        The coefficient that counts, a key of `NAMED`.
    threshold
        What it should reach, above 0 and at most 1.

    Raises
    ------
    InputError
        If a setting is out of range, or there is a threshold for no coefficient.
    """

    seed: int
    named: str | None = None
    threshold: float | None = None
    resamples: int = RESAMPLES

    def __post_init__(self) -> None:
        if self.named is not None and self.named not in NAMED:
            raise InputError(
                f"There is no coefficient '{self.named}'.", fix=f"take one of {', '.join(NAMED)}"
            )
        if self.threshold is not None and self.named is None:
            raise InputError("There is a threshold, but no coefficient that should reach it.")
        if self.threshold is not None and not 0 < self.threshold <= 1:
            raise InputError(f"The threshold {self.threshold:g} is not above 0 and at most 1.")
        if self.resamples < 0:
            raise InputError(f"There cannot be {self.resamples} resamples.")

    @property
    def resampling(self) -> Resampling:
        """Return how intervals are drawn."""
        return Resampling(self.seed, self.resamples)

    @property
    def family(self) -> Family | None:
        """Return where the named coefficient stands among the results."""
        return None if self.named is None else NAMED[self.named][0]


@dataclass(frozen=True)
class Scope:
    """What a result is of.

    Attributes
    ----------
    variable
        None for whole codings.
    part
        The code, wave, version or pair; None for the whole.
    """

    kind: Kind
    variable: str | None
    part: str | None

    @property
    def title(self) -> str:
        """Return what people call it."""
        whole = self.variable or JOINT
        if self.part is None:
            return whole
        return f"{whole}, {self.label}"

    @property
    def label(self) -> str:
        """Return what tells it from others of the same variable."""
        if self.part is None:
            return self.variable or JOINT
        return self.part if self.kind == "pair" else f"{self.kind} {self.part}"


@dataclass(frozen=True)
class Verdict:
    """Whether the named coefficient, and the lower bound of its interval, reach the threshold.

    Each is None where there is no value, or no interval.
    """

    by_value: bool | None
    by_low: bool | None


@dataclass(frozen=True)
class Result:
    """The agreement within one scope.

    Attributes
    ----------
    verdict
        None unless the study named a coefficient and a threshold.
    given
        For a code: how many items each coder gave it to. Else empty.
    warning
        What prevalence does to the coefficients, if it does.
    """

    scope: Scope
    coefficients: Mapping[Family, Coefficient]
    verdict: Verdict | None
    given: Mapping[str, int]
    warning: str | None


@dataclass(frozen=True)
class Confusion:
    """Which codes two coders gave to the items that both coded, in the order of the codebook.

    Attributes
    ----------
    counts
        Rows are the first coder's codes, columns the second's.
    """

    variable: str
    coders: tuple[str, str]
    codes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Report:
    """All results, the confusions of every two coders, and what to know of both."""

    settings: Settings
    coders: tuple[str, ...]
    results: tuple[Result, ...]
    confusions: tuple[Confusion, ...]
    notes: tuple[str, ...]

    def of(self, *kinds: Kind) -> tuple[Result, ...]:
        """Return the results of scopes of those kinds."""
        return tuple(result for result in self.results if result.scope.kind in kinds)
