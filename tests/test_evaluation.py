"""Evaluation against lists: published figures, intervals, noise, and lists that cannot be read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifacts.errors import InputError
from artifacts.words import NOISE
from taxonomy import evaluation
from taxonomy.evaluation import Agreement, Evaluation, GoldList, evaluate, purity, read_gold

HAND_AMI = 0.298792


@pytest.fixture(scope="module", autouse=True)
def _few_subsamples() -> Iterator[None]:
    """Take few subsamples where a test does not hang on the width of an interval."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "SUBSAMPLES", 20)
        yield


def judge(found: list[int], truth: list[str], *, seed: int = 0) -> Agreement:
    """Judge topics by one list."""
    names = [f"owner/tool{number}" for number in range(len(found))]
    gold = GoldList("gold", dict(zip(names, truth, strict=True)))
    return evaluate(dict(zip(names, found, strict=True)), [gold], seed=seed).lists[0]


def test_purity_and_v_measure_of_the_textbook() -> None:
    """Manning, Raghavan and Schütze 2008, figure 16.4: purity 0.71, NMI (here: V) 0.36."""
    clusters = ["xxxxxo", "xooood", "xxddd"]
    truth = [each for cluster in clusters for each in cluster]
    found = [number for number, cluster in enumerate(clusters) for _ in cluster]
    agreement = judge(found, truth)
    assert agreement.purity == pytest.approx(12 / 17)
    assert agreement.v_measure == pytest.approx(0.36, abs=0.005)
    assert (agreement.n_docs, agreement.n_categories, agreement.placed) == (17, 3, 1)


def test_ami_and_v_measure_worked_by_hand() -> None:
    """Six documents, by the hypergeometric model of Vinh, Epps and Bailey 2010.

    Each of the six cells has 1 document with probability 9/15 and 2 with 3/15, where 1 adds
    1/6 log(6·1 / 3·2) = 0 to the mutual information to expect and 2 adds 2/6 log(6·2 / 3·2).
    """
    agreement = judge([0, 0, 1, 1, 2, 2], ["a", "a", "a", "b", "b", "b"])
    mean_entropy = (math.log(2) + math.log(3)) / 2
    found, to_expect = 2 / 3 * math.log(2), 6 * 3 / 15 * 2 / 6 * math.log(2)
    assert pytest.approx((found - to_expect) / (mean_entropy - to_expect), abs=5e-6) == HAND_AMI
    assert agreement.ami.value == pytest.approx(HAND_AMI, abs=5e-6)
    assert agreement.v_measure == pytest.approx(found / mean_entropy)


def test_perfect_and_empty_agreement() -> None:
    """The same partition scores 1 throughout; one topic for all says nothing: 0."""
    truth = ["a"] * 8 + ["b"] * 8 + ["c"] * 8
    perfect = judge([2] * 8 + [0] * 8 + [1] * 8, truth)
    assert (perfect.ami.value, perfect.v_measure, perfect.purity) == pytest.approx((1, 1, 1))
    assert (perfect.ami.low, perfect.ami.high) == pytest.approx((1, 1))
    lumped = judge([0] * 24, truth)
    assert lumped.ami.value == pytest.approx(0, abs=1e-9)
    assert lumped.purity == pytest.approx(1 / 3)


def test_purity_worked_by_hand() -> None:
    """Topic 0 holds 2 a and 1 b, topic 5 holds 1 c: 3 of 4; noise is one class like another."""
    assert purity(np.array([0, 0, 1, 2]), np.array([0, 0, 0, 5])) == 3 / 4
    assert purity(np.array([0, 0, 1, 1]), np.array([NOISE, NOISE, NOISE, NOISE])) == 1 / 2


@settings(max_examples=8)
@given(seed=st.integers(0, 2**32 - 1), n_docs=st.integers(2, 60))
def test_intervals_hold_the_estimate(seed: int, n_docs: int) -> None:
    """Whatever the topics and the list: low ≤ estimate ≤ high ≤ 1, all finite."""
    rng = np.random.default_rng(seed)
    truth = [f"c{code}" for code in rng.integers(0, 4, n_docs)]
    ami = judge(rng.integers(NOISE, 4, n_docs).tolist(), truth).ami
    assert np.isfinite([ami.low, ami.value, ami.high]).all()
    assert ami.low <= ami.value <= ami.high <= 1 + 1e-9


