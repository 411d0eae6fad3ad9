"""A taxonomy judged by labels: published figures, planted faults, intervals, what is next."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shown import WIDTH, shown, through_json
from sklearn.metrics import (
    adjusted_mutual_info_score,
    completeness_score,
    homogeneity_score,
    v_measure_score,
)

from artifacts.errors import InputError
from artifacts.intervals import Estimate, percentile_estimate
from artifacts.words import NOISE
from insights.validation import Validation
from labels.validation.classifier import held_out, learning_curve
from labels.validation.contingency import contingency_table
from labels.validation.next_documents import Next, next_documents
from labels.validation.placing import Placed, place
from labels.validation.purity import Purity, noise_recall, purity
from labels.validation.values import Labelled, labelled, share
from reports.validation import (
    headline,
    next_table,
    purity_table,
    validation_parts,
    validation_values,
)

NAMES = {0: "serving", 1: "tracking", 2: "pipelines", 3: "mixed"}


def judged(
    topics: list[int], codes: list[str | None], weights: list[float] | None = None
) -> Labelled:
    """Return documents in topics, those labelled that have a code."""
    keys = [f"d{number:04}" for number in range(len(topics))]
    given_codes = {key: code for key, code in zip(keys, codes, strict=True) if code is not None}
    drawn = None if weights is None else dict(zip(keys, weights, strict=True))
    return labelled(dict(zip(keys, topics, strict=True)), given_codes, names=NAMES, weights=drawn)


# Shares and their intervals


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_intervals_as_published(hits: int, n: int, low: float, high: float) -> None:
    """Newcombe 1998, table I, method 3."""
    found = share(np.arange(n) < hits, np.ones(n), size=None, empty="")
    assert found.value == pytest.approx(hits / n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_nothing_is_uncertain_once_all_are_labelled() -> None:
    """The interval shrinks to nothing as n nears N: in closed form for half of them."""
    hits = np.arange(20) < 5
    widths = []
    for size in (10**9, 40, 21, 20):
        found = share(hits, np.ones(20), size=size, empty="")
        assert found.low is not None and found.high is not None
        widths.append(found.high - found.low)
    assert widths[3] == 0
    assert widths == sorted(widths, reverse=True)
    as_many = 20 * (40 - 1) / (40 - 20)  # theorem 3.2 of Cochran 1977, read as a larger n
    z2 = 1.959964**2
    half = np.sqrt(z2 * (0.25 * 0.75 / as_many + z2 / (4 * as_many**2))) / (1 + z2 / as_many)
    assert widths[1] == pytest.approx(2 * half, rel=1e-5)


def test_a_weight_counts_as_kish_says() -> None:
    """Weights 1, 1 and 4 are worth 36/18 = 2 documents in the interval of Wilson 1927."""
    found = share(np.array([1.0, 0.0, 0.0]), np.array([1.0, 1.0, 4.0]), size=None, empty="")
    p, n, z2 = 1 / 6, 2, 1.959964**2
    half = np.sqrt(z2 * (p * (1 - p) / n + z2 / (4 * n**2)))
    ends = [(p + z2 / (2 * n) + sign * half) / (1 + z2 / n) for sign in (-1, 1)]
    assert found.value == pytest.approx(p)
    assert [found.low, found.high] == pytest.approx(ends, abs=1e-6)
    nobody = share(np.zeros(0), np.zeros(0), size=5, empty="nobody")
    assert nobody == Estimate(None, None, None, 0, "nobody")


def covered(rng: np.random.Generator, *, weighted: bool) -> tuple[float, float]:
    """Return how often intervals hold the truth, and the mean estimate, of two unlike strata."""
    sizes, shares, drawn = (900, 100), (0.1, 0.7), (60, 60)
    strata = [np.arange(size) < size * part for size, part in zip(sizes, shares, strict=True)]
    truth = np.concatenate(strata).mean()
    hits, values = 0, []
    for _ in range(300):
        sample = [rng.choice(own, n, replace=False) for own, n in zip(strata, drawn, strict=True)]
        weights = np.repeat([s / n for s, n in zip(sizes, drawn, strict=True)], drawn)
        used = weights if weighted else np.ones(120)
        found = share(np.concatenate(sample).astype(float), used, size=1000, empty="")
        assert found.value is not None and found.low is not None and found.high is not None
        hits += found.low <= truth <= found.high
        values.append(found.value)
    return hits / 300, float(np.mean(values))


def test_intervals_hold_the_truth_of_unlike_strata() -> None:
    """With design weights 95 % or more do, about the right value; without them hardly any."""
    coverage, mean = covered(np.random.default_rng(0), weighted=True)
    assert coverage >= 0.93
    assert mean == pytest.approx(0.16, abs=0.01)
    coverage, mean = covered(np.random.default_rng(0), weighted=False)
    assert coverage < 0.1
    assert mean > 0.3


def test_intervals_hold_the_truth_of_small_topics() -> None:
    """Of 30 documents in 60, about 95 % of the intervals hold the share, and no more than that."""
    rng = np.random.default_rng(0)
    topic = np.arange(60) < 18
    estimates = [
        share(rng.choice(topic, 30, replace=False), np.ones(30), size=60, empty="")
        for _ in range(400)
    ]
    hits = [
        each.low <= 0.3 <= each.high for each in estimates if each.low is not None and each.high
    ]
    assert 0.92 <= np.mean(hits) <= 0.985


def test_too_many_undefined_resamples_give_no_interval() -> None:
    """One in ten may be undefined; with more the interval is missing, and says why."""
    draws = np.linspace(0, 1, 100)
    draws[:10] = np.nan
    assert percentile_estimate(0.5, draws, n=9).low is not None
    draws[:11] = np.nan
    found = percentile_estimate(0.5, draws, n=9)
    assert (found.value, found.low, found.high) == (0.5, None, None)
    assert found.reason == "no interval: undefined in 11 of 100 resamples"


# Purity


def test_purity_of_the_textbook() -> None:
    """Manning, Raghavan and Schütze 2008, figure 16.4: 5, 4 and 3 of 17 are of the majority."""
    clusters = ["xxxxxo", "xooood", "xxddd"]
    found = purity(
        judged(
            [number for number, cluster in enumerate(clusters) for _ in cluster],
            [code for cluster in clusters for code in cluster],
        )
    )
    assert found.purity.value == pytest.approx(12 / 17)
    assert [topic.majority for topic in found.topics] == ["x", "o", "d"]
    assert [topic.purity.value for topic in found.topics] == pytest.approx([5 / 6, 4 / 6, 3 / 5])
    assert [topic.wrong.value for topic in found.topics] == pytest.approx([1 / 6, 2 / 6, 2 / 5])
    assert found.topics[1].counts == (("o", 4), ("d", 1), ("x", 1))
    assert found.topics[0].wrong.low == found.topics[0].wrong.high  # all of it is labelled


def test_right_is_judged_by_the_others_alone() -> None:
    """Two of one code say of each other; ties count half; who is alone says nothing."""
    found = purity(judged([0, 0, 1, 1, 1, 2], ["a", "a", "a", "a", "b", "c"]))
    # Topic 0: both right. Topic 1: an a sees a and b (1/2 each), b sees two a (wrong).
    assert found.right.n == 5
    assert found.right.value == pytest.approx((2 + 0.5 + 0.5 + 0) / 5)
    assert found.purity.value == pytest.approx(5 / 6)


def test_codes_at_random_look_pure_but_not_right() -> None:
    """Three labels a topic, five codes by chance: purity flatters, right is one in five."""
    rng = np.random.default_rng(0)
    topics = np.repeat(np.arange(200), 3).tolist()
    found = purity(judged(topics, [f"c{code}" for code in rng.integers(0, 5, 600)]))
    assert found.purity.value is not None and found.purity.value > 0.45
    assert found.right.value == pytest.approx(0.2, abs=0.04)


def planted(rng: np.random.Generator, *, n_labelled: int) -> Labelled:
    """Return four topics of 100: three hold their code in nine of ten, topic 3 holds any code."""
    topics = np.repeat(np.arange(4), 100)
    own = np.where(rng.random(400) < 0.9, topics, rng.integers(0, 5, 400))
    own = np.where(topics == 3, rng.integers(0, 5, 400), own)
    codes: list[str | None] = [f"c{code}" for code in own]
    for topic in range(4):
        for row in rng.permutation(100)[n_labelled:]:
            codes[100 * topic + int(row)] = None
    return judged(topics.tolist(), codes)


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_bad_topic_is_found(seed: int) -> None:
    """The topic without a code of its own is wrong, the others right, and the headline says so."""
    found = purity(planted(np.random.default_rng(seed), n_labelled=40))
    assert [topic.verdict for topic in found.topics] == ["right", "right", "right", "wrong"]
    assert found.right.value == pytest.approx((3 * 0.92 + 0.2) / 4, abs=0.1)
    said = headline(found)
    assert "Of the 160 documents labelled, 0 are in no topic" in said
    assert "wrong most about 3 mixed" in said
    lines = shown(purity_table(found)).splitlines()
    header = next(place for place, line in enumerate(lines) if "of another code" in line)
    assert "3 mixed" in lines[header + 1] and "✗ wrong" in lines[header + 1]


def test_of_few_labels_nothing_is_said() -> None:
    """Two labels call no topic wrong or right."""
    found = purity(planted(np.random.default_rng(0), n_labelled=2))
    assert {topic.verdict for topic in found.topics} == {"too few"}
    assert "too little is labelled of 4 of 4 topics" in headline(found)


def test_half_wrong_is_not_more_than_half() -> None:
    """All six labelled, three of another code: exactly half, so right, whatever the weights."""
    for weight in (1.0, 6.768238309424628, 0.1):
        (topic,) = purity(judged([0] * 6, list("aaabbb"), [weight] * 6)).topics
        assert (topic.wrong.low, topic.wrong.high, topic.verdict) == (0.5, 0.5, "right")


def test_what_is_undefined_says_why() -> None:
    """A topic without labels, and a taxonomy without labels, have no figures but a reason."""
    found = purity(judged([0, 0, 1, NOISE], ["a", "a", None, "b"]))
    assert [topic.verdict for topic in found.topics] == ["right", "unlabelled"]
    empty = found.topics[1]
    assert (empty.majority, empty.code, empty.size, empty.n_labelled) == (None, None, 1, 0)
    assert empty.purity.reason == "no document of the topic was labelled"
    assert (found.n_labelled, found.n_noise) == (3, 1)
    nothing = purity(judged([0, 1], [None, None]))
    assert nothing.right.value is None and nothing.right.reason
    assert "cannot be said" in headline(nothing)


def test_a_crosswalk_says_what_topics_stand_for() -> None:
    """Codes that are given decide, whatever the majority; a topic without one is not judged."""
    topics = [0] * 12 + [1] * 12 + [2] * 4
    codes: list[str | None] = ["a"] * 12 + ["b"] * 12 + ["c"] * 4
    found = purity(judged(topics, codes), code_of_topic={0: "a", 1: "a"})
    assert [topic.verdict for topic in found.topics] == ["right", "wrong", "no code"]
    assert found.topics[1].majority == "b"
    assert found.topics[1].purity.value == 1
    assert found.right.value == pytest.approx(1 / 2)  # of those whose topic has a code
    assert found.topics[2].wrong.reason == "the topic was given no code"
    assert found.purity.value == 1


def test_weights_decide_majority_and_shares() -> None:
    """One document that stands for eight outweighs three that stand for one each."""
    found = purity(
        judged([0] * 4 + [0] * 9, ["a"] * 3 + ["b"] + [None] * 9, [1, 1, 1, 8] + [1] * 9)
    )
    assert found.topics[0].majority == "b"
    assert found.topics[0].purity.value == pytest.approx(8 / 11)
    assert found.topics[0].counts == (("b", 1), ("a", 3))


@given(
    rows=st.lists(
        st.tuples(st.integers(NOISE, 3), st.sampled_from([None, "a", "b", "c"])), min_size=1
    ),
    factor=st.floats(0.1, 50),
)
def test_purity_holds_together(rows: list[tuple[int, str | None]], factor: float) -> None:
    """Shares lie in their intervals, counts add up, and only the ratio of weights matters."""
    topics, codes = [topic for topic, _ in rows], [code for _, code in rows]
    found = purity(judged(topics, codes))
    assert found.n_noise + sum(topic.n_labelled for topic in found.topics) == found.n_labelled
    for each in [found.purity, found.right, *(topic.wrong for topic in found.topics)]:
        if each.value is None:
            assert each.reason and each.low is None and each.high is None
        else:
            assert each.low is not None and each.high is not None
            assert 0 <= each.low <= each.value <= each.high <= 1
    scaled = purity(judged(topics, codes, [factor] * len(rows)))
    assert [t.verdict for t in scaled.topics] == [t.verdict for t in found.topics]
    assert scaled.purity.value == pytest.approx(found.purity.value)
    assert scaled.purity.low == pytest.approx(found.purity.low, abs=1e-9)


def test_labels_must_be_of_the_taxonomy() -> None:
    """A document that the taxonomy lacks, and one without a weight, are refused."""
    with pytest.raises(InputError, match="2 labelled documents are not in the taxonomy"):
        labelled({"a": 0}, {"a": "x", "b": "x", "c": "x"}, names={})
    for weights in ({}, {"a": 0.0}, {"a": -1.0}, {"a": float("nan")}):
        with pytest.raises(InputError, match="no design weight above 0"):
            labelled({"a": 0}, {"a": "x"}, names={}, weights=weights)
    with pytest.raises(ValueError, match="not between 0 and 1"):
        purity(judged([0], ["a"]), threshold=1.0)


# Noise


def test_codes_that_the_topics_miss_are_found() -> None:
    """Of 40 documents in noise among 140, all of code m: m is over, the others under it."""
    topics = [0] * 50 + [1] * 50 + [NOISE] * 40
    codes: list[str | None] = ["a"] * 50 + ["b"] * 50 + ["m"] * 40
    found = noise_recall(judged(topics, codes))
    assert found.share == pytest.approx(40 / 140)
    by_code = {each.code: each for each in found.codes}
    assert by_code["m"].recall.value == 1
    assert by_code["m"].ratio == pytest.approx(140 / 40)
    assert {code: each.standing for code, each in by_code.items()} == {
        "a": "under",
        "b": "under",
        "m": "over",
    }


def test_noise_recall_is_weighted() -> None:
    """One of two documents of the code lies in noise and stands for three of four."""
    found = noise_recall(judged([NOISE, 0, 0, 0], ["a", "a", "b", None], [3, 1, 1, 1]))
    assert found.codes[0].recall.value == pytest.approx(3 / 4)
    assert (found.codes[0].n_labelled, found.codes[0].n_noise, found.n_labelled) == (2, 1, 1)
    assert {each.standing for each in found.codes} == {"as the rest"}


def test_a_taxonomy_without_noise_has_no_ratio() -> None:
    """Where nothing is in noise, no code is missed, and nothing is divided by 0."""
    (found,) = noise_recall(judged([0, 0], ["a", "a"])).codes
    assert (found.recall.value, found.ratio, found.standing) == (0, None, "no noise")


def test_few_codes_at_random_are_called_over() -> None:
    """Of 400 codes that are spread by chance, about one in forty is called over."""
    rng = np.random.default_rng(0)
    topics = np.where(rng.random(12000) < 0.3, NOISE, 0).tolist()
    found = noise_recall(judged(topics, [f"c{number % 400}" for number in range(12000)]))
    standings = Counter(each.standing for each in found.codes)
    assert 2 <= standings["over"] <= 22
    assert standings["as the rest"] > 350


# Crosswalk


def test_counts_and_scores_of_the_textbook() -> None:
    """Manning, Raghavan and Schütze 2008, figure 16.4: NMI (here: V) 0.36; noise stands last."""
    clusters = ["xooood", "xxxxxo", "xxddd"]
    topics = [number for number, cluster in enumerate(clusters, start=-1) for _ in cluster]
    codes = [code for cluster in clusters for code in cluster]
    found = contingency_table(judged(topics, codes), resamples=20)
    assert found.topics == (0, 1, NOISE)
    assert found.codes == ("d", "o", "x")
    assert found.counts == ((0, 3, 1), (1, 0, 4), (5, 2, 1))
    assert found.v_measure.value == pytest.approx(0.36, abs=0.005)
    assert found.v_measure.low is None and found.v_measure.reason


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32 - 1), n_docs=st.integers(10, 80))
def test_scores_are_those_of_scikit_learn(seed: int, n_docs: int) -> None:
    """AMI, V-measure, homogeneity and completeness, with noise as a topic; intervals hold AMI."""
    rng = np.random.default_rng(seed)
    topics = [NOISE, 0, *rng.integers(NOISE, 4, n_docs).tolist()]
    codes = ["a", "b", *rng.choice(["a", "b", "c"], n_docs).tolist()]
    found = contingency_table(judged(topics, codes), resamples=20)
    assert found.ami.value == pytest.approx(adjusted_mutual_info_score(codes, topics))
    assert found.v_measure.value == pytest.approx(v_measure_score(codes, topics))
    assert found.homogeneity.value == pytest.approx(homogeneity_score(codes, topics))
    assert found.completeness.value == pytest.approx(completeness_score(codes, topics))
    assert sum(map(sum, found.counts)) == len(topics)
    assert found.ami.low is not None and found.ami.high is not None
    assert found.ami.low <= found.ami.value <= found.ami.high <= 1


def test_the_interval_of_chance_holds_0() -> None:
    """Codes given by chance: 0 lies in the interval, though every resample lies above it."""
    rng = np.random.default_rng(0)
    topics = rng.integers(0, 15, 150).tolist()
    codes = [f"c{code}" for code in rng.integers(0, 7, 150)]
    found = contingency_table(judged(topics, codes), resamples=200)
    assert found.ami.low is not None and found.ami.high is not None
    assert found.ami.low < 0 < found.ami.high < 0.15


def test_the_interval_hangs_on_the_seed_alone() -> None:
    """The same seed gives the same interval, another one another about the same value."""
    found = judged([0, 0, 1, 1, 2, 2] * 5, ["a", "a", "a", "b", "b", "b"] * 5)
    one, same, other = (contingency_table(found, seed=seed, resamples=50) for seed in (0, 0, 1))
    assert one == same
    assert one.ami.value == other.ami.value
    assert one.ami.low != other.ami.low


def test_agreement_of_one_code_is_undefined() -> None:
    """One code, one topic, or one document say nothing of agreement, and no number is made up."""
    for topics, codes in [([0, 1], ["a", "a"]), ([0, 0], ["a", "b"]), ([0], ["a"])]:
        found = contingency_table(judged(topics, list(codes)))
        assert found.ami.value is None and found.ami.reason
    nothing = contingency_table(judged([0], [None]))
    assert (nothing.codes, nothing.topics, nothing.counts) == ((), (), ())
    assert nothing.v_measure.value is None


# What to label next


def circle(*degrees: float) -> np.ndarray:
    """Return unit vectors in the plane."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def asked(
    degrees: list[float],
    topics: list[int],
    done: list[int],
    *,
    strengths: list[float] | None = None,
    placed: list[Placed] | None = None,
    count: int = 10,
) -> tuple[Next, ...]:
    """Return what to label next of documents on a circle, some of which are labelled."""
    keys = [f"d{row}" for row in range(len(degrees))]
    return next_documents(
        dict(zip(keys, topics, strict=True)),
        {keys[row]: "x" for row in done},
        names=NAMES,
        strengths=dict(zip(keys, strengths or [0.5] * len(keys), strict=True)),
        keys=keys,
        unit_vectors=circle(*degrees),
        placed=placed or [],
        count=count,
    )


