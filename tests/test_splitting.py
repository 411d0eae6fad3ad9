"""Parts of a node: by what the runs hold together, and the words that tell them apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import planted_runs, planted_texts

from artifacts.errors import InputError
from artifacts.words import NOISE
from taxonomy.decisions.splitting import (
    Together,
    as_parts,
    central,
    likeness,
    parted,
    told_words,
    with_rest,
)
from taxonomy.types import UNSEEN


def evidence(runs: object, places: object = None) -> Together:
    """Return these runs over documents a, b, c, …, all at one place unless it is said where."""
    labels = np.array(runs, dtype=np.int32)
    keys = [f"{number:02}" for number in range(labels.shape[1])]
    at = np.zeros((len(keys), 2)) if places is None else np.array(places, dtype=np.float64)
    return Together({key: number for number, key in enumerate(keys)}, labels, at)


def singles(found: Together) -> list[list[str]]:
    """Return each document as a group."""
    return [[key] for key in found.index]


def test_likeness_is_the_share_of_runs_that_saw_both() -> None:
    """By hand: noise is with nobody, and who was not seen does not count."""
    found = evidence([[0, 0, 1], [0, 0, 0], [0, NOISE, 0], [0, UNSEEN, 1]])
    shares = likeness(found, singles(found))
    assert shares[0, 1] == pytest.approx(2 / 3)
    assert shares[0, 2] == pytest.approx(2 / 4)
    assert shares[1, 2] == pytest.approx(1 / 3)


@given(st.integers(0, 1000))
def test_likeness_of_groups_is_the_mean_over_all_pairs(seed: int) -> None:
    """For any runs, what is counted by clusters is what all pairs give one by one."""
    rng = np.random.default_rng(seed)
    found = evidence(rng.integers(UNSEEN, 3, size=(4, 7)))
    one, other = ["00", "01", "02"], ["03", "04", "05", "06"]
    together = seen = 0
    for run in found.runs:
        for a in one:
            for b in other:
                left, right = run[found.index[a]], run[found.index[b]]
                seen += left != UNSEEN and right != UNSEEN
                together += left == right and left >= 0
    expected = together / seen if seen else 0.0
    assert likeness(found, [one, other])[0, 1] == pytest.approx(expected)


def test_planted_parts_are_found() -> None:
    """Two groups that runs tell apart, through noise, are the parts, the larger first."""
    truth = np.array([0] * 9 + [1] * 6, dtype=np.int32)
    found = evidence(planted_runs(truth, n_runs=40, noise=0.1, unseen=0.2))
    assert parted(found, singles(found), 2) == [list(range(9)), list(range(9, 15))]


def test_a_straggler_is_no_part() -> None:
    """Who is with nobody goes with the most alike, unless parts so small are asked for."""
    runs = [[0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 1, 1, 1, 2], [0, 0, 0, 0, 0, 0, 1], [0] * 6 + [0]]
    runs += [[0, 0, 0, 0, 0, 0, 1]] * 4 + [[0, 0, 0, 1, 1, 1, 1]]
    found = evidence(runs)
    assert parted(found, singles(found), 2, smallest=1)[1] == [6]
    assert parted(found, singles(found), 2, smallest=3) == [[3, 4, 5, 6], [0, 1, 2]]


def test_the_map_decides_between_equals() -> None:
    """Groups that no run ever joins are parted by where they lie."""
    found = evidence([[0, 1, 2, 3]], [[0, 0], [9, 9], [0, 1], [9, 8]])
    assert parted(found, singles(found), 2) == [[0, 2], [1, 3]]


def test_what_cannot_be_parted_is_refused() -> None:
    """More parts than groups, one part, or no parts large enough."""
    found = evidence([[0, 0, 0]])
    for n_parts in (0, 1, 4):
        with pytest.raises(InputError, match="cannot be parted"):
            parted(found, singles(found), n_parts)
    with pytest.raises(InputError, match="at least 2 documents"):
        parted(found, singles(found), 2, smallest=2)


def test_parts_that_are_said_leave_the_rest() -> None:
    """The rest comes first, if there is one; what is elsewhere or twice is refused."""
    assert with_rest([["c"], ["a"]], ["a", "b", "c", "d"]) == [["b", "d"], ["c"], ["a"]]
    assert with_rest([["a"], ["b"]], ["a", "b"]) == [["a"], ["b"]]
    with pytest.raises(InputError, match="is not in the node"):
        with_rest([["x"]], ["a"])
    with pytest.raises(InputError, match="in two parts"):
        with_rest([["a"], ["a"]], ["a", "b"])


def test_words_tell_parts_apart() -> None:
    """Each part's first words are of its own planted theme, and stop words are none."""
    texts, truth = planted_texts(8, themes=3)
    by_key = {f"{number:02}": text for number, text in enumerate(texts)}
    parts = [[f"{n:02}" for n in np.flatnonzero(truth == theme)] for theme in (0, 1)]
    told = told_words(parts, by_key, n_words=4, stop_words={"serving"})
    assert {"endpoint", "latency", "gateway", "inference", "replica"} & set(told[0][0])
    assert "serving" not in told[0][0]
    assert not set(told[0][0]) & set(told[1][0])
    assert list(told[0][1]) == sorted(told[0][1], reverse=True)
    assert told_words([["00"]], {"00": "🚀", "01": ""}, n_words=4, stop_words=set()) == [((), ())]


def test_parts_are_described_by_their_own_documents() -> None:
    """Names given come first, others are words; exemplars are who the runs hold together most."""
    found = evidence([[0, 0, 0, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 1, 1]])
    texts = {"00": "red", "01": "red", "02": "red", "03": "blue", "04": "blue"}
    pieces = [["00", "01", "02"], ["03", "04"]]
    one, two = as_parts(pieces, found, texts=texts, stop_words=set(), names=["Mine"])
    assert (one.name, one.named_by, two.name, two.named_by) == (
        "Mine",
        "person",
        "blue",
        "documents",
    )
    assert one.exemplars == ("00", "01", "02") == tuple(central(found, pieces[0]))
    with pytest.raises(InputError, match="3 names for 2 parts"):
        as_parts(pieces, found, texts=texts, stop_words=set(), names=["a", "b", "c"])
