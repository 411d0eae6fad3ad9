"""Where each tool stands in its life, month by month, and since when.

A table of rules (`insights.history.settings.STAGE_RULES`) says of each month what it looks like, by
the commits up to that month alone. Two things make stages of it:

- A change counts once it has lasted ``hold_months``, and is then dated at its first month. A rule
  of silence has waited for months already, and is not made to wait again.
- What is over is told with as few changes as it takes. Yearly sums drift about the thresholds of
  the rules, and a stage is no such swing: the sequence of stages is the one with the least sum of
  months that contradict the rules and ``change_months`` for each change. This is the optimal
  partition of a series with a penalty on changes (Jackson et al. 2005, An algorithm for optimal
  partitioning of data on an interval), the rules in place of a likelihood. A month of silence
  counts twice: it rests on half a year, where a comparison takes a year, and is no drift.

An announced end counts at once. The month of observation is not over, and is left out.

Where older commits are not counted (`ToolHistory.lacks_older`), nothing is said of the months
before those that are, nor of the first of these, until a year can be compared with the one before
it. The best year is then the best of the months that are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any, Final, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles, Integers
from insights.history.figures import StageCount
from insights.history.groups import ALL, groups_of
from insights.history.months import MONTHS_A_YEAR, month_from, month_name, month_of
from insights.history.population import HistoryPopulation, ToolHistory
from insights.history.rows import Stage, StageSpell
from insights.history.settings import HistorySettings, StageRule

STAGES: Final[tuple[Stage, ...]] = get_args(Stage)
"""In the order of a life."""
UNKNOWN: Final = "unknown"
"""In the place of a stage: it is not known."""
_COMPARABLE: Final = 2 * MONTHS_A_YEAR
"""Months until a year can be compared with the one before it."""
_SILENCE_COUNTS: Final = 2
_CHUNK: Final = 2048
"""Tools at a time, to hold memory down."""

NO_DAY: Final = "the day up to which its history is known is not known"
NO_COMMITS: Final = "its commits are not counted by month"
TOO_YOUNG: Final = "no month of its life was over when it was observed"
TOO_LATE: Final = "older commits are not counted, and those of fewer than two years are"


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """The stages of a tool.

    Attributes
    ----------
    spells
        Its stages in order: every month from its birth (where older commits are not counted, from
        the 24th that is) to the last that was over when it was observed is in one of them. Where
        its end was announced later, or it is not known when, a last spell has that month, or the
        month of observation, alone.
    by_rule
        What the rules say of each of these months, before changes are weighed.
    stage, reason
        When it was observed; None: it is not known.
    since
        The month since which it is in that stage; None: not known, as for an end without a date.
    seen
        The last month that was looked at.
    unknown
        Why the stage is not known.
    silent_months
        Months without a commit, up to the last that was over. Of commits, those by people count,
        where these are told apart.
    commits, commits_before, commits_best
        In the last twelve months, in the twelve before, if it is as old as that, and in its best
        twelve, if all are counted.
    people
        The most who committed in one of the last twelve months: those of the year, of whom months
        do not tell who came twice, are at least as many. None, here and below: not counted.
    newcomers, releases
        In the last twelve months: people who committed for the first time; releases, or tags where
        releases are not counted.
    changes
        How often its stage changed.
    returns
        How often it came back from what the rules call dormant or dead.
    """

    spells: tuple[StageSpell, ...] = ()
    by_rule: tuple[Stage, ...] = ()
    stage: Stage | None = None
    reason: str | None = None
    since: str | None = None
    seen: str | None = None
    unknown: str | None = None
    silent_months: int | None = None
    commits: int | None = None
    commits_before: int | None = None
    commits_best: int | None = None
    people: int | None = None
    newcomers: int | None = None
    releases: int | None = None
    changes: int | None = None
    returns: int | None = None


def lifecycles(population: HistoryPopulation, settings: HistorySettings) -> dict[str, Lifecycle]:
    """Return the lifecycle of each tool, by its key, in the order of the population."""
    lives = {tool.repo_key: _without_months(tool, settings.stages) for tool in population.tools}
    seen = [seen for tool in population.tools if (seen := _seen(tool)) is not None]
    # Alike lengths together, so that little is padded.
    seen.sort(key=lambda each: len(each.commits))
    for start in range(0, len(seen), _CHUNK):
        chunk = seen[start : start + _CHUNK]
        signs = _signs(chunk)
        rules = _rules_that_hold(signs, settings.stages)
        for row, each in enumerate(chunk):
            told = rules[row, each.n_untold : len(each.commits)]
            lives[each.tool.repo_key] = _life(each, told, signs, row, settings)
    return lives


@dataclass(frozen=True, eq=False)
class _Seen:
    """A tool, and its commits in each month that is known, to the last that was over.

    Attributes
    ----------
    first
        The month of the first of them: that of its birth, unless older commits are not counted.
    n_untold
        The first of them, of which no stage is told.
    age
        In months, in the first of them.
    announced
        The month since which its end stands announced; None: it does not, or since when is not
        known.
    """

    tool: ToolHistory
    first: int
    commits: Integers
    n_untold: int
    age: int
    announced: int | None


def months_lived(tool: ToolHistory) -> tuple[int, Integers] | None:
    """Return the month of birth, and the commits of each month from it to the last that was over.

    By people, where these are told apart. Where older commits are not counted, the first month is
    the first of those that are. None: they, or the day of observation, are not known, or no month
    was over.
    """
    last = _last_over(tool)
    first = tool.first_month if tool.lacks_older else _birth(tool)
    if last is None or first is None or tool.commits is None or tool.first_month is None:
        return None
    if last < first:
        return None
    commits = np.zeros(last - first + 1, dtype=np.int64)
    counted = tool.commits[: max(0, last - tool.first_month + 1)]
    commits[tool.first_month - first :][: len(counted)] = counted
    return first, commits


def _seen(tool: ToolHistory) -> _Seen | None:
    """Return what the stages of a tool rest on; None: they cannot be told."""
    lived = months_lived(tool)
    if lived is None:
        return None
    first, commits = lived
    n_untold = age = 0
    if tool.lacks_older:
        # It may be older than its repository: there are commits before the first that are counted.
        birth = _birth(tool)
        n_untold, age = _COMPARABLE - 1, 1 if birth is None else max(1, first - birth)
        if len(commits) <= n_untold:
            return None
    ended_at = None if tool.ended is None else tool.ended_at
    announced = None if ended_at is None else month_of(ended_at)
    return _Seen(tool, first, commits, n_untold, age, announced)


def _last_over(tool: ToolHistory) -> int | None:
    """Return the last month that was over when a tool was observed."""
    return None if tool.observed_month is None else tool.observed_month - 1


def _birth(tool: ToolHistory) -> int | None:
    """Return the month of birth: the first of which anything is known; None: it was before that."""
    months = [] if tool.born_at is None else [month_of(tool.born_at)]
    if tool.first_month is not None and not tool.lacks_older:
        months.append(tool.first_month)
    return min(months, default=None)


def _without_months(tool: ToolHistory, rules: Sequence[StageRule]) -> Lifecycle:
    """Return what can be said without a month to look at: an announced end, or why nothing."""
    if tool.observed_month is None:
        return Lifecycle(unknown=NO_DAY)
    if tool.ended is not None and (rule := _rule_of_ends(rules)) is not None:
        month = tool.observed_month
        spell = _end_spell(tool, rule, month)
        since = None if tool.ended_at is None else month_name(month_of(tool.ended_at))
        return Lifecycle(
            spells=(spell,),
            stage=rule.stage,
            reason=spell.reason,
            since=since,
            seen=month_name(month),
            changes=0,
        )
    if tool.commits is None:
        return Lifecycle(unknown=NO_COMMITS)
    return Lifecycle(unknown=TOO_LATE if tool.lacks_older else TOO_YOUNG)


def _rule_of_ends(rules: Sequence[StageRule]) -> StageRule | None:
    """Return the first rule if an announced end alone fulfils it."""
    named = rules[0].model_dump(exclude={"stage", "why"}, exclude_none=True)
    return rules[0] if named == {"ended": True} else None


def _end_spell(tool: ToolHistory, rule: StageRule, month: int) -> StageSpell:
    name = month_name(month)
    return StageSpell(tool.repo_key, rule.stage, name, name, _why(rule, tool))


def _why(rule: StageRule, tool: ToolHistory) -> str:
    return f"{rule.why}: {tool.ended}" if rule.ended else rule.why


@dataclass(frozen=True, eq=False)
class _Signs:
    """What rules look at: n_tools × n_months, each of the known months up to that one.

    Attributes
    ----------
    ended
        Whether an end stands announced.
    silent, age
        Months without a commit; months since birth.
    commits, before, best
        Of twelve months: the last, those before, and the best so far.
    has_before
        Whether 24 months are known.
    """

    ended: NDArray[np.bool_]
    silent: Integers
    age: Integers
    commits: Integers
    before: Integers
    best: Integers
    has_before: NDArray[np.bool_]

    @property
    def of_before(self) -> Doubles:
        """Return commits over those before; NaN where there is no year before, or it had none."""
        known = self.has_before & ((self.before > 0) | (self.commits > 0))
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(known, self.commits / self.before, np.nan)

    @property
    def of_best(self) -> Doubles:
        """Return commits over those of the best year; NaN before the first commit."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.best > 0, self.commits / self.best, np.nan)


