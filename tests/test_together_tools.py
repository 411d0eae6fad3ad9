"""Which tools go together: by the owners who name them, against chance with both margins kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from living_tools import living
from living_tools import together as population_of
from made_up_uses import framework, study, use

from benchmarks.together import curveball, with_topics
from insights.history.chance import ChanceOfBaskets
from insights.history.figures import ItemPair
from insights.history.population import HistoryPopulation
from insights.history.together import (
    NamedTool,
    Together,
    tools_by_topic,
    tools_together,
    used_together,
)
from insights.usage.together import shrunk_lift

THINGS = "abcdefghijkl"
BASKETS = st.lists(st.frozensets(st.sampled_from(THINGS), min_size=1, max_size=4), min_size=12)
PLANTED = {"p": range(25), "q": range(13, 38)}
"""Twelve repositories of the first have both."""


def tools(**categories: str | None) -> dict[str, NamedTool]:
    """Return tools by the topics that name them."""
    return {name: NamedTool(f"made/{name}", category) for name, category in categories.items()}


def naming(baskets: Iterable[tuple[str, str]]) -> HistoryPopulation:
    """Return repositories, each of an owner and with topics, as ``one two three``."""
    return population_of(
        *(
            living(None, name=f"{owner}/r{n}", topics=frozenset(topics.split()))
            for n, (owner, topics) in enumerate(baskets)
        )
    )


def pair_of(found: Together, first: str = "one", second: str = "two") -> ItemPair:
    """Return the pair of two items."""
    return next(pair for pair in found.pairs if (pair.first, pair.second) == (first, second))


def busy(n_owners: int = 150, seed: int = 1) -> HistoryPopulation:
    """Return owners with one to six repositories and topics of which some are given often."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(3, 63)
    baskets = []
    for owner in range(n_owners):
        for _ in range(min(6, int(rng.geometric(0.7)))):
            size = min(12, 1 + int(rng.poisson(4)))
            chosen = rng.choice(60, size, replace=False, p=shares / shares.sum())
            baskets.append((f"o{owner}", " ".join(f"t{topic}" for topic in chosen)))
    return naming(baskets)


def test_owners_are_counted_and_not_repositories() -> None:
    """Of three repositories of one owner, each is one for the item and none for the pair."""
    found = tools_together(
        naming(
            [("One", "one two x"), ("One", "one two y"), ("One", "two"), ("z", "one"), ("y", "q")]
        ),
        tools(one="a", two="b", three="a"),
        smallest=1,
    )
    assert [(each.item, each.n_owners, each.n_repositories) for each in found.items] == [
        ("one", 2, 3),
        ("two", 1, 3),
    ]
    assert found.pairs == ()


def test_the_plain_lift_is_over_owners() -> None:
    """Ten owners of 737 with both, where 35 and 101 have either: 2.085, as of dvc and mlflow."""
    baskets = [("both", "one two")] * 3
    baskets += [(f"b{n}", "one two q") for n in range(9)]
    baskets += [(f"f{n}", f"one x{n % 50}") for n in range(25)]
    baskets += [(f"s{n}", f"two x{n % 50}") for n in range(91)]
    baskets += [(f"o{n}", f"x{n % 50} y{n % 40}") for n in range(737 - 10 - 25 - 91)]
    pair = pair_of(tools_together(naming(baskets), tools(one="a", two="b")))
    assert (pair.n_first, pair.n_second, pair.n_both, pair.n_all) == (35, 101, 10, 737)
    assert pair.n_repositories == 12
    assert pair.plain_lift == pytest.approx(2.085, abs=5e-4)
    assert pair.lift == shrunk_lift(10, pair.expected)


def test_both_in_different_repositories_are_not_together() -> None:
    """An owner has a pair only if both are topics of one of their repositories."""
    apart = [(f"o{n}", topics) for n in range(6) for topics in ("one x", "two y")]
    rest = [(f"p{n}", f"z{n % 9} w{n % 7}") for n in range(30)]
    pair = pair_of(tools_together(naming(apart + rest), tools(one="a", two="b")))
    assert (pair.n_first, pair.n_second, pair.n_both, pair.plain_lift) == (6, 6, 0, 0)


