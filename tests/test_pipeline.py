"""The pipeline: a study is carried out stage by stage, and only what has changed is made again."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import opsatlas
from small_study import KINDS, N_DOCUMENTS, SNAPSHOT, planted_rows, write_study
from warm import Done, warm_opsatlas

from artifacts.manifest import FILE_NAME, Manifest, changed_files
from taxonomy.store import read_taxonomy

TAXONOMY = f"taxonomies/{SNAPSHOT}.tools"
SECOND_RUN_S = 5.0
"""Far above what it takes, for machines that do other things as well; the benchmark measures."""

ARTIFACTS = (
    f"snapshots/{SNAPSHOT}",
    f"texts/{SNAPSHOT}.repositories",
    TAXONOMY,
    "reports/atlas",
)


def run(*arguments: object) -> Done:
    """Run `opsatlas` in a process of its own and require that it ends well."""
    done = warm_opsatlas().run(*arguments)
    assert done.code == 0, done.err
    return done


def content(workspace: Path) -> dict[str, str]:
    """Return the content hash of each artifact."""
    return {name: Manifest.read(workspace / name).content_hash for name in ARTIFACTS}


def made(workspace: Path) -> dict[str, str]:
    """Return when each artifact was made."""
    return {name: str(Manifest.read(workspace / name).created_at) for name in ARTIFACTS}


def remade(workspace: Path, before: dict[str, str]) -> set[str]:
    """Return the kinds of artifact that were made again."""
    after = made(workspace)
    return {name.split("/")[0] for name in ARTIFACTS if after[name] != before[name]}


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Return every file below a folder: its bytes, and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study that has been run in ``ws``; tests must leave it as it is."""
    folder = tmp_path_factory.mktemp("built")
    run("run", write_study(folder), "-w", folder / "ws")
    return folder


@pytest.fixture
def study(built: Path, tmp_path: Path) -> Path:
    """Return a study file of one's own, already run in ``ws`` beside it."""
    folder = tmp_path / "study"
    shutil.copytree(built, folder)
    # The copy remembers where the study came from: its own file is named once more.
    assert opsatlas("run", folder / "study.toml", "-w", folder / "ws").code == 0
    return folder / "study.toml"


def test_what_comes_after_the_runs_takes_those_of_before(study: Path) -> None:
    """Another number of categories gives the same bytes as a build from nothing; a seed runs."""
    ws = study.parent / "ws"
    said = "reusing the runs"
    assert said in run("taxonomy", "build", "--categories", 2, "-w", ws).err
    again = content(ws)
    shutil.rmtree(ws / TAXONOMY)
    assert said not in run("taxonomy", "build", "--categories", 2, "-w", ws).err
    assert content(ws)[TAXONOMY] == again[TAXONOMY]
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("seed = 0", "seed = 1"), encoding="utf-8")
    assert said not in run("run", study, "-w", ws).err


