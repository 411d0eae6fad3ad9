"""The model for others: BERTopic's own `load` opens it, and finds our topics in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import planted_texts

from artifacts.manifest import hash_files
from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from taxonomy.describe import Description
from taxonomy.places.model import UNPLACED, save_model, topic_vectors
from taxonomy.types import Labels

NAMES = ["Serving", "Tracking", "Drift", "Versions"]
WORDS = ["serving", "tracking", "drift", "lineage"]


def documents() -> tuple[list[str], Labels]:
    """Return four topics of equal size, numbered against the order that they come in, and noise."""
    texts, truth = planted_texts(8)
    strangers = ["endpoint drift pancake", "lineage metric waffle", "alert storage crumpet"]
    return texts + strangers, np.r_[3 - truth, [NOISE] * 3].astype(np.int32)


def save(folder: Path, texts: list[str], topics: Labels, **options: Any) -> bool:
    """Save the model of topics that are described by a word each."""
    described = [Description((word,), (0.5,), ()) for word in reversed(WORDS)]
    names = NAMES[::-1]
    n_topics = int(topics.max(initial=NOISE)) + 1
    vectors = HashedWords().encode(texts)
    return save_model(
        folder, texts, vectors, topics, described[:n_topics], names[:n_topics], **options
    )


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a saved model."""
    folder = tmp_path_factory.mktemp("model") / "model"
    assert save(folder, *documents())
    return folder


@pytest.fixture(scope="module")
def loaded(saved: Path) -> Iterator[Any]:
    """Return the model as BERTopic opens it."""
    from bertopic import BERTopic

    yield BERTopic.load(str(saved))


def test_bertopic_finds_our_topics(loaded: Any) -> None:
    """`transform` gives placed documents their topic by our number, -1 among them."""
    texts, topics = documents()
    found, likeness = loaded.transform(texts, HashedWords().encode(texts))
    assert (np.array(found) == topics).mean() >= 0.9
    assert set(found) == set(topics.tolist())
    assert likeness.shape == (len(texts),)


def test_sizes_names_and_keywords_are_ours(loaded: Any) -> None:
    """Whatever order BERTopic gives equal topics, each keeps its number, name and words."""
    table = loaded.get_topic_info().set_index("Topic")
    assert table.Count.to_dict() == {-1: 3, 0: 8, 1: 8, 2: 8, 3: 8}
    assert table.CustomName.tolist() == [UNPLACED, *reversed(NAMES)]
    for topic, word in enumerate(reversed(WORDS)):
        assert [list(pair) for pair in loaded.get_topic(topic)] == [[word, 0.5]]
        column = loaded.vectorizer_model.vocabulary_[word]
        assert loaded.c_tf_idf_[1:, column].toarray().argmax() == topic


def test_the_words_are_counted_after_loading_as_before(loaded: Any) -> None:
    """The loaded counter cuts texts into the words that the saved weights are of."""
    counts = loaded.vectorizer_model.transform(["Drift, the drift-alert; gateway latency!"])
    words = loaded.vectorizer_model.get_feature_names_out()[counts.indices].tolist()
    assert sorted(set(words) & {"drift", "gateway", "latency", "the"}) == [
        "drift",
        "gateway",
        "latency",
    ]


def test_nothing_is_pickled_and_no_text_is_kept(saved: Path) -> None:
    """The files are JSON and safetensors, and hold no words that only one document says."""
    assert {path.suffix for path in saved.iterdir()} == {".json", ".safetensors"}
    for path in saved.glob("*.json"):
        content = path.read_text(encoding="utf-8")
        json.loads(content)
        assert "own0" not in content
        assert "pancake" not in content


def test_the_same_topics_give_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    """Written again, every file is equal, and others may read it."""
    again = tmp_path / "again"
    save(again, *documents())
    assert hash_files(again) == hash_files(saved)
    assert {path.stat().st_mode & 0o777 for path in again.iterdir()} == {0o644}


def test_stop_words_do_not_count(tmp_path: Path) -> None:
    """A framework's name that may not be a keyword is no word of the model."""
    save(tmp_path / "m", *documents(), stop_words={"drift"})
    config = json.loads((tmp_path / "m" / "ctfidf_config.json").read_text(encoding="utf-8"))
    assert "drift" not in config["vectorizer_model"]["vocab"]
    assert "lineage" in config["vectorizer_model"]["vocab"]


def test_where_nothing_can_be_said_nothing_is_written(tmp_path: Path) -> None:
    """Without topics, or without a shared word, there is no model."""
    texts, topics = documents()
    assert not save(tmp_path / "m", texts, np.full_like(topics, NOISE))
    assert not save(
        tmp_path / "m", ["🚀", "📦", "🧪", "🔥"], np.array([0, 0, 1, 1], dtype=np.int32)
    )
    assert not (tmp_path / "m").exists()


def test_a_document_that_the_mean_misplaces_draws_its_topic_near() -> None:
    """Vectors are means of a topic's own documents, the misplaced ones weighing more."""
    angles = np.radians([0, 5, 10, 60, 70, 75, 80, 44])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32)
    topics = np.array([0, 0, 0, 1, 1, 1, 1, 0], dtype=np.int32)
    plain = [vectors[topics == topic].mean(axis=0) for topic in (0, 1)]
    means = np.stack([mean / np.linalg.norm(mean) for mean in plain])
    found = topic_vectors(vectors, topics)
    assert (vectors @ means.T).argmax(axis=1)[-1] == 1
    assert ((vectors @ found.T).argmax(axis=1) == topics).all()
    assert np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert found[1] == pytest.approx(means[1], abs=1e-6)
