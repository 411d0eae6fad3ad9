"""Histories imported into snapshots: from clones, from tables, and by a study."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from command_line import opsatlas
from writers import tree

from artifacts.errors import InputError
from artifacts.progress import SilentProgress
from insights.history.months import month_from
from insights.history.population import read_population
from mining.extending import extend
from mining.snapshots import load_table, seal, verify
from mining.sources.git import import_git
from mining.sources.importing import FileSource
from mining.sources.tabular import import_histories, import_repositories
from opsatlas.cli.session import open_study
from opsatlas.steps import make_snapshots
from tests.clones import MADE_AT, git
from tests.made_histories import BEN, DEPENDABOT, Made, history_of

DAY = datetime(2024, 1, 1, tzinfo=UTC)
COMMITS = (
    Made("2023-11-01", files={"a.py": "1"}),
    Made("2023-11-02", BEN),
    Made("2023-12-01", DEPENDABOT),
)


@pytest.fixture
def clones(tmp_path: Path) -> Path:
    """Return a folder with two clones that say nothing of their day."""
    history_of(tmp_path / "clones/acme/forge", COMMITS)
    history_of(tmp_path / "clones/acme/kiln", COMMITS[:1])
    return tmp_path / "clones"


def rows(draft: Path, name: str) -> dict[str, dict[str, Any]]:
    """Return the rows of a table by repository; of activity, those of November."""
    every = load_table(draft, name).to_pylist()
    return {row["repo_key"]: row for row in every if row.get("month") in {None, "2023-11"}}


def table(folder: Path, text: str, name: str = "table.csv") -> Path:
    """Write a table; return where it is."""
    (folder / name).write_text(text)
    return folder / name


def rejected(draft: Path) -> dict[str, str]:
    """Return why what was rejected."""
    entries = map(json.loads, (draft / "rejects.jsonl").read_text().splitlines())
    return {entry["file"]: entry["reason"] for entry in entries}


def test_clones_fill_a_draft_and_the_same_again_nothing(tmp_path: Path, clones: Path) -> None:
    """Repositories that the draft lacks are added; what is as before is not read again."""
    draft = tmp_path / "d"
    summary = import_git([clones], draft, observed_at=DAY)
    assert summary.rows_now == {"repositories": 2, "histories": 2, "activity": 3}
    assert rows(draft, "repositories")["name:acme/forge"]["source"] == "git"
    assert rows(draft, "activity")["name:acme/forge"]["people"] == 2
    before = tree(draft)
    again = import_git([clones], draft, observed_at=DAY)
    assert tree(draft) == before
    assert again.source.counts["histories"].kept == 0
    assert again.rows_now == summary.rows_now


class Impatient(SilentProgress):
    """Ends a run as soon as something is done."""

    def advance(self, steps: int = 1) -> None:
        """End it."""
        raise KeyboardInterrupt


def test_an_import_cut_short_reads_no_clone_twice(tmp_path: Path, clones: Path) -> None:
    """What was read is kept beside the draft until it is in it; what cannot be read is no harm."""
    whole, draft = tmp_path / "whole", tmp_path / "d"
    import_git([clones], whole, observed_at=DAY)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            import_git([clones], draft, observed_at=DAY, progress=Impatient())
    (kept,) = tmp_path.glob(".d.runs/*")
    told = zstandard.decompress(kept.read_bytes())
    kept.write_bytes(zstandard.compress(told.replace(b'"roots": 1', b'"roots": 7')))
    import_git([clones], draft, observed_at=DAY)
    roots = sorted(row["roots"] for row in rows(draft, "histories").values())
    assert roots == [1, 7]  # that was not read again
    assert not list(tmp_path.glob(".d.runs"))
    assert load_table(draft, "activity").equals(load_table(whole, "activity"))
    with pytest.raises(KeyboardInterrupt):
        import_git([clones], tmp_path / "e", observed_at=DAY, progress=Impatient())
    (kept,) = tmp_path.glob(".e.runs/*")
    kept.write_bytes(b"torn")
    import_git([clones], tmp_path / "e", observed_at=DAY)
    assert (tmp_path / "e/histories.parquet").read_bytes() == (
        whole / "histories.parquet"
    ).read_bytes()


def test_what_changed_is_read_anew_and_replaces_what_was_read(tmp_path: Path, clones: Path) -> None:
    """Months that are no longer there go; those of the other clone, and releases, stay."""
    draft = tmp_path / "d"
    told = table(tmp_path, "full_name,observed_at,entered_at\nacme/kiln,2024-01-01,2023-01-18\n")
    import_repositories([table(tmp_path, "full_name\nacme/kiln\n", "r.csv")], draft)
    import_histories([told], draft)
    import_git([clones], draft)
    assert rows(draft, "histories")["name:acme/kiln"]["observed_at"] == DAY
    kiln = clones / "acme/kiln"
    git(kiln, "update-ref", "refs/heads/main", git(kiln, "commit-tree", "-m", "x", "main^{tree}"))
    summary = import_git([clones], draft)
    assert summary.source.counts["histories"].kept == 1
    history = rows(draft, "histories")["name:acme/kiln"]
    assert history["observed_at"] is None  # of another state
    assert history["entered_at"] == datetime(2023, 1, 18, tzinfo=UTC)
    assert history["first_commit_at"] == datetime.fromtimestamp(MADE_AT, UTC)
    assert rows(draft, "activity")["name:acme/kiln"]["commits"] == 1
    assert rows(draft, "activity")["name:acme/forge"]["commits"] == 2


def test_a_day_that_a_table_tells_ends_the_reason_why_there_was_none(tmp_path: Path) -> None:
    """Whatever else is unknown of the clone stays unknown, and said."""
    draft = tmp_path / "d"
    clone = history_of(tmp_path / "clones/acme/forge", COMMITS)
    history_of(tmp_path / "clones/acme/kiln", COMMITS)
    (clone / "shallow").write_text(git(clone, "rev-parse", "main") + "\n")
    import_git([tmp_path / "clones"], draft)
    assert all("observed_at" in row["reason"] for row in rows(draft, "histories").values())
    told = "full_name,observed_at\nacme/forge,2024-01-01\nacme/kiln,2024-01-01\n"
    import_histories([table(tmp_path, told)], draft)
    reasons = {key: row["reason"] for key, row in rows(draft, "histories").items()}
    assert reasons["name:acme/kiln"].startswith("absence_factor is of the year before")
    import_git([tmp_path / "clones"], draft)
    assert rows(draft, "histories")["name:acme/kiln"]["absence_factor"] == 1
    assert rows(draft, "histories")["name:acme/kiln"]["reason"] is None
    assert "shallow" in reasons["name:acme/forge"]
    assert "observed_at" not in reasons["name:acme/forge"]


def test_a_day_that_an_option_told_goes_with_it(tmp_path: Path, clones: Path) -> None:
    """Read again without it, a clone has no day; what a table tells afterwards counts again."""
    draft = tmp_path / "d"
    import_git([clones], draft, observed_at=DAY)
    import_git([clones], draft)
    history = rows(draft, "histories")["name:acme/forge"]
    assert (history["observed_at"], history["absence_factor"]) == (None, None)
    import_histories([table(tmp_path, "full_name,observed_at\nacme/forge,2023-12-15\n")], draft)
    import_git([clones], draft)
    history = rows(draft, "histories")["name:acme/forge"]
    assert history["observed_at"] == datetime(2023, 12, 15, tzinfo=UTC)
    assert history["absence_factor"] == 1


def test_no_table_says_more_than_was_read(tmp_path: Path, clones: Path) -> None:
    """Months after the day up to which a clone was read were not counted: they are not silent."""
    draft = tmp_path / "d"
    day = datetime(2023, 11, 15, tzinfo=UTC)
    import_git([clones], draft, observed_at=day)
    told = "full_name,observed_at\nacme/forge,2024-01-01\nacme/kiln,2023-11-15\n"
    import_histories([table(tmp_path, told)], draft)
    assert rows(draft, "histories")["name:acme/forge"]["observed_at"] == day
    assert "was read up to 2023-11-15" in rejected(draft)["table.csv"]


def test_a_table_takes_no_flag_back(tmp_path: Path) -> None:
    """That older commits were not counted stays true, whatever another source finds odd."""
    draft = tmp_path / "d"
    import_repositories([table(tmp_path, "full_name\nacme/forge\n", "r.csv")], draft)
    for flag in ("older commits not counted", "moved"):
        told = f"full_name,observed_at,flags\nacme/forge,2024-01-01,{flag}\n"
        import_histories([table(tmp_path, told)], draft)
    (history,) = rows(draft, "histories").values()
    assert history["flags"] == ["moved", "older commits not counted"]


def test_no_day_of_observation_is_to_come(tmp_path: Path, clones: Path) -> None:
    """A year mistyped would make every month until then a silent one."""
    draft = tmp_path / "d"
    with pytest.raises(InputError, match="yet to come"):
        import_git([clones], draft, observed_at=datetime(2206, 1, 1, tzinfo=UTC))
    import_git([clones], draft)
    with pytest.raises(InputError, match="No row can be used"):
        import_histories([table(tmp_path, "repo,observed_at\nacme/kiln,2206-01-01\n")], draft)


def test_commits_of_a_month_are_counted_by_one_source(tmp_path: Path, clones: Path) -> None:
    """A table that comes later tells no one apart: its counts are no sum of a clone's parts."""
    draft = tmp_path / "2024-01-01.a"
    import_git([clones], draft, observed_at=DAY)
    told = '{"full_name": "acme/forge", "commits_per_month": {"2023-11": 9, "2023-10": 4}}\n'
    import_repositories([table(tmp_path, told, "r.jsonl")], draft)
    forge = rows(draft, "activity")["name:acme/forge"]
    assert (forge["commits"], forge["human"], forge["people"]) == (2, 2, 2)
    seal(draft)
    tools = {tool.full_name: tool.monthly for tool in read_population(draft).tools}
    assert list(tools["acme/forge"]["commits"]) == [4, 2, 1, 0]
    assert "human" not in tools["acme/forge"]  # of October nobody knows whose the four were
    assert list(tools["acme/kiln"]["human"]) == [1, 0, 0]


