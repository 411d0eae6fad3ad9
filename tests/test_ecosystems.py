"""Generated ecosystems: their truth is what their documents show."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from benchmarks.ecosystems import (
    Difficulty,
    Snapshot,
    Source,
    evolving,
    grouped,
    halves,
    read_texts,
    unchanged,
)
from embeddings.encoder import HashedWords


@pytest.fixture(scope="module")
def source() -> Source:
    """Return the texts that travel with opsatlas, in groups."""
    texts = read_texts(None)
    return grouped(texts, HashedWords().encode(texts), seed=0)


@pytest.fixture(scope="module")
def chain(source: Source) -> list[Snapshot]:
    """Return four snapshots."""
    return evolving(source, Difficulty(), seed=1, n_snapshots=4)


def members(snapshot: Snapshot, topics: tuple[int, ...]) -> set[str]:
    """Return the keys of the documents of some topics."""
    return {each.key for each in snapshot.documents if each.topic in topics}


def test_groups_are_real_texts(source: Source) -> None:
    """Every text of a group is one of the texts given, and no group ranks itself."""
    texts = set(read_texts(None))
    assert all(text in texts for group in source.groups for text in group)
    for group, ranked in enumerate(source.near):
        assert sorted([group, *ranked]) == list(range(len(source.groups)))


def test_the_same_seed_gives_the_same_ecosystem(source: Source, chain: list[Snapshot]) -> None:
    """Equal seeds give equal texts and events; other seeds do not."""
    assert evolving(source, Difficulty(), seed=1, n_snapshots=4) == chain
    assert evolving(source, Difficulty(), seed=2, n_snapshots=1)[0] != chain[0]


def test_every_kind_of_event_happens(chain: list[Snapshot]) -> None:
    """From one snapshot to the next one of each kind happens, while groups last."""
    kinds = Counter(event.kind for snapshot in chain for event in snapshot.events)
    assert chain[0].events == ()
    assert all(kinds[kind] == 3 for kind in ("split", "merged", "born", "died", "drifted"))


def test_events_are_true_of_the_documents(chain: list[Snapshot]) -> None:
    """Topics that are born were not there; parts hold what the whole did, but for churn."""
    for before, after in pairwise(chain):
        for event in after.events:
            earlier, later = members(before, event.earlier), members(after, event.later)
            stayed = earlier & {each.key for each in after.documents}
            if event.kind == "born":
                assert not members(before, event.later)
                assert not later & {each.key for each in before.documents}
            elif event.kind == "died":
                assert not members(after, event.earlier)
                assert not stayed
            else:
                assert stayed <= later
                assert len(stayed) / len(earlier) == pytest.approx(0.8, abs=0.03)


def test_parts_of_a_split_have_their_shares(chain: list[Snapshot]) -> None:
    """The part that keeps the id has six in ten documents."""
    for after in chain[1:]:
        for event in after.events:
            if event.kind == "split":
                sizes = [len(members(after, (topic,))) for topic in event.later]
                assert event.later[0] == event.earlier[0]
                assert sizes[0] / sum(sizes) == pytest.approx(0.6, abs=0.02)


def test_documents_of_quiet_topics_keep_their_texts(chain: list[Snapshot]) -> None:
    """Where nothing happened, one in twenty documents is described anew, and the rest are not."""
    n_same = n_both = 0
    for before, after in pairwise(chain):
        touched = {t for event in after.events for t in (*event.earlier, *event.later)}
        texts = {each.key: each for each in before.documents}
        both = [d for d in after.documents if d.key in texts and d.topic not in touched]
        n_both += len(both)
        n_same += sum(each.text == texts[each.key].text for each in both)
    assert 0.9 < n_same / n_both < 1


def test_halves_share_no_document(source: Source) -> None:
    """Two halves are all of one population, once each."""
    whole = unchanged(source, Difficulty(), seed=5)
    first, second = halves(whole, seed=5)
    keys = [each.key for each in (*first.documents, *second.documents)]
    assert sorted(keys) == sorted(each.key for each in whole.documents)
    assert abs(len(first.documents) - len(second.documents)) <= 1
    assert np.isin(first.topics, whole.topics).all()