def _signs(chunk: Sequence[_Seen]) -> _Signs:
    n_months = max(len(each.commits) for each in chunk)
    monthly = np.zeros((len(chunk), n_months), dtype=np.int64)
    for row, each in enumerate(chunk):
        monthly[row, : len(each.commits)] = each.commits
    place = np.arange(n_months)
    sums = np.pad(monthly.cumsum(axis=1), ((0, 0), (2 * MONTHS_A_YEAR, 0)))
    year_ago = sums[:, MONTHS_A_YEAR:-MONTHS_A_YEAR]
    commits = sums[:, 2 * MONTHS_A_YEAR :] - year_ago
    last = np.maximum.accumulate(np.where(monthly > 0, place, -1), axis=1)
    never = n_months + 1
    announced = [never if each.announced is None else each.announced - each.first for each in chunk]
    return _Signs(
        ended=place >= np.array(announced)[:, None],
        silent=place - last,
        age=place + np.array([each.age for each in chunk])[:, None],
        commits=commits,
        before=year_ago - sums[:, : -2 * MONTHS_A_YEAR],
        best=np.maximum.accumulate(commits, axis=1),
        has_before=np.broadcast_to(place >= _COMPARABLE - 1, monthly.shape),
    )


def _rules_that_hold(signs: _Signs, rules: Sequence[StageRule]) -> Integers:
    """Return the place of the first rule that holds: n_tools × n_months."""
    of_before, of_best = signs.of_before, signs.of_best
    first = np.full(signs.age.shape, len(rules) - 1, dtype=np.int64)
    for place in reversed(range(len(rules))):
        rule = rules[place]
        holds = np.ones(signs.age.shape, dtype=bool)
        if rule.ended is not None:
            holds &= signs.ended == rule.ended
        for values, least in (
            (signs.silent, rule.silent_from),
            (of_before, rule.of_before_from),
            (of_best, rule.of_best_from),
        ):
            if least is not None:
                holds &= values >= least
        for values, limit in (
            (signs.age, rule.age_below),
            (signs.commits, rule.commits_below),
            (of_before, rule.of_before_below),
            (of_best, rule.of_best_below),
        ):
            if limit is not None:
                holds &= values < limit
        first[holds] = place
    return first


