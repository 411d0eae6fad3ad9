"""A study of histories as its user sees it: made once, shown, refused in one clear word."""

from __future__ import annotations

import json
import math
import shutil
import signal
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from forked import Forked
from history_study import (
    N_OBSERVED,
    N_TOOLS,
    OBSERVED,
    SNAPSHOT,
    made_up_tools,
    refused,
    told,
    write_history_study,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from living_tools import day, living, together
from made_histories import ADA, BEN, DEPENDABOT, Made, history_of
from made_up_history import made_up_history, write_made_up
from writers import tree

import opsatlas as api
from artifacts.errors import ArtifactError, InputError
from artifacts.manifest import FILE_NAME, Manifest
from artifacts.progress import SilentProgress
from artifacts.rows import table_of
from configs.family import read_families
from configs.finding import find_families
from insights.history import telling
from insights.history.build import FOLDER, HistoryParts
from insights.history.history import history_tables
from insights.history.population import Told
from insights.history.settings import HistorySettings
from insights.history.together import NamedTool
from opsatlas.cli import console

MADE_UP = "2026-08-23.tools"
TOOL = "owner4/tool-16"
COMMANDS = ("show", "growth", "survival", "shares", "together")
"""Those that show what was built."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which the study ran; not to be changed."""
    workspace = write_history_study(tmp_path_factory.mktemp("lives") / "ws")
    said = told(workspace, "run")
    assert f"Of the {N_OBSERVED} tools whose stage is known, " in said
    assert "No page is drawn without tools; see opsatlas insights show" in said
    return workspace


@pytest.fixture
def workspace(whole: Path, tmp_path: Path) -> Path:
    """Return a copy of it of the test's own."""
    return Path(shutil.copytree(whole, tmp_path / "ws"))


@pytest.fixture(scope="module")
def unobserved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which no day of observation is known."""
    folder = tmp_path_factory.mktemp("unseen")
    workspace = write_history_study(folder / "ws", made_up_tools()[:12], days="")
    said = told(workspace, "run")
    assert said.startswith("No page is drawn without tools")  # nothing is known, so none is found
    return workspace


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let what is printed be for a terminal of 80 columns."""
    console.out.cache_clear()
    monkeypatch.setattr(console, "PIPE_WIDTH", 80)
    yield
    console.out.cache_clear()


def add(workspace: Path, more: str) -> Path:
    """Add lines to the section of histories."""
    with (workspace / "study.toml").open("a", encoding="utf-8") as study:
        study.write(more)
    return workspace


def history_line(workspace: Path) -> tuple[str, list[str]]:
    """Return how the history stands, and why."""
    parts = json.loads(told(workspace, "status", "--json"))["parts"]
    (line,) = (line for line in parts if line["part"] == "history")
    return line["state"], line["why"]


def times(workspace: Path) -> dict[Path, int]:
    """Return when each file of the histories was written."""
    files = (workspace / FOLDER).rglob("*")
    return {path: path.stat().st_mtime_ns for path in files if path.is_file()}


def test_what_was_made_is_not_made_again(workspace: Path) -> None:
    """Neither by a run nor by the build alone: not a byte, not a time."""
    before, written = tree(workspace), times(workspace)
    said = told(workspace, "insights", "build")
    assert said == f"{SNAPSHOT}: {workspace / FOLDER / SNAPSHOT}\n"
    told(workspace, "run")
    assert tree(workspace) == before
    assert times(workspace) == written


def test_the_same_study_gives_the_same_bytes_elsewhere(whole: Path, tmp_path: Path) -> None:
    """All but the manifest, which says when; and its content hash is the same."""
    other = write_history_study(tmp_path / "other")
    told(other, "run")
    found = [
        {name: each for name, each in tree(ws / FOLDER).items() if not name.endswith(FILE_NAME)}
        for ws in (whole, other)
    ]
    assert found[0] == found[1]
    hashes = {Manifest.read(ws / FOLDER / SNAPSHOT).content_hash for ws in (whole, other)}
    assert len(hashes) == 1


def test_another_day_of_observation_is_another_history(tmp_path: Path) -> None:
    """Though the snapshot's content is the same but for when it was fetched."""
    study = write_history_study(tmp_path / "ws", made_up_tools(12), days="") / "study.toml"
    text, file = study.read_text(encoding="utf-8"), 'files = ["tools.jsonl"]\n'
    said = []
    for fetched in ("2024-01-01", "2030-01-01"):
        told_when = f'{file}constants = {{ fetched_at = "{fetched}" }}\n'
        study.write_text(text.replace(file, told_when), encoding="utf-8")
        told(tmp_path / "ws", "run", "--rebuild", SNAPSHOT)
        said.append(told(tmp_path / "ws", "insights", "show", "--json"))
    assert said[0] != said[1]


RULES = """
[[history.stages]]
stage = "dead"
ended = true
why = "it said so"

[[history.stages]]
stage = "peak"
why = "it lives"
"""
ENDS = """
[[history.ends]]
name = "silent for three years"
silent_months = 36
"""


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ("hold_months = 4\n", "settings in the study: hold_months"),
        (RULES, "settings in the study: stages"),
        (ENDS, "settings in the study: ends"),
        ("smallest_group = 5\n", "settings in the study: smallest_group"),
        ('families = "my.toml"\n', "the families of topics and words"),
        (f'kinds = {{"{SNAPSHOT}" = "kinds.csv"}}\n', "the kinds of the repositories"),
    ],
)
def test_what_changes_makes_it_stale_and_says_why(workspace: Path, more: str, why: str) -> None:
    """A rule, a hold, a threshold, the families, the kinds: each is told by its name."""
    families = "configs/families/mlops.toml"
    shipped = (Path(__file__).parent.parent / families).read_text(encoding="utf-8")
    (workspace / "my.toml").write_text(shipped.replace('"docker"', '"podman"'))
    (workspace / "kinds.csv").write_text("full_name,kind\nowner1/tool-1,tool\n")
    assert history_line(workspace) == ("up to date", [])
    assert history_line(add(workspace, more)) == ("stale", [why])


