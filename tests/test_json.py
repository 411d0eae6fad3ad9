"""Whatever a command shows, it prints as JSON, too: no command is forgotten."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from history_study import made_up_tools
from label_studies import coded_set, label, opsatlas, study_workspace, write_book
from small_study import KINDS, SNAPSHOT
from typer.main import get_command

from artifacts.progress import SilentProgress
from opsatlas.cli.main import app
from opsatlas.pipeline import Pipeline
from opsatlas.searching import make_search

ANALYSED = ("taxonomy", "themes")
WRITING = {
    "run",
    "init",
    "codebook from-list",
    *(
        f"import {name}"
        for name in ("github-search", "repositories", "issues", "readmes", "git", "histories")
    ),
    *(f"snapshot {name}" for name in ("extend", "seal")),
    *(
        f"{group} {name}"
        for group in ANALYSED
        for name in ("rename", "hide", "unhide", "note", "merge", "move", "split", "undo")
    ),
    *(f"label {name}" for name in ("annotate", "wave close", "import", "export", "copy")),
    *(
        f"label codebook {name}"
        for name in ("create", "rename", "merge", "split", "retire", "update", "save")
    ),
}
"""They write, and say in a line or two what they did."""
PRINTING = {"usage surface"}
"""What they print is a file."""
JSON_LINES = {"label log", "label adjudicate"}
"""What they list is JSON as it is."""
ELSEWHERE = {"mine", "compare", "bundle", "bundle verify", "replay"}
"""They need GitHub, two snapshots, a whole study or its bundle; their own tests read their JSON."""
ASKED: dict[str, tuple[str, ...]] = {
    "status": (),
    "doctor": (),
    "search": ("serve models",),
    "snapshot list": (),
    "snapshot show": (SNAPSHOT,),
    "snapshot verify": (SNAPSHOT,),
    "codebook fit": ("planted.toml",),
    "tool": ("owner4/tool-16",),
    "export": ("taxonomy", "--format", "csv"),
    "kinds build": (),
    "kinds show": (),
    "kinds list": ("tool",),
    "kinds issues": (),
    "kinds evaluate": ("--gold", "kinds.csv"),
    "taxonomy build": (),
    "taxonomy show": (),
    "taxonomy evaluate": ("--gold", "gold.csv"),
    "taxonomy crosswalk": ("mlops-tools",),
    "taxonomy place": ("new.csv",),
    "taxonomy names": (),
    "taxonomy decisions": (),
    "taxonomy audit": ("0",),
    "label sample": ("k", "--plan", "--size", "14"),
    "label wave list": ("k",),
    "label agree": ("k", "--codes", "--confusion"),
    "label validate": ("k", "--no-classify"),
    "label saturation": ("k", "--coder", "ada", "--strata"),
    "label codebook check": ("k",),
    "label codebook show": ("k",),
    "label codebook diff": ("k", "mlops-tools"),
    "label codebook history": ("k",),
    "label merge": ("k", "copy.sqlite"),
    "label check": ("k",),
    "label list": (),
    "label show": ("k",),
    "usage find": (),
    "usage fetch": ("--plan", "--projects", "9"),
    "usage scan": (),
    "usage show": ("mlflow",),
    "usage together": (),
    "usage gap": (),
    "usage evaluate": ("--truth", "uses.csv"),
    "insights build": (),
    "insights show": (),
    "insights growth": (),
    "insights survival": (),
    "insights shares": (),
    "insights together": (),
    "insights stack": ("--have", "serving-0"),
}
LIVES = "2024-01-01.lives"
USES = """\
project,framework,channel,kind,path,line,symbol
acme/forge,mlflow,api,call,train.py,5,mlflow.log_metric
acme/forge,wandb,api,call,train.py,6,wandb.init
"""


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Yield each command with its options."""
    below = getattr(command, "commands", {})
    for name, child in below.items():
        yield from leaves(child, (*path, name))
    if not below or command.invoke_without_command:
        yield " ".join(path), {option for each in command.params for option in each.opts}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with all that is shown: a taxonomy, labels, uses, files beside them."""
    folder = tmp_path_factory.mktemp("json")
    ws = study_workspace(folder)
    coded_set(ws, "k", book=write_book(ws / "planted.toml"))
    label(ws, "copy", "k", ws / "copy.sqlite")
    for name, column, rows in (
        ("kinds.csv", "kind", [("acme/serving-0", "tool"), ("acme/tracking-1", "list")]),
        ("gold.csv", "category", [(f"acme/{kind}-{n}", kind) for n, kind in enumerate(KINDS)]),
        ("new.csv", "description", [("acme/new", "serve models endpoint inference latency")]),
    ):
        with (ws / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("full_name", column), *rows])
    (ws / "uses.csv").write_text(USES, encoding="utf-8")
    with (ws / "study.toml").open("a", encoding="utf-8") as study:
        files = [str(ws / name) for name in ("uses.csv", "gold.csv")]
        study.write("\n[usage]\nfacts = [{!r}]\nlists = [{!r}]\n".format(*files))
        lives = [{**row, "topics": ["serving-0", "tracking-1"]} for row in made_up_tools()]
        study.write(f"\n[history]\nsnapshots = [{LIVES!r}]\n")
    (ws / "lives.jsonl").write_text("".join(json.dumps(row) + "\n" for row in lives))
    for command in (
        ("usage", "scan"),
        ("import", "repositories", ws / "lives.jsonl", "-s", LIVES, "--seal"),
        ("insights", "build"),
    ):
        done = opsatlas(*command, "-w", ws)
        assert done.code == 0, done.err
    make_search(Pipeline.remembered(ws, SilentProgress()))
    return ws


def test_every_command_that_shows_something_has_json() -> None:
    """A command writes, or lists JSON lines, or has --json; and the list below leaves none out."""
    options = dict(leaves(get_command(app)))
    showing = set(options) - WRITING - PRINTING - JSON_LINES
    assert {name for name in showing if "--json" not in options[name]} == set()
    assert {name for name in options if "--json" in options[name]} == showing
    ours = {name for name in showing - ELSEWHERE if not name.startswith("themes ")}
    assert ours == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_what_is_shown_is_valid_json(name: str, workspace: Path) -> None:
    """One JSON value on stdout, and nothing else; without --json it is no JSON but readable."""
    files = {path.name: path for path in workspace.glob("*.*")}
    arguments = [files.get(each, each) for each in ASKED[name]]
    done = opsatlas(*name.split(), *arguments, "--json", "-w", workspace)
    assert done.code == 0, done.err
    assert json.loads(done.out) is not None
    text = opsatlas(*name.split(), *arguments, "-w", workspace)
    assert text.code == 0, text.err
    assert text.out.strip()
    assert max(map(len, text.out.splitlines())) <= 120 or name in ("export", "insights build")