class _Run(NamedTuple):
    """Months in a row of one stage: how many, and what it costs to say otherwise of them.

    ``is_silence``: the rule of the last of them is one of silence.
    """

    stage: Stage
    n: int
    weight: int
    is_silence: bool


def _life(
    each: _Seen, told: Integers, signs: _Signs, row: int, settings: HistorySettings
) -> Lifecycle:
    """Return the lifecycle of a tool; ``told`` has the place of the rule of each month."""
    rules, tool, last = settings.stages, each.tool, len(each.commits) - 1
    by_end = np.array([rule.ended is True for rule in rules])[told]
    n_open = int(np.argmax(by_end)) if by_end.any() else len(told)
    stages = _settled(_runs(told[:n_open], rules), settings, is_over=n_open < len(told))
    stages += [(run.stage, run.n) for run in _runs(told[n_open:], rules)]
    spells = list(_spells(each, stages, told, rules))
    stage, since = spells[-1].stage, spells[-1].first
    life = Lifecycle(
        spells=tuple(spells),
        by_rule=tuple(rules[place].stage for place in told),
        stage=stage,
        reason=_reason(each, stage, told, rules),
        since=since,
        seen=month_name(each.first + last),
        silent_months=int(signs.silent[row, last]),
        commits=int(signs.commits[row, last]),
        commits_before=int(signs.before[row, last]) if signs.has_before[row, last] else None,
        commits_best=None if each.n_untold else int(signs.best[row, last]),
        people=_in_year(tool, ("people",), np.max),
        newcomers=_in_year(tool, ("newcomers",), np.sum),
        releases=_in_year(tool, ("releases", "tags"), np.sum),
        changes=len(spells) - 1,
        returns=_returns(told, rules),
    )
    late = tool.ended is not None and not by_end.any()
    return _with_end(life, tool, rules) if late else life