def test_a_run_makes_every_artifact(built: Path) -> None:
    """Snapshot, texts, vectors, taxonomy and page are there, each as its manifest says."""
    for name in ARTIFACTS:
        manifest = Manifest.read(built / "ws" / name)
        assert changed_files(built / "ws" / name, manifest) == []
        assert manifest.content_hash
        assert manifest.files
    page = (built / "ws" / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert "Small tools" in page
    assert list((built / "ws").glob("vectors/*/*.parquet"))


def test_a_run_leaves_nothing_behind(built: Path) -> None:
    """No half-built folder and no temporary file stays in the workspace."""
    hidden = [path.name for path in (built / "ws").rglob(".*") if not path.is_dir()]
    assert hidden == [".gitignore"]
    assert [
        path for path in (built / "ws").rglob(".*") if path.is_dir() and any(path.iterdir())
    ] == []


def test_planted_kinds_are_found(built: Path) -> None:
    """Four kinds of document with words of their own become four topics of one kind each."""
    taxonomy = read_taxonomy(built / "ws" / "taxonomies" / f"{SNAPSHOT}.tools")
    assert taxonomy.assignments.num_rows == N_DOCUMENTS
    kinds: dict[int, set[str]] = {}
    for row in taxonomy.assignments.to_pylist():
        if row["topic"] >= 0:
            kind = row["key"].split("/")[1].split("-")[0]
            kinds.setdefault(row["topic"], set()).add(kind)
    assert sorted(kind for found in kinds.values() for kind in found) == sorted(KINDS)


def test_what_is_printed(built: Path, tmp_path: Path) -> None:
    """What was found, and where the page is, are on stdout; progress is on stderr."""
    done = run("run", built / "study.toml", "-w", tmp_path / "ws")
    found, page = done.out.splitlines()
    assert re.fullmatch(
        rf"{N_DOCUMENTS} tools are in 4 topics of \d categories, \d+ in none; most are in "
        r".+ \(\d+\), .+ \(\d+\) and .+ \(\d+\)\.",
        found,
    )
    assert page == f"The page is at {tmp_path / 'ws' / 'reports' / 'atlas' / 'index.html'}"
    assert "runs of the ensemble (8 runs)" in done.err


def test_two_workspaces_have_equal_content(built: Path, tmp_path: Path) -> None:
    """The same study run elsewhere gives the same content hash for every artifact."""
    run("run", write_study(tmp_path / "elsewhere"), "-w", tmp_path / "ws")
    assert content(tmp_path / "ws") == content(built / "ws")


def cpu_of_children() -> float:
    """Return the seconds of processors of processes that ended: whatever else runs beside them."""
    now = os.times()
    return now.children_user + now.children_system


def test_a_second_run_changes_no_byte_and_loads_nothing_heavy(study: Path) -> None:
    """With nothing to do a run is quick, writes nothing, and imports no library of the stages."""
    workspace = study.parent / "ws"
    before = files(workspace)
    code = (
        "import json, sys\n"
        "from opsatlas.cli.main import main\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    before_s = cpu_of_children()
    done = subprocess.run(
        [sys.executable, "-c", code, "run", str(study), "-w", str(workspace)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert cpu_of_children() - before_s < SECOND_RUN_S
    assert files(workspace) == before
    heavy = {"torch", "pandas", "sklearn", "umap", "hdbscan", "bertopic", "numba", "plotly"}
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert heavy & loaded == set()
    assert "pyarrow.dataset" not in loaded  # its threads may outlive the interpreter, and abort it


def test_a_record_of_addresses_that_was_removed_is_kept_again(study: Path) -> None:
    """As the advice for a damaged one is; the page is not drawn again for it."""
    workspace = study.parent / "ws"
    before = files(workspace)
    (workspace / "reports" / "addresses.json").unlink()
    assert opsatlas("run", "-w", workspace).code == 0
    assert {name: kept for name, (kept, _) in files(workspace).items()} == {
        name: kept for name, (kept, _) in before.items()
    }


def test_a_workspace_remembers_its_study(study: Path, tmp_path: Path) -> None:
    """Without a study the workspace's own is run, from any folder, its paths as they were meant."""
    before = made(study.parent / "ws")
    assert opsatlas("run", "-w", study.parent / "ws").code == 0
    assert opsatlas("run", cwd=study.parent / "ws" / "texts").code == 0
    assert made(study.parent / "ws") == before


def test_a_study_without_a_workspace_gets_one_beside(built: Path, tmp_path: Path) -> None:
    """Without -w a study runs in a folder named after it, in the current one."""
    done = warm_opsatlas().run("run", built / "study.toml", cwd=tmp_path)
    assert done.code == 0, done.err
    assert content(tmp_path / "atlas-small") == content(built / "ws")


def test_another_seed_makes_the_taxonomy_again(study: Path) -> None:
    """A parameter of the topics leaves snapshot, texts and vectors as they are."""
    workspace = study.parent / "ws"
    before, vectors = made(workspace), files(workspace / "vectors")
    write_study(study.parent, seed=100)
    run("run", study, "-w", workspace)
    assert remade(workspace, before) == {"taxonomies", "reports"}
    assert files(workspace / "vectors") == vectors
    assert Manifest.read(workspace / ARTIFACTS[2]).seeds == list(range(100, 108))


def test_the_way_back_gives_the_same_content(study: Path) -> None:
    """A parameter that is changed and changed back leads to the content that was there."""
    workspace = study.parent / "ws"
    before = content(workspace)
    write_study(study.parent, seed=100)
    run("run", study, "-w", workspace)
    assert content(workspace) != before
    write_study(study.parent)
    run("run", study, "-w", workspace)
    assert content(workspace) == before


def test_another_text_setting_makes_texts_again(study: Path) -> None:
    """A parameter of the texts leaves the snapshot; equal texts are not clustered again."""
    workspace = study.parent / "ws"
    before = made(workspace)
    write_study(study.parent, more="\n[texts]\nmax_readme_chars = 5000\n")
    run("run", study, "-w", workspace)
    assert remade(workspace, before) == {"texts", "reports"}


def test_another_note_makes_the_page_again(study: Path) -> None:
    """What only the page shows makes only the page again."""
    workspace = study.parent / "ws"
    before = made(workspace)
    write_study(study.parent, more='\n[page]\nnotes = ["These tools are made up."]\n')
    run("run", study, "-w", workspace)
    assert remade(workspace, before) == {"reports"}
    page = (workspace / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert "These tools are made up." in page


def refusal(*arguments: object) -> str:
    """Return the one error of a command that ends with 2."""
    done = opsatlas(*arguments)
    assert done.code == 2, done.err
    assert done.err.count("error: ") == 1
    return done.err


def test_a_changed_source_of_a_sealed_snapshot_is_refused(study: Path) -> None:
    """Other files under the id of a sealed snapshot end in an error, and nothing is changed."""
    before = files(study.parent / "ws")
    write_study(study.parent, planted_rows(N_DOCUMENTS + 1))
    said = refusal("run", study, "-w", study.parent / "ws")
    assert f"Snapshot {SNAPSHOT} is sealed and was made of other files" in said
    assert "new snapshot id" in said
    assert files(study.parent / "ws") == before


def flip(path: Path) -> None:
    """Change one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("damaged", "expected"),
    [
        (f"texts/{SNAPSHOT}.repositories/texts.parquet", {"texts", "reports"}),
        (f"taxonomies/{SNAPSHOT}.tools/topics.parquet", {"taxonomies", "reports"}),
        ("reports/atlas/index.html", {"reports"}),
    ],
)
def test_a_damaged_artifact_is_made_again(study: Path, damaged: str, expected: set[str]) -> None:
    """One flipped byte is found, and the artifact is what it was after the next run."""
    workspace = study.parent / "ws"
    before, times = content(workspace), made(workspace)
    flip(workspace / damaged)
    run("run", study, "-w", workspace)
    assert content(workspace) == before
    assert damaged.split("/")[0] in remade(workspace, times) <= expected


def test_a_damaged_sealed_snapshot_is_refused(study: Path) -> None:
    """A snapshot cannot be made again from nothing: a flipped byte in it stops the run."""
    flip(study.parent / "ws" / "snapshots" / SNAPSHOT / "repositories.parquet")
    said = refusal("run", study, "-w", study.parent / "ws")
    assert f"Snapshot {SNAPSHOT} was changed after it was sealed: repositories.parquet" in said


@pytest.mark.parametrize("name", [*ARTIFACTS, "vectors/*"])
def test_a_workspace_of_a_newer_version_is_refused(study: Path, name: str) -> None:
    """An artifact of any kind with an unknown schema version stops the run and stays as it is."""
    workspace = study.parent / "ws"
    [path] = workspace.glob(f"{name}/{FILE_NAME}")
    newer = json.loads(path.read_text(encoding="utf-8")) | {"schema_version": 2}
    path.write_text(json.dumps(newer), encoding="utf-8")
    if name == "vectors/*":  # they are looked at when something is to be encoded or clustered
        write_study(study.parent, seed=1)
    before = files(workspace / Path(name).parent)
    said = refusal("run", study, "-w", workspace)
    assert "schema version 2" in said
    assert str(path) in said
    assert files(workspace / Path(name).parent) == before


def two_sources(folder: Path, first: list[dict[str, str]]) -> Path:
    """Write a study whose snapshot is made of two files; return its path."""
    path = write_study(folder, first)
    more = "".join(json.dumps(row) + "\n" for row in planted_rows()[30:])
    (folder / "more.jsonl").write_text(more, encoding="utf-8")
    source = f'\n[[sources]]\nsnapshot = "{SNAPSHOT}"\nkind = "repositories"\n'
    with path.open("a", encoding="utf-8") as file:
        file.write(source + 'files = ["more.jsonl"]\n')
    return path


def test_an_interrupted_import_goes_on(tmp_path: Path, built: Path) -> None:
    """A draft with the first of two imports is completed, and is what it would have been."""
    path = two_sources(tmp_path / "s", planted_rows()[:30])
    whole, half = tmp_path / "whole", tmp_path / "half"
    run("run", path, "-w", whole)
    first = ("import", "repositories", path.parent / "tools.jsonl", "--snapshot", SNAPSHOT)
    assert opsatlas(*first, "-w", half).code == 0
    done = run("run", path, "-w", half)
    assert done.err.count("importing") == 1
    assert content(half) == content(whole)


def test_a_draft_of_other_files_is_refused(tmp_path: Path) -> None:
    """Rows of a file that has changed since are not mixed with those of its new version."""
    path = two_sources(tmp_path / "s", planted_rows()[:30])
    first = ("import", "repositories", path.parent / "tools.jsonl", "--snapshot", SNAPSHOT)
    assert opsatlas(*first, "-w", tmp_path / "ws").code == 0
    two_sources(tmp_path / "s", planted_rows()[:29])
    said = refusal("run", path, "-w", tmp_path / "ws")
    assert "is a draft and was made of other files" in said
    assert str(tmp_path / "ws" / "snapshots" / SNAPSHOT) in said


def test_a_model_of_ones_own_is_found_beside_the_study(tmp_path: Path) -> None:
    """The path of a model is meant from the study file, and its weights are part of the key."""
    from artifacts.progress import SilentProgress
    from embeddings.models import KNOWN_MODELS, find_model
    from opsatlas.cli.session import open_study

    real = find_model("all-MiniLM-L6-v2").folder
    path = write_study(tmp_path / "s", model="models/mine")
    (tmp_path / "s" / "models").mkdir()
    (tmp_path / "s" / "models" / "mine").symlink_to(real)
    pipeline = open_study(str(path), tmp_path / "ws", progress=SilentProgress())
    found = pipeline.vectors()
    assert found.model == str(tmp_path / "s" / "models" / "mine")
    assert found.sha256 == KNOWN_MODELS["all-MiniLM-L6-v2"].sha256


def evaluation(done: Done) -> dict[str, Any]:
    """Return what `evaluate --json` printed."""
    answer: dict[str, Any] = json.loads(done.out)
    return answer


def test_a_study_with_themes_has_both_layers(tmp_path: Path) -> None:
    """Issues are grouped by the same engine, and the page shows both."""
    rows = [
        {"repository": "acme/forge", "number": n, "title": row["description"]}
        for n, row in enumerate(planted_rows(40), start=1)
    ]
    folder = tmp_path / "s"
    path = write_study(
        folder,
        more='\n[[sources]]\nsnapshot = "2024-01-02.requests"\nkind = "issues"\n'
        'files = ["issues.jsonl"]\n\n[themes]\nsnapshot = "2024-01-02.requests"\nruns = 8\n',
    )
    issues = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "issues.jsonl").write_text(issues, encoding="utf-8")
    run("run", path, "-w", tmp_path / "ws")
    themes = tmp_path / "ws" / "taxonomies" / "2024-01-02.requests.themes"
    assert read_taxonomy(themes).assignments.num_rows == 40
    shown = run("themes", "show", "-w", tmp_path / "ws").out
    assert "of 40 requests are in" in shown
    gold = tmp_path / "themes.csv"
    lines = [f"https://github.com/acme/forge/issues/{n},{n % 4}" for n in range(1, 41)]
    gold.write_text("url,theme\n" + "\n".join(lines) + "\n", encoding="utf-8")
    done = run("themes", "evaluate", "--gold", gold, "--json", "-w", tmp_path / "ws")
    assert evaluation(done)["mean_ami"] > 0.8
    text = path.read_text(encoding="utf-8")
    start, end = text.index("[taxonomy]"), text.index("[[sources]]", text.index("[taxonomy]"))
    path.write_text(text[:start] + text[end:], encoding="utf-8")
    done = run("run", path, "-w", tmp_path / "ws")
    assert "No page is drawn without tools; see opsatlas themes show" in done.out
