"""Which frameworks are used together: pairs by distinct owners, held against independence.

An owner counts once for a framework and for a pair, however many projects of theirs use it. Were
the frameworks used independently of each other, n_i·n_j/N of N owners would use both. Where
projects were found without regard to frameworks, N is the number of their owners. Where they were
looked for because they may use one of the frameworks, owners who use none are missing, and dividing
by those who were found would make every pair look like rivals. Each pair then tells N as two
captures of a population do (Chapman 1951: (n_i+1)(n_j+1)/(n_ij+1) − 1), and the median of that,
weighted by n_i·n_j, is taken: the lift of a pair is then against the pair in the middle, and a few
that do go together do not move it.

The lift is shrunk, (n_ij + ½)/(E + ½), with the interval of a gamma distribution with shape
n_ij + ½ and rate E + ½ (Norén, Hopstadius and Bate 2013, section 2.3: of its logarithm to base 2):
so few owners give no large lift. It takes counts as Poisson and E as known. p is Fisher's exact
test of the 2 × 2 table, two-sided; q is p adjusted for all pairs (Benjamini and Hochberg 1995).

Whether two frameworks complement each other or do the same is told from the projects that use both:
the mean Jaccard index of the features that each is used for there, less that of a project which
uses the first alone with one which uses the second alone, with a bootstrap interval over owners.
Below 0, projects that use both use each for something else than it is used for alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from scipy.stats import false_discovery_control, fisher_exact, gamma

from artifacts.arrays import Doubles
from artifacts.intervals import LEVEL, Estimate, percentile_estimate
from insights.usage.dependents import Dependents, Fact
from insights.usage.sampled import SampleOf
from insights.usage.settings import FoundBy, Sample
from labels.validation.values import undefined

Lean = Literal["more", "less", "not told"]
"""Together more or less often than by chance, the rate of false discoveries held to 5 %."""
Relation = Literal["complementary", "rival", "not told"]
"""Where both are used, each is for other features than alone; or for more of the same."""

FALSE_DISCOVERIES = 0.05
SHRINKAGE = 0.5
LEAST_OWNERS = 10
"""Of projects that use both, and of those that use one alone: fewer tell no relation."""
N_RESAMPLES = 1000
SEED = 20180601
_Features = frozenset[str]


@dataclass(frozen=True)
class Pair:
    """Two frameworks.

    Attributes
    ----------
    n_first, n_second, n_both
        Distinct owners whose projects use the first, the second, and both.
    n_projects
        Projects that use both.
    expected
        Owners that would use both by chance; None where that cannot be told.
    lift
        Owners that use both, over those expected, shrunk.
    p, q
        Of independence; and adjusted for all pairs.
    overlap
        By how much the features that both are used for overlap more where both are used; in
        [-1, 1], its n the owners of projects that use both.
    """

    first: str
    second: str
    n_first: int
    n_second: int
    n_both: int
    n_projects: int
    expected: float | None
    lift: Estimate
    p: float | None
    q: float | None
    lean: Lean | None
    overlap: Estimate
    relation: Relation | None
    sample: Sample

    def __post_init__(self) -> None:
        told = (self.expected, self.lift, self.p, self.q, self.lean, self.overlap, self.relation)
        SampleOf("dependents", self.sample).check(*told)


@dataclass(frozen=True)
class CoUse:
    """Which frameworks go together.

    Attributes
    ----------
    n_owners
        Who use a framework, or, where projects were found by topic, whose projects count.
    n_all
        N, as it was taken or estimated; None where it cannot be told.
    pairs
        All, in the order of names.
    """

    sample_of: SampleOf
    found_by: FoundBy
    n_owners: int
    n_all: float | None
    pairs: tuple[Pair, ...]


def co_use(facts: Iterable[Fact], dependents: Dependents, *, found_by: FoundBy) -> CoUse:
    """Return which frameworks go together, of all pairs of those that were looked for."""
    users = dependents.users
    owners = {name: {each.owner for each in its.values()} for name, its in users.items()}
    n_owners = len(set().union(*owners.values()))
    pairs = [_counted(dependents, owners, *names) for names in combinations(users, 2)]
    sample_of, n_all = dependents.sample_of, None
    if not sample_of.is_chosen:
        if found_by == "topic":
            n_owners, n_all = dependents.n_owners, float(dependents.n_owners)
        else:
            n_all = owners_in_all(pairs, n_owners)
        features = _features_by_project(facts, dependents)
        pairs = [_related(_tested(pair, n_all), dependents, features) for pair in pairs]
        pairs = leaning(pairs)
    return CoUse(sample_of, found_by, n_owners, n_all, tuple(pairs))


def _counted(
    dependents: Dependents, owners: Mapping[str, set[str]], first: str, second: str
) -> Pair:
    why = "not told"
    if dependents.sample_of.is_chosen:
        why = dependents.sample_of.heading(dependents.n_users)
    return Pair(
        first,
        second,
        len(owners[first]),
        len(owners[second]),
        len(owners[first] & owners[second]),
        len(dependents.users[first].keys() & dependents.users[second].keys()),
        expected=None,
        lift=undefined(why),
        p=None,
        q=None,
        lean=None,
        overlap=undefined(why),
        relation=None,
        sample=dependents.sample_of.sample,
    )


def owners_in_all(pairs: Sequence[Pair], n_owners: int) -> float | None:
    """Return how many owners could use the frameworks, those that use none included.

    None where fewer than three pairs of frameworks are used: then nothing is in the middle.
    """
    used = [pair for pair in pairs if pair.n_first and pair.n_second]
    if len(used) < 3:
        return None
    told = [(p.n_first + 1) * (p.n_second + 1) / (p.n_both + 1) - 1 for p in used]
    weights = np.array([pair.n_first * pair.n_second for pair in used], dtype=np.float64)
    order = np.argsort(told, kind="stable")
    reached = np.cumsum(weights[order])
    middle = told[order[np.searchsorted(reached, reached[-1] / 2)]]
    return max(float(middle), float(n_owners))


def _tested(pair: Pair, n_all: float | None) -> Pair:
    """Return a pair with what is expected of it, its lift and p."""
    n = pair.n_both
    if n_all is None:
        reason = "fewer than three pairs are used, and owners that use none are not known"
        return replace(pair, lift=undefined(reason, n=n))
    if not (pair.n_first and pair.n_second):
        return replace(pair, lift=undefined("one of them is not used", n=n))
    expected = pair.n_first * pair.n_second / n_all
    neither = max(0, round(n_all) - pair.n_first - pair.n_second + n)
    table = [[n, pair.n_first - n], [pair.n_second - n, neither]]
    p = min(1.0, float(fisher_exact(table).pvalue))
    return replace(pair, expected=expected, lift=shrunk_lift(n, expected), p=p)


def shrunk_lift(observed: int, expected: float) -> Estimate:
    """Return a shrunk ratio of observed to expected with its 95 % interval (see above)."""
    shape, rate = observed + SHRINKAGE, expected + SHRINKAGE
    low, high = gamma.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], shape, scale=1 / rate)
    return Estimate(shape / rate, float(low), float(high), observed)


def leaning(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with p adjusted for all of them, and what that tells."""
    ps = [pair.p for pair in pairs if pair.p is not None]
    adjusted = iter(false_discovery_control(ps, method="bh") if ps else ())
    told = []
    for pair in pairs:
        if pair.p is None or pair.expected is None:
            told.append(pair)
            continue
        q = float(next(adjusted))
        lean: Lean = "not told"
        if q <= FALSE_DISCOVERIES:
            lean = "more" if pair.n_both > pair.expected else "less"
        told.append(replace(pair, q=q, lean=lean))
    return told