def _with_end(life: Lifecycle, tool: ToolHistory, rules: Sequence[StageRule]) -> Lifecycle:
    """Return a life whose end was announced after its last month, or it is not known when."""
    rule, month = _rule_of_ends(rules), tool.observed_month
    if rule is None or month is None:
        return life
    if tool.ended_at is not None:
        month = max(month, month_of(tool.ended_at))
    spell = _end_spell(tool, rule, month)
    life = replace(life, reason=spell.reason, seen=spell.first)
    if life.stage == rule.stage:
        return life
    return replace(
        life,
        spells=(*life.spells, spell),
        stage=rule.stage,
        since=None if tool.ended_at is None else spell.first,
        changes=len(life.spells),
    )


def _is_quiet(stage: str) -> bool:
    """Return whether a tool in that stage is dormant or dead."""
    return stage in ("dormant", "dead")


def _returns(told: Integers, rules: Sequence[StageRule]) -> int:
    quiet = np.array([_is_quiet(rule.stage) for rule in rules])[told]
    return int((quiet[:-1] & ~quiet[1:]).sum())


def _in_year(
    tool: ToolHistory, names: Sequence[str], over: Callable[[Integers], Any]
) -> int | None:
    """Return a figure of the last twelve months, of the first of the columns that is counted."""
    end = (tool.observed_month or 0) - (tool.first_month or 0)
    for name in names:
        if name in tool.monthly:
            year = tool.monthly[name][max(0, end - MONTHS_A_YEAR) : end]
            return int(over(year)) if len(year) else None
    return None


def _runs(told: Integers, rules: Sequence[StageRule]) -> list[_Run]:
    """Return what the rules say, by months in a row of one stage."""
    order = {stage: place for place, stage in enumerate(STAGES)}
    stages = np.array([order[rule.stage] for rule in rules])[told]
    weights = np.array(
        [1 if rule.silent_from is None else _SILENCE_COUNTS for rule in rules], dtype=np.int64
    )[told]
    edges = [0, *(np.flatnonzero(np.diff(stages)) + 1), len(told)]
    return [
        _Run(
            STAGES[stages[start]],
            int(end - start),
            int(weights[start:end].sum()),
            rules[told[end - 1]].silent_from is not None,
        )
        for start, end in pairwise(edges)
        if start < end
    ]


def _settled(
    runs: Sequence[_Run], settings: HistorySettings, *, is_over: bool
) -> list[tuple[Stage, int]]:
    """Return the stages and their months, of what the rules say.

    Where the last of it is not over (``is_over``), it counts as soon as it was held, and silence
    at once.
    """
    hold, cost = settings.hold_months, settings.change_months
    if runs and runs[-1].is_silence and not is_over:
        before = _held(_cheapest(runs[:-1], cost), hold)
        return _held([*before, (runs[-1].stage, runs[-1].n)], 0)
    settled = _cheapest(runs, cost)
    if settled and not is_over:
        held = _held([(run.stage, run.n) for run in runs], hold)
        if held[-1][0] != settled[-1][0]:
            n_before = sum(n for _, n in held[:-1])
            settled = [*_cheapest(_first(runs, n_before), cost), held[-1]]
    return _held(settled, hold)


def _first(runs: Sequence[_Run], n: int) -> list[_Run]:
    """Return the runs of the first ``n`` months, which end with a run."""
    ends = accumulate(run.n for run in runs)
    return [run for run, end in zip(runs, ends, strict=True) if end <= n]


def _held(runs: Sequence[tuple[Stage, int]], hold: int) -> list[tuple[Stage, int]]:
    """Return stages and their months, those that did not last so long joined to what was before."""
    kept: list[tuple[Stage, int]] = []
    for stage, n in runs:
        if kept and (stage == kept[-1][0] or n < hold):
            kept[-1] = kept[-1][0], kept[-1][1] + n
        else:
            kept.append((stage, n))
    return kept


