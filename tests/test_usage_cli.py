"""`opsatlas usage`: from code to who uses what of which framework, and what is refused."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from clones import clone_of, git
from command_line import opsatlas
from usage_study import (
    HEAD,
    PROJECTS,
    USED,
    usage,
    usage_json,
    usage_refusal,
    usage_study,
    write_clones,
)

from insights.usage import scanning
from insights.usage.facts import facts_text

HEADING = "examples, chosen; n = 1"


@pytest.fixture(autouse=True, scope="module")
def one_process() -> Iterator[None]:
    """Scan in this process: others take longer to start than all of this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning, "cores", lambda: 1)
        yield


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, one_process: None) -> Path:
    """Return a workspace whose clones are scanned."""
    folder = usage_study(tmp_path_factory.mktemp("usage"))
    write_clones(folder / "clones")
    usage(folder, "scan")
    return folder


def rows_of(workspace: Path, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table below ``usages``."""
    return list(pq.read_table(workspace / "usages" / f"{table}.parquet").to_pylist())


def content(workspace: Path) -> dict[str, bytes]:
    """Return every table of uses and figures, byte for byte."""
    return {str(path): path.read_bytes() for path in sorted(workspace.rglob("*.parquet"))}


def test_a_scan_finds_who_uses_declares_and_does_neither(workspace: Path) -> None:
    """And says what it could not read, with the reason; a docstring is no use."""
    told = usage_json(workspace, "scan")
    roles = {
        row["framework"]: (row["uses"], row["declares_only"], row["names_only"])
        for row in told["dependents"]
    }
    assert roles == {"mlflow": (1, 1, 0), "wandb": (1, 0, 0)}
    uses = [row for row in rows_of(workspace, "uses") if row["project"] == "acme/forge"]
    assert [(row["path"], row["line"], row["symbol"]) for row in uses] == USED
    assert [row["in_test"] for row in uses] == ["tests/" in path for path, _, _ in USED]
    [unread] = rows_of(workspace, "unread")
    assert (unread["project"], unread["path"]) == ("acme/forge", "look.ipynb")
    assert unread["reason"].startswith("not a notebook: Unterminated string")
    assert told["unread"] == [{"reason": "not a notebook", "files": 1}]
    assert "not a notebook" in usage(workspace, "scan")


def test_a_second_scan_does_nothing(workspace: Path) -> None:
    """Nothing is written anew, and nothing is said but the result."""
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*") if path.is_file()}
    done = opsatlas("usage", "scan", "-w", workspace)
    assert (done.code, done.err) == (0, "")
    assert {
        path: path.stat().st_mtime_ns for path in workspace.rglob("*") if path.is_file()
    } == before


def test_an_interrupted_scan_goes_on_where_it_stopped(
    tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was scanned is not scanned again, and the end is that of an undisturbed scan."""
    write_clones(usage_study(tmp_path) / "clones")
    really, scanned = scanning.scan_project, []

    def interrupted(catalog: Any, code: Any) -> Any:
        if len(scanned) == 2:
            scanned.append("interrupted")
            raise KeyboardInterrupt
        scanned.append(code.project)
        return really(catalog, code)

    monkeypatch.setattr(scanning, "scan_project", interrupted)
    stopped = opsatlas("usage", "scan", "-w", tmp_path)
    assert stopped.code == 130
    assert not (tmp_path / "usages").exists()
    usage(tmp_path, "scan")
    assert scanned == ["acme/forge", "acme/says", "interrupted", "ben/calm"]
    assert list(content(tmp_path).values()) == list(content(workspace).values())
    assert [path.name for path in tmp_path.glob(".usages*") if any(path.rglob("*.zst"))] == []


def test_what_is_new_in_a_clone_is_scanned(tmp_path: Path) -> None:
    """A new commit gives new uses; the commit that was read is kept."""
    write_clones(usage_study(tmp_path) / "clones")
    usage(tmp_path, "scan")
    clone = tmp_path / "clones/ben/calm"
    before = {row["project"]: row["commit"] for row in rows_of(tmp_path, "projects")}
    assert before["ben/calm"] == git(clone, "rev-parse", "main")
    clone.rename(tmp_path / "old")
    commit = clone_of(clone, {"main.py": b"import wandb\nwandb.init()\n"})
    assert "wandb        2" in usage(tmp_path, "scan")
    after = {row["project"]: row["commit"] for row in rows_of(tmp_path, "projects")}
    assert after == before | {"ben/calm": commit}


def test_a_framework_is_shown_by_feature_and_channel(workspace: Path) -> None:
    """Chosen projects are counted and headed as examples: no share is told."""
    told = usage(workspace, "show", "mlflow")
    assert told.startswith(f"mlflow: {HEADING}. 3 projects asked for, 3 scanned, 1 use")
    lines = [line.split() for line in told.splitlines()]
    assert ["tracking", "1", "1", "0", "0", "0"] in lines
    assert ["model-registry", "1", "1", "0", "0", "0"] in lines
    assert ["serving", "0", "0", "0", "0", "0"] in lines
    assert ["wandb", "1", "1", "1"] in lines
    assert "%" not in told
    every = usage(workspace, "show")
    assert HEADING in every
    assert ["mlflow", "tracking", "1", "1", "0", "0", "0"] in [
        line.split() for line in every.splitlines()
    ]
    values = usage_json(workspace, "show", "mlflow")
    assert values["framework"] == "mlflow"
    assert {figure["share"]["value"] for figure in values["figures"]} == {None}


def test_a_census_has_shares_with_intervals(tmp_path: Path, workspace: Path) -> None:
    """It is the same code, said to be all that there is."""
    study = usage_study(tmp_path, f'code = ["{workspace}/clones"]\ndependents_sample = "census"\n')
    usage(study, "scan")
    told = usage(study, "show", "mlflow")
    assert told.startswith("mlflow: a census; n = 1.")
    assert "%" in told
    values = usage_json(study, "show", "mlflow")
    [tracking] = [
        each["share"]
        for each in values["figures"]
        if (each["measure"], each["name"]) == ("feature", "tracking")
    ]
    assert (tracking["value"], tracking["n"]) == (1.0, 1)
    assert 0 < tracking["low"] < 1


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (("--feature", "tracking"), ["train.py#L5"]),
        (("--channel", "requirement"), ["requirements.txt#L1"]),
        (("--channel", "cli"), []),
    ],
)
def test_each_number_opens_the_lines_behind_it(
    chosen: tuple[str, str], found: list[str], workspace: Path
) -> None:
    """Each line has its address on GitHub, at the commit that was read."""
    commit = git(workspace / "clones/acme/forge", "rev-parse", "main")
    told = usage_json(workspace, "show", "mlflow", *chosen)
    page = f"https://github.com/acme/forge/blob/{commit}"
    ours = [use["url"] for use in told["uses"] if use["project"] == "acme/forge"]
    assert ours == [f"{page}/{each}" for each in found]
    said = usage(workspace, "show", "mlflow", *chosen)
    assert f"{len(told['uses'])} uses" in said
    assert [line.strip() for line in said.splitlines() if page in line] == ours


