"""Which frameworks are used together: pairs by distinct owners, held against independence.

An owner counts once for a framework and for a pair, however many projects of theirs use it. Were
the frameworks used independently of each other, n_i·n_j/N of N owners would use both. Where
projects were found without regard to frameworks, N is the number of their owners. Where they were
looked for because they may use one of the frameworks, owners who use none are missing, and dividing
by those who were found would make every pair look like rivals. Each pair then tells N as two
captures of a population do (Chapman 1951: (n_i+1)(n_j+1)/(n_ij+1) − 1). The median of that,
weighted by n_i·n_j, says which pairs stand out; of all others together N is Σ n_i·n_j / Σ n_ij,
until the same pairs stand out again. So a lift is against how the other pairs go together, and a
few that do go together do not move it.

The lift is shrunk, (n_ij + ½)/(E + ½), with the interval of a gamma distribution with shape
n_ij + ½ and rate E + ½ (Norén, Hopstadius and Bate 2013: of its logarithm to base 2):
so few owners give no large lift. It takes counts as Poisson and E as known. p is Fisher's exact
test of the 2 × 2 table, two-sided; q is p adjusted for all pairs (Benjamini and Hochberg 1995).

Whether two frameworks complement each other or do the same is told from the owners of projects that
use both: the mean Jaccard index of the features that each is used for there, less that of owners
who use the first with others who use the second. Below 0, each is used for something else where
both are used. It is held against permutations of the owners of each framework, whether they use
both or one alone, with p = (b + 1)/(m + 1) (Phipson and Smyth 2010), adjusted in the same way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from artifacts.arrays import Doubles
from artifacts.intervals import LEVEL, Estimate
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
N_PERMUTATIONS = 999
MOST_ROUNDS = 10
SEED = 20180601
_LAST_BITS = 1e-12
_Features = frozenset[str]
_Places = NDArray[np.int64]


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
        By how much more the features of both overlap where both are used than elsewhere, in
        [-1, 1]; without an interval. Its n are the owners of projects that use both.
    overlap_p, overlap_q
        That they overlap as elsewhere; and adjusted for all pairs.
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
    overlap_p: float | None
    overlap_q: float | None
    relation: Relation | None
    sample: Sample

    def __post_init__(self) -> None:
        together = (self.expected, self.lift, self.p, self.q, self.lean)
        alike = (self.overlap, self.overlap_p, self.overlap_q, self.relation)
        SampleOf("dependents", self.sample).check(*together, *alike)


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
        pairs = leaning([_tested(pair, n_all) for pair in pairs])
        pairs = _relating([_compared(pair, dependents, features) for pair in pairs])
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
        overlap_p=None,
        overlap_q=None,
        relation=None,
        sample=dependents.sample_of.sample,
    )


def owners_in_all(pairs: Sequence[Pair], n_owners: int) -> float | None:
    """Return how many owners could use the frameworks, those that use none included (see above).

    None where fewer than three pairs of frameworks are used: then there are no others.
    """
    used = [pair for pair in pairs if pair.n_first and pair.n_second]
    if len(used) < 3:
        return None
    n_all = max(_middle(used), float(n_owners))
    standing: set[tuple[str, str]] | None = None
    for _ in range(MOST_ROUNDS):
        told = leaning([_tested(pair, n_all) for pair in used])
        plain = [pair for pair in told if pair.lean == "not told"]
        n_both = sum(pair.n_both for pair in plain)
        others = {(pair.first, pair.second) for pair in plain}
        if len(plain) < 3 or not n_both or others == standing:
            break
        standing = others
        products = sum(pair.n_first * pair.n_second for pair in plain)
        n_all = max(products / n_both, float(n_owners))
    return n_all


def _middle(pairs: Sequence[Pair]) -> float:
    """Return the weighted median of what each pair says of the number of owners."""
    told = [(p.n_first + 1) * (p.n_second + 1) / (p.n_both + 1) - 1 for p in pairs]
    weights = np.array([pair.n_first * pair.n_second for pair in pairs], dtype=np.float64)
    order = np.argsort(told, kind="stable")
    reached = np.cumsum(weights[order])
    return float(told[order[np.searchsorted(reached, reached[-1] / 2)]])


def _tested(pair: Pair, n_all: float | None) -> Pair:
    """Return a pair with what is expected of it, its lift and p."""
    from scipy.stats import fisher_exact

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
    from scipy.stats import gamma

    shape, rate = observed + SHRINKAGE, expected + SHRINKAGE
    low, high = gamma.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], shape, scale=1 / rate)
    return Estimate(shape / rate, float(low), float(high), observed)


def leaning(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with p adjusted for all of them, and what that tells."""
    told = []
    for pair, q in zip(pairs, _adjusted([pair.p for pair in pairs]), strict=True):
        lean: Lean | None = None if q is None else "not told"
        if q is not None and pair.expected is not None and q <= FALSE_DISCOVERIES:
            lean = "more" if pair.n_both > pair.expected else "less"
        told.append(replace(pair, q=q, lean=lean))
    return told