def test_a_last_commit_after_its_observation_is_no_sign_of_life(tmp_path: Path) -> None:
    """By a clock that was not set a tool would live for ever; clocks a day ahead are believed."""
    draft = tmp_path / "2024-01-01.a"
    told = "full_name,last_commit_at\nacme/forge,2100-01-01\nacme/kiln,2024-01-02\n"
    import_repositories([table(tmp_path, told, "r.csv")], draft)
    told = "full_name,observed_at\nacme/forge,2024-01-01\nacme/kiln,2024-01-01\n"
    import_histories([table(tmp_path, told)], draft)
    seal(draft)
    forge, kiln = sorted(read_population(draft).tools, key=lambda tool: tool.full_name)
    assert (forge.last_commit_at, forge.flags) == (None, ("future dates",))
    assert (kiln.last_commit_at, kiln.flags) == (datetime(2024, 1, 2, tzinfo=UTC), ())


def test_addresses_of_bots_are_no_people(tmp_path: Path) -> None:
    """Where a clone tells that no person committed, a table's count of addresses is not theirs."""
    draft = tmp_path / "2024-01-01.a"
    history_of(tmp_path / "clones/acme/forge", COMMITS[2:])
    told = table(tmp_path, "full_name,commit_authors\nacme/forge,1\n", "r.csv")
    import_repositories([told], draft)
    import_git([tmp_path / "clones"], draft, observed_at=DAY)
    seal(draft)
    (tool,) = read_population(draft).tools
    assert tool.identities == 0


