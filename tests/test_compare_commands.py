"""`opsatlas compare` and the end of `opsatlas run`: three small snapshots of one study."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
from command_line import opsatlas
from small_study import planted_rows, write_study
from warm import Done, warm_opsatlas

from artifacts.errors import InputError
from artifacts.manifest import Manifest, changed_files
from artifacts.progress import SilentProgress
from opsatlas.cli.session import open_study
from opsatlas.comparing import asked, comparison_of, planned
from opsatlas.steps import make_comparison, make_page
from reports.comparison.comparison import refuse_other_encoder

FIRST, SECOND, THIRD = "2024-01-01.tools", "2025-01-01.tools", "2026-01-01.tools"
PAIR = f"{FIRST}.tools--{SECOND}.tools"
NOTE = "These tools are made up."
SOURCE = """
[[sources]]
snapshot = "{snapshot}"
kind = "repositories"
files = ["{file}"]
"""
COMPARE = f"""
[compare]
snapshots = ["{FIRST}", "{SECOND}"]
notes = ["{NOTE}"]
"""


def write_three(folder: Path) -> Path:
    """Write a study of three snapshots: without drift detectors, with them, and one renamed."""
    rows = planted_rows(80)
    early = [row for row in rows if "drift" not in row["full_name"]]
    late = [dict(row) for row in rows]
    late[0] = {**late[0], "full_name": "acme/renamed", "former_names": [late[0]["full_name"]]}  # type: ignore[dict-item]
    for name, content in (("second.jsonl", rows), ("third.jsonl", late)):
        folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(row) + "\n" for row in content]
        (folder / name).write_text("".join(lines), encoding="utf-8")
    more = SOURCE.format(snapshot=SECOND, file="second.jsonl")
    more += SOURCE.format(snapshot=THIRD, file="third.jsonl")
    return write_study(folder, early, more=more + COMPARE)


def ran_well(*arguments: object) -> Done:
    """Run `opsatlas` in a process of its own and require that it ends well."""
    done = warm_opsatlas().run(*arguments)
    assert done.code == 0, done.err
    return done


def show(*arguments: object) -> Done:
    """Show a comparison that is there, in this process."""
    done = opsatlas(*arguments)
    assert done.code == 0, done.err
    return done


def refused(*arguments: object) -> str:
    """Return the one error of a command that ends with 2."""
    done = opsatlas(*arguments)
    assert done.code == 2, done.out + done.err
    assert done.err.count("error: ") == 1
    return done.err


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """Return a workspace in which the study has been run, and what the run said."""
    folder = tmp_path_factory.mktemp("compared")
    done = ran_well("run", write_three(folder), "-w", folder / "ws")
    return folder / "ws", done


@pytest.fixture(scope="module")
def workspace(ran: tuple[Path, Done]) -> Path:
    """Return the workspace; tests leave what the run made as it is."""
    return ran[0]


def stamps(folder: Path) -> dict[str, int]:
    """Return when each file below a folder was written."""
    return {str(p): p.stat().st_mtime_ns for p in folder.rglob("*") if p.is_file()}


def test_a_run_ends_with_the_comparison(ran: tuple[Path, Done]) -> None:
    """The study's comparison is made, and the last line says where its page is."""
    workspace, done = ran
    report = workspace / "reports" / "lineages" / PAIR
    assert done.out.splitlines()[-1] == f"The comparison is at {report / 'index.html'}"
    for folder in (workspace / "lineages" / PAIR, report):
        assert changed_files(folder, Manifest.read(folder)) == []
    names = {path.name for path in report.iterdir()}
    assert {"index.html", "lineage-events.csv", "lineage-events.tex", "lineage-moves.csv"} <= names
    assert {"lineage-flows.svg", "lineage-flows.pdf", "lineage-flows.csv"} <= names
    assert NOTE in (report / "index.html").read_text(encoding="utf-8")


