"""The ensemble: runs that are the same however they are carried out, and whom they attach."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import blobs, graph_of

from artifacts.errors import OpsatlasError
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.ensemble import RunPlan, attach_borders, one_run, plan_runs, run_ensemble, subsample
from taxonomy.settings import TopicSettings, number_of_epochs, number_of_runs, smallest_topic
from taxonomy.space import NeighbourGraph, neighbour_graph
from taxonomy.types import CUTS, UNSEEN, Labels

SETTINGS = TopicSettings(runs=4, epochs=30, min_topic_size=5)
N_EACH = 15


@pytest.fixture(scope="module")
def graph() -> NeighbourGraph:
    """Return the graph of three well-separated groups."""
    return neighbour_graph(blobs(N_EACH, spread=0.05), neighbours=8, dimensions=5, seed=0)


class Memory:
    """A run store that counts what is asked of it."""

    def __init__(self) -> None:
        self.runs: dict[RunPlan, Labels] = {}
        self.asked: Counter[str] = Counter()

    def load(self, plan: RunPlan) -> Labels | None:
        """Return a finished run, or None."""
        self.asked["loaded"] += plan in self.runs
        return self.runs.get(plan)

    def save(self, plan: RunPlan, labels: Labels) -> None:
        """Keep a finished run."""
        self.asked["saved"] += 1
        self.runs[plan] = labels


def ensemble(graph: NeighbourGraph, plans: list[RunPlan], **options: object) -> Labels:
    """Run an ensemble, silently."""
    return run_ensemble(graph, plans, SETTINGS, progress=SilentProgress(), **options)  # type: ignore[arg-type]


def test_runs_have_seeds_in_sequence_and_sizes_of_their_own() -> None:
    """Seeds count from the first; runs ask for m to 2 m documents, about as often for each."""
    plans = plan_runs(100, TopicSettings(seed=7, runs=50, min_topic_size=4))
    assert [plan.seed for plan in plans] == list(range(7, 57))
    asked = Counter(size for plan in plans for size in plan.sizes)
    assert sorted(asked) == [4, 5, 6, 7, 8]
    assert max(asked.values()) - min(asked.values()) <= 2
    assert plans[3:] == plan_runs(100, TopicSettings(seed=10, runs=50, min_topic_size=4))[:47]


@pytest.mark.parametrize(
    ("n_docs", "runs", "epochs", "smallest"),
    [
        (10, 200, 100, 3),
        (200, 200, 100, 4),
        (1_000, 200, 100, 8),
        (2_500, 80, 100, 12),
        (4_000, 80, 62, 16),
        (5_000, 80, 50, 18),
        (200_000, 80, 50, 112),
    ],
)
def test_what_is_not_set_follows_the_number_of_documents(
    n_docs: int, runs: int, epochs: int, smallest: int
) -> None:
    """More documents: fewer runs, then shorter ones; larger topics. What is set stays as set."""

    def chosen(settings: TopicSettings) -> tuple[int, ...]:
        choices = (number_of_runs, number_of_epochs, smallest_topic)
        return tuple(choice(n_docs, settings) for choice in choices)

    assert chosen(TopicSettings()) == (runs, epochs, smallest)
    assert chosen(TopicSettings(runs=3, epochs=30, min_topic_size=2)) == (3, 30, 2)


def test_a_run_sees_its_subsample_and_finds_the_groups(graph: NeighbourGraph) -> None:
    """Four fifths are seen, and no cluster mixes planted groups."""
    (labels,) = one_run(graph, RunPlan(3, (5,)), SETTINGS)
    assert labels.dtype == np.int32
    assert (labels != UNSEEN).sum() == round(0.8 * 3 * N_EACH)
    assert set(labels) - {UNSEEN, NOISE} == set(range(labels.max() + 1))
    group = np.repeat(np.arange(3), N_EACH)
    for cluster in range(labels.max() + 1):
        assert len(set(group[labels == cluster])) == 1


def test_everybody_is_seen_without_subsampling(graph: NeighbourGraph) -> None:
    """A subsample of 1 leaves nobody out."""
    settings = SETTINGS.model_copy(update={"subsample": 1.0})
    assert UNSEEN not in one_run(graph, RunPlan(0, (5, 7)), settings)


def test_the_same_plans_give_the_same_labels(graph: NeighbourGraph) -> None:
    """An ensemble repeats itself, and a run does not depend on those beside it."""
    plans = plan_runs(3 * N_EACH, SETTINGS)
    runs = ensemble(graph, plans)
    assert runs.shape == (4 * CUTS, 3 * N_EACH)
    assert (runs == ensemble(graph, plans)).all()
    backwards = ensemble(graph, plans[::-1]).reshape(4, CUTS, -1)
    assert (runs.reshape(4, CUTS, -1)[::-1] == backwards).all()
    assert (runs[2 * CUTS : 3 * CUTS] == one_run(graph, plans[2], SETTINGS)).all()
    assert len({tuple(run == UNSEEN) for run in runs}) == 4


@given(st.integers(10, 200), st.sampled_from([0.6, 0.75, 0.8, 0.9, 0.99]), st.integers(0, 30))
def test_documents_are_left_out_in_turn(n_docs: int, share: float, block: int) -> None:
    """Of successive runs, no two in a block leave out the same document."""
    n_left_out = n_docs - round(share * n_docs)
    n_runs = n_docs // n_left_out if n_left_out else 3
    seen = [subsample(n_docs, block * n_runs + i, share) for i in range(n_runs)]
    assert {len(each) for each in seen} == {n_docs - n_left_out}
    counts = np.bincount(np.concatenate(seen), minlength=n_docs)
    assert counts.min() >= n_runs - 1


def test_the_number_of_workers_changes_nothing(
    graph: NeighbourGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes give what one gives, in the order of the plans; neither runs the script anew.

    A script that does its work without ``if __name__ == "__main__"`` would else begin again in
    each of them.
    """
    script = ModuleType("__main__")
    script.__file__ = str(tmp_path / "script.py")
    (tmp_path / "script.py").write_text("raise SystemExit('run again')", encoding="utf-8")
    monkeypatch.setitem(sys.modules, "__main__", script)
    plans = plan_runs(3 * N_EACH, SETTINGS)
    assert (ensemble(graph, plans, workers=2) == ensemble(graph, plans, workers=1)).all()