def test_what_is_stale_is_made_again(workspace: Path) -> None:
    """By the command that the status names; and stages are those of the new rules."""
    add(workspace, RULES)
    assert json.loads(told(workspace, "status", "--json"))["next"]["command"] == "opsatlas run"
    told(workspace, "insights", "build")
    assert history_line(workspace) == ("up to date", [])
    tools = api.open(workspace).history()["tools"]
    assert set(tools["stage"].dropna()) == {"dead", "peak"}


def test_what_is_missing_is_told_and_named_by_the_status(tmp_path: Path) -> None:
    """Before the first run; then nothing is to be done but to look."""
    workspace = write_history_study(tmp_path / "ws", made_up_tools()[:3])
    assert history_line(workspace)[0] == "missing"
    assert "opsatlas insights build" in refused(workspace, "insights", "show")
    with pytest.raises(ArtifactError):
        api.open(workspace).history()
    told(workspace, "run")
    assert "opsatlas insights show" in told(workspace, "status")


def test_its_tables_can_be_had_in_python(whole: Path) -> None:
    """By their names: each tool once, with its reason; of another snapshot there are none."""
    history = api.open(whole).history()
    tools = history["tools"]
    assert len(tools) == N_TOOLS
    assert tools["stage"].notna().sum() == N_OBSERVED
    assert tools["reason"].fillna(tools["unknown"]).notna().all()
    assert (history["survival"]["n"] <= N_TOOLS).all()
    with pytest.raises(InputError, match=SNAPSHOT):
        api.open(whole).history("2020-01-01.other")