def test_topics_without_a_label_come_first() -> None:
    """The largest first, each with its strongest member, but never more than half of the list."""
    topics = [0, 1, 1, 2, 2, 2, NOISE]
    strengths = [0.9, 0.5, 0.8, 0.7, 0.9, 0.9, 0.3]
    found = asked([0, 10, 20, 30, 40, 50, 60], topics, [0], strengths=strengths, count=6)
    assert [each.key for each in found[:3]] == ["d4", "d2", "d6"]
    assert found[0].reason == "no document of topic 2 (pipelines) is labelled yet"
    assert found[2].reason == "no document of noise is labelled yet"
    assert "labelled yet" not in found[3].reason
    few = asked([0, 10, 20, 30, 40, 50, 60], topics, [0], strengths=strengths, count=2)
    assert [("yet" in each.reason) for each in few] == [True, False]


def test_the_farthest_are_taken_one_by_one() -> None:
    """k-centre greedy: from 0° first 180°, then what lies between; twins of the labelled last."""
    found = asked([0, 0, 90, 175, 180], [0] * 5, [0], count=4)
    assert [each.key for each in found] == ["d4", "d2", "d3", "d1"]
    assert [each.nearest for each in found] == pytest.approx([-1, 0, np.cos(np.radians(5)), 1])