def test_what_is_used_together_is_counted_by_owners(workspace: Path) -> None:
    """One owner uses both."""
    told = usage(workspace, "together")
    assert HEADING in told
    assert ["mlflow", "wandb", "1", "1", "1", "1"] in [line.split() for line in told.splitlines()]
    [row] = usage_json(workspace, "together")
    assert (row["first"], row["second"], row["n_both"]) == ("mlflow", "wandb", 1)


def test_a_gap_needs_requests(workspace: Path) -> None:
    """Without them there is nothing to hold uses against, and it is said what to do."""
    assert "add [themes]" in usage_refusal(workspace, "gap")


HEADER = "project,framework,channel,kind,path,line,symbol,how\n"
TRUTH = (
    HEADER + "acme/forge,mlflow,api,import,train.py,1,mlflow,direct\n"
    "acme/forge,wandb,api,import,train.py,2,wandb,direct\n"
    "acme/forge,wandb,api,call,train.py,4,wandb.init,qualified\n"
    "acme/forge,mlflow,api,call,train.py,5,mlflow.log_metric,qualified\n"
    "acme/forge,mlflow,api,call,train.py,6,mlflow.register_model,qualified\n"
    "acme/forge,mlflow,api,call,train.py,7,mlflow.end_run,qualified\n"
    "acme/forge,mlflow,requirement,declared,requirements.txt,1,mlflow,text\n"
    "acme/forge,wandb,requirement,declared,requirements.txt,2,wandb,text\n"
    "ben/calm,,,,,,,\n"
)


def test_a_scan_is_judged_by_what_people_found(workspace: Path, tmp_path: Path) -> None:
    """What is found beyond the truth is wrong, also in a project that the truth does not name."""
    (tmp_path / "truth.csv").write_text(TRUTH, encoding="utf-8")
    told = usage_json(workspace, "evaluate", "--truth", tmp_path / "truth.csv")
    counts = {
        name: [score[each] for each in ("found", "right", "true", "recalled")]
        for name, score in told["classes"].items()
    }
    assert counts["direct"] == [6, 5, 6, 5]
    assert counts["declarations"] == [3, 2, 2, 2]
    assert told["decoys"] == {"acme/says": 1, "ben/calm": 0}
    said = usage(workspace, "evaluate", "--truth", tmp_path / "truth.csv")
    assert "0.833" in said
    assert "2 projects have no use in the truth; in 1 of them uses were found: acme/says (1)" in (
        " ".join(said.split())
    )


