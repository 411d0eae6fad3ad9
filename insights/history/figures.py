"""What is known of an ecosystem and its groups: one class for each table of the artifact.

``grouped_by`` and ``group`` say of whom a figure is: ``all`` and ``all``; or ``kind``,
``owner type``, ``category``, ``cohort`` (year of birth) with the name of the group. Months are
written ``2026-08``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from artifacts.intervals import Estimate

Measure = Literal["births", "active", "commits", "people", "releases", "stars"]
"""What is counted in a month: tools born; tools with a commit; commits by people; people who
committed, summed over tools; releases (where there are none, tags); stars gained."""
MEASURE_NAMES: Final[dict[Measure, str]] = {
    "births": "births of tools",
    "active": "active tools",
    "commits": "commits by people",
    "people": "people who commit",
    "releases": "releases",
    "stars": "stars given",
}
"""How sentences and tables call what is counted."""
GrowthModel = Literal["linear", "exponential", "logistic", "Gompertz", "Bass"]
Bound = Literal["as seen", "lower", "upper"]
"""Of a survival curve: from tools whose days of observation, and of an announced end, are known;
and what it would be if all others had ended at the last sign of them, or none had before it was
seen."""


@dataclass(frozen=True)
class MonthCount:
    """How much of something there was in a month.

    Attributes
    ----------
    measure
        What is counted.
    grouped_by, group
        Of whom.
    month
        In which month.
    value
        How much.
    is_cut
        Whether something of it may be missing: from the month of the earliest observation on, of
        births from that of the latest, since a tool's birth is known however old its history is.
    """

    measure: Measure
    grouped_by: str
    group: str
    month: str
    value: int
    is_cut: bool


@dataclass(frozen=True)
class GrowthFit:
    """How well a model of growth fits.

    Attributes
    ----------
    measure
        What was fitted.
    model
        The model of the mean.
    parameters
        ``name=value``, in the model's order.
    dispersion
        Of the negative binomial distribution (0: Poisson).
    log_likelihood, aicc
        Of the fit, and Akaike's criterion with its correction for few months, and for months that
        are alike (QAICc).
    delta
        By how much `aicc` is above that of the best.
    lag_one
        Autocorrelation of the residuals.
    is_told_apart
        Whether the data speak against it.
    doubling_months
        In how many months the mean doubles at the end of what was fitted; without a value where it
        does not grow.
    """

    measure: Measure
    model: GrowthModel
    parameters: tuple[str, ...]
    dispersion: float
    log_likelihood: float
    aicc: float
    delta: float
    lag_one: float
    is_told_apart: bool
    doubling_months: Estimate


@dataclass(frozen=True)
class FittedMonth:
    """What a model of growth says of a month.

    Attributes
    ----------
    measure, model
        Which fit.
    month
        Of which month.
    mean
        The expected count.
    """

    measure: Measure
    model: GrowthModel
    month: str
    mean: float


@dataclass(frozen=True)
class GrowthVerdict:
    """What can be said of how something grows.

    Attributes
    ----------
    measure
        What.
    n_months, first, last
        The months that were fitted; None: there are none.
    sentence
        Whether one model is distinguishable, and which.
    """

    measure: Measure
    n_months: int
    first: str | None
    last: str | None
    sentence: str


@dataclass(frozen=True)
class Concentration:
    """How unequally something is spread over tools.

    Attributes
    ----------
    measure
        ``stars``, ``forks``, ``commits``, ``commits in a year``, ``people``.
    n_unknown
        Tools of which it is not known.
    gini
        0: all have as much; 1: one has all.
    top_1, top_10
        The share that the top per cent, and the top tenth, of tools have (numbers rounded up).
    """

    measure: str
    n_unknown: int
    gini: Estimate
    top_1: Estimate
    top_10: Estimate


@dataclass(frozen=True)
class LorenzPoint:
    """A point of a Lorenz curve.

    Attributes
    ----------
    measure
        What is spread.
    tools
        A share of the tools, those with least first, in [0, 1].
    share
        What they have of it together, in [0, 1].
    """

    measure: str
    tools: float
    share: float


@dataclass(frozen=True)
class StageCount:
    """How many tools were in a stage in a month.

    Attributes
    ----------
    grouped_by, group
        Of whom.
    month
        In which month.
    stage
        A stage, or ``unknown``.
    n
        How many.
    """

    grouped_by: str
    group: str
    month: str
    stage: str
    n: int


@dataclass(frozen=True)
class CyclePosition:
    """Where an ecosystem, or a category of it, stands on the hype cycle.

    Attributes
    ----------
    grouped_by, group
        Of whom.
    position
        ``trigger``, ``rise``, ``peak``, ``fall``, ``trough``, ``slope`` or ``plateau``; None: it
        cannot be told.
    certainty
        The share of resamples of its tools that give the same position.
    n
        Tools that it rests on.
    reason
        Why it is there, or why that cannot be told.
    """

    grouped_by: str
    group: str
    position: str | None
    certainty: float | None
    n: int
    reason: str


@dataclass(frozen=True)
class SurvivalPoint:
    """A step of a Kaplan–Meier curve.

    Attributes
    ----------
    end
        Which definition of the end.
    bound
        As seen, or a bound.
    grouped_by, group
        Of whom.
    months
        Since birth.
    n_at_risk
        Tools that were watched at that age.
    n_ended, n_left
        That ended at it; that were watched no longer.
    survival, low, high
        The share that lasts longer, with its 95 % interval.
    """

    end: str
    bound: Bound
    grouped_by: str
    group: str
    months: float
    n_at_risk: int
    n_ended: int
    n_left: int
    survival: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class SurvivalFigure:
    """A figure of a survival curve.

    Attributes
    ----------
    end, bound, grouped_by, group
        Of which curve.
    figure
        ``after 12 months`` and the like, ``median`` or ``restricted mean``.
    value
        A share, or months.
    n, n_ended, n_unknown
        Tools that the curve rests on, those of them that ended, and those left out, since what is
        needed is not known.
    """

    end: str
    bound: Bound
    grouped_by: str
    group: str
    figure: str
    value: Estimate
    n: int
    n_ended: int
    n_unknown: int


@dataclass(frozen=True)
class SurvivalTest:
    """Whether groups last alike: a log-rank test.

    Attributes
    ----------
    end, grouped_by
        Of which curves.
    groups
        Those compared: all, or two.
    statistic, degrees
        χ² and its degrees of freedom.
    p, p_holm
        And adjusted for all tests of this end (Holm).
    """

    end: str
    grouped_by: str
    groups: tuple[str, ...]
    statistic: float
    degrees: int
    p: float
    p_holm: float


@dataclass(frozen=True)
class Transition:
    """How often tools pass from one state to another.

    Attributes
    ----------
    before, after
        ``active``, ``dormant`` or ``ended``.
    n
        How often.
    months
        Months that tools spent in the state before.
    rate
        Passages per year in that state.
    """

    before: str
    after: str
    n: int
    months: float
    rate: Estimate


@dataclass(frozen=True)
class FamilyShare:
    """Which share of the tools belongs to a family of topics and words.

    Attributes
    ----------
    theme
        What the family is one of: ``clouds``, ``containers``, ``practices``; or ``language``,
        ``licence``, ``kind``, whose families are their values.
    family
        Which.
        ``any``: any of the theme; ``others``: all further values; ``unknown``: not known of these.
    signs
        By what: ``topics``, ``topics and words``, or ``facts`` (language, licence, kind).
    grouped_by, group
        Of whom.
    n_with
        How many belong to it.
    share
        Of how many (`share.n`), with Wilson's interval.
    """

    theme: str
    family: str
    signs: str
    grouped_by: str
    group: str
    n_with: int
    share: Estimate


@dataclass(frozen=True)
class Separation:
    """How two families separate in the taxonomy, or do not.

    Attributes
    ----------
    first, second
        The families.
    n_first, n_second, n_both
        Tools of each, and of both.
    measure
        ``overlap`` of their topics, or ``distance`` of their vectors.
    value
        In [0, 1] for the overlap; cosine distance for vectors.
    expected
        Its mean where the families are dealt out at random; None, as `p`: one family is part of
        the other; or, as `value`: there are too few tools.
    p
        That they lie as far apart by chance, one-sided.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_both: int
    measure: str
    value: float | None
    expected: float | None
    p: float | None


