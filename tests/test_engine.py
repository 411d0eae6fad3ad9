"""From texts to topics, whole: planted themes are found each time, and odd texts are borne."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from planted import THEMES, planted_texts
from sklearn.metrics import adjusted_rand_score

from artifacts.errors import TooFewDocumentsError
from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from taxonomy.engine import Topics, find_topics
from taxonomy.settings import TopicSettings
from taxonomy.store import RunFiles
from taxonomy.types import CUTS, Labels

SETTINGS = TopicSettings(runs=10, epochs=50, min_topic_size=5, neighbours=10)


def topics_of(texts: list[str], **options: object) -> Topics:
    """Find the topics of texts by their hashed words."""
    vectors = HashedWords().encode(texts)
    return find_topics(texts, vectors, SETTINGS, workers=1, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def planted() -> tuple[list[str], Labels]:
    """Return 60 texts of four themes and five of none."""
    texts, truth = planted_texts(15)
    foreign = [" ".join(f"foreign{number}{letter}" for letter in "abcdefgh") for number in range(5)]
    return texts + foreign, np.r_[truth, [NOISE] * 5].astype(np.int32)


@pytest.fixture(scope="module")
def found(planted: tuple[list[str], Labels]) -> Topics:
    """Return the topics of the planted texts."""
    return topics_of(planted[0])


def test_planted_themes_are_found(planted: tuple[list[str], Labels], found: Topics) -> None:
    """Four themes are four topics, told by their words, shown by their texts, and stable."""
    _, truth = planted
    placed = found.consensus.topics[:60] != NOISE
    assert found.consensus.n_topics == len(found.descriptions) == 4
    assert placed.mean() > 0.9
    assert adjusted_rand_score(truth[:60][placed], found.consensus.topics[:60][placed]) == 1
    for topic, described in enumerate(found.descriptions):
        theme = truth[described.exemplars[0]]
        words = {word for keyword in described.keywords for word in keyword.split()}
        assert words <= set(THEMES[theme].split())
        assert {found.consensus.topics[document] for document in described.exemplars} == {topic}
    assert found.stability.topics.min() > 0.8
    assert found.stability.halves_ami > 0.8


def test_everything_found_has_its_shape(found: Topics) -> None:
    """Runs, plans and map cover all documents, and no number is missing."""
    assert found.runs.shape == (10 * CUTS, 65)
    assert [plan.seed for plan in found.plans] == list(range(10))
    assert found.map.shape == (65, 2)
    assert np.isfinite(found.map).all()
    assert np.isfinite(found.consensus.strengths).all()
    assert found.stability.topics.shape == (4,)


def test_an_interrupted_search_ends_like_an_undisturbed_one(
    planted: tuple[list[str], Labels], found: Topics, tmp_path: Path
) -> None:
    """Found again, with half of the runs on disk already: equal to the last figure."""
    store = RunFiles(tmp_path)
    by_run = found.runs.reshape(10, CUTS, 65)
    for plan, labels in zip(found.plans[::2], by_run[::2], strict=True):
        store.save(plan, labels)
    again = topics_of(planted[0], store=store)
    assert (again.runs == found.runs).all()
    assert (again.consensus.topics == found.consensus.topics).all()
    assert (again.consensus.nearest == found.consensus.nearest).all()
    assert (again.consensus.strengths == found.consensus.strengths).all()
    assert again.descriptions == found.descriptions
    assert (again.stability.topics == found.stability.topics).all()
    assert (again.map == found.map).all()
    assert len(list(tmp_path.iterdir())) == 10


@pytest.mark.parametrize("n_docs", [0, 1, 3, 9])
def test_fewer_than_ten_documents_are_refused(n_docs: int) -> None:
    """The error says how many there are, how many it takes, and what to do."""
    vectors = np.ones((n_docs, 4), dtype=np.float32)
    with pytest.raises(TooFewDocumentsError, match=f"There are {n_docs} .* at least 10") as caught:
        find_topics(["text"] * n_docs, vectors, SETTINGS)
    assert caught.value.fix


def sound(found: Topics, n_docs: int) -> bool:
    """Return whether every part of an answer is defined and fits the others."""
    numbers = [found.consensus.strengths, found.map, found.stability.topics]
    return (
        all(np.isfinite(each).all() for each in numbers)
        and found.consensus.topics.shape == (n_docs,)
        and int(found.consensus.topics.max()) + 1 == found.consensus.n_topics
        and len(found.descriptions) == len(found.stability.topics) == found.consensus.n_topics
        and all(found.descriptions[topic].exemplars for topic in range(found.consensus.n_topics))
    )


@pytest.mark.parametrize(
    "texts",
    [["a tool for model serving"] * 12, ["🚀🔥", "📦📦", "🧪"] * 6, ["the of and"] * 10],
    ids=["identical", "emoji", "stop words"],
)
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_documents_that_nothing_tells_apart_have_no_topics(texts: list[str]) -> None:
    """Identical documents, and texts without words, are all unplaced: a defined answer."""
    found = topics_of(texts)
    assert sound(found, len(texts))
    assert found.consensus.n_topics == 0
    assert set(found.consensus.topics) == set(found.consensus.nearest) == {NOISE}


def test_repeated_documents_are_topics() -> None:
    """Three texts repeated twelve times each are three topics without an unplaced document."""
    texts = ["model serving gateway", "experiment tracking log", "drift alert monitor"] * 12
    found = topics_of(texts)
    assert sound(found, 36)
    assert adjusted_rand_score([0, 1, 2] * 12, found.consensus.topics) == 1
    assert found.consensus.topics.min() == 0


def test_chinese_documents_have_topics() -> None:
    """Topics of Chinese texts are found and described in Chinese."""
    themes = ["模型 部署 平台 推理 服务 网关", "实验 跟踪 指标 日志 比较 面板"]
    rng = np.random.default_rng(0)
    texts = [
        " ".join([*rng.choice(theme.split(), 4, replace=False), f"第{number}版"])
        for theme in themes
        for number in range(15)
    ]
    found = topics_of(texts)
    assert sound(found, 30)
    placed = found.consensus.topics != NOISE
    truth = np.repeat([0, 1], 15)
    assert placed.mean() > 0.8
    assert adjusted_rand_score(truth[placed], found.consensus.topics[placed]) == 1
    for described in found.descriptions:
        theme = themes[truth[described.exemplars[0]]]
        assert {word for keyword in described.keywords for word in keyword.split()} <= set(
            theme.split()
        )