def test_doubt_counts_as_much_as_distance() -> None:
    """Of two as far away the one in doubt comes first, and the reason names what it is between."""
    sure = Placed("d1", "serving", ("serving", 0.9), ("tracking", 0.05), None)
    torn = Placed("d2", None, ("serving", 0.41), ("tracking", 0.39), "below")
    found = asked([0, 80, -80], [0, 0, 0], [0], placed=[sure, torn])
    assert [each.key for each in found] == ["d2", "d1"]
    assert found[0].uncertainty == pytest.approx(0.98)
    assert found[0].reason.startswith("between serving and tracking (0.41, 0.39); cosine to the")
    near = Placed("d2", None, ("serving", 0.4), ("tracking", 0.4), "below")
    assert asked([0, 80, -20], [0] * 3, [0], placed=[sure, near])[0].key == "d1"  # 0.12 > 0.06
    weak = asked([0, 80, -80], [0, 0, NOISE], [0, 2], strengths=[1, 0.2, 1])
    assert weak[0].reason.startswith("in topic 0 (serving), strength 0.20; cosine")


def test_a_cluster_that_nobody_looked_at_is_found() -> None:
    """Among 200 documents of one topic, the five far from all labels are asked for first."""
    rng = np.random.default_rng(0)
    degrees = [*rng.normal(0, 5, 195), *rng.normal(120, 5, 5)]
    found = asked(degrees, [0] * 200, list(range(40)), count=1)
    assert int(found[0].key[1:]) >= 195