def test_the_page_shows_the_comparison_of_its_snapshot_with_earlier_ones(
    ran: tuple[Path, Done], tmp_path: Path
) -> None:
    """What ends with another snapshot, or is not made, is not in it; nor is the page made again."""
    workspace, _ = ran
    page = (workspace / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert 'id="changes"' not in page  # the study's taxonomy is of the first snapshot
    ws = shutil.copytree(workspace, tmp_path / "ws")
    study = ws / "study.toml"
    asked_of = f'[taxonomy]\nsnapshot = "{FIRST}"'
    text = study.read_text(encoding="utf-8")
    assert asked_of in text
    study.write_text(text.replace(asked_of, asked_of.replace(FIRST, SECOND)), encoding="utf-8")
    show("run", "-w", ws)
    again = (ws / "reports" / "atlas" / "index.html").read_text(encoding="utf-8")
    assert again.count('<section class="view" id="changes"') == 1
    assert NOTE in again
    names = Manifest.read(ws / "reports" / "atlas").inputs
    assert {f"{FIRST}.tools", f"{SECOND}.tools", PAIR} <= names.keys()
    before = stamps(ws)
    show("run", "-w", ws)
    assert stamps(ws) == before
    shutil.rmtree(ws / "lineages" / PAIR)
    pipeline = open_study(None, ws, progress=SilentProgress())
    assert 'id="changes"' not in make_page(pipeline).read_text(encoding="utf-8")


def test_what_has_not_changed_is_not_made_again(workspace: Path) -> None:
    """A second comparison writes nothing and says the same."""
    first = show("compare", "-w", workspace)
    before = stamps(workspace)
    second = show("compare", FIRST, f"{SECOND}.tools", "-w", workspace)
    assert stamps(workspace) == before
    assert second.out == first.out
    assert second.err == ""


def test_the_comparison_is_readable_text(workspace: Path) -> None:
    """A headline, growth, the floor, sentences to quote and the notes, within 100 columns."""
    said = show("compare", "-w", workspace).out
    lines = said.splitlines()
    assert lines[0] == f"{FIRST}.tools → {SECOND}.tools, topics"
    for words in ("Between 2024-01-01 and 2025-01-01", "Growth", "Noise floor", "To quote", NOTE):
        assert words in said
    assert max(len(line) for line in lines if "/index.html" not in line) <= 100
    assert len(show("compare", "--all", "-w", workspace).out) >= len(said)


def test_json_holds_everything(workspace: Path) -> None:
    """Growth adds up, every document has its move, and both sides have their nodes."""
    found = json.loads(show("compare", "--format", "json", "-w", workspace).out)
    assert [side["documents"] for side in found["sides"]] == [60, 80]
    [lineage] = found["lineages"]
    assert len(lineage["moves"]) == 80
    assert sum(move["stay"] == "new" for move in lineage["moves"]) == 20
    for each in lineage["growth"]:
        parts = each["new"] - each["left"] + each["moved_in"] - each["moved_out"]
        assert each["size_later"] - each["size_earlier"] == parts
    assert found["notes"] == [NOTE]


def test_files_go_where_they_are_wanted(workspace: Path, tmp_path: Path) -> None:
    """CSV, LaTeX and the page are copied into a folder; a file of someone else's is kept."""
    for form, suffix, count in (("csv", "csv", 5), ("latex", "tex", 5), ("html", "html", 1)):
        done = show("compare", "--format", form, "--out", tmp_path / "out", "-w", workspace)
        paths = [Path(line) for line in done.out.splitlines()]
        assert len(paths) == count
        assert all(path.suffix == f".{suffix}" and path.is_file() for path in paths)
    with (tmp_path / "out" / "lineage-moves.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 80
    (tmp_path / "out" / "index.html").write_text("mine", encoding="utf-8")
    out = ("--out", tmp_path / "out")
    said = refused("compare", "--format", "html", *out, "-w", workspace)
    assert "no comparison wrote it" in said
    assert (tmp_path / "out" / "index.html").read_text(encoding="utf-8") == "mine"


def test_a_chain_carries_ids_and_builds_what_is_missing(workspace: Path, tmp_path: Path) -> None:
    """The third snapshot's taxonomy is built on the way; a renamed tool is the same tool."""
    shutil.copytree(workspace, tmp_path / "ws")
    shutil.copytree(workspace.parent, tmp_path / "study", ignore=lambda *_: ["ws"])
    ask = ("compare", FIRST, SECOND, THIRD, "--format", "json", "-w", tmp_path / "ws")
    found = json.loads(ran_well(*ask).out)
    assert (tmp_path / "ws" / "taxonomies" / f"{THIRD}.tools").is_dir()
    last = found["lineages"][1]
    [renamed] = [m for m in last["moves"] if m["key_later"] == "name:acme/renamed"]
    assert renamed["key_earlier"] == "name:acme/serving-0"
    counts = [sum(n["snapshot"] == place for n in found["identities"]) for place in range(3)]
    assert counts == [len(side["nodes"]) for side in found["sides"]]
    kept = {n["identity"] for n in found["identities"] if n["snapshot"] == 1}
    assert {n["identity"] for n in found["identities"] if n["snapshot"] == 2} == kept

    # What carries the ids is made again where each two are compared already, but not all three.
    [chain] = (tmp_path / "ws" / "lineages").glob(f"{FIRST}*{SECOND}*{THIRD}*")
    shutil.rmtree(chain)
    pipeline = open_study(None, tmp_path / "ws", progress=SilentProgress())
    comparison = comparison_of(pipeline, asked(pipeline, (FIRST, SECOND, THIRD)))
    assert comparison.read().chain is not None


def test_one_model_of_both_is_held_against_it(workspace: Path, tmp_path: Path) -> None:
    """The joint model counts each document once, and is told beside the separate view."""
    shutil.copytree(workspace, tmp_path / "ws")
    ask = ("compare", "--joint", "-w", tmp_path / "ws")
    found = json.loads(ran_well(*ask, "--format", "json").out)["joint"]
    assert sum(node["size_later"] for node in found["nodes"]) + found["unplaced"][1] == 80
    assert sum(node["size_earlier"] for node in found["nodes"]) + found["unplaced"][0] == 60
    assert Manifest.read(tmp_path / "ws" / "lineages" / f"{PAIR}.joint").kind == "taxonomy"
    before = stamps(tmp_path / "ws")
    said = show(*ask).out
    assert "One model of both, counted by snapshot" in said
    assert stamps(tmp_path / "ws") == before


REFUSED = [
    ((SECOND, FIRST), "wrong order", f"{FIRST} {SECOND}"),
    ((FIRST, FIRST), "named twice", "name each once"),
    ((FIRST, f"{FIRST}.tools"), "named twice", "name each once"),
    ((FIRST,), "needs two snapshots or more", "the earlier first"),
    ((FIRST, "2025-02-02.nowhere"), "no snapshot 2025-02-02.nowhere", "[[sources]]"),
    ((FIRST, "tools"), "is not a snapshot id", "DATE.SOURCE"),
    ((FIRST, f"../other/taxonomies/{SECOND}.tools"), "both are of one study", "this workspace"),
    ((f"{FIRST}.tools", f"{SECOND}.themes"), "of two kinds", "tools with tools"),
    ((FIRST, SECOND, "--of", "themes"), "no section [themes]", "add [themes]"),
    ((FIRST, SECOND, THIRD, "--joint"), "made of two snapshots", ""),
    ((FIRST, SECOND, "--out", "x"), "text is printed", "choose --format"),
    ((FIRST, SECOND, "--format", "pdf"), "pdf", ""),
]


@pytest.mark.parametrize(("arguments", "what", "advice"), REFUSED)
def test_what_cannot_be_compared_is_refused(
    workspace: Path, arguments: tuple[str, ...], what: str, advice: str
) -> None:
    """Exit code 2, one sentence, and what to do; nothing is made."""
    before = stamps(workspace)
    done = opsatlas("compare", *arguments, "-w", workspace)
    assert done.code == 2, done.out
    said = " ".join(done.err.split())
    assert what in said and advice in said
    assert stamps(workspace) == before


def test_a_taxonomy_of_one_topic_is_refused(tmp_path: Path) -> None:
    """Where the documents of one side fall into no topics there is nothing to compare."""
    study = write_three(tmp_path)
    same = [{"full_name": f"acme{n}/same", "description": "Serve models."} for n in range(20)]
    lines = "".join(json.dumps(row) + "\n" for row in same)
    (tmp_path / "tools.jsonl").write_text(lines, encoding="utf-8")
    done = warm_opsatlas().run("run", study, "-w", tmp_path / "ws")
    assert done.code == 2, done.out + done.err
    assert "Traceback" not in done.err
    assert done.err.count("error: ") == 1
    assert "there is nothing to compare" in done.err
    assert (tmp_path / "ws" / "reports" / "atlas" / "index.html").is_file()


def test_vectors_of_another_model_are_refused(workspace: Path) -> None:
    """A taxonomy that was built with another encoder has no common space with the other.

    The number format alone may differ, as it does between few documents and many.
    """
    made = [Manifest.read(workspace / "taxonomies" / f"{day}.tools") for day in (FIRST, SECOND)]
    refuse_other_encoder(made)
    large = {"model": made[1].model | {"dtype": "bfloat16"}}
    refuse_other_encoder([made[0], made[1].model_copy(update=large)])
    with pytest.raises(InputError, match="of two encoders"):
        refuse_other_encoder([made[0], made[1].model_copy(update={"model": {"model": "another"}})])


def test_what_is_decided_after_it_was_made_is_compared(workspace: Path, tmp_path: Path) -> None:
    """Topics that somebody merges between the making and the reading are one in what is read."""
    ws = shutil.copytree(workspace, tmp_path / "ws")
    pipeline = open_study(None, ws, progress=SilentProgress())
    wanted = planned(pipeline)
    assert wanted is not None
    make_comparison(pipeline, wanted)
    comparison = comparison_of(pipeline, wanted)
    before = len(comparison.read().sides[0].nodes)
    assert opsatlas("taxonomy", "merge", "0", "1", "-w", ws).code == 0
    shown = comparison.read()
    assert len(shown.sides[0].nodes) == before - 1
    (lineage,) = shown.lineages
    told = {number for event in lineage.events for number in event.earlier}
    assert told <= {node.number for node in shown.sides[0].nodes}