def test_a_build_that_is_killed_leaves_nothing_half(whole: Path, tmp_path: Path) -> None:
    """What was there stays whole until the new is; the next build ends as if nothing had been."""
    workspace = Path(shutil.copytree(whole, tmp_path / "ws"))
    folder = workspace / FOLDER
    shutil.rmtree(folder / SNAPSHOT)
    build = Forked("history_study:building", {"workspace": str(workspace)})
    killed = build.run(kill_when=lambda: any(folder.rglob("*.parquet"))) == -signal.SIGKILL
    # Where this machine was too slow to see it write, it had ended, and all is there.
    assert (folder / SNAPSHOT).exists() != killed
    assert history_line(workspace)[0] == ("missing" if killed else "up to date")
    assert build.run() == 0
    assert tree(folder).keys() == tree(whole / FOLDER).keys()
    hashes = {Manifest.read(each / FOLDER / SNAPSHOT).content_hash for each in (whole, workspace)}
    assert len(hashes) == 1


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_shown_fits_a_terminal_and_says_of_whom(
    name: str, whole: Path, narrow: None
) -> None:
    """Of whom it is told comes first; no line is longer than 80 columns; JSON is valid."""
    said = told(whole, "insights", name)
    assert max(map(len, said.splitlines())) <= 80
    assert said.startswith(f"Snapshot {SNAPSHOT}: {N_TOOLS} tools, each once ({N_TOOLS} rows)")
    assert f"{N_TOOLS - N_OBSERVED} have no day of observation" in " ".join(said.split())
    values = json.loads(told(whole, "insights", name, "--json"))
    assert list(values) == [SNAPSHOT]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with a history in which each table has something."""
    workspace = tmp_path_factory.mktemp("made-up")
    (workspace / "study.toml").write_text(
        f'[study]\nname = "x"\ntitle = "X"\n\n[history]\nsnapshots = ["{MADE_UP}"]\n'
    )
    write_made_up(workspace / FOLDER / MADE_UP, made_up_history())
    return workspace


@pytest.mark.parametrize(
    "arguments",
    [*((name,) for name in COMMANDS), ("stack", "--have", "dvc"), ("stack", "--have", "DVC, ,")],
)
def test_every_table_that_is_shown_fits_a_terminal(
    arguments: tuple[str, ...], made_up: Path, narrow: None
) -> None:
    """Whatever is known: 80 columns, and JSON."""
    said = told(made_up, "insights", *arguments)
    assert max(map(len, said.splitlines())) <= 80
    assert json.loads(told(made_up, "insights", *arguments, "--json"))


def test_a_stack_says_what_is_used_together_and_recommends_nothing(made_up: Path) -> None:
    """A step has its number of owners; names that nobody has are told, with those that are near."""
    said = told(made_up, "insights", "stack", "--have", "dvc")
    assert "used" in said
    assert "recommend" not in said
    assert "did you mean dvc?" in refused(made_up, "insights", "stack", "--have", "dcv")
    for empty in ("", " , "):
        assert "No tool is named" in refused(made_up, "insights", "stack", "--have", empty)


def test_a_tool_is_found_by_its_name_where_one_has_it(whole: Path, narrow: None) -> None:
    """Where several have it, they are named; where none has, it is said, with those near."""
    said = told(whole, "tool", "tool-16")
    assert said.startswith(TOOL) and max(map(len, said.splitlines())) <= 80
    assert (
        f"no taxonomy sorts the tools of {SNAPSHOT}" in " ".join(said.split())
        and "Where it stands" in said
    )
    values = json.loads(told(whole, "tool", f"https://github.com/{TOOL}", "--json"))
    assert values["life"]["stage"] == api.open(whole).tool("TOOL-16").stage
    several = refused(whole, "tool", "tool-0")
    assert "owner0/tool-0" in several and "owner11/tool-0" in several
    assert "did you mean" in refused(whole, "tool", "nobody/tool-166")
    assert "insights show --stage all" in refused(whole, "tool", "nobody/none")


def test_the_life_of_a_tool_is_drawn_into_a_file(whole: Path, tmp_path: Path) -> None:
    """As SVG; where nothing of it is known, there is no file, and it is said why."""
    file = tmp_path / "life.svg"
    assert str(file) in told(whole, "tool", TOOL, "--svg", file)
    assert "The life of owner4/tool-16" in file.read_text()
    assert "is there already" in refused(whole, "tool", TOOL, "--svg", file)
    unseen = f"owner{(N_TOOLS - 2) % 12}/tool-{N_TOOLS - 2}"
    assert "cannot be drawn" in refused(whole, "tool", unseen, "--svg", tmp_path / "none.svg")
    assert not (tmp_path / "none.svg").exists()


def test_without_a_day_of_observation_nothing_is_computed(unobserved: Path, narrow: None) -> None:
    """All are in the population; no stage, no curve, no month of theirs; each command says so."""
    tables = api.open(unobserved).history()
    assert tables["tools"]["stage"].isna().all()
    assert tables["tools"]["unknown"].notna().all()
    for name in ("spells", "curves", "change-points", "stages", "tool-months"):
        assert tables[name].empty, name
    assert tables["cycle"]["position"].isna().all()
    assert not [each for each in tables["survival"]["value"] if each["value"] is not None]
    assert set(tables["months"]["measure"]) <= {"births"}
    for name in COMMANDS:
        assert "day of observation" in " ".join(told(unobserved, "insights", name).split()), name
    assert "is not known (never observed)" in " ".join(
        told(unobserved, "tool", "owner1/tool-1").split()
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('families = "none.toml"\n', "none.toml"),
        ('families = "broken.toml"\n', "broken.toml"),
        (f'kinds = {{"{SNAPSHOT}" = "none.csv"}}\n', "none.csv"),
        (f'kinds = {{"{SNAPSHOT}" = "odd.csv"}}\n', "gadget"),
        ('kinds = {"2020-01-01.other" = "odd.csv"}\n', "2020-01-01.other is none of its snapshots"),
        ('[[history.stages]]\nstage = "peak"\nended = true\nwhy = "x"\n', "no conditions"),
        ('[[history.stages]]\nstage = "ripe"\nwhy = "x"\n', "'emerging'"),
        ('[[history.stages]]\nstage = "peak"\nwhy = "x"\nsilent = 3\n', "silent"),
        ('[[history.ends]]\nname = "x"\n', "silent_months"),
        (2 * '[[history.ends]]\nname = "x"\nannounced = true\n', "are called 'x'"),
        ("hold_months = 0\n", "hold_months"),
        ("holds = 3\n", "holds"),
    ],
)
def test_what_cannot_be_used_is_refused_before_any_work(
    tmp_path: Path, more: str, said: str
) -> None:
    """One error that names what is wrong; nothing is written."""
    workspace = write_history_study(tmp_path / "ws", made_up_tools()[:2], more=more)
    (workspace / "broken.toml").write_text("families = 3")
    (workspace / "odd.csv").write_text("full_name,kind\nowner0/tool-0,gadget\n")
    before = tree(workspace)
    assert said in refused(workspace, "run")
    assert tree(workspace) == before


@pytest.mark.parametrize("command", [("run",), ("insights", "build")])
@pytest.mark.parametrize("snapshot", ["2020-01-01.none", "2024-01-01.issues", "2024-01-01.draft"])
def test_a_snapshot_that_cannot_be_looked_at_is_refused(
    whole: Path, tmp_path: Path, snapshot: str, command: tuple[str, ...]
) -> None:
    """It is not there, holds no repositories, or is filled still."""
    workspace = Path(shutil.copytree(whole, tmp_path / "ws"))
    (workspace / "issue.jsonl").write_text('{"full_name": "a/b", "number": 1, "title": "x"}\n')
    told(workspace, "import", "issues", workspace / "issue.jsonl", "-s", "2024-01-01.issues",
         "--seal")  # fmt: skip
    told(workspace, "import", "repositories", workspace / "tools.jsonl", "-s", "2024-01-01.draft")
    path = workspace / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(f'snapshots = ["{SNAPSHOT}"]', f'snapshots = ["{snapshot}"]'))
    before = tree(workspace)
    assert snapshot in refused(workspace, *command)
    assert tree(workspace) == before


def test_kinds_of_strangers_are_refused(workspace: Path) -> None:
    """They would be told of nobody."""
    (workspace / "kinds.csv").write_text("full_name,kind\nno/body,tool\n")
    add(workspace, f'kinds = {{"{SNAPSHOT}" = "kinds.csv"}}\n')
    assert "Of no repository" in refused(workspace, "insights", "build")


@pytest.mark.parametrize("name", ["build", *COMMANDS, "stack"])
def test_a_study_without_the_section_says_which_to_add(tmp_path: Path, name: str) -> None:
    """Whatever is asked of it."""
    (tmp_path / "study.toml").write_text('[study]\nname = "x"\ntitle = "X"\n')
    arguments = ("--have", "dvc") if name == "stack" else ()
    assert "no section [history]" in refused(tmp_path, "insights", name, *arguments)


def odd(name: str, **fields: Any) -> dict[str, Any]:
    """Return a repository of 2018 to 2023 that is like others but for some fields."""
    usual = {"created_at": "2018-03-05", "commits_per_month": {"2018-03": 3, "2023-11": 2}}
    return {"full_name": f"odd/{name}", **usual, **fields}


ODD = (
    odd("young", created_at="2023-12-05", commits_per_month={"2023-12": 4}),
    odd("ancient", commits_per_month={"1970-01": 4, "2018-03": 3, "2023-11": 2}),
    odd("epoch", created_at="1970-01-01", first_commit_at="1970-01-01"),
    odd("future", commits_per_month={"2018-03": 3, "2100-01": 3}),
    odd("negative", commits_per_month={"2018-03": -3}),
    odd("busy", commits_per_month={"2018-03": 10**18}),
    odd("unborn", created_at="2024-06-01", commits_per_month={}),
    odd("pushed", created_at="2023-12-01", pushed_at="2019-01-01"),
    odd("begun", first_commit_at="2024-05-01"),
    odd("nothing", created_at=None, commits_per_month=None),
)


@pytest.fixture(scope="module")
def odd_lives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace in which odd tools were run."""
    days = "full_name,observed_at\n" + "".join(f"{row['full_name']},{OBSERVED}\n" for row in ODD)
    days += "odd/nobody,2024-01-01\n"
    workspace = write_history_study(tmp_path_factory.mktemp("odd") / "ws", ODD, days=days)
    told(workspace, "run")
    return workspace


