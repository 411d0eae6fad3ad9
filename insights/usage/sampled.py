"""How far what was counted speaks for more than itself.

A share is told where the things counted are a census or were drawn at random, with Wilson's (1927)
95 % interval. Of a random sample, the interval is about the share in what was drawn from; it takes
no account of how large that is, so it is rather too wide (Cochran 1977, theorem 3.2, would narrow
it by √(1 − f) for a sampling fraction f). Of a census, the share is exact for those counted; the
interval is about the process that made them, of which they are taken as one draw: how far the share
might have been another with as many others of their kind. Chosen things are examples: they are
counted, and nothing else is said of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from artifacts.intervals import Estimate
from insights.usage.settings import Sample
from labels.validation.values import share, undefined

Counted = Literal["dependents", "requests"]

_IN_WORDS: Final[dict[Sample, str]] = {
    "census": "a census",
    "random": "drawn at random",
    "chosen": "examples, chosen",
}
_MEANS: Final[dict[Sample, str]] = {
    "census": "Shares are exact for these {}; intervals (95 %) are about others of their kind.",
    "random": "Intervals (95 %) are about all {} that were drawn from.",
    "chosen": "",
}


@dataclass(frozen=True)
class SampleOf:
    """What is counted, and how it was found."""

    counted: Counted
    sample: Sample

    @property
    def is_chosen(self) -> bool:
        """Return whether nothing but counts may be told."""
        return self.sample == "chosen"

    def heading(self, n: int) -> str:
        """Return what stands over every table and sentence about ``n`` of them."""
        return f"{_IN_WORDS[self.sample]}; n = {n:,}"

    @property
    def meaning(self) -> str:
        """Return in a sentence what shares and intervals are about; empty where there are none."""
        return _MEANS[self.sample].format(self.counted)

    def share(self, n_with: int, n: int) -> Estimate:
        """Return which share of ``n`` it is, with its interval; none of what was chosen."""
        if self.is_chosen:
            return undefined(self.heading(n), n=n)
        hits = np.zeros(n)
        hits[:n_with] = 1
        return share(hits, np.ones(n), size=None, empty=f"there are no {self.counted}")

    def check(self, *figures: object) -> None:
        """Raise `ValueError` if a figure says more of chosen things than their number.

        Whatever holds figures calls this as it is made, so that none can be shown by mistake.

        Parameters
        ----------
        figures
            `Estimate` objects; or other findings, None where there is none.
        """
        told = (each.value if isinstance(each, Estimate) else each for each in figures)
        if self.is_chosen and any(each is not None for each in told):
            raise ValueError(f"of {self.counted} that were chosen, nothing but counts may be told")