def _cheapest(runs: Sequence[_Run], cost: int) -> list[tuple[Stage, int]]:
    """Return the stages of runs with the least sum of what they contradict and of changes.

    Of sums that are the same, the one with fewer changes. Within a run nothing is gained by a
    change, so it is looked for between runs alone.
    """
    stages = sorted({run.stage for run in runs}, key=STAGES.index)
    # Sums as whole numbers, and beneath them the number of changes, which decides between equals.
    unit = len(runs) + 1
    best = [0] * len(stages)
    ways: list[list[int]] = []
    for run in runs:
        least = min(best)
        nearest, changed = best.index(least), least + cost * unit + 1
        # Late where it costs the same, so that a stage begins where the rules give it.
        ways.append([n if paid < changed else nearest for n, paid in enumerate(best)])
        best = [
            min(paid, changed) + (0 if stage == run.stage else run.weight * unit)
            for stage, paid in zip(stages, best, strict=True)
        ]
    place = best.index(min(best)) if runs else 0
    told: list[tuple[Stage, int]] = []
    for run, way in zip(reversed(runs), reversed(ways), strict=True):
        told.append((stages[place], run.n))
        place = way[place]
    return _held(told[::-1], 0)


def _spells(
    each: _Seen, stages: Sequence[tuple[Stage, int]], told: Integers, rules: Sequence[StageRule]
) -> Iterator[StageSpell]:
    """Yield the spells, each with why the rules say so, in the first month in which they do."""
    start, first = 0, each.first + each.n_untold
    for stage, n in _held(stages, 0):
        places = told[start : start + n]
        rule = next(rules[place] for place in places if rules[place].stage == stage)
        yield StageSpell(
            repo_key=each.tool.repo_key,
            stage=stage,
            first=month_name(first + start),
            last=month_name(first + start + n - 1),
            reason=_why(rule, each.tool),
        )
        start += n


def _reason(each: _Seen, stage: Stage, told: Integers, rules: Sequence[StageRule]) -> str:
    """Return why a tool is in its stage: what the rules said of the last month that gave it.

    Where they have said otherwise since, but not for long enough, that is told too.
    """
    gives = np.array([rule.stage == stage for rule in rules])[told]
    n_other = int(np.argmax(gives[::-1]))
    why = _why(rules[told[len(told) - 1 - n_other]], each.tool)
    if n_other == 0:
        return why
    months = "month looks" if n_other == 1 else f"{n_other} months look"
    return f"{why}; the last {months} otherwise ({rules[told[-1]].stage}), not yet for long enough"


def stage_counts(
    population: HistoryPopulation, lives: Mapping[str, Lifecycle]
) -> tuple[StageCount, ...]:
    """Return how many tools were in each stage, month by month: of all, and of each group.

    Groups are those of `insights.history.groups.groups_of`, but for the years of birth. A tool
    counts from its birth on; ``unknown`` are those whose stage is not known, and from its last
    month on a tool that was observed before others were. One whose birth is not known, either, may
    have been there from the beginning, and is counted so. What there are none of has no row.

    Returns
    -------
    tuple of StageCount
        By group, then month, then stage in the order of a life, the unknown last; up to the last
        month of which the stage of a tool is known.
    """
    births = [birth for tool in population.tools if (birth := _birth(tool)) is not None]
    told = [
        (month_from(life.spells[0].first), len(life.by_rule))
        for life in lives.values()
        if life.by_rule
    ]
    if not told:
        return ()
    first = min([*births, *(start for start, _ in told)])
    last = max(start + n - 1 for start, n in told)
    order = (*STAGES, UNKNOWN)
    counts: dict[tuple[str, str], Integers] = {}
    for tool in population.tools:
        places = _places(tool, lives[tool.repo_key], first, last)
        lived = np.flatnonzero(places >= 0)
        for group in groups_of(tool):
            if group[0] == "cohort":
                continue
            table = counts.setdefault(group, np.zeros((last - first + 1, len(order)), dtype=int))
            table[lived, places[lived]] += 1
    return tuple(
        StageCount(
            *group, month_name(first + month), order[place], int(counts[group][month, place])
        )
        for group in sorted(counts, key=lambda group: (group != ALL, group))
        for month, place in np.argwhere(counts[group])
    )


def _places(tool: ToolHistory, life: Lifecycle, first: int, last: int) -> Integers:
    """Return the place of the stage of each month; -1 before birth."""
    places = np.full(last - first + 1, len(STAGES), dtype=np.int64)
    birth = _birth(tool)
    if birth is not None:
        places[: birth - first] = -1
    for spell in life.spells:
        start, end = month_from(spell.first), month_from(spell.last)
        if start <= last:
            places[start - first : end - first + 1] = STAGES.index(spell.stage)
    return places