def test_odd_dates_are_left_out_and_nothing_is_put_in_their_place(odd_lives: Path) -> None:
    """No tool lived before 1990 or after its day; how many had such dates is noted."""
    tables = api.open(odd_lives).history()
    tools = tables["tools"].set_index("full_name")
    assert set(tables["spells"]["first"].str[:4]) <= {"2018", "2020", "2023"}
    assert tools["born_at"].isna()["odd/epoch"]
    assert tools.loc["odd/future", "commits"] == 0
    assert tools.loc["odd/young", "stage"] == "emerging"
    for name in ("unborn", "nothing"):
        assert tools["stage"].isna()[f"odd/{name}"]
        assert tools.loc[f"odd/{name}", "unknown"]
    notes = Manifest.read(odd_lives / FOLDER / SNAPSHOT).notes
    assert "Dates before 1990 are left out; so many tools have some: 2." in notes
    assert "Dates after their observation are left out; so many tools have some: 1." in notes


def test_what_no_table_may_say_is_listed(odd_lives: Path) -> None:
    """A negative number, one beyond belief, and the day of a tool that is not there."""
    rejects = (odd_lives / "snapshots" / SNAPSHOT / "rejects.jsonl").read_text()
    assert "-3 is not a whole number of 0 or more" in rejects
    assert "1000000000000000000 is more than can happen in a month" in rejects
    assert "odd/nobody is not in the draft" in rejects


