"""The model for others: BERTopic's own `load` opens it, and `load_bertopic` gives it the rest."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted import THEMES, planted_texts

from artifacts.errors import OpsatlasError
from artifacts.manifest import hash_files
from artifacts.words import NOISE
from embeddings.encoder import HashedWords, plan_encoder
from embeddings.settings import HASHED_WORDS, VectorSettings
from taxonomy.describe import Description
from taxonomy.places.model import ENCODER, EXEMPLARS, UNPLACED, save_model, topic_vectors
from taxonomy.types import Labels

NAMES = ["Serving", "Tracking", "Drift", "Versions"]
WORDS = ["serving", "tracking", "drift", "lineage"]


def documents() -> tuple[list[str], Labels]:
    """Return four topics of equal size, numbered against the order that they come in, and noise."""
    texts, truth = planted_texts(8)
    strangers = ["endpoint drift pancake", "lineage metric waffle", "alert storage crumpet"]
    return texts + strangers, np.r_[3 - truth, [NOISE] * 3].astype(np.int32)


def save(folder: Path, texts: list[str], topics: Labels, **options: Any) -> bool:
    """Save the model of topics that are described by a word and their first two texts each."""
    described = [
        Description((word,), (0.5,), tuple(np.flatnonzero(topics == topic)[:2].tolist()))
        for topic, word in enumerate(reversed(WORDS))
    ]
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
    assert save(folder, *documents(), encoder=plan_encoder(VectorSettings(model=HASHED_WORDS)))
    return folder


@pytest.fixture(scope="module")
def loaded(saved: Path) -> Iterator[Any]:
    """Return the model as BERTopic opens it."""
    from bertopic import BERTopic

    yield BERTopic.load(str(saved))


@pytest.fixture(scope="module")
def ours(saved: Path) -> Any:
    """Return the model as we open it for BERTopic."""
    from taxonomy.places.loading import load_bertopic

    return load_bertopic(saved)


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


def test_nothing_is_pickled_and_no_text_is_kept_but_exemplars(saved: Path) -> None:
    """The files are JSON and safetensors, and hold what only one document says of exemplars."""
    assert {path.suffix for path in saved.iterdir()} == {".json", ".safetensors"}
    for path in saved.glob("*.json"):
        content = path.read_text(encoding="utf-8")
        json.loads(content)
        assert ("own0 " in content, "own1 " in content) == ((path.name == "topics.json",) * 2)
        assert "own2 " not in content


def test_exemplars_are_told_by_bertopic_itself(loaded: Any) -> None:
    """A column has the texts of each topic, with what they have in common with it beside them."""
    texts, topics = documents()
    column = loaded.get_topic_info().set_index("Topic")[EXEMPLARS]
    assert column[0] == [texts[place] for place in np.flatnonzero(topics == 0)[:2]]
    assert sorted(column[NOISE]) == sorted(texts[-3:])
    assert all(0 < likeness <= 1.001 for _, likeness in loaded.topic_aspects_[EXEMPLARS][0])


def test_a_model_that_we_open_finds_topics_by_words(ours: Any) -> None:
    """Each topic's own words find it first, and texts without vectors get theirs."""
    for topic, words in enumerate(reversed(THEMES)):
        found, likeness = ours.find_topics(words, top_n=2)
        assert found[0] == topic
        assert likeness[0] > likeness[1]
    texts, topics = documents()
    found, _ = ours.transform(texts)
    assert (np.array(found) == topics).mean() >= 0.9


def test_a_model_that_we_open_has_representative_documents(ours: Any) -> None:
    """They are the exemplars, the unplaced documents' among them, wherever BERTopic tells them."""
    texts, topics = documents()
    for topic in range(4):
        chosen = [texts[place] for place in np.flatnonzero(topics == topic)[:2]]
        assert ours.get_representative_docs(topic) == chosen
    assert sorted(ours.get_representative_docs(NOISE)) == sorted(texts[-3:])
    info = ours.get_topic_info().set_index("Topic")
    assert info.Representative_Docs.to_dict() == ours.get_representative_docs()
    assert EXEMPLARS not in info.columns
    assert ours.get_document_info(texts).Representative_document.sum() == 4 * 2 + 3


def test_a_model_that_we_open_is_kept_by_bertopic(ours: Any, tmp_path: Path) -> None:
    """BERTopic's `save` writes it as a pickle, encoder and all, and its `load` opens that."""
    from bertopic import BERTopic

    ours.save(tmp_path / "kept")
    kept = BERTopic.load(str(tmp_path / "kept"))
    assert kept.find_topics("drift") == ours.find_topics("drift")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (None, "", "no model here; missing: config.json"),
        ("topics.json", None, "missing: topics.json"),
        ("topics.json", "{", "The model cannot be read"),
        ("topic_embeddings.safetensors", "x", "The model cannot be read"),
        (ENCODER, None, "by which encoder"),
        (ENCODER, '{"model": "hashed-words", "windows": 4}', "The file cannot be read: .*windows"),
        (ENCODER, '{"model": "no/such/model"}', "Unknown model"),
    ],
)
def test_what_is_no_whole_model_is_refused(
    saved: Path, tmp_path: Path, name: str | None, content: str | None, said: str
) -> None:
    """A missing or damaged file, or an encoder that is not there: told, and what to do."""
    from taxonomy.places.loading import load_bertopic

    folder = tmp_path / "model"
    if name is not None:
        shutil.copytree(saved, folder)
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(OpsatlasError, match=said) as caught:
        load_bertopic(folder)
    assert caught.value.fix


def test_the_same_topics_give_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    """Written again, every file is equal, and others may read it."""
    again = tmp_path / "again"
    save(again, *documents(), encoder=plan_encoder(VectorSettings(model=HASHED_WORDS)))
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