@pytest.mark.parametrize("given", ["truth", "map"])
def test_files_that_judge_must_be_there(given: str, workspace: Path, tmp_path: Path) -> None:
    """A file that is not there is named."""
    (tmp_path / "truth.csv").write_text(TRUTH, encoding="utf-8")
    (tmp_path / "map.csv").write_text("framework,kind,pattern,feature,code\n", encoding="utf-8")
    files = {name: tmp_path / f"{name}.csv" for name in ("truth", "map")}
    files[given] = tmp_path / "none.csv"
    said = usage_refusal(workspace, "evaluate", "--truth", files["truth"], "--map", files["map"])
    assert f"there is no such file. where: {tmp_path / 'none.csv'}" in said


def test_uses_that_are_handed_in_as_facts_are_the_same(tmp_path: Path, workspace: Path) -> None:
    """A file of facts stands for the code; of figures it gives the same."""
    facts = facts_text(rows_of(workspace, "uses"), rows_of(workspace, "projects"))
    (tmp_path / "uses.csv").write_text(facts, encoding="utf-8", newline="")
    assert {row["project"] for row in csv.DictReader(facts.splitlines())} == set(PROJECTS)
    study = usage_study(tmp_path, 'facts = ["uses.csv"]\n')
    usage(study, "scan")
    assert rows_of(study, "uses") == rows_of(workspace, "uses")
    for shown in (("show",), ("show", "mlflow"), ("together",)):
        assert usage_json(study, *shown) == usage_json(workspace, *shown)
    wanted = {"project", "status", "commit"}
    ours, theirs = (
        [{key: row[key] for key in wanted} for row in rows_of(each, "projects")]
        for each in (study, workspace)
    )
    assert ours == theirs


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("acme/forge,mlflow,apy,call,a.py,1,mlflow.x,", "There is no channel 'apy'."),
        ("acme/forge,mlflow,api,cal,a.py,1,mlflow.x,", "There is no kind 'cal'."),
        ("forge,mlflow,api,call,a.py,1,mlflow.x,", "'forge' is no project."),
    ],
)
def test_a_wrong_row_of_facts_is_told_with_its_line(row: str, said: str, tmp_path: Path) -> None:
    """And nothing is written."""
    (tmp_path / "uses.csv").write_text(f"{HEADER}acme/a,,,,,,,\n{row}\n", encoding="utf-8")
    study = usage_study(tmp_path, 'facts = ["uses.csv"]\n')
    told = usage_refusal_after_progress(study, "scan")
    assert said in told
    assert "uses.csv, line 3" in told
    assert not (study / "usages").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file"),
        (b"project,framework\n", "no column channel, kind, path, line, symbol"),
        (HEADER.encode() + b"acme/\xff,,,,,,,\n", "is not in UTF-8"),
    ],
)
def test_facts_that_cannot_be_read_are_refused(
    content: bytes | None, said: str, tmp_path: Path
) -> None:
    """Whether the file is not there, of another form, or of another encoding."""
    if content is not None:
        (tmp_path / "uses.csv").write_bytes(content)
    study = usage_study(tmp_path, 'facts = ["uses.csv"]\n')
    assert said in usage_refusal_after_progress(study, "scan")


def usage_refusal_after_progress(workspace: Path, *arguments: object) -> str:
    """Return the one error of a command that had begun."""
    done = opsatlas("usage", *arguments, "-w", workspace)
    assert (done.code, done.out) == (2, "")
    assert done.err.count("error: ") == 1, done.err
    return " ".join(done.err.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "mlfow"), "There is no framework 'mlfow'. to do: use one of mlflow, wandb"),
        (("show", "mlflow", "--feature", "trackin"), "There is no feature 'trackin'."),
        (("show", "mlflow", "--channel", "ui"), "There is no channel 'ui'."),
        (("show", "mlflow", "--era", "9"), "There is no era '9'."),
        (("scan", "--code", "nowhere"), "there is no such file"),
        (("find",), "No source of dependents is named."),
        (("fetch",), "No dependents are known whose code could be fetched."),
        (("surface", "nowhere.whl"), "nowhere.whl"),
    ],
)
def test_what_is_not_there_is_refused(
    arguments: tuple[str, ...], said: str, workspace: Path
) -> None:
    """With what there is, or what to do."""
    where = () if arguments[0] == "surface" else ("-w", workspace)
    done = opsatlas("usage", *arguments, *where, cwd=workspace)
    assert (done.code, done.out) == (2, "")
    assert said in " ".join(done.err.split())
    assert "to do:" in done.err


