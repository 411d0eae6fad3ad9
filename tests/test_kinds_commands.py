"""`opsatlas kinds`, and a taxonomy that is built on some kinds of repositories alone."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import opsatlas
from small_study import N_DOCUMENTS, SNAPSHOT, planted_rows, write_study
from warm import warm_opsatlas

from artifacts.manifest import Manifest
from insights.kinds.build import kinds_folder, read_kinds
from insights.kinds.vocabulary import KINDS
from taxonomy.store import read_taxonomy

N_LISTS = 12
ISSUES = "2024-01-01.issues"
WANTED = 'kinds = ["tool", "integration", "template", "learning", "example-project", "other"]\n'
MORE = f"""{WANTED}
[[sources]]
snapshot = "{ISSUES}"
kind = "issues"
files = ["issues.jsonl"]

[themes]
snapshot = "{ISSUES}"
"""


def lists() -> list[dict[str, str]]:
    """Return repositories that are nothing but lists."""
    return [
        {
            "full_name": f"acme/awesome-{number}",
            "description": "A curated list of awesome tools, papers and resources.",
        }
        for number in range(N_LISTS)
    ]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the kinds and the taxonomy of a small study."""
    folder = tmp_path_factory.mktemp("kinds")
    issue = {"full_name": "acme/serving-0", "number": 1, "title": "How can I start?", "body": "Hi"}
    (folder / "issues.jsonl").write_text(json.dumps(issue) + "\n", encoding="utf-8")
    study = write_study(folder, [*planted_rows(), *lists()], runs=4, more=MORE)
    (folder / "ws").mkdir()
    (folder / "ws" / "study.toml").write_text(
        f"# The study that was run here last. Relative paths in it are meant from: {study}\n"
        + study.read_text(encoding="utf-8"),
        encoding="utf-8",
    )
    done = warm_opsatlas().run("taxonomy", "build", "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


def told(workspace: Path) -> list[dict[str, Any]]:
    """Return the kinds as they are kept."""
    folder = kinds_folder(workspace, SNAPSHOT, "repositories")
    rows: list[dict[str, Any]] = read_kinds(folder, "repositories").to_pylist()
    return rows


def coder(folder: Path, rows: list[tuple[str, str]]) -> Path:
    """Write what a coder said."""
    path = folder / "coder.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("full_name", "kind"), *rows])
    return path


def test_a_taxonomy_is_built_on_the_kinds_that_are_wanted(workspace: Path) -> None:
    """Lists are left out, counted with the reason, and none of them is in the taxonomy."""
    folder = workspace / "taxonomies" / f"{SNAPSHOT}.tools"
    keys = read_taxonomy(folder).assignments["key"].to_pylist()
    assert keys == [row["key"] for row in told(workspace) if row["kind"] != "list"]
    assert not any("awesome" in key for key in keys)
    counts = Manifest.read(folder).counts["documents"]
    assert counts.read == N_DOCUMENTS + N_LISTS
    dropped = {each.reason: each.count for each in counts.dropped if "kind" in each.reason}
    assert set(dropped) <= {"kind: list", "kind: list, unsure"}
    assert sum(dropped.values()) == counts.read - len(keys) >= N_LISTS


def test_kinds_are_an_artifact(workspace: Path) -> None:
    """Each repository has a kind and its probabilities; the manifest counts them."""
    folder, rows = kinds_folder(workspace, SNAPSHOT, "repositories"), told(workspace)
    assert len(rows) == N_DOCUMENTS + N_LISTS
    assert all(
        sum(row[f"p_{kind}"] for kind in KINDS) == pytest.approx(1, abs=1e-5) for row in rows
    )
    assert all(row["probability"] == row[f"p_{row['kind']}"] for row in rows)
    manifest = Manifest.read(folder)
    counted = manifest.counts["repositories"]
    assert counted.kept == sum(not row["abstained"] for row in rows)
    assert counted.read == len(rows)
    assert "without vectors" in manifest.notes[0]


def test_what_is_told_is_not_told_again(workspace: Path) -> None:
    """A second build finds everything there, to the byte."""
    folder = kinds_folder(workspace, SNAPSHOT, "repositories")
    before = (folder / "manifest.json").read_bytes()
    done = opsatlas("kinds", "build", "-w", workspace)
    assert done.code == 0
    assert "telling" not in done.err
    assert (folder / "manifest.json").read_bytes() == before


def test_shares_are_shown(workspace: Path) -> None:
    """A line a kind, as called and corrected; the same as JSON."""
    shown = opsatlas("kinds", "show", "-w", workspace).out
    assert all(kind in shown for kind in KINDS)
    assert "Judged without vectors" in shown
    values = json.loads(opsatlas("kinds", "show", "--json", "-w", workspace).out)
    shares = {each["kind"]: each for each in values["kinds"]}
    assert shares["list"]["n_called"] == sum(row["kind"] == "list" for row in told(workspace))
    assert sum(each["n_called"] for each in shares.values()) == values["documents"]
    assert sum(each["corrected"]["value"] for each in shares.values()) == pytest.approx(1)


def test_the_repositories_of_a_kind_are_listed(workspace: Path) -> None:
    """All of them by name; a kind that there is not is refused with those that there are."""
    shown = opsatlas("kinds", "list", "list", "-w", workspace).out
    assert shown.count("https://github.com/acme/awesome-") == N_LISTS
    refused = opsatlas("kinds", "list", "lists", "-w", workspace)
    assert refused.code == 2
    assert "example-project" in refused.err


def test_issues_are_told_apart(workspace: Path) -> None:
    """One issue, a question."""
    values = json.loads(opsatlas("kinds", "issues", "--json", "-w", workspace).out)
    assert {each["kind"]: each["n_called"] for each in values["kinds"]} == {
        "bug": 0,
        "feature": 0,
        "question": 1,
    }
    assert "How can I start?" in opsatlas("kinds", "issues", "question", "-w", workspace).out


def test_a_coder_judges_the_kinds(workspace: Path, tmp_path: Path) -> None:
    """Kappa and confusions; repositories that are not there are counted and named."""
    rows = [(f"acme/awesome-{number}", "list") for number in range(N_LISTS)]
    rows += [(row["full_name"], "tool") for row in planted_rows()[:8]]
    gold = coder(tmp_path, [*rows, ("nobody/nothing", "other")])
    shown = opsatlas("kinds", "evaluate", "--gold", gold, "-w", workspace)
    assert shown.code == 0, shown.err
    assert "1 not in the snapshot, left out: nobody/nothing" in shown.out
    done = opsatlas("kinds", "evaluate", "--gold", gold, "--json", "-w", workspace)
    found = json.loads(done.out)["coders"][0]
    assert (found["documents"], found["unknown"]) == (len(rows), ["nobody/nothing"])
    lists_called = [c for c in found["confusion"] if c["coder"] == c["called"] == "list"]
    assert lists_called[0]["documents"] == N_LISTS
    assert found["kappa"]["low"] <= found["kappa"]["value"] <= found["kappa"]["high"]


def test_a_kind_that_there_is_not_is_refused(workspace: Path, tmp_path: Path) -> None:
    """The error names file, line, and the kinds that there are."""
    gold = coder(tmp_path, [("acme/awesome-0", "list"), ("acme/awesome-1", "gadget")])
    refused = opsatlas("kinds", "evaluate", "--gold", gold, "-w", workspace)
    assert refused.code == 2
    assert "There is no kind 'gadget'" in refused.err
    assert "line 3" in refused.err
    assert "tool, integration" in refused.err.replace("\n", " ")


def test_kinds_that_are_not_told_are_no_crash(tmp_path: Path) -> None:
    """Before anything is built, the error says what to run; so does a study's wrong kind."""
    study = write_study(tmp_path, lists())
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "study.toml").write_text(
        study.read_text(encoding="utf-8") + 'kinds = ["gadget"]\n', encoding="utf-8"
    )
    refused = opsatlas("kinds", "show", "-w", tmp_path / "ws")
    assert refused.code == 2
    assert "kinds" in refused.err
    assert "'tool'" in refused.err