@given(seed=st.integers(0, 1000), n_docs=st.integers(1, 20), n_done=st.integers(0, 20))
def test_the_list_hangs_on_no_order(seed: int, n_docs: int, n_done: int) -> None:
    """Whatever the order of keys: the same list, no document twice, none that is labelled."""
    rng = np.random.default_rng(seed)
    keys = [f"d{row}" for row in range(n_docs)]
    vectors = circle(*rng.choice([0, 30, 60, 200], n_docs).tolist())
    topic_of = {
        key: int(topic) for key, topic in zip(keys, rng.integers(-1, 3, n_docs), strict=True)
    }
    strengths = {key: float(s) for key, s in zip(keys, rng.choice([0.2, 0.8], n_docs), strict=True)}
    done = dict.fromkeys(keys[:n_done], "x")
    orders = [list(range(n_docs)), rng.permutation(n_docs).tolist()]
    one, other = (
        next_documents(
            topic_of,
            done,
            names={},
            strengths=strengths,
            keys=[keys[row] for row in order],
            unit_vectors=vectors[order],
        )
        for order in orders
    )
    assert [each.key for each in one] == [each.key for each in other]
    assert len({each.key for each in one}) == len(one) == min(10, max(0, n_docs - n_done))
    assert not {each.key for each in one} & done.keys()


