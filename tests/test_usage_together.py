"""Which frameworks go together: by distinct owners, against independence."""

from __future__ import annotations

from dataclasses import replace
from math import log2

import numpy as np
import pytest
from made_up_uses import framework, study, use

from artifacts.intervals import Estimate
from insights.usage.dependents import Dependent, Dependents, Fact
from insights.usage.sampled import SampleOf
from insights.usage.settings import FoundBy, Sample
from insights.usage.together import CoUse, Pair, co_use, leaning, owners_in_all, shrunk_lift

NAMES = ("alpha", "beta", "delta", "epsilon", "gamma")


def of_owners(
    owners: np.ndarray, *, sample: Sample = "random", found_by: FoundBy = "framework"
) -> CoUse:
    """Return what goes together, given which of `NAMES` each owner uses in a project of theirs.

    Parameters
    ----------
    owners
        n_owners × n_frameworks bools; owners that use none are not found by framework.
    """
    found = [
        Dependent(f"o{n}/a", f"o{n}", NAMES[place], "uses", None, None, None)
        for n, place in zip(*np.nonzero(owners), strict=True)
    ]
    names = NAMES[: owners.shape[1]]
    whose = SampleOf("dependents", sample)
    dependents = Dependents(whose, names, len(owners), {}, {}, len(owners), tuple(found))
    return co_use([], dependents, found_by=found_by)


def pair_of(found: CoUse, first: str = "alpha", second: str = "beta") -> Pair:
    """Return the pair of two frameworks."""
    return next(p for p in found.pairs if (p.first, p.second) == (first, second))


def test_an_owner_counts_once() -> None:
    """Thirty projects of one owner are one for each framework and the pair, and thirty projects."""
    many = [use(f"One/p{n}", name) for n in range(30) for name in ("alpha", "beta")]
    found = study(
        [*many, use("two/p"), use("two/q", "beta")], frameworks=map(framework, ("alpha", "beta"))
    )
    pair = pair_of(found.together)
    assert (pair.n_first, pair.n_second, pair.n_both, pair.n_projects) == (2, 2, 2, 30)


def test_independence_is_tested_as_fisher_did() -> None:
    """The lady who tastes tea (Fisher 1935): of eight cups, four and four, three right: 0.486."""
    cups = np.zeros((8, 2), dtype=bool)
    cups[:4, 0] = cups[[0, 1, 2, 4], 1] = True
    pair = pair_of(of_owners(cups, found_by="topic"))
    assert pair.p == pytest.approx(0.4857, abs=5e-5)
    assert (pair.n_both, pair.expected) == (3, 2.0)


@pytest.mark.parametrize(("observed", "expected"), [(1, 0.2), (3, 3.0), (10, 2.5), (100, 40.0)])
def test_lifts_are_shrunk_as_published(observed: int, expected: float) -> None:
    """Norén, Hopstadius and Bate 2013: the approximations that they print of the interval."""
    found, count = shrunk_lift(observed, expected), observed + 0.5
    assert found.value == pytest.approx(count / (expected + 0.5))
    assert found.value is not None and found.low is not None and found.high is not None
    ic = log2(found.value)
    assert log2(found.low) == pytest.approx(ic - 3.3 * count**-0.5 - 2 * count**-1.5, abs=0.12)
    assert log2(found.high) == pytest.approx(ic + 2.4 * count**-0.5 - 0.5 * count**-1.5, abs=0.12)


def test_false_discoveries_are_held_as_published() -> None:
    """Benjamini and Hochberg 1995, their example: of 15 tests, those of the smallest four p."""
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    ps += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    none = Estimate(None, None, None, 0)
    one = Pair("a", "b", 9, 9, 5, 5, 1.0, none, *(None,) * 3, none, *(None,) * 3, "random")
    told = leaning([replace(one, p=p) for p in ps])
    assert [pair.lean for pair in told] == ["more"] * 4 + ["not told"] * 11
    assert leaning([replace(one, p=1e-9, expected=8.0)])[0].lean == "less"


def draw(rng: np.random.Generator, n: int, *, lift: float = 1.0) -> np.ndarray:
    """Return who uses what of ``n`` owners: independent but for the first two frameworks.

    The second is used ``lift`` times as often by those who use the first as by all.
    """
    shares = np.array([0.10, 0.08, 0.06, 0.05, 0.05])
    uses = rng.random((n, len(shares))) < shares
    given = np.where(uses[:, 0], lift, (1 - lift * shares[0]) / (1 - shares[0])) * shares[1]
    uses[:, 1] = rng.random(n) < given
    return uses


@pytest.mark.parametrize("found_by", ["topic", "framework"])
def test_a_planted_pair_is_found_and_no_other(found_by: FoundBy) -> None:
    """Of 4,000 owners, among which those who use none may be missing: with the planted lift."""
    lifts, others = [], []
    for seed in range(15):
        owners = draw(np.random.default_rng(seed), 4000, lift=3.0)
        found = of_owners(
            owners if found_by == "topic" else owners[owners.any(axis=1)], found_by=found_by
        )
        assert pair_of(found).lean == "more"
        lifts.append(pair_of(found).lift)
        others += [pair for pair in found.pairs if pair is not pair_of(found)]
    assert np.mean([lift.value for lift in lifts]) == pytest.approx(3.0, abs=0.25)
    assert (
        np.mean([lift.low <= 3.0 <= lift.high for lift in lifts if lift.low and lift.high]) >= 0.9
    )
    assert np.mean([pair.lean != "not told" for pair in others]) < 0.02
    held = [p.lift.low <= 1 <= p.lift.high for p in others if p.lift.low and p.lift.high]
    assert 0.92 <= np.mean(held) <= 1.0


