"""The two noise floors: resampled consensuses, and shuffled documents."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from artifacts.errors import ArtifactError
from artifacts.progress import SilentProgress
from artifacts.words import NOISE
from taxonomy.consensus import Ensemble
from taxonomy.lineage.ground import lay_ground
from taxonomy.lineage.noise_floor import FAMILIES, STATISTICS, Reruns, rerun, shuffle
from taxonomy.lineage.store import read_pool, write_pool
from tests.planted import blobs, complete_graph, planted_runs
from tests.planted_sides import Doc, side

TRUTH = np.repeat(np.arange(3, dtype=np.int32), 12)


def drawn(runs: NDArray[np.int32], *, seed: int = 0) -> NDArray[np.int32]:
    """Return ten resampled consensuses."""
    return ensemble(runs).resampled(n=10, seed=seed, progress=SilentProgress())


def ensemble(runs: NDArray[np.int32]) -> Ensemble:
    """Return runs of the planted topics, everybody being everybody's neighbour."""
    return Ensemble(
        runs=runs,
        neighbours=complete_graph(len(TRUTH)).neighbours,
        view=blobs(len(TRUTH) // 3, groups=3),
        cohesion=0.5,
        placement=0.5,
        smallest=5,
    )


def test_a_resample_of_all_runs_is_the_taxonomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every run is drawn once, the topics and the unplaced are exactly those published."""
    monkeypatch.setattr("taxonomy.consensus.SHARE", 1.0)
    runs = planted_runs(TRUTH, n_runs=20, noise=0.1, unseen=0.2)
    runs[:12, 0] = NOISE
    whole = ensemble(runs)
    expected = whole.consensus(whole.all_rows()).topics
    assert 0 < (expected == NOISE).sum() < len(TRUTH)
    for labels in drawn(runs):
        np.testing.assert_array_equal(labels, expected)


def test_resamples_of_clear_topics_find_them() -> None:
    """Runs that agree but for noise give the planted topics in every resample."""
    for labels in drawn(planted_runs(TRUTH, n_runs=20, noise=0.1, unseen=0.2)):
        placed = labels >= 0
        assert placed.mean() > 0.9
        pairs = set(zip(TRUTH[placed].tolist(), labels[placed].tolist(), strict=True))
        assert len(pairs) == 3


def test_resamples_hang_on_their_seed_alone() -> None:
    """The same seed draws the same consensuses, another seed others."""
    runs = planted_runs(TRUTH, n_runs=12, noise=0.45)
    np.testing.assert_array_equal(drawn(runs), drawn(runs))
    assert (drawn(runs) != drawn(runs, seed=1)).any()


def test_runs_that_agree_on_nothing_give_nothing() -> None:
    """Where runs put everybody alone, the resampled consensuses are all noise."""
    runs = np.tile(np.arange(36, dtype=np.int32), (8, 1))
    assert (drawn(runs) == NOISE).all()


def test_the_statistics_by_hand() -> None:
    """Ten and ten documents; a rerun moves two of the first to the second and leaves one out."""
    codes = np.repeat([0, 1], 10).astype(np.int32)
    labels = np.array([0] * 7 + [1, 1, NOISE] + [1] * 10, dtype=np.int32)
    points = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    values = {name: rerun(codes, 2, points, labels[None, :]).values[name][0] for name in STATISTICS}
    assert values["division"] == pytest.approx([2 / 9, 0])
    assert values["absorption"] == pytest.approx([0, 2 / 12])
    assert values["loss"] == pytest.approx([3 / 10, 0])
    assert values["growth"] == pytest.approx([7 / 10, 12 / 10])
    assert values["shift"] == pytest.approx([0, 1 - 10 / np.hypot(10, 2)])


def test_a_p_value_is_counted_over_all_nodes() -> None:
    """Of 99 resamples, 9 have a node as far out as the observed one: p = (1 + 9) / (1 + 99)."""
    rng = np.random.default_rng(3)
    values = rng.normal(0.3, 0.1, size=(99, 4))
    reruns = Reruns(dict.fromkeys(STATISTICS, values), 0.9)
    z = (values - values.mean(axis=0)) / values.std(axis=0, ddof=1)
    tenth = np.sort(z.max(axis=1))[-9]
    observed = values[:, 2].mean() + tenth * values[:, 2].std(ddof=1)
    assert reruns.p("division", 2, observed - 1e-9) == pytest.approx(0.10)
    assert reruns.p("division", 2, 99.0) == pytest.approx(0.01)
    assert reruns.p("division", 2, -99.0) == 1.0


def test_no_deviation_is_not_believed() -> None:
    """Where all resamples agree, a difference of one document in fifty is no proof."""
    reruns = Reruns(dict.fromkeys(STATISTICS, np.zeros((99, 2))), 1.0)
    assert reruns.p("loss", 0, 0.0) == 1.0
    assert reruns.p("loss", 0, 0.02) == 0.01


def population(seed: int, n: int) -> list[Doc]:
    """Return documents of three nodes; keys are the seed's own."""
    return [Doc(f"{seed}-{at}", at % 3, (at % 3,)) for at in range(n)]


def test_the_shuffles_keep_their_level() -> None:
    """Of 60 pairs of one population, a born node at the level of 5 % is rare; in one family."""
    n_wrong = 0
    for seed in range(60):
        ground = lay_ground(side(population(2 * seed, 45)), side(population(2 * seed + 1, 45)))
        found = shuffle(ground, n=99, seed=seed)
        n_wrong += found.counts(1, []).min() / FAMILIES <= 0.05
    assert n_wrong <= 8  # 1 in 200 by chance, of a binomial of 60 draws at 5 %


def test_without_exchangeable_documents_nothing_is_proved() -> None:
    """Where both snapshots hold the same texts, every p-value is 1."""
    both = side(population(0, 45))
    found = shuffle(lay_ground(both, both), n=99, seed=0)
    assert not found.moves
    assert set(found.counts(0, [])) | set(found.counts(1, [])) == {1.0}
    assert set(found.separation(1, [(0, 1), (1, 2)])) == {1.0}
    assert set(found.drift([(0, 0), (1, 1)])) == {1.0}


def test_shuffles_keep_what_there_is() -> None:
    """Each shuffle has as many earlier and later texts, and one of each document on a side."""
    earlier = [Doc(f"k{at}", at % 2, (at % 2,)) for at in range(20)]
    later = [Doc(f"k{at}", at % 2, (at % 2,), version=at % 3) for at in range(5, 30)]
    found = shuffle(lay_ground(side(earlier), side(later)), n=99, seed=1)
    np.testing.assert_array_equal(found.earlier[:, 0], found.side == 0)
    np.testing.assert_array_equal(found.later[:, 0], found.side == 1)
    assert set(found.earlier.sum(axis=0)) == {20.0}
    assert set(found.later.sum(axis=0)) == {25.0}
    keys = np.array(
        [(earlier, later)[s][d].key for s, d in zip(found.side, found.document, strict=True)]
    )
    for key in set(keys):
        assert found.earlier[keys == key].sum(axis=0).max() <= 1
        assert (found.earlier + found.later)[keys == key].sum(axis=0).min() >= 1
    assert found.moves


def test_a_pool_comes_back_from_disk(tmp_path: Path) -> None:
    """Resampled consensuses are read as written, and refused for other documents."""
    labels = np.array([[0, 1, NOISE], [1, 1, 0]], dtype=np.int32)
    write_pool(tmp_path, ["a", "b", "c"], labels)
    np.testing.assert_array_equal(read_pool(tmp_path, ["a", "b", "c"]), labels)
    with pytest.raises(ArtifactError, match="other documents"):
        read_pool(tmp_path, ["a", "c", "b"])


def test_the_same_again_is_no_difference() -> None:
    """A rerun that is the whole consensus again has no loss, division, absorption or shift."""
    codes = np.repeat(np.arange(3, dtype=np.int32), 10)
    found = rerun(codes, 3, blobs(10), np.tile(codes, (4, 1)))
    assert found.agreement == pytest.approx(1.0)
    for name in ("division", "absorption", "loss", "shift"):
        np.testing.assert_allclose(found.values[name], 0, atol=1e-6)