@pytest.mark.parametrize("n", [1, 2])
def test_one_or_two_tools_are_told_of_without_shares_or_curves(tmp_path: Path, n: int) -> None:
    """Too few to tell anything of a whole; each command ends well."""
    workspace = write_history_study(tmp_path / "ws", made_up_tools()[1 : 1 + n])
    told(workspace, "run")
    tables = api.open(workspace).history()
    assert tables["tools"]["stage"].notna().all()
    assert (tables["curves"]["months"] == 0).all()
    for name in ("show", "growth", "survival", "shares", "together"):
        assert told(workspace, "insights", name)


CLONES = """\
[study]
name = "clones"
title = "Clones"

[[sources]]
snapshot = "2024-01-01.clones"
kind = "git"
files = ["clones"]
observed_at = 2024-01-01

[history]
snapshots = ["2024-01-01.clones"]
"""


def test_clones_are_told_of_without_any_name_of_a_person(tmp_path: Path) -> None:
    """From git to the stage, with people, and whom it rests on; no name and no address is kept."""
    days = [f"2023-{month:02}-03" for month in range(1, 13)]
    commits = [Made(day, (ADA, BEN)[at % 3 == 2]) for at, day in enumerate(days)]
    history_of(tmp_path / "clones/acme/forge", [*commits, Made("2023-12-05", DEPENDABOT)])
    history_of(tmp_path / "clones/acme/kiln", commits[:2])
    (tmp_path / "study.toml").write_text(CLONES)
    told(tmp_path, "run")
    tools = api.open(tmp_path).history()["tools"].set_index("full_name")
    assert tools["stage"].to_dict() == {"acme/forge": "emerging", "acme/kiln": "dormant"}
    assert tools.loc["acme/forge", ["commits", "newcomers", "silent_months"]].tolist() == [12, 2, 0]
    assert tools.loc["acme/kiln", "silent_months"] == 10
    written = b"".join(path.read_bytes() for path in tmp_path.glob("[is]*/**/*") if path.is_file())
    for part in (b"Ada", b"Ben Short", b"acme.org", b"dependabot"):
        assert part not in written


