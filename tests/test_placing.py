"""Placing new documents: what is like a topic goes there, what is like none goes nowhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import THEMES, blobs, planted_texts

from artifacts.arrays import Floats
from artifacts.errors import ArtifactError, InputError
from artifacts.manifest import hash_files
from artifacts.words import NOISE
from embeddings.encoder import HashedWords
from taxonomy.places.placing import (
    Place,
    Placer,
    Points,
    learn_places,
    read_points,
    topics_by_key,
    write_points,
)
from taxonomy.space import Space, joined_space
from taxonomy.types import Labels

BLOBS = blobs(20)
TRUTH = np.repeat(np.arange(3, dtype=np.int32), 20)
ONES = np.ones(80, dtype=np.float32)
"""Of documents that are all as close as can be to the whole."""


def learn(points: Floats, topics: Labels) -> Placer:
    """Learn from documents that are all close to the whole."""
    return learn_places(points, ONES[: len(points)], topics)


def places(placer: Placer, points: Floats) -> list[Place]:
    """Place documents that are close to the whole."""
    return placer.place(points, ONES[: len(points)])


def planted(n_each: int = 12) -> tuple[list[str], Labels, Space, Floats]:
    """Return planted documents, their themes, and the space that they are points of."""
    texts, truth = planted_texts(n_each)
    space, points = joined_space(texts, HashedWords().encode(texts), lexical_weight=0.5, seed=0)
    return texts, truth, space, points


def placed(texts: list[str], space: Space, points: Floats, topics: Labels) -> list[int]:
    """Return the topics of new texts."""
    vectors = HashedWords().encode(texts)
    return [p.topic for p in places(learn(points, topics), space.points(texts, vectors))]


def test_new_documents_find_their_themes() -> None:
    """Texts made of a theme's words in another way go to that theme; others go nowhere."""
    _, truth, space, points = planted()
    more, themes = planted_texts(5, seed=1)
    found = np.array(placed(more, space, points, truth))
    assert (found[found != NOISE] == themes[found != NOISE]).all()
    assert (found != NOISE).mean() >= 0.8
    foreign = ["brown the onions slowly in butter", "the court dismissed the appeal at once"]
    assert placed(foreign, space, points, truth) == [NOISE, NOISE]


def test_a_document_between_topics_is_not_placed() -> None:
    """What is as like one topic as another has both as near, and belongs to neither."""
    placer = learn(blobs(20, spread=0.6), TRUTH)
    middle = (placer.centroids[0] + placer.centroids[1])[None, :]
    (place,) = places(placer, middle / np.linalg.norm(middle))
    assert (place.topic, place.outcome) == (NOISE, "between")
    assert place.nearest in (0, 1)
    assert place.lead < placer.lead


def test_most_documents_of_a_topic_would_be_placed_in_it() -> None:
    """Of the documents that taught it, at most about a tenth are unlike their own topic."""
    found = places(learn(BLOBS, TRUTH), BLOBS)
    assert [place.nearest for place in found] == TRUTH.tolist()
    assert np.mean([place.outcome == "placed" for place in found]) >= 0.85


def test_each_document_is_judged_without_itself() -> None:
    """Vectors that have nothing in common are like no topic but through themselves."""
    strangers = np.eye(12, dtype=np.float32)
    placer = learn(strangers, np.repeat([0, 1, 2], 4).astype(np.int32))
    assert placer.likeness == pytest.approx(0)
    assert placer.lead == float("inf")
    assert {place.outcome for place in places(placer, strangers)} == {"between"}


def test_numbers_of_topics_may_have_gaps() -> None:
    """Topics keep the numbers that people's decisions left them."""
    numbers = np.array([7, 2, 30], dtype=np.int32)[TRUTH]
    found = places(learn(BLOBS, numbers), BLOBS)
    assert [place.nearest for place in found] == numbers.tolist()


def test_what_is_of_another_field_is_not_placed() -> None:
    """However like a topic: a document that shares too little with the whole is foreign."""
    closeness = np.linspace(0.3, 0.9, 60).astype(np.float32)
    placer = learn_places(BLOBS, closeness, TRUTH)
    assert 0.3 < placer.closeness < 0.33
    near, far = placer.place(placer.centroids[:2], np.array([0.5, 0.2]))
    assert (near.topic, near.outcome) == (0, "placed")
    assert (far.topic, far.nearest, far.outcome) == (NOISE, 1, "foreign")


def test_closeness_is_to_the_mean_of_all_documents() -> None:
    """What points as the mean does is as close as can be; what points elsewhere is not."""
    vectors = 3 * blobs(10)
    space, _ = joined_space([""] * 30, vectors, lexical_weight=0, seed=0)
    away = np.eye(8, dtype=np.float32)[[7]]
    found = space.closeness(np.vstack([vectors.mean(axis=0), away, -vectors.mean(axis=0)]))
    assert found[[0, 2]] == pytest.approx([1, -1], abs=1e-5)
    assert abs(found[1]) < 0.3


