"""Comparisons as artifacts: what is refused, what is made when, and what is kept and used again."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_study import planted_rows, write_study
from warm import warm_opsatlas

from artifacts.errors import ArtifactError, InputError
from artifacts.hashing import hash_file
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from artifacts.progress import SilentProgress
from artifacts.step import Step
from artifacts.words import NOISE
from embeddings.settings import VectorSettings
from opsatlas.cli.session import open_study
from taxonomy.lineage.build import chain_step, lineage_step
from taxonomy.lineage.settings import LineageSettings, Method, SideFolders
from taxonomy.lineage.store import (
    POOLS,
    pool_folder,
    read_identities,
    read_lineage,
    read_pool,
)
from taxonomy.store import read_taxonomy

DAYS = ("2024-01-01", "2025-01-01", "2026-01-01")
SOURCE = """
[[sources]]
snapshot = "{day}.tools"
kind = "repositories"
files = ["{day}.jsonl"]
"""
COMPARE = """
[compare]
snapshots = ["2024-01-01.tools", "2025-01-01.tools", "2026-01-01.tools"]
"""
RESAMPLES = 19
"""Fewer than a study may ask for: nothing here hangs on how many there are."""
SETTINGS = LineageSettings(shuffles=99).model_copy(update={"resamples": RESAMPLES})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the taxonomies of three snapshots, and no comparison."""
    folder = tmp_path_factory.mktemp("lineages")
    rows = planted_rows(80)
    for day in DAYS[1:]:
        lines = [json.dumps(row) + "\n" for row in rows]
        (folder / f"{day}.jsonl").write_text("".join(lines), encoding="utf-8")
    early = [row for row in rows if "drift" not in row["full_name"]]
    more = "".join(SOURCE.format(day=day) for day in DAYS[1:])
    study = write_study(folder, early, more=more + COMPARE)
    done = warm_opsatlas().run("run", study, "-w", folder / "ws")
    assert done.code == 0, done.err
    shutil.rmtree(folder / "ws" / "lineages")
    return folder / "ws"