def test_intervals_shrink_with_the_number_of_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sixteen times the documents give an interval about a quarter as wide."""
    monkeypatch.setattr(evaluation, "SUBSAMPLES", 200)
    widths = []
    for n_docs in (60, 960):
        rng = np.random.default_rng(1)
        truth = rng.integers(0, 4, n_docs)
        found = np.where(rng.random(n_docs) < 0.7, truth, rng.integers(0, 4, n_docs))
        ami = judge(found.tolist(), [f"c{code}" for code in truth]).ami
        widths.append(ami.high - ami.low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.4)


def test_intervals_hang_on_the_seed_alone() -> None:
    """The same seed gives the same interval; another seed another one about the same value."""
    rng = np.random.default_rng(0)
    found, truth = rng.integers(0, 3, 40).tolist(), [f"c{code}" for code in rng.integers(0, 3, 40)]
    one, same, other = judge(found, truth), judge(found, truth), judge(found, truth, seed=1)
    assert one == same
    assert one.ami.value == other.ami.value
    assert one.ami.low != other.ami.low


def test_noise_counts_as_one_class() -> None:
    """Unplaced documents score like one more topic: left out of nothing."""
    truth = ["a", "a", "a", "b", "b", "b", "c", "c"]
    unplaced = judge([0, 0, 0, 1, 1, NOISE, NOISE, NOISE], truth)
    third_topic = judge([0, 0, 0, 1, 1, 2, 2, 2], truth)
    assert unplaced.n_docs == 8
    assert astuple(unplaced.ami) == pytest.approx(astuple(third_topic.ami))
    assert unplaced.v_measure == pytest.approx(third_topic.v_measure)
    assert (unplaced.placed, third_topic.placed) == (5 / 8, 1)


def test_noise_recall_is_the_share_of_noise_left_unplaced() -> None:
    """Two of three documents that the list calls noise, in any case, are unplaced."""
    truth = ["noise", "Noise", "NOISE", "a", "a", "b"]
    assert judge([NOISE, NOISE, 0, 0, 0, NOISE], truth).noise_recall == pytest.approx(2 / 3)
    assert judge([NOISE, NOISE], ["a", "b"]).noise_recall is None


def test_only_shared_documents_count() -> None:
    """Documents that the list or the taxonomy alone knows are left out."""
    gold = GoldList("gold", {"a/a": "x", "b/b": "y", "only/list": "y"})
    found = evaluate({"a/a": 0, "b/b": 1, "only/topics": 1}, [gold]).lists[0]
    assert (found.n_docs, found.purity) == (2, 1)


def test_the_ceiling_is_how_far_lists_agree() -> None:
    """Every two lists are compared on what both and the taxonomy know."""
    names = [f"o/{number}" for number in range(6)]
    one = GoldList("one", dict(zip(names, "aaabbb", strict=True)))
    other = GoldList("other", dict(zip(names, "xxyyzz", strict=True)))
    third = GoldList("third", {"o/0": "a", "o/1": "b"})
    found = evaluate(dict.fromkeys(names, 0), [one, other, third])
    assert [each.name for each in found.ceiling] == ["one × other", "one × third", "other × third"]
    assert found.ceiling[0].n_docs == 6
    assert found.ceiling[0].ami.value == pytest.approx(HAND_AMI, abs=5e-6)
    assert found.ceiling[0].noise_recall is None
    assert found.mean_ami == pytest.approx(np.mean([each.ami.value for each in found.lists]))


def test_the_ceiling_of_noise_is_how_far_lists_agree_on_it() -> None:
    """What one list calls noise and the other too is recalled; what only one does is not."""
    names = [f"o/{number}" for number in range(6)]
    one = GoldList("one", dict(zip(names, ["noise", "a", "a", "b", "b", "b"], strict=True)))
    other = GoldList("other", dict(zip(names, ["noise", "noise", "a", "b", "b", "b"], strict=True)))
    (ceiling,) = evaluate(dict.fromkeys(names, 0), [one, other]).ceiling
    assert ceiling.noise_recall == pytest.approx(1 / 2)
    assert ceiling.placed == pytest.approx(5 / 6)


def test_a_list_of_other_documents_is_refused() -> None:
    """A list that shares fewer than two documents with the taxonomy is an error that says so."""
    gold = GoldList("mine", {"a/a": "x", "b/b": "y"})
    with pytest.raises(InputError, match=r"'mine' shares 1 documents"):
        evaluate({"a/a": 0, "c/c": 0}, [gold])


def test_no_lists_make_no_mean() -> None:
    """Without a list there is nothing to average, and no number is made up."""
    with pytest.raises(InputError, match="no list"):
        _ = Evaluation((), ()).mean_ami


def written(tmp_path: Path, text: str | bytes) -> Path:
    """Write a list and return its path."""
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_lists_are_read_by_name(tmp_path: Path) -> None:
    """A column ``list`` tells several lists apart; names are lower case and without blanks."""
    text = "full_name,list,category\nA/A,two,x\n b/B ,one,y \nA/A,one,z\n"
    assert read_gold(written(tmp_path, text)) == [
        GoldList("one", {"b/b": "y", "a/a": "z"}),
        GoldList("two", {"a/a": "x"}),
    ]


@pytest.mark.parametrize("key", ["key", "repo_key", "full_name", "repository", "url"])
@pytest.mark.parametrize("category", ["category", "theme", "kind", "label", "code"])
def test_columns_may_have_many_names(tmp_path: Path, key: str, category: str) -> None:
    """A list is named by its file where it does not name itself; other columns do not matter."""
    text = f"note,{category},{key}\nhm,x,a/a\n"
    assert read_gold(written(tmp_path, text)) == [GoldList("mine", {"a/a": "x"})]


@pytest.mark.parametrize(
    "text",
    [
        "\ufefffull_name,category\na/a,x\n",
        "full_name,category\r\na/a,x\r\n",
        'full_name,category\n"a/a","x"',
        "full_name,category\na/a,x\na/a,x\n",
        "full_name,category\na/a,x\nb/b,\n,y\nc/c\n",
    ],
    ids=["byte-order mark", "CRLF", "quotes", "twice the same", "uncoded rows"],
)
def test_what_spreadsheets_write_is_accepted(tmp_path: Path, text: str) -> None:
    """Byte-order marks, line ends, quotes, repeated rows and empty cells are no trouble."""
    assert read_gold(written(tmp_path, text)) == [GoldList("mine", {"a/a": "x"})]


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("full_name,size\na/a,3\n", "none of the columns category", "line 1: full_name, size"),
        ("tool,category\na/a,x\n", "none of the columns key", "line 1: tool, category"),
        ("", "none of the columns", "line 1: empty"),
        ("full_name,category\n", "no rows", ""),
        ("full_name,category\na/a,x\nb/b,x\nA/a,y\n", "'a/a' twice: in 'x' and in 'y'", "line 4"),
        (b"full_name,category\na/a,x\nb/b,caf\xe9\n", "not in UTF-8", "line 3"),
        (b"\xef\xbb\xbffull_name,category\nb/b,\xe9\n", "not in UTF-8", "line 2"),
        ('full_name,category\na/a,x\n"' + "a" * 200_000, "field larger than", "after line 2"),
    ],
    ids=["category", "key", "empty", "header only", "twice", "latin 1", "mixed", "huge"],
)
def test_a_list_that_cannot_be_used_names_file_and_line(
    tmp_path: Path, text: str | bytes, what: str, where: str
) -> None:
    """Every error says what is wrong, in which file, and where it can in which line."""
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_gold(path)
    assert what in caught.value.what
    assert str(path) in (caught.value.where or "")
    assert where in (caught.value.where or "")


def test_a_list_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """A missing file and a folder are input errors too."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(InputError, match="cannot be read") as caught:
            read_gold(path)
        assert caught.value.where == str(path)
