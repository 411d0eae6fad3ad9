"""Whether the intervals of survival hold the truth, on simulated tools whose ends are known.

A set has 300 tools. What is drawn was chosen before any interval was looked at, from what is known
of tools of this kind; it is nothing that the estimate knows of.

- **Births** become more frequent at a constant pace over twelve years, as those of an ecosystem
  that grows.
- **Lifetimes** are Weibull with shape 0.8 and scale 150 months: the hazard falls with age, 0.88
  last longer than one year, and 0.618 longer than five. The truth that is asked for is the latter.
- **How they were found.** Half by a search that finds the dead as well. Half by curated lists, made
  on a day between the sixth and the eleventh year, that name only what was alive then: delayed
  entry. Those that had ended before are in no set.
- **Signs of life.** A tool begins with a commit. Then commits come at random while it is worked on,
  each tool at its own pace: one a month for the median tool, with a log-normal spread of 0.5. Work
  pauses once in ten years of it, for six months on average; so in seven years about a quarter of
  tools are silent for half a year and come back, and a tenth for a year. The last sign of life is
  therefore before the end, and some that only pause look ended.
- **Observation.** Each tool is observed on a day of its own: 12 months before the last day on
  average, up to five years. It depends on nothing else: where dead tools are looked at later than
  living ones, no estimate from these data is right, and the bounds are there for that.

A tool has ended, to the estimate, if it was silent for twelve months. The naive way takes every
tool as observed on the last day, and as watched since its birth; two others do only one of these.

Passes if of 1,000 sets 925 to 975 hold the truth after five years in the 95 % interval, and the
naive way holds it in fewer than 800. A set without an interval does not hold it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np

from artifacts.arrays import Doubles
from benchmarks.common import arguments, publish, table, timed
from insights.history.curves import Flags, KaplanMeier, kaplan_meier
from insights.history.lifetimes import lifetimes_of
from insights.history.months import DAYS_A_MONTH
from insights.history.population import ToolHistory
from insights.history.settings import EndDefinition
from insights.history.survival import survival_after

SEED: Final = 20_261_130
N_SETS: Final = 1_000
N_TOOLS: Final = 300
N_DRAWN: Final = 1_800
"""Tools that are drawn for a set, so that enough are found."""
LAST_DAY: Final = 152.0
"""The last day of observation, in months since the first birth could be."""
BIRTHS_UNTIL: Final = 144.0
SHAPE: Final = 0.8
SCALE: Final = 150.0
LISTS: Final = (60.0, 132.0)
MEDIAN_GAP: Final = 1.0
GAP_SPREAD: Final = 0.5
WORK_BETWEEN_PAUSES: Final = 120.0
PAUSE: Final = 6.0
MOST_PAUSES: Final = 16
MEAN_LAG: Final = 12.0
LONGEST_LAG: Final = 60.0
AGE: Final = 60
HELD: Final = (925, 975)
NAIVE_BELOW: Final = 800
BEGINNING: Final = datetime(2014, 1, 1, tzinfo=UTC)
END: Final = EndDefinition(name="silent for a year", silent_months=12, sign="any")
WAYS: Final[Mapping[str, tuple[bool, bool]]] = {
    "ours": (True, True),
    "entry ignored": (False, True),
    "day of observation ignored": (True, False),
    "naive": (False, False),
}
"""Whether a way knows of delayed entry, and of the day of observation."""


@dataclass(frozen=True, eq=False)
class SimulatedTools:
    """Tools of a set, each time in months since the beginning.

    Attributes
    ----------
    born, last_sign, observed
        When each began, was last worked on before it was observed, and was observed.
    listed
        When it was found on a list of the living; NaN: by a search.
    """

    born: Doubles
    last_sign: Doubles
    observed: Doubles
    listed: Doubles


def simulated(number: int) -> SimulatedTools:
    """Return the tools of a set."""
    rng = np.random.default_rng([SEED, number])
    born = BIRTHS_UNTIL * np.sqrt(rng.random(N_DRAWN))
    ended = born + SCALE * rng.weibull(SHAPE, N_DRAWN)
    observed = LAST_DAY - np.minimum(rng.exponential(MEAN_LAG, N_DRAWN), LONGEST_LAG)
    listed = np.where(rng.random(N_DRAWN) < 0.5, rng.uniform(*LISTS, N_DRAWN), np.nan)
    last_sign = born + _last_sign_of_life(np.minimum(ended, observed) - born, rng)
    found = _found(born, ended, observed, listed)
    return SimulatedTools(born[found], last_sign[found], observed[found], listed[found])


def _found(born: Doubles, ended: Doubles, observed: Doubles, listed: Doubles) -> Flags:
    """Return which tools are in a set: half of them from lists."""
    by_list = (born < listed) & (listed < ended) & (listed < observed)
    by_search = np.isnan(listed) & (born < observed)
    chosen = np.zeros(len(born), dtype=np.bool_)
    for way in (by_list, by_search):
        chosen[np.flatnonzero(way)[: N_TOOLS // 2]] = True
    assert chosen.sum() == N_TOOLS, "Too few tools are drawn."
    return chosen


def _last_sign_of_life(age: Doubles, rng: np.random.Generator) -> Doubles:
    """Return the age at the last commit before an age that is not below 0, or is not used.

    Commits are a Poisson process in the time that is worked: so the last one is an exponential gap
    before the end of that time, or it is the first commit of all.
    """
    shape = (len(age), MOST_PAUSES)
    worked_before = rng.exponential(WORK_BETWEEN_PAUSES, shape).cumsum(axis=1)
    pauses = rng.exponential(PAUSE, shape)
    pause_at = worked_before + pauses.cumsum(axis=1) - pauses
    gap = MEDIAN_GAP * np.exp(GAP_SPREAD * rng.standard_normal(len(age)))
    worked = age - np.clip(age[:, None] - pause_at, 0, pauses).sum(axis=1)
    last = np.maximum(worked - gap * rng.exponential(size=len(age)), 0)
    paused = np.where(worked_before < last[:, None], pauses, 0).sum(axis=1)
    return np.asarray(last + paused, dtype=np.float64)


def curve_of(tools: SimulatedTools, *, knows_entry: bool, knows_day: bool) -> KaplanMeier:
    """Return the curve of a set, as who knows this much would draw it."""
    lives = lifetimes_of(list(_histories(tools, knows_entry, knows_day)), END)
    return kaplan_meier(lives.duration, lives.ended, lives.entry)


def _histories(tools: SimulatedTools, knows_entry: bool, knows_day: bool) -> Iterator[ToolHistory]:
    for born, last, observed, listed in zip(
        tools.born, tools.last_sign, tools.observed, tools.listed, strict=True
    ):
        is_listed = knows_entry and not np.isnan(listed)
        yield ToolHistory(
            **_NOTHING_ELSE,
            first_commit_at=_day(born),
            last_commit_at=_day(last),
            observed_at=_day(observed if knows_day else LAST_DAY),
            entered_at=_day(listed) if is_listed else None,
        )


def _day(months: float) -> datetime:
    return BEGINNING + timedelta(days=float(months) * DAYS_A_MONTH)


_KNOWN: Final = ("first_commit_at", "last_commit_at", "observed_at", "entered_at")
_NOTHING_ELSE: Final[Mapping[str, Any]] = {
    **{name: None for name in ToolHistory.__dataclass_fields__ if name not in _KNOWN},
    **{"repo_key": "", "full_name": "", "owner": "", "monthly": {}, "numbers": {}, "flags": ()},
}


def simulate() -> dict[str, dict[str, float]]:
    """Return, of each way, how often its interval holds the truth, and what it says on average."""
    truth = float(np.exp(-((AGE / SCALE) ** SHAPE)))
    found: dict[str, list[tuple[bool, float, float, int]]] = {way: [] for way in WAYS}
    for number in range(N_SETS):
        tools = simulated(number)
        for way, (knows_entry, knows_day) in WAYS.items():
            curve = curve_of(tools, knows_entry=knows_entry, knows_day=knows_day)
            told = survival_after(curve, AGE)
            value = np.nan if told.value is None else told.value
            if told.low is None or told.high is None:
                found[way].append((False, value, np.nan, told.n))
            else:
                inside = told.low <= truth <= told.high
                found[way].append((inside, value, told.high - told.low, told.n))
    figures = {}
    for way, rows in found.items():
        holds, values, widths, n_at_risk = (np.array(column) for column in zip(*rows, strict=True))
        figures[way] = {
            "held": int(holds.sum()),
            "truth": truth,
            "mean": float(np.nanmean(values)),
            "spread": float(np.nanstd(values)),
            "width": float(np.nanmean(widths)),
            "at risk": float(n_at_risk.mean()),
        }
    return figures


def main() -> None:
    """Run the benchmark; fail if the intervals hold the truth too seldom or too often."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    figures, seconds = timed(simulate)
    columns = ["way", *figures["ours"]]
    rows = [
        [way, str(each["held"]), *(f"{each[name]:.4f}" for name in columns[2:])]
        for way, each in figures.items()
    ]
    title = f"Share that lasts longer than {AGE} months: {N_SETS:,} sets in {seconds:.0f} s"
    publish("survival", {**figures, "seconds": seconds}, [table(title, columns, rows)], args.out)
    if not HELD[0] <= figures["ours"]["held"] <= HELD[1]:
        sys.exit("The interval holds the truth too seldom, or too often.")
    if figures["naive"]["held"] >= NAIVE_BELOW:
        sys.exit("The naive way does as well: the simulation shows nothing.")


if __name__ == "__main__":
    main()
