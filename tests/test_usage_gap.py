"""What is used against what is asked for: corners of a made-up population, and what is not told."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from made_up_uses import CODES, declared, framework, request, study, use
from scipy.stats import binom

from artifacts.errors import InputError
from artifacts.intervals import Estimate
from insights.usage.gap import Gap, GapRow, corner_of
from insights.usage.sampled import SampleOf
from insights.usage.study import Usage

USED = {"tracking": 0.7, "serving": 0.6, "pipelines": 0.08, "developer-experience": 0.05}
ASKED = {"tracking": 0.4, "serving": 0.02, "pipelines": 0.45, "developer-experience": 0.03}
PLANTED = {
    "tracking": "used and asked",
    "serving": "used and not asked",
    "pipelines": "asked and not used",
    "developer-experience": "neither",
}
"""Lines: 0.25 of the dependents, the mean over the features of which there are symbols, and 1/6 of
the requests; ``other`` is not among the features."""


def planted(seed: int, *, n_users: int = 300, n_requests: int = 300, **settings: Any) -> Usage:
    """Return a study of dependents and requests that are drawn with the planted shares."""
    rng = np.random.default_rng(seed)
    uses = [use(f"o{n}/a") for n in range(n_users)]
    for feature, share in USED.items():
        uses += [
            use(f"o{n}/a", feature=feature) for n in np.nonzero(rng.random(n_users) < share)[0]
        ]
    left = 1 - sum(ASKED.values())
    features = rng.choice([*ASKED, "other"], n_requests, p=[*ASKED.values(), left])
    requests = [request(n, feature=str(each)) for n, each in enumerate(features)]
    offered = [framework(codes=[*USED, "configuration-and-projects"])]
    return study(uses, None, requests, frameworks=offered, **settings)


def gap_of(usage: Usage) -> Gap:
    """Return the gap, which is there."""
    assert usage.gap is not None
    return usage.gap


def rows_of(usage: Usage, what: str = "feature") -> dict[str, GapRow]:
    """Return the rows of features, or of channels, by name."""
    return {row.name: row for row in gap_of(usage).rows if row.what == what}


@pytest.mark.parametrize("seed", range(8))
def test_planted_corners_are_found(seed: int) -> None:
    """Each feature that is clearly of one corner is told to be in it."""
    rows = rows_of(planted(seed))
    assert {name: rows[name].corner for name in PLANTED} == PLANTED


def test_what_cannot_be_separated_is_not_told() -> None:
    """Of twelve dependents and requests, an interval holds the line; never is a corner wrong."""
    told = []
    for seed in range(30):
        rows = rows_of(planted(seed, n_users=12, n_requests=12))
        told += [(rows[name].corner, corner) for name, corner in PLANTED.items()]
    assert sum(found not in (None, right) for found, right in told) <= 2
    assert sum(found is None for found, _ in told) > 0.7 * len(told)
    assert rows["tracking"].why in (None, "an interval holds the line")


def test_a_share_on_its_line_is_seldom_told() -> None:
    """In about 5 of 100 samples it is said to be above or below, as the intervals promise."""
    n, line, sure = 300, 1 / 6, Estimate(0.9, 0.8, 1.0, 300)
    sample_of = SampleOf("requests", "random")
    told = [
        corner_of(sure, sample_of.share(k, n), (0.5, line))[0] is not None for k in range(n + 1)
    ]
    assert binom.pmf(np.arange(n + 1), n, line) @ told == pytest.approx(0.05, abs=0.01)


@pytest.mark.parametrize(
    ("used", "asked", "corner"),
    [
        ((0.6, 0.7), (0.3, 0.4), "used and asked"),
        ((0.6, 0.7), (0.0, 0.1), "used and not asked"),
        ((0.1, 0.2), (0.3, 0.4), "asked and not used"),
        ((0.1, 0.2), (0.0, 0.1), "neither"),
        ((0.4, 0.6), (0.3, 0.4), None),
        ((0.6, 0.7), (0.1, 0.3), None),
    ],
)
def test_a_corner_needs_both_intervals_on_one_side(
    used: tuple[float, float], asked: tuple[float, float], corner: str | None
) -> None:
    """Of the lines 0.5 and 0.2."""
    shares = [Estimate(sum(ends) / 2, *ends, 100) for ends in (used, asked)]
    found, why = corner_of(shares[0], shares[1], (0.5, 0.2))
    assert (found, why is None) == (corner, corner is not None)


def test_the_sentence_names_what_is_asked_for_most_and_used_by_few() -> None:
    """With both shares and what they are of; where there is none, that."""
    said = planted(0).of("alpha").asked_and_not_used()
    assert said.startswith("Asked for most and used by few: pipelines (asked for in 4")
    assert "of 300 requests, used by" in said
    few = planted(0, n_users=5, n_requests=5).of("alpha")
    assert few.asked_and_not_used() == "Nothing is surely asked for by many and used by few."
    silent = study([use("a/a")]).of("alpha")
    assert "no requests are coded" in silent.asked_and_not_used()


def test_where_the_coder_abstained_nothing_is_asked() -> None:
    """Such requests are counted, and in no share."""
    requests = [request(1, feature="tracking"), request(2), request(3, by="machine")]
    requests += [request(4, feature="serving", second_feature="tracking", by="machine")]
    usage = study([use("a/a", feature="tracking")], None, requests)
    counts = gap_of(usage).counts[0]
    assert (counts.asked, counts.coded, counts.abstained, counts.by_person) == (4, 2, 2, 1)
    row = rows_of(usage)["tracking"]
    assert (row.n_asked, row.n_asked_second, row.asked.value, row.asked.n) == (1, 1, 0.5, 2)


def test_a_feature_without_symbols_is_not_told_to_be_unused() -> None:
    """Nobody can be seen to use it: that is unknown, not none, and in no corner."""
    requests = [request(n, feature="serving") for n in range(50)]
    usage = study([use("a/a")], None, requests, frameworks=[framework(codes=["tracking"])])
    rows = rows_of(usage)
    assert (rows["tracking"].n_used, rows["tracking"].used.value) == (0, 0.0)
    assert (rows["serving"].n_used, rows["serving"].used.value) == (None, None)
    assert rows["serving"].corner is None
    assert rows["serving"].why == "no symbol or command of this feature is known"


def test_only_channels_that_both_sides_have_are_joined() -> None:
    """Interface, service and none cannot be seen in code; workflows are held against CI/CD."""
    channels = ("api", "cli", "config", "workflow", "ui", "service", "none", None)
    requests = [request(n, feature="tracking", channel=each) for n, each in enumerate(channels)]
    uses = [use("a/a"), use("a/b", channel="cli", kind="command"), declared("a/c")]
    usage = study(uses, None, requests)
    rows = rows_of(usage, "channel")
    assert {name: (row.n_used, row.n_asked) for name, row in rows.items()} == {
        "api": (1, 1),
        "cli": (1, 1),
        "config": (0, 1),
        "workflow": (None, 1),
        "ui": (None, 1),
        "service": (None, 1),
        "none": (None, 1),
    }
    assert rows["ui"].used.reason == "code does not show it"
    assert rows["api"].asked.n == 7
    assert gap_of(usage).counts[0].channel_unknown == 1


def test_ci_cd_is_a_feature_or_a_workflow_on_both_sides() -> None:
    """Whatever is used in a workflow, and whatever is asked for there, counts once."""
    uses = [
        use("a/a", feature="tracking", channel="workflow", kind="command"),
        use("a/b", feature="ci-cd"),
        use("a/b", channel="workflow", kind="env"),
        declared("a/c", kind="pip-install", channel="workflow"),
        use("a/c"),
    ]
    requests = [
        request(1, feature="ci-cd", channel="workflow"),
        request(2, feature="serving", channel="workflow"),
        request(3, feature="ci-cd"),
        request(4, feature="serving", channel="api"),
    ]
    row = rows_of(study(uses, None, requests))["ci-cd"]
    assert (row.n_used, row.used.n, row.n_asked, row.asked.n) == (2, 3, 3, 4)


def test_wishes_are_counted_by_feature() -> None:
    """Those for CI/CD, and those to reach something by an API, each with what they are of."""
    requests = [
        request(1, feature="ci-cd", channel="workflow"),
        request(2, feature="serving", channel="workflow"),
        request(3, feature="serving", channel="api"),
        request(4, feature="tracking", channel="api"),
        request(5, feature="tracking"),
        request(6, channel="api"),
    ]
    wishes = gap_of(study([use("a/a")], None, requests)).wishes
    assert [(each.wish, each.feature, each.n, each.share.n) for each in wishes] == [
        ("ci-cd", None, 2, 5),
        ("ci-cd", "serving", 1, 5),
        ("ci-cd", "ci-cd", 1, 5),
        ("api", None, 2, 4),
        ("api", "tracking", 1, 4),
        ("api", "serving", 1, 4),
    ]


@pytest.mark.parametrize(
    "wrong", [{"feature": "flying"}, {"feature": "serving", "second_feature": "flying"}]
)
def test_requests_of_another_codebook_are_refused(wrong: dict[str, str]) -> None:
    """The message names the request."""
    with pytest.raises(InputError, match="'flying'") as refused:
        study([use("a/a")], None, [request(7, **wrong)])
    assert refused.value.where == "name:made/alpha#7"


def test_a_channel_that_there_is_not_is_refused() -> None:
    """The message says which there are."""
    with pytest.raises(InputError, match="'telephone'") as refused:
        study([use("a/a")], None, [request(7, feature="serving", channel="telephone")])
    assert refused.value.fix is not None and "api, cli, config" in refused.value.fix


def test_a_framework_without_dependents_or_requests_has_no_shares() -> None:
    """There is nothing that they could be of; every code has its row all the same."""
    names = [framework(name) for name in ("alpha", "beta")]
    usage = study([use("a/a", feature="tracking")], None, [], frameworks=names)
    rows = [row for row in gap_of(usage).rows if row.framework == "beta"]
    assert [row.name for row in rows[: len(CODES)]] == list(CODES)
    assert {row.used.value for row in rows} == {row.asked.value for row in rows} == {None}
    assert {row.corner for row in rows} == {None}