def test_a_folder_of_code_without_projects_is_refused(tmp_path: Path, workspace: Path) -> None:
    """It is said how it must look."""
    (tmp_path / "empty").mkdir()
    told = usage_refusal(workspace, "scan", "--code", tmp_path / "empty")
    assert "There is no project in this folder." in told
    assert "OWNER/NAME" in told


def test_code_may_be_named_at_the_command_line(tmp_path: Path, workspace: Path) -> None:
    """In place of the study's, which may name none; a clone alone is a project, too."""
    study = usage_study(tmp_path, "")
    usage(study, "scan", "--code", workspace / "clones/acme/forge")
    assert [row["project"] for row in rows_of(study, "projects")] == ["acme/forge"]


@pytest.mark.parametrize("command", ["find", "fetch", "scan", "show", "together", "gap"])
def test_a_study_without_usage_is_told_so(command: str, tmp_path: Path) -> None:
    """Before anything else is done."""
    text = HEAD.partition("[usage]")[0]
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    told = usage_refusal(tmp_path, command)
    assert "The study has no section [usage]." in told
    assert "add [usage] with code" in told


@pytest.mark.parametrize("command", ["show", "together", "gap"])
def test_nothing_is_shown_before_a_scan(command: str, tmp_path: Path) -> None:
    """The command that makes it is named."""
    assert "opsatlas usage scan" in usage_refusal(usage_study(tmp_path), command)
    assert "There is no code to scan." in usage_refusal(usage_study(tmp_path / "b", ""), "scan")


def test_lists_are_asked_without_a_network(tmp_path: Path) -> None:
    """Their claims are kept; a row that cannot be read makes the list partial, with the reason."""
    (tmp_path / "names.csv").write_text(
        "full_name,framework\nacme/forge,mlflow\nben/calm,wandb\n", encoding="utf-8"
    )
    study = usage_study(tmp_path, 'lists = ["names.csv"]\n')
    plan = usage_json(study, "find", "--plan")
    assert plan["requests"] == [0, 0]
    assert not (study / "dependents").exists()
    assert "at most 0 minutes" in usage(study, "find", "--plan")
    said = usage(study, "find")
    assert said.startswith("2 repositories are candidates")
    claims = pq.read_table(study / "dependents/claims.parquet").to_pylist()
    assert [(row["project"], row["framework"], row["source"]) for row in claims] == [
        ("acme/forge", "mlflow", "list"),
        ("ben/calm", "wandb", "list"),
    ]
    told = usage_json(study, "find")
    assert (told["candidates"], told["is_finished"]) == (2, True)
    assert [(row["source"], row["found"]) for row in told["sources"]] == [("list", 2)]
    assert {each["total"]["value"] for each in told["coverage"]} == {None}
    assert "not two" in " ".join(said.split()), "one source cannot tell how many it misses"


def test_what_a_source_names_is_a_claim_on_its_code(tmp_path: Path, workspace: Path) -> None:
    """Only what is named is scanned; where nothing is found, the source alone names it."""
    (tmp_path / "names.csv").write_text(
        "full_name,framework\nacme/forge,mlflow\nben/calm,mlflow\n", encoding="utf-8"
    )
    code = f'code = ["{workspace}/clones"]\n'
    study = usage_study(tmp_path, f'lists = ["names.csv"]\n{code}')
    told = usage_json(study, "scan")
    [mlflow] = [row for row in told["dependents"] if row["framework"] == "mlflow"]
    assert (mlflow["uses"], mlflow["names_only"], mlflow["declares_only"]) == (1, 1, 0)


def test_fetching_is_planned_and_needs_a_token(tmp_path: Path) -> None:
    """Requests, bytes and hours of any number of projects; nothing is asked for it."""
    (tmp_path / "names.txt").write_text("acme/forge\nben/calm\n", encoding="utf-8")
    study = usage_study(tmp_path, 'lists = ["names.txt"]\n')
    plan = usage_json(study, "fetch", "--plan", "--projects", "50000")
    assert plan["projects"] == 50_000
    assert plan["requests"] == sum(group["requests"] for group in plan["groups"])
    assert min(plan["hours"], plan["bytes_down"], plan["bytes_kept"]) > 0
    assert usage(study, "fetch", "--plan", "--projects", "50000").startswith("what")
    own = usage_json(study, "fetch", "--plan")
    assert own["projects"] == 2
    told = usage_refusal(study, "fetch")
    assert "GITHUB_TOKEN" in told
    assert "name local clones" in told