def test_months_before_a_shallow_clone_s_cut_are_unknown(tmp_path: Path) -> None:
    """Also where another source tells of an earlier beginning: they are not silent."""
    draft = tmp_path / "2024-01-01.a"
    origin = history_of(tmp_path / "origin", COMMITS)
    (tmp_path / "clones").mkdir()
    git(tmp_path / "clones", "clone", "-q", "--depth=2", f"file://{origin}", "acme/forge")
    told = "full_name,first_commit_at\nacme/forge,2021-01-01\n"
    import_repositories([table(tmp_path, told)], draft)
    import_git([tmp_path / "clones"], draft, observed_at=DAY)
    seal(draft)
    (tool,) = read_population(draft).tools
    assert tool.first_month == month_from("2023-12")
    assert list(tool.monthly["commits"]) == [1, 0]


def test_a_branch_may_have_any_name(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 end no import, though a reason names the branch."""
    origin = history_of(tmp_path / "origin", (Made("2023-01-01", files={".mailmap": "A <a@b.c>"}),))
    git(origin, "config", "uploadpack.allowFilter", "true")
    git(origin, "branch", "-m", "main", "\udcff\udcfe")
    (tmp_path / "clones").mkdir()
    partial = ("--bare", "--filter=blob:none", f"file://{origin}")
    git(tmp_path / "clones", "clone", "-q", *partial, "acme/forge")
    import_git([tmp_path / "clones"], tmp_path / "d", observed_at=DAY)
    assert ".mailmap" in rows(tmp_path / "d", "histories")["name:acme/forge"]["reason"]


def test_tables_are_joined_by_name_and_former_name(tmp_path: Path) -> None:
    """Days of observation find their repository; strangers and bad values are listed."""
    draft = tmp_path / "d"
    known = '{"full_name": "acme/forge", "id": 7, "node_id": "x", "aliases": ["acme/anvil"]}\n'
    import_repositories([table(tmp_path, known, "r.jsonl")], draft)
    told = "repository,observed_at,squash_share\nAcme/Anvil,2024-01-01,0.5\nno/body,2024-01-01,\n"
    summary = import_histories([table(tmp_path, told)], draft)
    assert rows(draft, "histories")["gh:7"]["observed_at"] == DAY
    assert rows(draft, "histories")["gh:7"]["squash_share"] == 0.5
    assert "no/body is not in the draft" in rejected(draft)["table.csv"]
    assert summary.source.counts["histories"].read == 2
    with pytest.raises(InputError, match="No row can be used"):
        import_histories([table(tmp_path, "repo,observed_at\na/b,yesterday\n", "bad.csv")], draft)


def test_a_clone_finds_the_repository_that_is_there(tmp_path: Path, clones: Path) -> None:
    """By a former name too; a second clone of the same repository is refused."""
    draft = tmp_path / "d"
    known = '{"full_name": "acme/new", "id": 7, "node_id": "x", "aliases": ["acme/forge"]}\n'
    import_repositories([table(tmp_path, known, "r.jsonl")], draft)
    history_of(clones / "acme/new", COMMITS)
    import_git([clones], draft, observed_at=DAY)
    assert set(rows(draft, "histories")) == {"gh:7", "name:acme/kiln"}
    assert rejected(draft) == {"acme/new": "the same repository as acme/forge"}


def test_no_name_and_no_address_is_written(tmp_path: Path, clones: Path) -> None:
    """Only counts leave: the bytes of no file hold who committed."""
    import_git([clones], tmp_path / "d", observed_at=DAY, with_truck_factor=True)
    written = b"".join(path.read_bytes() for path in (tmp_path / "d").rglob("*") if path.is_file())
    read = repr(
        [load_table(tmp_path / "d", name).to_pylist() for name in ("histories", "activity")]
    )
    for part in ("Ada", "Long", "Ben Short", "acme.org", "dependabot"):
        assert part.encode() not in written
        assert part not in read


def test_histories_survive_sealing_and_extending(tmp_path: Path, clones: Path) -> None:
    """A snapshot with histories is whole, and one that extends it begins with them."""
    first, second = tmp_path / "s/2024-01-01.a", tmp_path / "s/2024-02-01.b"
    import_git([clones], first, observed_at=DAY)
    seal(first)
    assert verify(first).problems == ()
    extend(first, second)
    known = '{"full_name": "acme/forge", "id": 7, "node_id": "x"}\n'
    import_repositories([table(tmp_path, known, "r.jsonl")], second)
    assert rows(second, "histories")["gh:7"]["commits"] == 3
    assert rows(second, "activity")["gh:7"]["people"] == 2
    seal(second)
    assert verify(second).problems == ()


def test_what_is_no_clone_is_listed(tmp_path: Path, clones: Path) -> None:
    """Folders without git, odd names and broken clones each get a word, and stop nothing."""
    (clones / "acme/plain").mkdir()
    history_of(clones / "acme/odd name", COMMITS)
    history_of(clones / "acme/headless", COMMITS)
    git(clones / "acme/headless", "symbolic-ref", "HEAD", "refs/heads/none")
    draft = tmp_path / "d"
    summary = import_git([clones], draft, observed_at=DAY)
    assert rejected(draft) == {
        "acme/odd name": "its folders do not make a repository's name (owner/name)",
        "acme/plain": "it is no git repository",
    }
    headless = rows(draft, "histories")["name:acme/headless"]
    assert headless["flags"] == ["unreadable"]
    assert headless["reason"] == "its HEAD leads to no commit that is there"
    assert headless["commits"] is None
    assert "Clones that are unreadable: 1." in summary.source.notes
    with pytest.raises(InputError, match="no project in this folder"):
        import_git([clones / "acme/plain"], tmp_path / "e")


def test_without_git_nothing_is_read(
    tmp_path: Path, clones: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git is not on the PATH, the error says so."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="git is not on the PATH"):
        import_git([clones], tmp_path / "d")


def test_a_study_names_clones(tmp_path: Path, clones: Path) -> None:
    """Sources of the kinds git and histories are imported by a run, and again only if changed."""
    table(tmp_path, "full_name,observed_at\nacme/forge,2024-01-01\n")
    study = """
[study]
name = "small"
title = "Small"
[[sources]]
snapshot = "2024-01-01.tools"
kind = "repositories"
files = ["table.csv"]
[[sources]]
snapshot = "2024-01-01.tools"
kind = "histories"
files = ["table.csv"]
[[sources]]
snapshot = "2024-01-01.tools"
kind = "git"
files = ["clones"]
truck_factor = true
"""
    path = table(tmp_path, study, "study.toml")
    draft = tmp_path / "ws/snapshots/2024-01-01.tools"
    for _ in range(2):
        make_snapshots(open_study(str(path), tmp_path / "ws", progress=SilentProgress()), ())
    forge, kiln = (rows(draft, "histories")[f"name:acme/{name}"] for name in ("forge", "kiln"))
    assert (forge["observed_at"], forge["truck_factor"]) == (DAY, 1)
    assert kiln["observed_at"] is None
    history_of(clones / "acme/third", COMMITS)
    with pytest.raises(InputError, match="the study also names git"):
        make_snapshots(open_study(str(path), tmp_path / "ws", progress=SilentProgress()), ())


def test_what_is_told_of_clones_is_not_of_tables(tmp_path: Path) -> None:
    """A day of observation beside a table is refused, not passed over."""
    with pytest.raises(InputError, match="told of clones, not of repositories"):
        FileSource(kind="repositories", files=[tmp_path / "table.csv"], observed_at=DAY)


def test_the_commands_say_what_they_did(tmp_path: Path, clones: Path) -> None:
    """`import git` and `import histories` print counts, and how to say a day that is unknown."""
    there = ("-s", "2024-01-01.tools", "-w", str(tmp_path / "ws"))
    printed = opsatlas("import", "git", str(clones), *there).out
    assert "histories: 2 rows read, 2 kept" in printed
    assert "--observed-at" in printed
    told = table(tmp_path, "full_name,observed_at\nacme/forge,2024-01-01\n")
    assert "1 kept" in opsatlas("import", "histories", str(told), *there).out
    again = opsatlas("import", "git", str(clones), *there, "--seal").out
    assert "(sealed)" in again
    draft = tmp_path / "ws/snapshots/2024-01-01.tools"
    assert rows(draft, "histories")["name:acme/forge"]["absence_factor"] == 1