class Deadly(RunPlan):
    """A run that ends the process that it reaches, as a system does that is short of memory."""

    def __reduce__(self) -> tuple[Any, tuple[int]]:
        """Return what the process does to have it."""
        return os._exit, (1,)


def test_a_process_that_is_ended_is_told(graph: NeighbourGraph) -> None:
    """Nobody waits for it, and no traceback of a pool says what happened."""
    with pytest.raises(OpsatlasError, match=r"(?s)ended from outside.*memory is short"):
        ensemble(graph, [Deadly(0, (5,)), Deadly(1, (5,))], workers=2)


def test_finished_runs_are_taken_from_the_store(graph: NeighbourGraph) -> None:
    """An interrupted ensemble does what is missing only, and ends like an undisturbed one."""
    plans = plan_runs(3 * N_EACH, SETTINGS)
    undisturbed = ensemble(graph, plans)
    store = Memory()
    for plan in (plans[3], plans[1]):
        at = CUTS * plans.index(plan)
        store.save(plan, undisturbed[at : at + CUTS])
    store.asked.clear()
    assert (ensemble(graph, plans, store=store) == undisturbed).all()
    assert store.asked == {"loaded": 2, "saved": 2}
    store.asked.clear()
    assert (ensemble(graph, plans, store=store, workers=2) == undisturbed).all()
    assert store.asked == {"loaded": 4}


def test_what_the_store_holds_is_not_done_again(graph: NeighbourGraph) -> None:
    """The store's labels are the answer, even where a run would give others."""
    plan = RunPlan(0, (5,))
    store = Memory()
    store.save(plan, np.full((1, 3 * N_EACH), 7, dtype=np.int32))
    assert (ensemble(graph, [plan], store=store) == 7).all()


MEMBERSHIPS = np.array(
    [
        # clustered: 0, 1 in cluster 0; 2 in cluster 1; 3 is noise; 4 was not seen; 5 is noise
        [0, 1, 0, 0.3, 0, 0],
        [1, 0, 0, 0.3, 0, 0],
        [0, 0, 0, 0.4, 0, 0.1],
        [0.3, 0.3, 0.4, 0, 0.9, 1.0],
        [0, 0, 0, 0.9, 0, 0],
        [0, 0, 0.1, 1.0, 0, 0],
    ]
)
ONE_RUN = np.array([0, 0, 1, NOISE, UNSEEN, NOISE], dtype=np.int32)


@pytest.mark.parametrize(
    ("share", "document_3", "document_5"),
    [(0.05, 0, 1), (0.09, 0, 1), (0.1, 0, NOISE), (0.3, 0, NOISE), (0.31, NOISE, NOISE)],
)
def test_borders_worked_by_hand(share: float, document_3: int, document_5: int) -> None:
    """Document 3: 0.6 with cluster 0 of 2.0 seen nearby. Document 5: 0.1 with cluster 1 of 1.1."""
    graph = graph_of(np.zeros((6, 1), dtype=np.int64), MEMBERSHIPS)
    found = attach_borders(ONE_RUN, graph, share=share)
    assert found.tolist() == [0, 0, 1, document_3, UNSEEN, document_5]


def test_attaching_leaves_its_input_alone() -> None:
    """The labels given are not written to."""
    graph = graph_of(np.zeros((6, 1), dtype=np.int64), MEMBERSHIPS)
    before = ONE_RUN.copy()
    attach_borders(ONE_RUN, graph, share=0.1)
    assert (before == ONE_RUN).all()


@pytest.mark.parametrize(
    "labels",
    [[NOISE] * 6, [UNSEEN] * 6, [0, 0, 1, 1, UNSEEN, 0], [0, UNSEEN, 0, UNSEEN, NOISE, 0]],
    ids=["all noise", "nobody seen", "no noise", "noise that only the unseen are near"],
)
def test_nobody_to_attach_or_to_attach_to(labels: list[int]) -> None:
    """Without clusters, without noise and without neighbours that were seen, labels stay."""
    graph = graph_of(np.zeros((6, 1), dtype=np.int64), MEMBERSHIPS)
    found = attach_borders(np.array(labels, dtype=np.int32), graph, share=0.2)
    assert found.tolist() == labels


def test_sizes_are_cut_from_one_tree(graph: NeighbourGraph) -> None:
    """A run that asks for several sizes finds what runs that ask for one of them each find."""
    sizes = (2, 5, 20)
    together = one_run(graph, RunPlan(2, sizes), SETTINGS)
    alone = [one_run(graph, RunPlan(2, (size,)), SETTINGS)[0] for size in sizes]
    assert together.tolist() == [labels.tolist() for labels in alone]
    assert len({labels.tobytes() for labels in together}) > 1