def test_copies_of_an_owner_say_nothing_more() -> None:
    """Thirty repositories with topics that another of the same owner has change no figure."""
    population = busy()
    largest = max(population.tools, key=lambda tool: len(tool.topics or ()))
    copies = [
        replace(
            largest, repo_key=f"name:copy/{n}", topics=frozenset(sorted(largest.topics or ())[n:])
        )
        for n in range(5)
    ]
    named = tools(**{f"t{n}": None for n in range(20)})
    more = tools_together(population_of(*population.tools, *copies), named)
    once = tools_together(population, named)
    assert [replace(pair, n_repositories=0) for pair in more.pairs] == [
        replace(pair, n_repositories=0) for pair in once.pairs
    ]


@pytest.mark.parametrize("kind", ["learning", "list"])
def test_courses_and_lists_are_left_out(kind: str) -> None:
    """Where their kind is known: people of one course use what the course uses."""
    population = naming([("a", "one"), ("b", "one")])
    course = replace(population.tools[0], kind=kind)
    found = tools_together(population_of(course, population.tools[1]), tools(one=None))
    assert [each.n_owners for each in found.items] == [1]


def test_complements_are_of_other_categories_and_substitutes_of_one() -> None:
    """Planted: twelve owners have one and two; forty three, sixty four, and none both of these."""
    rng = np.random.default_rng(5)
    baskets = [(f"a{n}", f"one two x{n}") for n in range(12)]
    baskets += [(f"c{n}", f"three u{n % 9} v{n % 7} w{n % 5}") for n in range(40)]
    baskets += [(f"d{n}", f"four u{n % 9} v{n % 7} w{n % 5}") for n in range(60)]
    baskets += [(f"e{n}", " ".join(f"x{x}" for x in rng.integers(0, 60, 4))) for n in range(30)]
    population = naming(baskets)
    found = tools_together(population, tools(one="a", two="b", three="c", four="c"))
    assert pair_of(found).relation == "complement"
    less = pair_of(found, "four", "three")
    assert less.q < 0.05
    assert less.n_both == 0
    assert less.expected > 5
    assert less.relation == "substitute"
    for named in (tools(one="a", two="a", three="c", four="d"), tools(one=None, two="b", four="c")):
        assert {pair.relation for pair in tools_together(population, named).pairs} == {None}


def test_what_most_have_pairs_with_none() -> None:
    """A topic by which repositories were found, which more than half of them have, is no choice."""
    baskets = [(f"o{n}", f"mlops one x{n % 5}" if n % 4 else f"mlops y{n % 3}") for n in range(60)]
    found = tools_together(naming(baskets), tools(mlops="a", one="b"))
    assert found.items[0].item == "mlops"
    assert found.pairs == ()


def test_shuffled_baskets_give_no_pair_and_a_planted_one_is_found() -> None:
    """Of 20 shuffles of 20 items at most one gives any; a pair that twelve have is always found."""
    population = busy()
    named = tools(**{f"t{n}": None for n in range(20)}, p="x", q="y")
    n_false = n_found = 0
    for seed in range(20):
        topics = curveball([tool.topics or frozenset() for tool in population.tools], seed)
        if seed % 4 == 0:
            topics = [
                its | {name for name, places in PLANTED.items() if n in places}
                for n, its in enumerate(topics)
            ]
        found = tools_together(with_topics(population, topics), named)
        told = {(pair.first, pair.second) for pair in found.pairs if pair.q < 0.05}
        n_found += ("p", "q") in told
        n_false += bool(told - {("p", "q")})
    assert n_found == 5
    assert n_false <= 1


def test_a_shuffle_keeps_both_margins() -> None:
    """Of the curveball: sizes of baskets, and how often each thing is in one."""
    baskets = [tool.topics or frozenset() for tool in busy(60).tools]
    shuffled = curveball(baskets, seed=7)
    assert [len(each) for each in shuffled] == [len(each) for each in baskets]
    assert Counter(x for each in shuffled for x in each) == Counter(x for e in baskets for x in e)
    assert shuffled != baskets
    assert curveball(baskets, seed=7) == shuffled


