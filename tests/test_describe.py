"""Keywords and exemplars: every topic's own, in any script, however odd the texts."""

from __future__ import annotations

from collections.abc import Set

import numpy as np
import pytest
from planted import THEMES, planted_requests, planted_texts

from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from taxonomy.describe import Description, describe_topics, without_repeats


def describe(
    texts: list[str],
    topics: list[int],
    *,
    stop_words: Set[str] = frozenset(),
    n_keywords: int = 5,
    n_exemplars: int = 3,
) -> list[Description]:
    """Describe topics whose earlier documents are the more central ones."""
    return describe_topics(
        texts,
        HashedWords().encode(texts),
        np.array(topics, dtype=np.int32),
        np.linspace(1, 0, len(texts)),
        n_keywords=n_keywords,
        n_exemplars=n_exemplars,
        stop_words=stop_words,
    )


def words_of(found: Description) -> set[str]:
    """Return the single words in the keywords of a topic."""
    return {word for keyword in found.keywords for word in keyword.split()}


@pytest.mark.parametrize(
    "sizes", [[9, 6, 4], [5, 5, 5], [4, 6, 9]], ids=["falling", "ties", "rising"]
)
def test_every_topic_has_its_own_keywords_and_exemplars(sizes: list[int]) -> None:
    """Whatever the sizes, ties and noise: words and documents are those of the topic itself."""
    texts, topics = [], []
    for topic, size in enumerate(sizes):
        more, _ = planted_texts(9, seed=topic)
        texts += more[9 * topic : 9 * topic + size]
        topics += [topic] * size
    noise, _ = planted_texts(4)
    texts, topics = texts + noise[-4:], topics + [NOISE] * 4
    found = describe(texts, topics)
    assert len(found) == 3
    for topic, each in enumerate(found):
        assert len(each.keywords) == 5
        assert words_of(each) <= set(THEMES[topic].split())
        assert list(each.weights) == sorted(each.weights, reverse=True)
        assert min(each.weights) > 0
        assert len(set(each.exemplars)) == 3
        assert {topics[document] for document in each.exemplars} == {topic}


def test_no_topics_have_no_descriptions() -> None:
    """All noise: nothing to describe."""
    assert describe(["some text"] * 6, [NOISE] * 6) == []


def test_a_single_topic_is_described() -> None:
    """One topic of everything, and one beside noise, have keywords and exemplars."""
    texts = [f"model serving number {word}" for word in ["alpha", "beta", "gamma", "delta"]]
    for topics in ([0, 0, 0, 0], [0, 0, 0, NOISE]):
        (found,) = describe(texts, topics)
        assert words_of(found) & {"model", "serving"}
        assert {topics[document] for document in found.exemplars} == {0}


def test_stop_words_are_kept_out() -> None:
    """English stop words, and those given, are in no keyword and no word pair."""
    texts = ["the model of serving for a gateway"] * 4 + ["the data and the version control"] * 4
    found = describe(texts, [0] * 4 + [1] * 4, stop_words={"model", "data"})
    assert words_of(found[0]) == {"serving", "gateway"}
    assert words_of(found[1]) == {"version", "control"}


def test_verbs_that_every_request_is_told_with_are_no_keywords() -> None:
    """What stands as a verb all over the corpus is found by its neighbours, not by a list."""
    texts, topics = planted_requests()
    found = describe(texts, topics)
    said = set.union(*map(words_of, found))
    assert {"registry", "drift", "notebook", "cluster"} <= said
    assert said.isdisjoint({"wants", "proposes", "asks"})


def test_identical_texts_keep_to_their_topics() -> None:
    """A text that stands in two topics is an exemplar of each by that topic's own document."""
    found = describe(["model serving tool"] * 8, [1, 1, 1, 1, 0, 0, 0, 0])
    assert set(found[0].exemplars) <= {4, 5, 6, 7}
    assert set(found[1].exemplars) <= {0, 1, 2, 3}


def test_exemplars_are_as_many_as_there_are() -> None:
    """A topic of two documents has two exemplars, the central one too."""
    found = describe(["model serving"] * 2 + ["data version"] * 5, [1, 1] + [0] * 5, n_exemplars=4)
    assert set(found[1].exemplars) == {0, 1}
    assert len(found[0].exemplars) == 4


def test_words_of_one_document_are_no_keywords() -> None:
    """A word that a single document of a topic uses, however often, is not what the topic is."""
    texts = ["serving latency zebra zebra zebra zebra"] + ["serving latency"] * 3
    texts += ["drift alert"] * 4
    assert "zebra" not in words_of(describe(texts, [0] * 4 + [1] * 4)[0])


def test_compound_and_accented_words_stay_whole() -> None:
    """Words are not cut at hyphens or accents, and lose only the apostrophes inside."""
    texts = ["scikit-learn, naïve c++ don't"] * 4 + ["drift alert"] * 4
    words = words_of(describe(texts, [0] * 4 + [1] * 4)[0])
    assert words == {"scikit-learn", "naïve", "c++", "dont"}


def test_other_scripts_have_keywords() -> None:
    """Chinese and Russian topics are described in Chinese and Russian."""
    texts = ["模型 部署 平台"] * 4 + ["отслеживание экспериментов"] * 4
    chinese, russian = describe(texts, [0] * 4 + [1] * 4)
    assert words_of(chinese) == {"模型", "部署", "平台"}
    assert words_of(russian) == {"отслеживание", "экспериментов"}


def test_topics_without_words_have_exemplars_only() -> None:
    """Emoji and stop words make no keyword, in one topic or in all, and stop nothing."""
    nothing, words = describe(["🚀🔥"] * 4 + ["drift alert"] * 4, [0] * 4 + [1] * 4)
    assert (nothing.keywords, nothing.weights) == ((), ())
    assert set(nothing.exemplars) <= {0, 1, 2, 3}
    assert words_of(words) == {"drift", "alert"}
    for texts in (["🚀🔥"] * 4 + ["📦"] * 4, ["the"] * 4 + ["of"] * 4):
        found = describe(texts, [0] * 4 + [1] * 4)
        assert [each.keywords for each in found] == [(), ()]
        assert [each.exemplars for each in found] == [(0, 1, 2), (4, 5, 6)]


def test_a_keyword_that_repeats_others_is_dropped() -> None:
    """A plural of a word said, or a pair of words said, is left out; half-new pairs stay."""
    told = [("model", 5.0), ("models", 4.0), ("serving", 3.0), ("model serving", 2.0)]
    told += [("class", 1.5), ("model class", 1.2), ("data model", 1.0), ("data", 0.5)]
    assert [word for word, _ in without_repeats(told)] == [
        "model",
        "serving",
        "class",
        "data model",
    ]