def test_documents_must_be_placed_and_strong_or_weak() -> None:
    """A document without a topic or a strength is refused, and so are keys given twice."""
    vectors = circle(0, 90)
    with pytest.raises(InputError, match="not in the taxonomy"):
        next_documents(
            {"a": 0}, {}, names={}, strengths={"a": 1, "b": 1}, keys="ab", unit_vectors=vectors
        )
    for strengths in ({"a": 1.0}, {"a": 1.0, "b": 1.5}, {"a": 1.0, "b": float("nan")}):
        with pytest.raises(InputError, match="no strength"):
            next_documents(
                {"a": 0, "b": 0}, {}, names={}, strengths=strengths, keys="ab", unit_vectors=vectors
            )
    with pytest.raises(ValueError, match="1 keys, given 2 times"):
        next_documents(
            {"a": 0}, {}, names={}, strengths={"a": 1.0}, keys="aa", unit_vectors=vectors
        )


# What is shown


@pytest.fixture(scope="module")
def everything() -> Validation:
    """Return all checks of four planted topics, with vectors that tell the codes apart."""
    found = planted(np.random.default_rng(0), n_labelled=20)
    keys = list(found.topic_of)
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(400, 8)) * 0.2
    for row, key in enumerate(keys):
        vectors[row, int(found.codes.get(key, "c7")[1:])] += 1
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    placement = place(found.codes, keys=keys, vectors=vectors, n_repeats=1)
    return Validation(
        purity=purity(found),
        noise=noise_recall(found),
        crosswalk=contingency_table(found, resamples=50),
        held_out=held_out(found.codes, keys=keys, vectors=vectors, n_repeats=1, resamples=50),
        curve=learning_curve(found.codes, keys=keys, vectors=vectors, n_repeats=2),
        placement=placement,
        next=next_documents(
            found.topic_of,
            found.codes,
            names=NAMES,
            strengths=dict.fromkeys(keys, 0.5),
            keys=keys,
            unit_vectors=vectors,
            placed=placement.rows,
        ),
    )


