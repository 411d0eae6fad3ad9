"""What goes together: pairs of tools that owners of repositories name in one of them.

A basket is the topics of a repository; an item is a topic that is the name of a tool. An owner
counts once for an item and for a pair, however many of their repositories have it. What is expected
by chance keeps how many topics each basket has and how often each topic is given
(`insights.history.chance`), and, where an owner gives a topic again and again, how many owners give
it: the expected number of a pair is multiplied by n_i / E(n_i) of either item. A basket that
another of the same owner contains says nothing new and is left out; a topic that more than half of
the baskets have, such as the one that they were found by, is no choice: it is left out, and pairs
with none. Courses and lists are left out, where kinds are known.

The lift is n / E, shrunk, with its interval (`insights.usage.together.shrunk_lift`). Owners are
independent and the expected number of each is small, so their number is nearly Poisson; the tails
of a Poisson distribution are not below those of the true one where n is further than 1 from E
(Anderson and Samuels 1967), so p, twice the smaller tail, is on the safe side. q is p adjusted for
all pairs (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from artifacts.arrays import Doubles
from insights.history.chance import ChanceOfBaskets, Numbers, expected_owners
from insights.history.figures import ItemPair, StackItem
from insights.history.population import HistoryPopulation
from insights.usage.dependents import Dependents
from insights.usage.together import FALSE_DISCOVERIES, CoUse, adjusted, shrunk_lift

SMALLEST_ITEM: Final = 5
"""Owners of an item, at least, for its pairs to be told: those of fewer could not stand out, and
would only raise the bar for the others. It looks at margins alone, and so bends no p."""
NOT_USERS: Final = frozenset({"learning", "list"})
"""Kinds of repositories whose topics say what a course or a list is about, not what its owner uses:
many people take the same course."""
_WORDS = (
    "advisor ai ares atlas avalanche benchmark candle cascade cerberus comet data-validation "
    "deploy differential-privacy evals evaluate facets feature-store feature-store-api federated "
    "genie helm inference infinity interpret lux manifest manifold merlin ml-workspace mlops "
    "model-analysis model-runner model-search monitoring notebook phoenix pipeline pipelines "
    "potato prime privacy refinery sage serve server serving talos workflow"
)
GENERAL_WORDS: Final = frozenset(_WORDS.split())
"""Names of tools that are words of the field, or better known as something else: who gives them as
a topic mostly means that."""

Baskets = Mapping[str, Iterable[frozenset[str]]]
"""Of each owner."""


@dataclass(frozen=True)
class NamedTool:
    """A tool that a topic names.

    Attributes
    ----------
    full_name
        Its repository.
    category
        In the taxonomy; None where it is not known.
    """

    full_name: str
    category: str | None


@dataclass(frozen=True)
class Together:
    """Tools, and which of them go together.

    Attributes
    ----------
    items
        Those that anybody has, most owners first.
    pairs
        All pairs of those that enough have: those that stand out most first.
    """

    items: tuple[StackItem, ...]
    pairs: tuple[ItemPair, ...]


def tools_by_topic(tools: Iterable[NamedTool]) -> dict[str, NamedTool]:
    """Return the tool that each topic names: one whose repository is called so.

    Topics have small letters, digits and hyphens: great_expectations is great-expectations there.
    Names that several of the tools have, and `GENERAL_WORDS`, name none.
    """
    found: dict[str, dict[str, NamedTool]] = defaultdict(dict)
    for tool in tools:
        name = tool.full_name.split("/")[-1].lower()
        found[re.sub("[^a-z0-9]+", "-", name).strip("-")][tool.full_name.lower()] = tool
    return {
        topic: next(iter(its.values()))
        for topic, its in sorted(found.items())
        if len(its) == 1 and topic not in GENERAL_WORDS
    }


def tools_together(
    population: HistoryPopulation,
    named: Mapping[str, NamedTool],
    *,
    smallest: int = SMALLEST_ITEM,
) -> Together:
    """Return the tools that the repositories of a population name, and which go together.

    Parameters
    ----------
    population
        Repositories whose topics are not known are left out, and forks, courses and lists.
    named
        The tool that a topic names; other topics are no items.
    smallest
        Owners of an item, at least, for its pairs to be told.
    """
    baskets: dict[str, list[frozenset[str]]] = defaultdict(list)
    for tool in population.tools:
        if tool.topics is not None and tool.kind not in NOT_USERS and not tool.fork:
            baskets[tool.owner].append(tool.topics)
    n_repositories = Counter(topic for its in baskets.values() for each in its for topic in each)
    n_owners = Counter(topic for its in baskets.values() for topic in frozenset().union(*its))
    items = [
        StackItem(item, tool.full_name, tool.category, n_owners[item], n_repositories[item])
        for item, tool in named.items()
        if n_owners[item]
    ]
    items.sort(key=lambda each: (-each.n_owners, each.item))
    told = [each for each in items if each.n_owners >= smallest]
    return Together(tuple(items), _pairs(told, baskets))


def _pairs(items: Sequence[StackItem], baskets: Baskets) -> tuple[ItemPair, ...]:
    """Return the pairs of items, tested."""
    expected = _expected([each.item for each in items], baskets)
    n_of: Counter[tuple[str, str]] = Counter()
    n_owners_of: Counter[tuple[str, str]] = Counter()
    of_item = {each.item: each for each in items}
    for its in baskets.values():
        seen = [pair for each in its for pair in combinations(sorted(each & of_item.keys()), 2)]
        n_of.update(seen)
        n_owners_of.update(set(seen))
    names = sorted(expected)
    n = np.array([n_owners_of[pair] for pair in names])
    ps = _two_sided(n, np.array([expected[pair] for pair in names]))
    found = [
        _pair(
            of_item[first],
            of_item[second],
            n_both=n_owners_of[first, second],
            n_repositories=n_of[first, second],
            n_all=len(baskets),
            expected=expected[first, second],
            p=p,
            q=q,
        )
        for (first, second), p, q in zip(names, ps, adjusted(ps), strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (each.p, -each.n_both, each.first, each.second)))


def _expected(items: Sequence[str], baskets: Baskets) -> dict[tuple[str, str], float]:
    """Return how many owners are expected to have both of each pair of items in one basket."""
    kept = {owner: _largest(its) for owner, its in baskets.items()}
    counts = Counter(topic for its in kept.values() for each in its for topic in each)
    n_baskets = sum(map(len, kept.values()))
    chosen = {topic: n for topic, n in sorted(counts.items()) if 2 * n <= n_baskets}
    rest = {owner: [each & chosen.keys() for each in its] for owner, its in kept.items()}
    place = {topic: n for n, topic in enumerate(chosen)}
    told = [item for item in items if item in place]
    pairs = list(combinations(sorted(told), 2))
    if not pairs:
        return {}
    sizes = [[len(each) for each in its if each] for its in rest.values()]
    chance = ChanceOfBaskets(
        np.array([size for its in sizes for size in its]), np.array(list(chosen.values()))
    )
    largest = max(map(max, filter(None, sizes)))
    profiles, times = np.unique(
        [np.bincount(its, minlength=largest + 1) for its in sizes if its],
        axis=0,
        return_counts=True,
    )
    seen = Counter(item for its in rest.values() for item in frozenset().union(*its))
    ones = expected_owners(chance.of_one(_places(told, place)), profiles, times)
    ratio = {item: seen[item] / float(one) for item, one in zip(told, ones, strict=True)}
    first, second = (_places([pair[side] for pair in pairs], place) for side in (0, 1))
    both = expected_owners(chance.of_both(first, second), profiles, times)
    return {
        pair: float(value) * ratio[pair[0]] * ratio[pair[1]]
        for pair, value in zip(pairs, both, strict=True)
    }


def _places(items: Iterable[str], place: Mapping[str, int]) -> Numbers:
    return np.array([place[item] for item in items], dtype=np.int64)


def _largest(baskets: Iterable[frozenset[str]]) -> list[frozenset[str]]:
    """Return the baskets that none of the others contains, each once."""
    kept: list[frozenset[str]] = []
    for each in sorted(set(baskets), key=lambda its: (-len(its), sorted(its))):
        if not any(each <= other for other in kept):
            kept.append(each)
    return kept


def _two_sided(n: Numbers, expected: Doubles) -> list[float]:
    """Return twice the smaller tail of a Poisson distribution."""
    from scipy.stats import poisson

    tails = np.minimum(poisson.sf(n - 1, expected), poisson.cdf(n, expected))
    return [float(p) for p in np.minimum(1.0, 2 * tails)]


def _pair(
    first: StackItem,
    second: StackItem,
    *,
    n_both: int,
    n_repositories: int,
    n_all: int,
    expected: float,
    p: float,
    q: float,
) -> ItemPair:
    return ItemPair(
        first=first.item,
        second=second.item,
        n_first=first.n_owners,
        n_second=second.n_owners,
        n_both=n_both,
        n_repositories=n_repositories,
        n_all=n_all,
        plain_lift=n_both * n_all / (first.n_owners * second.n_owners),
        expected=expected,
        lift=shrunk_lift(n_both, expected),
        p=p,
        q=q,
        relation=_relation(first.category, second.category, is_more=n_both > expected, q=q),
    )


def _relation(first: str | None, second: str | None, *, is_more: bool, q: float) -> str | None:
    """Return what the categories of a pair make of it, where it stands out."""
    if q > FALSE_DISCOVERIES or first is None or second is None:
        return None
    if is_more:
        return "complement" if first != second else None
    return "substitute" if first == second else None


def used_together(found: CoUse, dependents: Dependents, named: Mapping[str, NamedTool]) -> Together:
    """Return what uses in code tell of frameworks that go together, in the same rows.

    Expected numbers, p and q are those of `insights.usage.together`: against how other pairs go
    together. Chosen examples are only counted: of these there are items and no pairs.

    Parameters
    ----------
    found, dependents
        Which frameworks go together, and who uses them.
    named
        The tool of each framework, by its name.
    """
    items = [
        StackItem(
            item=name,
            full_name=named[name].full_name if name in named else None,
            category=named[name].category if name in named else None,
            n_owners=len({each.owner for each in its.values()}),
            n_repositories=len(its),
        )
        for name, its in dependents.users.items()
        if its
    ]
    items.sort(key=lambda each: (-each.n_owners, each.item))
    of_item = {each.item: each for each in items}
    pairs = [
        _pair(
            of_item[pair.first],
            of_item[pair.second],
            n_both=pair.n_both,
            n_repositories=pair.n_projects,
            n_all=round(found.n_all),
            expected=pair.expected,
            p=pair.p,
            q=pair.q,
        )
        for pair in found.pairs
        if found.n_all is not None
        and pair.expected is not None
        and pair.p is not None
        and pair.q is not None
    ]
    pairs.sort(key=lambda each: (each.p, -each.n_both, each.first, each.second))
    return Together(tuple(items), tuple(pairs))