@pytest.fixture
def workspace(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the workspace that a test may do with as it likes."""
    monkeypatch.setattr("taxonomy.lineage.compare.FEWEST_RESAMPLES", RESAMPLES)
    shutil.copytree(made, tmp_path / "ws")
    return tmp_path / "ws"


def sides(workspace: Path) -> tuple[SideFolders, ...]:
    """Return where the taxonomies are."""
    pipeline = open_study(None, workspace, progress=SilentProgress())
    snapshots = [pipeline.on_snapshot("tools", f"{day}.tools") for day in DAYS]
    return tuple(
        SideFolders(
            taxonomy=each.taxonomy_folder("tools"),
            snapshot=each.snapshot_folder("tools"),
            texts=each.texts_folder("tools"),
        )
        for each in snapshots
    )


def method(workspace: Path, **other: Any) -> Method:
    """Return how they are compared."""
    usual: dict[str, Any] = {
        "corpus": "tools",
        "layer": "topics",
        "settings": SETTINGS,
        "vectors_folder": open_study(None, workspace, progress=SilentProgress()).vectors_folder,
        "vector_settings": VectorSettings(model="hashed-words"),
    }
    return Method(**usual | other)


def build(
    workspace: Path, *, to: str = "pair", places: tuple[int, int] = (0, 1), **how: Any
) -> Path:
    """Compare two of the taxonomies and return where the comparison is."""
    folder = workspace / "lineages" / to
    pair = [sides(workspace)[place] for place in places]
    compared(*pair, method=method(workspace, **how)).build(folder)
    return folder


def compared(earlier: SideFolders, later: SideFolders, *, method: Method) -> Step:
    """Return the step that compares two taxonomies, without a word."""
    return lineage_step(earlier, later, method=method, progress=SilentProgress())


def contents(folder: Path) -> dict[str, str]:
    """Return the hash of each file below a folder, the manifests of what was made left out."""
    found = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    return {name: hash_file(path) for name, path in found.items() if path.name != FILE_NAME}


def stamps(folder: Path) -> dict[Path, int]:
    """Return when each file below a folder was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_a_comparison_says_what_it_is_made_of(workspace: Path) -> None:
    """Its manifest names both taxonomies, the settings, the seed, and what it found."""
    folder = build(workspace)
    manifest = Manifest.read(folder)
    assert changed_files(folder, manifest) == []
    assert set(manifest.inputs) == {f"{day}.tools.tools" for day in DAYS[:2]}
    assert manifest.config["shuffles"] == SETTINGS.shuffles
    assert manifest.seeds == [SETTINGS.seed]
    assert [counts.read for counts in manifest.counts.values()] == [60, 80]
    lineage = read_lineage(folder)
    assert manifest.facts["events"] == len(lineage.events)
    assert lineage.floor.n_resamples == (SETTINGS.resamples,) * 2


def test_the_same_taxonomies_give_the_same_bytes(workspace: Path) -> None:
    """Made twice, each time with its pools, every file but the manifests' times is the same."""
    build(workspace)
    first = contents(workspace / "lineages")
    shutil.rmtree(workspace / "lineages")
    build(workspace)
    assert contents(workspace / "lineages") == first


def test_it_is_fresh_until_something_that_it_hangs_on_changes(workspace: Path) -> None:
    """Other settings, the other layer, regrouped nodes ask for a new one; a new name does not."""
    folder = build(workspace)
    pair = sides(workspace)[:2]
    usual = method(workspace)
    assert compared(*pair, method=usual).made(folder)
    others = (
        replace(usual, settings=SETTINGS.model_copy(update={"part": 0.3})),
        replace(usual, layer="categories"),
    )
    for other in others:
        assert compared(*pair, method=other).made(folder) is None
    for decision, is_fresh in ((("rename", "0", "Mine"), True), (("hide", "0"), False)):
        done = warm_opsatlas().run("taxonomy", *decision, "-w", workspace)
        assert done.code == 0, done.err
        assert (compared(*pair, method=usual).made(folder) is not None) is is_fresh


def test_pools_are_drawn_once_and_used_by_every_comparison(workspace: Path) -> None:
    """A second comparison of a taxonomy finds its resampled consensuses; another seed does not."""
    build(workspace)
    pools = workspace / "lineages" / POOLS
    before = stamps(pools)
    build(workspace, to="other", settings=SETTINGS.model_copy(update={"part": 0.3}))
    assert stamps(pools) == before
    build(workspace, to="next", places=(1, 2))
    assert before.items() <= stamps(pools).items()
    assert len(list(pools.iterdir())) == 3
    build(workspace, to="seed", settings=SETTINGS.model_copy(update={"seed": 1}))
    assert not before.items() <= stamps(pools).items()


def test_a_resample_of_all_runs_is_the_taxonomy(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where every run is drawn once, topics, unplaced and categories are exactly those stored."""
    monkeypatch.setattr("taxonomy.consensus.SHARE", 1.0)
    build(workspace, layer="categories")
    for side in sides(workspace)[:2]:
        stored = read_taxonomy(side.taxonomy)
        keys, topics = (stored.assignments[name].to_pylist() for name in ("key", "topic"))
        assert len(set(topics)) > 1
        for row in read_pool(pool_folder(workspace, side.taxonomy.name), keys):
            assert row.tolist() == topics
        category_of = dict(enumerate(stored.topics["category"].to_pylist()))
        for row in read_pool(pool_folder(workspace, f"{side.taxonomy.name}.categories"), keys):
            assert row.tolist() == [category_of.get(topic, NOISE) for topic in topics]


def test_what_an_older_version_made_is_made_again(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Comparisons and resamples that were joined in another way are out of date, and replaced."""
    with monkeypatch.context() as older:
        older.setattr("taxonomy.lineage.build.VERSION", 2)
        older.setattr("taxonomy.lineage.sides.VERSION", 1)
        folder = build(workspace)
    step = compared(*sides(workspace)[:2], method=method(workspace))
    assert step.made(folder) is None
    before = stamps(workspace / "lineages" / POOLS)
    build(workspace)
    assert step.made(folder)
    assert not before.items() & stamps(workspace / "lineages" / POOLS).items()


def test_categories_have_pools_of_their_own(workspace: Path) -> None:
    """They are drawn from the same runs, beside those of the topics, and differ from them."""
    lineage = read_lineage(build(workspace, layer="categories"))
    assert lineage.layer == "categories"
    pools = workspace / "lineages" / POOLS
    names = {f"{day}.tools.tools" for day in DAYS[:2]}
    assert {path.name for path in pools.iterdir()} == names | {f"{n}.categories" for n in names}
    before = stamps(pools)
    build(workspace, to="again", layer="categories")
    assert stamps(pools) == before


def test_a_pool_that_was_tampered_with_is_drawn_again(workspace: Path) -> None:
    """What a pool holds is what its manifest says, or it is not used."""
    build(workspace)
    first = contents(workspace / "lineages")
    [pool, *_] = sorted((workspace / "lineages" / POOLS).glob("*/*.parquet"))
    pool.write_bytes(b"")
    build(workspace)
    assert contents(workspace / "lineages") == first


def test_ids_are_made_of_comparisons(workspace: Path) -> None:
    """Every node of every snapshot has one; other settings of a comparison ask for new ones."""
    pairs = [build(workspace, to=f"pair {at}", places=(at, at + 1)) for at in (0, 1)]
    folder = workspace / "lineages" / "chain"
    how = {"method": method(workspace), "progress": SilentProgress()}
    chain_step(sides(workspace), pairs, **how).build(folder)
    nodes = read_identities(folder)
    assert len({(node.snapshot, node.number) for node in nodes}) == len(nodes)
    assert {node.snapshot for node in nodes} == {0, 1, 2}
    assert Manifest.read(folder).facts["ids"] == len({node.identity for node in nodes})
    assert chain_step(sides(workspace), pairs, **how).made(folder)
    build(workspace, to="pair 1", places=(1, 2), settings=SETTINGS.model_copy(update={"heir": 0.9}))
    assert chain_step(sides(workspace), pairs, **how).made(folder) is None


def test_taxonomies_of_two_workspaces_are_refused(workspace: Path, made: Path) -> None:
    """They are of two studies, whatever is in them."""
    pair = sides(workspace)[0], sides(made)[1]
    to = workspace / "lineages" / "pair"
    with pytest.raises(InputError, match="of two studies"):
        compared(*pair, method=method(workspace)).build(to)
    assert not to.exists()


REFUSED = [
    ("texts", "have no text", ArtifactError),
    ("runs", "of other documents", ArtifactError),
    ("points", "of other documents", ArtifactError),
]


@pytest.mark.parametrize(("part", "said", "error"), REFUSED)
def test_parts_that_do_not_belong_together_are_refused(
    workspace: Path, part: str, said: str, error: type[Exception]
) -> None:
    """Texts, runs or points of another snapshot: nothing is made of them."""
    how: dict[str, Any] = {"layer": "categories"}
    first, second, _ = sides(workspace)
    if part == "texts":
        shutil.rmtree(second.texts)
        shutil.copytree(first.texts, second.texts)
    else:
        name = {"runs": "runs.parquet", "points": "placing/points.parquet"}[part]
        shutil.copy(first.taxonomy / name, second.taxonomy / name)
    with pytest.raises(error, match=said):
        build(workspace, **how)
    assert not (workspace / "lineages" / "pair").exists()


def test_vectors_that_are_not_kept_are_made_again(workspace: Path) -> None:
    """A side whose vectors are of another number format, or gone, is encoded for the comparison."""
    first = contents(build(workspace))
    again = build(workspace, to="again", vectors_folder=workspace / "nowhere")
    assert contents(again) == first
    assert list((workspace / "nowhere").glob("hashed-words-*/*.parquet"))


def test_another_encoder_is_refused(workspace: Path) -> None:
    """Vectors of an encoder that the taxonomy was not built with are no vectors of it."""
    with pytest.raises(InputError, match="made with the encoder hashed-words"):
        build(workspace, vector_settings=VectorSettings())


def test_nothing_changed_is_told_at_once(workspace: Path) -> None:
    """A comparison that is there is shown in less than two seconds."""
    ask = ("compare", *(f"{day}.tools" for day in DAYS[:2]), "-w", workspace)
    first = warm_opsatlas().run(*ask)
    assert first.code == 0, first.err
    started = time.perf_counter()
    again = warm_opsatlas().run(*ask)
    assert time.perf_counter() - started < 2
    assert (again.out, again.err) == (first.out, "")