def _relating(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with the relations that their overlaps tell."""
    told = []
    for pair, q in zip(pairs, _adjusted([pair.overlap_p for pair in pairs]), strict=True):
        relation: Relation = "not told"
        if q is not None and pair.overlap.value is not None and q <= FALSE_DISCOVERIES:
            relation = "complementary" if pair.overlap.value < 0 else "rival"
        told.append(replace(pair, overlap_q=q, relation=relation))
    return told


def _adjusted(ps: Sequence[float | None]) -> list[float | None]:
    """Return each p adjusted for all that there are."""
    qs = iter(adjusted([p for p in ps if p is not None]))
    return [None if p is None else next(qs) for p in ps]


def adjusted(ps: Sequence[float]) -> list[float]:
    """Return each p adjusted for all: the rate of false discoveries (Benjamini, Hochberg 1995)."""
    from scipy.stats import false_discovery_control

    return [float(q) for q in false_discovery_control(ps, method="bh")] if ps else []


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


def _compared(
    pair: Pair, dependents: Dependents, features: Mapping[str, Mapping[str, _Features]]
) -> Pair:
    """Return a pair with how much more the features of both overlap where both are used."""
    names = (pair.first, pair.second)
    users = [dependents.users[name] for name in names]
    shared = {project: users[0][project].owner for project in users[0].keys() & users[1].keys()}
    both = set(shared.values())
    owners = [{each.owner for each in its.values()} for its in users]
    company: list[dict[str, set[str]]] = []
    alone: list[list[set[str]]] = []
    for name, mine, others in zip(names, users, reversed(owners), strict=True):
        of_both: dict[str, set[str]] = defaultdict(set)
        of_one: dict[str, set[str]] = defaultdict(set)
        for project, its in features.get(name, {}).items():
            owner = mine[project].owner
            if project in shared:
                of_both[owner] |= its
            elif owner not in both and owner not in others:
                of_one[owner] |= its
        company.append(of_both)
        alone.append([of_one[owner] for owner in sorted(of_one)])
    told = sorted(company[0].keys() & company[1].keys())
    if not (told and all(alone)):
        why = "no feature is known of any owner who uses both, or of any who uses one alone"
        return replace(pair, overlap=undefined(why, n=len(told)))
    codes = sorted({code for its in features.values() for each in its.values() for code in each})
    first, second = (
        np.array([[code in its for code in codes] for its in ([c[o] for o in told] + a)])
        for c, a in zip(company, alone, strict=True)
    )
    value, p = _permuted(first, second, len(told))
    overlap = Estimate(value, None, None, len(told), "held against permutations")
    return replace(pair, overlap=overlap, overlap_p=p)


def _permuted(first: Doubles, second: Doubles, n_paired: int) -> tuple[float, float]:
    """Return how much more features overlap within pairs than between others, and p.

    Parameters
    ----------
    first, second
        Which features each owner uses the first, and the second, for, 1 or 0: owners × codes,
        those who use both first and in the same order.
    """
    sizes = [flags.sum(axis=1) for flags in (first, second)]

    def overlap(ones: _Places, others: _Places) -> float:
        shared = np.einsum("ij,ij->i", first[ones], second[others])
        return float((shared / (sizes[0][ones] + sizes[1][others] - shared)).mean())

    rng = np.random.default_rng(SEED)
    drawn = np.array(
        [
            overlap(*(rng.permutation(len(flags))[:n_paired] for flags in (first, second)))
            for _ in range(N_PERMUTATIONS)
        ]
    )
    paired = np.arange(n_paired)
    excess = overlap(paired, paired) - float(drawn.mean())
    # A permutation may give the very figure, but for its last bits.
    n_as_far = int((np.abs(drawn - drawn.mean()) >= abs(excess) - _LAST_BITS).sum())
    return excess, (n_as_far + 1) / (N_PERMUTATIONS + 1)