def chance_of(baskets: Sequence[frozenset[str]]) -> tuple[ChanceOfBaskets, np.ndarray, np.ndarray]:
    """Return the chance of things, how many baskets there are by size, and each thing's number."""
    counts = Counter(thing for each in baskets for thing in each)
    sizes = np.array([len(each) for each in baskets])
    numbers = np.array([counts[thing] for thing in sorted(counts)])
    return ChanceOfBaskets(sizes, numbers), np.bincount(sizes), numbers


@given(BASKETS)
def test_chance_keeps_sizes_and_numbers(baskets: list[frozenset[str]]) -> None:
    """Probabilities add up to the size of a basket, and over baskets to each thing's number.

    Those of a thing's pairs add up to its own, times the others in the basket.
    """
    chance, n_of_size, numbers = chance_of(baskets)
    assume(len(numbers) > len(n_of_size))
    assume(numbers.max() <= len(baskets) / 2)
    n = len(numbers)
    ones = chance.of_one(np.arange(n))
    there = n_of_size > 0
    sizes = np.arange(len(n_of_size))
    assert ones.sum(axis=0)[there] == pytest.approx(sizes[there], abs=1e-6)
    assert ones @ n_of_size == pytest.approx(numbers, rel=1e-4)
    others = np.arange(1, n)
    pairs = chance.of_both(np.zeros(n - 1, dtype=np.int64), others)
    assert pairs.sum(axis=0)[there] == pytest.approx((ones[0] * (sizes - 1))[there], abs=1e-6)


def test_chance_of_things_that_are_alike_is_that_of_drawing_without_replacement() -> None:
    """Each of ten things in as many baskets: three of ten have a pair with 3 · 2 / (10 · 9)."""
    baskets = [frozenset(range(n, n + 3)) for n in range(8)]
    wrapped = [frozenset(str(thing % 10) for thing in its) for its in baskets]
    wrapped += [frozenset("890"), frozenset("901")]
    chance, _, numbers = chance_of(wrapped)
    assert set(numbers) == {3}
    both = chance.of_both(np.array([0]), np.array([5]))
    assert both[0].tolist() == pytest.approx([0, 0, 2 / 90, 6 / 90])


def test_topics_that_are_names_of_one_tool_name_it() -> None:
    """Letters, digits and hyphens are left of a name; ambiguous names and words name nothing."""
    listed = [
        NamedTool("great-expectations/great_expectations", "quality"),
        NamedTool("iterative/dvc", "data"),
        NamedTool("one/twice", None),
        NamedTool("two/Twice", None),
        NamedTool("tensorflow/serving", "serving"),
    ]
    assert tools_by_topic(listed) == {"dvc": listed[1], "great-expectations": listed[0]}


def test_uses_in_code_are_told_in_the_same_rows() -> None:
    """From co-use: its numbers, the lift and what the categories make of it."""
    names = ("alpha", "beta", "gamma")
    uses = [use(f"o{n}/p", name) for n in range(12) for name in ("alpha", "beta")]
    uses += [use(f"q{n}/p", names[n % 3]) for n in range(90)]
    usage = study(uses, frameworks=map(framework, names))
    named = tools(alpha="a", beta="b")
    found = used_together(usage.together, usage.dependents, named)
    assert [(each.item, each.n_owners, each.category) for each in found.items] == [
        ("alpha", 42, "a"),
        ("beta", 42, "b"),
        ("gamma", 30, None),
    ]
    theirs = next(pair for pair in usage.together.pairs if pair.second == "beta")
    pair = pair_of(found, "alpha", "beta")
    assert (pair.n_both, pair.n_repositories, pair.lift) == (12, 12, theirs.lift)
    assert (pair.p, pair.q, pair.expected) == (theirs.p, theirs.q, theirs.expected)


def test_chosen_examples_are_only_counted() -> None:
    """Of them there are tools with owners, and no pairs."""
    uses = [use(f"o{n}/p", name) for n in range(9) for name in ("alpha", "beta")]
    usage = study(uses, frameworks=map(framework, ("alpha", "beta")), sample="chosen")
    found = used_together(usage.together, usage.dependents, {})
    assert [each.n_owners for each in found.items] == [9, 9]
    assert found.pairs == ()