def test_independent_frameworks_are_seldom_called_otherwise() -> None:
    """Any discovery is false: there is one in at most about 5 of 100 populations."""
    wrong = 0
    for seed in range(20):
        found = of_owners(draw(np.random.default_rng(seed), 1500), found_by="topic")
        wrong += any(pair.lean != "not told" for pair in found.pairs)
    assert wrong <= 2


def test_owners_who_use_none_are_reckoned_with() -> None:
    """Found by framework they are missing: their number is estimated by the pair in the middle."""
    owners = draw(np.random.default_rng(0), 4000, lift=4.0)
    found = of_owners(owners[owners.any(axis=1)])
    assert found.n_owners < 1300
    assert found.n_all == pytest.approx(4000, rel=0.15)
    naive = [p.n_first * p.n_second / found.n_owners for p in found.pairs]
    assert all(p.n_both < n for p, n in zip(found.pairs[1:], naive[1:], strict=True))


def test_the_pair_in_the_middle_needs_three_pairs() -> None:
    """Two frameworks alone tell nothing but how often they are together."""
    owners = np.ones((9, 2), dtype=bool)
    found = of_owners(owners)
    assert owners_in_all(found.pairs, 9) is None
    pair = pair_of(found)
    assert (pair.n_both, pair.expected, pair.lift.value, pair.p) == (9, None, None, None)
    assert pair.lift.reason is not None and "three pairs" in pair.lift.reason
    assert pair_of(of_owners(owners, found_by="topic")).lift.value == pytest.approx(1.0)


def test_a_framework_that_nobody_uses_has_no_lift() -> None:
    """Nothing is expected of it, and nothing is told."""
    owners = np.zeros((9, 3), dtype=bool)
    owners[:, :2] = True
    pair = pair_of(of_owners(owners, found_by="topic"), "alpha", "delta")
    assert (pair.n_second, pair.lift.value, pair.q) == (0, None, None)


def test_of_chosen_dependents_pairs_are_only_counted() -> None:
    """No expectation, lift, p, lean or relation; nor how many owners there could be."""
    found = of_owners(draw(np.random.default_rng(0), 500, lift=5.0), sample="chosen")
    assert found.n_all is None
    for pair in found.pairs:
        assert (pair.expected, pair.p, pair.q, pair.lean, pair.relation) == (None,) * 5
        assert pair.lift.value is None and pair.overlap.value is None
    assert pair_of(found).n_both > 0


def overlapping(both: tuple[str, str], *, alone: tuple[str, str], seed: int = 0) -> Pair:
    """Return a pair whose dependents use each framework for a feature, mostly.

    Parameters
    ----------
    both, alone
        What the first and the second are for where both are used, and where one is.
    """
    rng = np.random.default_rng(seed)
    facts, found = [], []
    for n in range(90):
        names = [("alpha", "beta"), ("alpha",), ("beta",)][n % 3]
        for place, name in enumerate(("alpha", "beta")):
            if name in names:
                usual = (both if len(names) == 2 else alone)[place]
                feature = usual if rng.random() < 0.8 else "other"
                facts.append(Fact(f"o{n}/a", name, "api", "call", feature, None, False, False))
                found.append(Dependent(f"o{n}/a", f"o{n}", name, "uses", None, None, None))
    whose = SampleOf("dependents", "random")
    dependents = Dependents(whose, ("alpha", "beta"), 90, {}, {}, 90, tuple(found))
    return pair_of(co_use(facts, dependents, found_by="topic"))


def test_frameworks_that_share_the_work_are_complementary() -> None:
    """Alone each tracks; where both are used, one tracks and the other serves."""
    pair = overlapping(("tracking", "serving"), alone=("tracking", "tracking"))
    assert pair.relation == "complementary"
    assert pair.overlap.value == pytest.approx(-0.3, abs=0.1)
    assert pair.overlap_q is not None and pair.overlap_q < 0.01


def test_frameworks_that_do_the_same_where_both_are_used_are_rivals() -> None:
    """Alone one tracks and the other serves; where both are used, both track."""
    assert overlapping(("tracking",) * 2, alone=("tracking", "serving")).relation == "rival"


def test_where_nothing_changes_no_relation_is_told() -> None:
    """In most draws of features that do not depend on what else is used; nor of few owners."""
    same = ("tracking", "serving")
    told = [overlapping(same, alone=same, seed=seed).relation for seed in range(12)]
    assert told.count("not told") >= 10
    few = study(
        [use("a/a", name, "tracking") for name in ("alpha", "beta")],
        frameworks=map(framework, ("alpha", "beta")),
    )
    assert pair_of(few.together).relation == "not told"