def test_all_is_shown_within_100_columns(everything: Validation) -> None:
    """Each table is there, nothing is cut off, and the wrong topic is marked."""
    text = shown(validation_parts(everything, names=NAMES, titles={}))
    for words in ("Of the 80 documents", "✗ wrong", "share in noise", "AMI", "macro F1", "trained"):
        assert words in text
    assert "of documents held out" in text and "Chosen, not drawn" in text
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_all_is_there_as_plain_values(everything: Validation) -> None:
    """The values survive JSON, have no NaN, and hold the headline, topics and reasons."""
    values = through_json(validation_values(everything))
    assert values["headline"] == headline(everything.purity)
    assert [topic["topic"] for topic in values["purity"]["topics"]] == [0, 1, 2, 3]
    assert values["classifier"]["scores"]["codes"][0]["f1"]["value"] > 0.8
    assert len(values["next"]) == 10
    assert values["placement"]["threshold"]["wanted"] == 0.8


def test_what_was_not_asked_for_is_left_out(everything: Validation) -> None:
    """Without vectors there is no classifier, no curve, no placing and no list."""
    bare = Validation(
        everything.purity, everything.noise, everything.crosswalk, None, None, None, ()
    )
    text = shown(validation_parts(bare, names=NAMES, titles={}))
    assert "macro F1" not in text and "Chosen" not in text
    assert validation_values(bare)["classifier"] is None


def test_markup_in_names_is_shown_as_it_is() -> None:
    """Names, titles and codes from outside are text, not markup."""
    found = purity(labelled({"a": 0}, {"a": "[red]x"}, names={0: "[bold]name"}))
    text = shown(
        purity_table(found), next_table([Next("a", 0, 0.5, None, "[i]why")], {"a": "[u]t"})
    )
    for words in ("[red]x", "[bold]name", "[i]why", "[u]t"):
        assert words in text


def test_a_headline_names_few_topics() -> None:
    """Of nine wrong topics five are named, the worst first, and the others counted."""
    topics = np.repeat(np.arange(9), 30).tolist()
    codes: list[str | None] = [f"c{row % 10}" for row in range(270)]
    found: Purity = purity(judged(topics, codes))
    assert {topic.verdict for topic in found.topics} == {"wrong"}
    assert (
        "wrong most about 0 serving, 1 tracking, 2 pipelines, 3 mixed, 4 and 4 more."
        in headline(found)
    )
