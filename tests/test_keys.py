"""Keys are frozen: an artifact that an earlier version made is not made again by this one.

`frozen/` holds a study and its workspace, with one artifact or more of each kind, made by version
0.1.0. Of what only whoever makes an artifact again would read, the files are left out. Who changes
on purpose what a step makes raises its version; here it keeps the one that it had.
"""

from __future__ import annotations

import shutil
from importlib import metadata
from pathlib import Path

import pytest

from artifacts.manifest import Manifest, hash_files
from artifacts.progress import SilentProgress
from artifacts.words import Layer
from opsatlas.cli.main import app
from taxonomy.lineage.settings import LineageSettings, SideFolders
from taxonomy.lineage.sides import read_or_resample
from taxonomy.store import read_taxonomy

FROZEN = Path(__file__).parent / "frozen"
VERSIONS = {
    "embeddings.build.VERSION": 2,
    "insights.kinds.build.VERSION": 1,
    "taxonomy.build.VERSION": 6,
    "taxonomy.guidance.crosswalk.VERSION": 2,
    "taxonomy.lineage.build.VERSION": 2,
    "taxonomy.lineage.build.CHAIN_VERSION": 2,
    "taxonomy.lineage.joint.VERSION": 1,
    "taxonomy.lineage.sides.VERSION": 1,
    "reports.page.build.VERSION": 3,
    "reports.comparison.comparison.VERSION": 1,
}
PRODUCT = "0.1.0"
FIRST, SECOND, THIRD = "2024-01-01.tools", "2025-01-01.tools", "2026-01-01.tools"
HTML = ("--format", "html")
KINDS = {
    "snapshot",
    "texts",
    "kinds",
    "taxonomy",
    "crosswalk",
    "page",
    "pool",
    "lineage",
    "identities",
    "lineage report",
}
COMMANDS = (
    ("run", "study.toml"),
    ("taxonomy", "build"),
    ("themes", "build"),
    ("kinds", "build"),
    ("kinds", "issues"),
    ("taxonomy", "crosswalk", "purposes.toml"),
    ("compare", *HTML),
    ("compare", FIRST, SECOND, THIRD, *HTML),
    ("compare", "--layer", "categories", *HTML),
    ("compare", "--joint", *HTML),
)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the study with its workspace in `ws`, at the versions of the time."""
    folder = shutil.copytree(FROZEN, tmp_path / "frozen")
    shutil.copy(folder / "study.toml", folder / "ws")  # beside it lies what the study names
    for path in folder.iterdir():
        if path.is_file() and path.name != "study.toml":
            shutil.copy(path, folder / "ws")
    for place, version in VERSIONS.items():
        monkeypatch.setattr(place, version)
    installed = metadata.version
    monkeypatch.setattr(
        metadata, "version", lambda name: PRODUCT if name == "opsatlas" else installed(name)
    )
    monkeypatch.chdir(folder)
    return folder


def stamps(workspace: Path) -> dict[str, int]:
    """Return when each file of the artifacts was written."""
    return {
        str(path.relative_to(workspace)): path.stat().st_mtime_ns
        for path in sorted(workspace.glob("*/**/*"))
        if path.is_file()
    }


def test_there_is_one_artifact_of_each_kind_at_least() -> None:
    """What is frozen is whole: the files are those that the manifests name."""
    found = {path.parent: Manifest.read(path.parent) for path in FROZEN.rglob("manifest.json")}
    assert {manifest.kind for manifest in found.values()} == KINDS
    for folder, manifest in found.items():
        assert hash_files(folder) == manifest.files


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_an_artifact_that_exists_is_not_made_again(study: Path, command: tuple[str, ...]) -> None:
    """Whatever makes artifacts writes nothing where they are there already."""
    before = stamps(study / "ws")
    app([*command, "--workspace", str(study / "ws")], standalone_mode=False)
    after = stamps(study / "ws")
    assert {name: after[name] for name in before} == before
    # What version 0.1.0 did not make: the search, the vectors of its words, addresses of the page.
    new = after.keys() - before.keys()
    made = ("insights/search/", "vectors/", "reports/addresses.json")
    assert all(name.startswith(made) for name in new)


@pytest.mark.parametrize("layer", ["topics", "categories"])
def test_resampled_consensuses_that_exist_are_not_drawn_again(study: Path, layer: Layer) -> None:
    """The runs that they were drawn from are not even there."""
    workspace = study / "ws"
    source = SideFolders(
        taxonomy=workspace / "taxonomies" / f"{FIRST}.tools",
        snapshot=workspace / "snapshots" / FIRST,
        texts=workspace / "texts" / f"{FIRST}.repositories",
    )
    keys = read_taxonomy(source.taxonomy).assignments["key"].to_pylist()
    before = stamps(workspace)
    found = read_or_resample(
        source, keys, layer=layer, settings=LineageSettings(), progress=SilentProgress()
    )
    assert found.shape == (99, len(keys))
    assert stamps(workspace) == before