@dataclass(frozen=True)
class StackItem:
    """A tool that owners use in code, or name as a topic of a repository.

    Attributes
    ----------
    item
        The topic.
    full_name, category
        The tool of that name, and its category; None where none is known.
    n_owners, n_repositories
        Who have it.
    """

    item: str
    full_name: str | None
    category: str | None
    n_owners: int
    n_repositories: int


@dataclass(frozen=True)
class ItemPair:
    """Two tools, and how many owners use both in code, or name both as topics, of one repository.

    Attributes
    ----------
    first, second
        The topics.
    n_first, n_second, n_both
        Distinct owners who have the first, the second, and both in one repository.
    n_repositories
        Repositories with both.
    n_all
        Owners in all.
    plain_lift
        n_both · n_all / (n_first · n_second).
    expected
        Owners expected to have both in one repository, by chance, given how many topics each
        repository has and how often each topic is given.
    lift
        Owners with both over those expected, shrunk, with its interval.
    p, q
        Of independence; and adjusted for all pairs (Benjamini and Hochberg).
    relation
        ``complement``: of other categories, together more than by chance; ``substitute``: of one
        category, together less than by chance; None otherwise.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_both: int
    n_repositories: int
    n_all: int
    plain_lift: float
    expected: float
    lift: Estimate
    p: float
    q: float
    relation: str | None
