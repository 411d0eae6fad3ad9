"""`opsatlas status` says what a workspace has, what is stale and why, and what to do next."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
from label_studies import ISSUES, coded_set, opsatlas, study_workspace, write_book
from small_study import SNAPSHOT, write_study
from warm import warm_opsatlas
from writers import held, tree

from mining.github.job import Job
from mining.github.raw import open_raw
from mining.github.requests import ApiRequest, HttpAnswer

TOOLS, THEMES = f"{SNAPSHOT}.tools", f"{ISSUES}.themes"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which all is made that its study asks for; not to be changed."""
    ws = study_workspace(tmp_path_factory.mktemp("status"))
    rewrite(ws / "study.toml", "[themes]\n", "[themes]\nruns = 2\n")
    done = warm_opsatlas().run("run", "-w", ws)
    assert done.code == 0, done.err
    return ws


@pytest.fixture
def ws(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it of the test's own."""
    return Path(shutil.copytree(whole, tmp_path / "ws"))


def status(workspace: Path) -> dict[str, Any]:
    """Return what `opsatlas status` tells, and see that it wrote nothing."""
    before = tree(workspace)
    done = opsatlas("status", "--json", "-w", workspace)
    assert done.code == 0, done.err
    assert tree(workspace) == before
    return dict(json.loads(done.out))


def parts(workspace: Path) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Return how each part stands, and why, by what and which it is."""
    lines = status(workspace)["parts"]
    return {(line["part"], line["name"]): (line["state"], line["why"]) for line in lines}


def follow(workspace: Path) -> None:
    """Do what is to be done next, which must succeed."""
    done = opsatlas(*shlex.split(status(workspace)["next"]["command"])[1:], "-w", workspace)
    assert done.code == 0, done.err


def rewrite(path: Path, old: str, new: str) -> None:
    """Write another thing in place of one in a file."""
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_all_is_up_to_date_after_a_run(whole: Path) -> None:
    """Each part is there once, with what it holds, on lines of 120 columns at most."""
    found = parts(whole)
    assert found == {
        ("snapshot", SNAPSHOT): ("sealed", []),
        ("snapshot", ISSUES): ("sealed", []),
        ("texts", f"{SNAPSHOT}.repositories"): ("up to date", []),
        ("taxonomy", TOOLS): ("up to date", []),
        ("texts", f"{ISSUES}.issues"): ("up to date", []),
        ("taxonomy", THEMES): ("up to date", []),
        ("search", TOOLS): ("up to date", []),
        ("page", "atlas"): ("up to date", []),
    }
    said = opsatlas("status", "-w", whole).out
    assert "60 repositories" in said
    assert "Next, look through the topics: opsatlas taxonomy audit" in said


def test_nothing_is_made_yet(tmp_path: Path) -> None:
    """What the study has files for is missing until a run, and nobody is blamed for it."""
    study = write_study(tmp_path / "new")
    ws = Path(shutil.copytree(study.parent, tmp_path / "ws"))
    assert parts(ws) == {
        ("snapshot", SNAPSHOT): ("missing", ["the next run imports it"]),
        ("texts", f"{SNAPSHOT}.repositories"): ("missing", ["its snapshot is missing"]),
        ("taxonomy", TOOLS): ("missing", ["its texts are missing"]),
        ("search", TOOLS): ("missing", ["its taxonomy is missing"]),
        ("page", "atlas"): ("missing", ["its taxonomy is missing"]),
    }
    assert status(ws)["next"]["command"] == "opsatlas run"


def test_a_page_is_older_than_a_decision_until_the_next_run(ws: Path) -> None:
    """Whoever decides is told so, the status says why; the run redraws the page alone.

    Tools are found by the new name, too: its words are read.
    """
    done = opsatlas("taxonomy", "rename", "0", "Mine", "--by", "Ada", "-w", ws)
    assert "The page does not show it yet" in done.out
    found = parts(ws)
    for part in (("page", "atlas"), ("search", TOOLS)):
        why = ["decisions were made since"]
        why += ["what nodes were called before"] if part[0] == "page" else []
        assert found.pop(part) == ("stale", why)
    assert all(state in ("sealed", "up to date") for state, _ in found.values())
    before = tree(ws)
    follow(ws)
    changed = {path for path, at in tree(ws).items() if before.get(path) != at}
    assert changed
    remade = ("reports/atlas", "reports/addresses.json", "insights/search", "vectors/")
    assert all(path.startswith(remade) for path in map(str, changed))
    assert "rename &#34;" in (ws / "reports/atlas/index.html").read_text(encoding="utf-8")
    assert parts(ws)["page", "atlas"] == ("up to date", [])


def test_a_history_is_older_than_the_names_of_its_categories(ws: Path) -> None:
    """It tells tools by category: a new name makes it stale, and the page waits for it."""
    with (ws / "study.toml").open("a", encoding="utf-8") as study:
        study.write(f"\n[history]\nsnapshots = [{SNAPSHOT!r}]\n")
    assert parts(ws)["history", SNAPSHOT] == ("missing", [])
    assert opsatlas("insights", "build", "-w", ws).code == 0
    assert parts(ws)["history", SNAPSHOT] == ("up to date", [])
    opsatlas("taxonomy", "rename", "c0", "Mine", "--by", "Ada", "-w", ws)
    found = parts(ws)
    assert found["history", SNAPSHOT] == (
        "stale",
        ["which topic is in which category", "the tools' names or categories"],
    )
    state, why = found["page", "atlas"]
    assert state == "stale"
    assert "its history is stale" in why
    follow(ws)
    assert parts(ws)["page", "atlas"] == ("up to date", [])


def test_neighbours_that_would_be_found_in_another_way_are_named(
    ws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Taxonomies of so many documents that they take shorter ways are others."""
    monkeypatch.setattr("taxonomy.settings.MANY", 10)
    words = "how neighbours are found among so many documents"
    assert parts(ws)["taxonomy", TOOLS] == ("stale", [words])


def test_shorter_runs_than_there_were_are_named(ws: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A taxonomy of before so many documents had shorter runs is stale for that."""
    monkeypatch.setattr("taxonomy.settings.LONGEST", 60)
    assert parts(ws)["taxonomy", TOOLS] == ("stale", ["settings in the study: epochs"])


def test_what_makes_a_part_stale_is_named(ws: Path) -> None:
    """The settings by their keys; what is made of it waits for it."""
    rewrite(ws / "study.toml", "seed = 0", "seed = 1")
    found = parts(ws)
    assert found["taxonomy", TOOLS] == ("stale", ["settings in the study: seed"])
    assert found["page", "atlas"] == ("stale", ["its taxonomy is stale"])
    assert found["taxonomy", THEMES] == ("up to date", [])
    rewrite(ws / "study.toml", "seed = 1", "seed = 0")
    rewrite(ws / "study.toml", 'title = "Small tools"', 'title = "Others"')
    words = "title, topics, frameworks or notes in the study"
    assert parts(ws)["page", "atlas"] == ("stale", [words])


def test_an_earlier_version_is_told_and_what_is_not_known_is_not(
    ws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A manifest without its parts tells the version and the settings; of other things, nothing."""
    for manifest in ws.glob("*/*/manifest.json"):
        values = json.loads(manifest.read_text(encoding="utf-8"))
        if values["facts"].pop("depends_on", None):
            values["facts"].pop("topics", None)
            manifest.write_text(json.dumps(values), encoding="utf-8")
    assert parts(ws)["page", "atlas"] == ("up to date", [])
    assert "None" not in opsatlas("status", "-w", ws).out
    opsatlas("taxonomy", "hide", "0", "--by", "Ada", "-w", ws)
    rewrite(ws / "study.toml", "seed = 0", "seed = 1")
    monkeypatch.setattr("embeddings.build.VERSION", 99)
    found = parts(ws)
    untold = "an input changed; its manifest does not say which"
    assert found["page", "atlas"] == ("stale", [untold, "its taxonomy is stale"])
    settings = "settings in the study: seed"
    assert found["taxonomy", TOOLS] == ("stale", [settings, "its texts are stale"])
    assert found["texts", f"{ISSUES}.issues"] == ("stale", ["made by another version of opsatlas"])


def test_damage_is_told_and_mended(ws: Path) -> None:
    """A changed file, a manifest that is none: the next run makes both again."""
    (ws / "taxonomies" / THEMES / "stability.json").write_text("{}", encoding="utf-8")
    (ws / "texts" / f"{SNAPSHOT}.repositories" / "manifest.json").write_text("{", encoding="utf-8")
    found = parts(ws)
    assert found["taxonomy", THEMES] == ("damaged", ["changed by hand: stability.json"])
    state, why = found["texts", f"{SNAPSHOT}.repositories"]
    assert (state, why) == ("damaged", ["its manifest cannot be read"])
    assert status(ws)["next"]["command"] == "opsatlas run"


def test_a_draft_is_to_be_sealed(ws: Path) -> None:
    """A draft that the study has no files for stays one until somebody closes it."""
    text = (ws / "study.toml").read_text(encoding="utf-8")
    begin, end = text.index("[[sources]]"), text.index("[vectors]")
    later = "2025-01-01.tools"
    (ws / "study.toml").write_text(
        (text[:begin] + text[end:]).replace(SNAPSHOT, later), encoding="utf-8"
    )
    assert status(ws)["next"]["command"] == f"opsatlas mine --snapshot {later}"
    (ws / "more.csv").write_text("full_name\nacme/a\n", encoding="utf-8")
    opsatlas("import", "repositories", ws / "more.csv", "--snapshot", later, "-w", ws)
    assert parts(ws)["snapshot", later] == ("draft", ["imports still fill it"])
    follow(ws)
    assert parts(ws)["snapshot", later] == ("sealed", [])


def test_a_mining_that_was_interrupted_is_to_go_on(ws: Path) -> None:
    """There is no snapshot before a mining ends; its answers tell that it has begun, and when."""
    raw = ws / "raw" / "2026-01-31.topics"
    raw.mkdir(parents=True)
    Job(snapshot=raw.name, topics=("mlops",), started_at_s=1_769_817_600.0, has_token=True).write(
        raw
    )
    assert ("snapshot", raw.name) not in {
        key for key, (state, _) in parts(ws).items() if state == "unfinished"
    }
    with open_raw(raw) as store:
        store.append(ApiRequest("/rate_limit"), HttpAnswer(200, {}, "{}", 1.5, 1))
    assert parts(ws)["snapshot", raw.name] == ("unfinished", ["mining began on 2026-01-31"])
    assert status(ws)["next"]["command"] == f"opsatlas mine --snapshot {raw.name}"


def test_who_is_at_work_is_told_and_not_waited_for(ws: Path) -> None:
    """The steps of the workspace, or one snapshot; a lock whose holder has died is nobody's."""
    with held(ws / "study.toml"):
        assert f"pid {os.getpid()}" in status(ws)["at_work"]
        assert status(ws)["next"]["command"] is None
    with held(ws / "snapshots" / SNAPSHOT):
        (line,) = [each for each in status(ws)["parts"] if each["name"] == SNAPSHOT]
        assert f"pid {os.getpid()}" in line["written_by"]
    dead = json.dumps({"pid": 2**22 + 1, "command": "opsatlas run", "since": "2026-01-01"})
    (ws / ".study.toml.lock").write_text(f"\n{dead}", encoding="utf-8")
    assert status(ws)["at_work"] is None


def test_labels_are_listed_with_what_waits_for_their_coders(ws: Path, tmp_path: Path) -> None:
    """Documents, who has how many left; a set that is damaged is told and hides nothing else."""
    coded_set(ws, "k", book=write_book(tmp_path / "planted.toml"))
    (ws / "labels" / "none.sqlite").write_text("no database", encoding="utf-8")
    told = {each["name"]: each for each in status(ws)["labels"]}
    assert told["k"]["problem"] is None
    assert set(told["k"]["left"].values()) == {0}
    assert told["none"]["problem"]
    assert "is done" in opsatlas("status", "-w", ws).out


def test_a_study_that_cannot_be_used_is_told(ws: Path) -> None:
    """Its one error is shown beside the snapshots, which are there all the same."""
    rewrite(ws / "study.toml", "seed = 0", "sead = 0")
    told = status(ws)
    assert "did you mean 'seed'" in told["problem"]
    assert {line["part"] for line in told["parts"]} == {"snapshot"}


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    """Without a study or anything made there is nothing to tell; with snapshots there is."""
    done = opsatlas("status", "-w", tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "This folder is no workspace" in done.err
    (tmp_path / "more.csv").write_text("full_name\nacme/a\n", encoding="utf-8")
    opsatlas("import", "repositories", tmp_path / "more.csv", "--snapshot", SNAPSHOT,
             "-w", tmp_path)  # fmt: skip
    command = status(tmp_path)["next"]["command"]
    assert re.fullmatch(r"opsatlas init \S+study.toml", command)
    assert opsatlas(*shlex.split(command)[1:]).code == 0
    assert status(tmp_path)["study"] is not None