NUMBERS = st.one_of(st.none(), st.integers(0, 10**6))
CONTENTS = st.fixed_dictionaries(
    {
        "commits": st.none() | st.lists(st.sampled_from([0, 0, 1, 7, 400]), max_size=70),
        "cut": st.integers(0, 3),
        "birth": st.sampled_from(["2009-05", "2015-01", "2019-12"]),
        "kind": st.sampled_from([None, "tool"]),
        "owner_type": st.sampled_from([None, "User", "Organization"]),
        "topics": st.sampled_from([None, frozenset(), frozenset({"docker", "mlflow", "dvc"})]),
        "archived": st.sampled_from([None, False, True]),
        "absence_factor": NUMBERS,
        "identities": NUMBERS,
        "numbers": st.fixed_dictionaries({"stars": NUMBERS, "forks": NUMBERS}),
    },
    optional={
        "observed_at": st.sampled_from([None, day("2001-01"), day("2018-06"), day("2026-01")]),
        "created_at": st.sampled_from([None, day("2030-01")]),
        "first_commit_at": st.none(),
        "entered_at": st.sampled_from([day("2012-01"), day("2040-01")]),
        "last_commit_at": st.sampled_from([day("1990-01"), day("2016-01"), day("2040-01")]),
        "ended": st.just("archived"),
        "ended_at": st.sampled_from([day("2001-01"), day("2017-01"), day("2040-01")]),
    },
)
NAMED = {
    name: NamedTool(f"{name}/{name}", category)
    for name, category in (("mlflow", "Tracking"), ("dvc", None))
}


@settings(max_examples=25)
@given(st.lists(CONTENTS, max_size=14))
def test_whatever_the_tools_are_all_figures_are_numbers_or_unknown(
    contents: list[dict[str, Any]],
) -> None:
    """Nothing is raised, and no table holds NaN or an infinite number."""
    tools = [living(name=f"owner/{at}", **each) for at, each in enumerate(contents)]
    parts = HistoryParts(
        snapshot=Path(),
        settings=HistorySettings(smallest_group=3, smallest_pair=1),
        families=read_families(find_families("mlops", where="")),
        told=Told(),
        named=NAMED,
        placed=None,
    )
    history = telling.history_of(together(*tools), parts, SilentProgress())
    for name, row, _ in history_tables():
        for value in getattr(history, name):
            assert all(math.isfinite(each) for each in numbers_in(asdict(value))), value
        table_of(getattr(history, name), row)


def numbers_in(value: object) -> Iterator[float]:
    """Yield the numbers in a value of dictionaries and sequences."""
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from numbers_in(each)
    elif isinstance(value, float):
        yield value