def test_one_topic_is_enough() -> None:
    """With nothing to confuse it with, likeness alone decides."""
    placer = learn(BLOBS[:20], TRUTH[:20])
    (same, other) = places(placer, np.stack([placer.centroids[0], -placer.centroids[0]]))
    assert (same.topic, same.outcome) == (0, "placed")
    assert (other.topic, other.nearest, other.outcome) == (NOISE, 0, "unlike")


def test_a_document_without_words_is_told_apart() -> None:
    """A point of zeros is like nothing, and not even near to anything."""
    (place,) = places(learn(BLOBS, TRUTH), np.zeros((1, 8), dtype=np.float32))
    assert (place.topic, place.nearest, place.outcome) == (NOISE, NOISE, "wordless")


def test_without_topics_nothing_can_be_placed() -> None:
    """A taxonomy in which nothing is placed says so."""
    with pytest.raises(InputError, match="no topics"):
        learn(BLOBS, np.full(60, NOISE, dtype=np.int32))


@given(st.permutations(range(60)), st.integers(0, 59))
def test_the_order_of_the_documents_is_no_matter(order: list[int], which: int) -> None:
    """Whatever order it learns from, the same document gets the same place."""
    one = places(learn(BLOBS, TRUTH), BLOBS[[which]])[0]
    other = places(learn(BLOBS[order], TRUTH[order]), BLOBS[[which]])[0]
    assert (other.topic, other.outcome) == (one.topic, one.outcome)
    assert other.likeness == pytest.approx(one.likeness, abs=1e-5)


def test_unplaced_documents_teach_nothing() -> None:
    """What the taxonomy did not place moves neither centroids nor bounds."""
    plain = learn(BLOBS, TRUTH)
    more = np.vstack([BLOBS, -BLOBS[:5]])
    other = learn(more, np.r_[TRUTH, [NOISE] * 5].astype(np.int32))
    assert (other.centroids == plain.centroids).all()
    assert (other.likeness, other.lead) == (plain.likeness, plain.lead)


@pytest.mark.parametrize("weight", [0.5, 0.0], ids=["words", "no words"])
def test_a_space_puts_its_own_documents_where_they_are(weight: float) -> None:
    """Documents put into their own space again are the points that they were."""
    texts, _ = planted_texts(8)
    vectors = HashedWords().encode(texts)
    space, points = joined_space(texts, vectors, lexical_weight=weight, seed=0)
    assert space.points(texts, vectors) == pytest.approx(points, abs=1e-5)
    assert set(space.words) <= {word for theme in THEMES for word in theme.split()}


@pytest.mark.parametrize("weight", [0.5, 0.0], ids=["words", "no words"])
@pytest.mark.parametrize("texts", [planted_texts(8)[0], ["🚀"] * 12], ids=["texts", "emoji"])
def test_points_that_are_written_are_read(tmp_path: Path, weight: float, texts: list[str]) -> None:
    """Space and points come back to the last bit, and the bytes are the same each time."""
    vectors = HashedWords().encode(texts)
    space, points = joined_space(texts, vectors, lexical_weight=weight, seed=0)
    stored = Points(
        space, tuple(f"name:a/{n}" for n in range(len(texts))), points, space.closeness(vectors)
    )
    for folder in (tmp_path / "one", tmp_path / "other"):
        write_points(folder, stored)
    back = read_points(tmp_path / "one")
    assert hash_files(tmp_path / "one") == hash_files(tmp_path / "other")
    assert back.keys == stored.keys
    assert (back.points == points).all()
    assert (back.closeness == stored.closeness).all()
    new = ["drift monitoring alert", "metric logger", ""]
    again = back.space.points(new, HashedWords().encode(new))
    assert (again == space.points(new, HashedWords().encode(new))).all()


@pytest.mark.parametrize("name", ["words.parquet", "points.parquet", "space.json"])
def test_what_is_missing_or_damaged_is_named(tmp_path: Path, name: str) -> None:
    """A file that is gone, or is not what it was, is an error that names it."""
    texts, _, space, points = planted(4)
    write_points(tmp_path, Points(space, tuple(texts), points, ONES[: len(texts)]))
    (tmp_path / name).write_text("{}", encoding="utf-8")
    with pytest.raises(ArtifactError) as caught:
        read_points(tmp_path)
    assert name in str(caught.value)
    (tmp_path / name).unlink()
    with pytest.raises(ArtifactError, match="cannot be read"):
        read_points(tmp_path)


def test_topics_are_ordered_as_keys() -> None:
    """A document that nobody has a topic for is unplaced."""
    assert topics_by_key(["b", "x", "a"], {"a": 3, "b": 1}).tolist() == [1, NOISE, 3]


def test_a_taxonomy_of_before_says_so(tmp_path: Path) -> None:
    """Where placing has no files at all, the taxonomy is to be built again."""
    with pytest.raises(ArtifactError, match="built before") as caught:
        read_points(tmp_path / "placing")
    assert caught.value.fix == "build the taxonomy again"