def _features_by_project(
    facts: Iterable[Fact], dependents: Dependents
) -> dict[str, dict[str, _Features]]:
    """Return, by framework, the features that each project uses of it; those without are not."""
    features: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for fact in facts:
        is_one = fact.project in dependents.users.get(fact.framework, ())
        if is_one and fact.is_use and fact.feature is not None:
            features[fact.framework][fact.project].add(fact.feature)
    return {
        framework: {project: frozenset(its) for project, its in by_project.items()}
        for framework, by_project in features.items()
    }


def _related(
    pair: Pair, dependents: Dependents, features: Mapping[str, Mapping[str, _Features]]
) -> Pair:
    """Return a pair with whether both are used for the same."""
    first, second = (features.get(name, {}) for name in (pair.first, pair.second))
    users = [dependents.users[name] for name in (pair.first, pair.second)]
    owner_of = {project: each.owner for its in users for project, each in its.items()}
    both: dict[str, list[float]] = defaultdict(list)
    for project in sorted(first.keys() & second.keys()):
        both[owner_of[project]].append(_jaccard(first[project], second[project]))
    alone = [
        {p: its for p, its in mine.items() if p not in other}
        for mine, other in ((first, users[1]), (second, users[0]))
    ]
    groups = [_by_owner(its, owner_of) for its in alone]
    fewest = min(len(both), *(len(rows) for rows, _ in groups))
    if fewest < LEAST_OWNERS:
        reason = f"fewer than {LEAST_OWNERS} owners use both, or one alone"
        return replace(pair, overlap=undefined(reason, n=len(both)), relation="not told")
    overlap = _overlap(np.array([np.mean(its) for its in both.values()]), groups)
    relation: Relation = "not told"
    if overlap.low is not None and overlap.high is not None:
        if overlap.high < 0:
            relation = "complementary"
        elif overlap.low > 0:
            relation = "rival"
    return replace(pair, overlap=overlap, relation=relation)


def _by_owner(
    features: Mapping[str, _Features], owner_of: Mapping[str, str]
) -> tuple[Doubles, list[_Features]]:
    """Return the share of each set of features in each owner's projects, and the sets."""
    sets = sorted(set(features.values()), key=sorted)
    owners = sorted({owner_of[project] for project in features})
    rows = np.zeros((len(owners), len(sets)))
    places = {owner: place for place, owner in enumerate(owners)}
    columns = {each: place for place, each in enumerate(sets)}
    for project, its in features.items():
        rows[places[owner_of[project]], columns[its]] += 1
    return rows / np.maximum(rows.sum(axis=1, keepdims=True), 1), sets


def _overlap(both: Doubles, groups: Sequence[tuple[Doubles, list[_Features]]]) -> Estimate:
    """Return by how much features overlap more where both are used, owners drawn again."""
    (first, firsts), (second, seconds) = groups
    alike = np.array([[_jaccard(mine, theirs) for theirs in seconds] for mine in firsts])
    value = float(both.mean() - first.mean(axis=0) @ alike @ second.mean(axis=0))
    rng = np.random.default_rng(SEED)

    def drawn(rows: Doubles) -> Doubles:
        n = len(rows)
        return np.asarray(rng.multinomial(n, np.full(n, 1 / n), N_RESAMPLES) / n @ rows)

    apart = np.einsum("ri,ij,rj->r", drawn(first), alike, drawn(second), optimize=True)
    return percentile_estimate(value, drawn(both) - apart, n=len(both))


def _jaccard(first: _Features, second: _Features) -> float:
    return len(first & second) / len(first | second)
