"""Snapshots that grow: a sealed one is extended into a new one, and studies grow with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO

import pytest
from label_studies import opsatlas
from small_study import SNAPSHOT, planted_rows, write_study
from writers import tree

from artifacts.errors import ArtifactError, ConfigError, OpsatlasError
from artifacts.files import new_file
from artifacts.progress import SilentProgress
from mining import commits, snapshots
from mining.drafts import SourceRecord, open_draft
from mining.extending import extend
from mining.reading import Rejects
from mining.sources.readmes import import_readmes
from mining.sources.tabular import import_issues, import_repositories
from opsatlas.cli.session import open_study
from opsatlas.steps import make_snapshots
from opsatlas.study import read_study

MORE, THIRD = "2024-01-01.more", "2024-02-01.more"
GROWN = f"""
[[sources]]
snapshot = "{MORE}"
extends = "{SNAPSHOT}"
kind = "readmes"
files = ["readmes"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a study of two tools, and a README and an issue to add."""
    write_study(tmp_path, planted_rows(2))
    home = tmp_path / "readmes" / "acme" / "serving-0"
    home.mkdir(parents=True)
    (home / "README.md").write_text("# Serving\n\nServes models.\n")
    (tmp_path / "issues.csv").write_text("repo,number,title\nacme/serving-0,1,Faster\n")
    return tmp_path


@pytest.fixture
def old(folder: Path) -> Path:
    """Return the folder of a sealed snapshot, one of whose rows was rejected."""
    (folder / "odd.csv").write_text("full_name,stars\nacme/odd,many\nacme/good,3\n")
    place = folder / "ws" / "snapshots" / SNAPSHOT
    import_repositories([folder / "tools.jsonl"], place)
    import_repositories([folder / "odd.csv"], place)
    snapshots.seal(place)
    return place


def made(folder: Path, more: str = "", rebuild: tuple[str, ...] = ()) -> Path:
    """Make the snapshots of a study to which this is added; return the folder they are in."""
    path = folder / "study.toml"
    if more:
        path.write_text(path.read_text() + more)
    pipeline = open_study(str(path), folder / "ws", progress=SilentProgress())
    make_snapshots(pipeline, rebuild)
    return folder / "ws" / "snapshots"


def refused(folder: Path, more: str = "", rebuild: tuple[str, ...] = ()) -> str:
    """Return the error of such a study, which leaves every snapshot as it was."""
    before = tree(folder / "ws" / "snapshots")
    with pytest.raises(OpsatlasError) as caught:
        made(folder, more, rebuild)
    assert tree(folder / "ws" / "snapshots") == before
    return str(caught.value)


# A snapshot


def test_a_snapshot_is_extended_by_what_is_imported_into_the_new_one(
    folder: Path, old: Path
) -> None:
    """The new one has all rows, takes more, and names its parent; not a byte of that changes."""
    before = tree(old)
    new = old.with_name(MORE)
    begun = extend(old, new)
    assert (begun.rows, begun.is_sealed) == ({"repositories": 3}, False)
    assert (new / "repositories.parquet").read_bytes() == (
        old / "repositories.parquet"
    ).read_bytes()
    import_readmes([folder / "readmes"], new)
    import_issues([folder / "issues.csv"], new)
    sealed = snapshots.seal(new)
    parent = snapshots.open_snapshot(old)
    assert sealed.rows == {"repositories": 3, "readmes": 1, "issues": 1}
    assert sealed.parent is not None
    assert sealed.parent.snapshot == SNAPSHOT
    assert sealed.parent.content_hash == parent.manifest.content_hash
    assert [source.command for source in sealed.sources] == ["readmes", "issues"]
    assert sealed.inherited == parent.sources
    assert sealed.manifest.counts["repositories"] == parent.manifest.counts["repositories"]
    assert (new / "rejects.jsonl").read_bytes() == (old / "rejects.jsonl").read_bytes()
    assert snapshots.verify(new).problems == ()
    assert tree(old) == before
    whole = old.with_name("2024-01-02.whole")
    import_repositories([folder / "tools.jsonl"], whole)
    import_repositories([folder / "odd.csv"], whole)
    import_readmes([folder / "readmes"], whole)
    import_issues([folder / "issues.csv"], whole)
    assert snapshots.seal(whole).manifest.content_hash == sealed.manifest.content_hash


def test_rejects_of_a_parent_stay_where_a_file_of_the_same_name_is_imported(
    folder: Path, old: Path
) -> None:
    """Every month's file has one name: each rejected row that is counted is listed."""
    new = old.with_name(MORE)
    extend(old, new)
    (folder / "odd.csv").write_text("full_name,stars\nacme/new,few\nacme/better,4\n", "utf-8")
    import_repositories([folder / "odd.csv"], new)
    lines = (new / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    rejected = [json.loads(line)["reason"] for line in lines]
    assert ["few" in rejected[0], "many" in rejected[1], len(rejected)] == [True, True, 2]


def test_an_extension_is_extended_again(folder: Path, old: Path) -> None:
    """Every snapshot of a line knows where all its rows come from."""
    new, third = old.with_name(MORE), old.with_name(THIRD)
    extend(old, new)
    import_readmes([folder / "readmes"], new)
    snapshots.seal(new)
    extend(new, third)
    commands = [source.command for source in snapshots.open_snapshot(third).inherited]
    assert commands == ["repositories", "repositories", "readmes"]


def test_what_takes_the_place_of_other_values_is_told(folder: Path, old: Path) -> None:
    """Without times the newer import counts, and it says so; the same again is no news."""
    new = old.with_name(MORE)
    extend(old, new)
    assert import_readmes([folder / "readmes"], new).source.notes == []
    (folder / "readmes" / "acme" / "serving-0" / "README.md").write_text("# Serving\n\nBetter.\n")
    (told,) = import_readmes([folder / "readmes"], new).source.notes
    assert told.startswith("1 readmes differ from those of an earlier import")
    assert snapshots.load_table(new, "readmes")["text"].to_pylist() == ["# Serving\n\nBetter.\n"]
    assert import_readmes([folder / "readmes"], new).source.notes == []


def test_extending_again_changes_nothing(folder: Path, old: Path) -> None:
    """What was imported meanwhile stays, and sealed it stays sealed."""
    new = old.with_name(MORE)
    extend(old, new)
    import_readmes([folder / "readmes"], new)
    before = tree(new)
    assert extend(old, new).rows == {"repositories": 3, "readmes": 1}
    snapshots.seal(new)
    assert extend(old, new).is_sealed
    assert tree(new).keys() == before.keys()


@pytest.mark.parametrize("step", range(4))
def test_an_extension_that_is_cut_short_is_not_there_or_whole(
    old: Path, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write the disk refuses, nothing is half-written, and the next try succeeds."""
    n_written = 0

    def failing(path: Path) -> AbstractContextManager[BinaryIO]:
        nonlocal n_written
        n_written += 1
        if n_written > step:
            raise KeyboardInterrupt
        return new_file(path)

    new = old.with_name(MORE)
    with monkeypatch.context() as patched:
        patched.setattr(commits, "new_file", failing)
        try:
            extend(old, new)
        except KeyboardInterrupt:
            assert not new.exists()
    assert extend(old, new).rows == {"repositories": 3}
    assert snapshots.verify(new).problems == ()


def test_a_mined_snapshot_takes_files(folder: Path, old: Path) -> None:
    """Its rows come from GitHub still; of itself the extension has only what it imported."""
    mined, new = old.with_name("2024-01-03.topics"), old.with_name("2024-01-03.more")
    draft = open_draft(mined)
    draft.add("repositories", snapshots.load_table(old, "repositories"))
    draft.commit(SourceRecord(command="github", files=[], counts={}), Rejects())
    snapshots.seal(mined)
    extend(mined, new)
    import_readmes([folder / "readmes"], new)
    grown = snapshots.seal(new)
    assert [source.command for source in grown.inherited] == ["github"]
    assert [source.command for source in grown.sources] == ["readmes"]
    assert grown.rows == {"repositories": 3, "readmes": 1}


def unsealed(old: Path) -> None:
    """Make a draft of the parent's name."""
    shutil.rmtree(old)
    import_repositories([old.parent.parent.parent / "tools.jsonl"], old)


@pytest.mark.parametrize(
    ("prepare", "new", "said"),
    [
        (lambda _: None, SNAPSHOT, "cannot extend itself"),
        (shutil.rmtree, MORE, f"There is no snapshot {SNAPSHOT}"),
        (unsealed, MORE, "is still a draft"),
        (lambda old: (old / "x").write_text(""), MORE, "changed after it was sealed: x"),
        (
            lambda old: import_repositories(
                [old.parent.parent.parent / "odd.csv"], old.with_name(MORE)
            ),
            MORE,
            f"is there already and extends none, not {SNAPSHOT}",
        ),
    ],
)
def test_what_cannot_be_extended_is_refused(
    old: Path, prepare: Callable[[Path], object], new: str, said: str
) -> None:
    """One clear error, and nothing is written."""
    prepare(old)
    before = tree(old.parent)
    with pytest.raises(OpsatlasError) as caught:
        extend(old, old.with_name(new))
    assert said in str(caught.value)
    assert tree(old.parent) == before


def test_a_parent_that_is_another_now_is_told(folder: Path, old: Path) -> None:
    """An extension is of the very rows that its parent had."""
    new = old.with_name(MORE)
    extend(old, new)
    unsealed(old)
    snapshots.seal(old)
    with pytest.raises(ArtifactError, match="as it was"):
        extend(old, new)


def test_a_snapshot_is_extended_at_the_command_line(folder: Path, old: Path) -> None:
    """Extend, import with --seal, look: each says what is there, and where from."""
    ws = ("-w", folder / "ws")
    done = opsatlas("snapshot", "extend", SNAPSHOT, "--into", MORE, *ws)
    assert f"✓ {MORE} (draft) extends {SNAPSHOT} and holds: repositories 3" in done.out
    assert f"opsatlas import readmes FOLDER --snapshot {MORE} --seal" in done.out
    done = opsatlas("import", "readmes", folder / "readmes", "-s", MORE, "--seal", *ws)
    assert f"{MORE} (sealed) now holds: repositories 3, readmes 1" in done.out, done.err
    shown = opsatlas("snapshot", "show", MORE, *ws).out
    assert f"extends {SNAPSHOT}, content " in shown
    assert shown.index("from repositories") < shown.index("from readmes")
    again = opsatlas("import", "readmes", folder / "readmes", "-s", SNAPSHOT, *ws)
    assert (again.code, f"opsatlas snapshot extend {SNAPSHOT} --into" in again.err) == (2, True)


# A study


def test_a_study_grows_by_a_source_that_extends(folder: Path) -> None:
    """The parent is made first, wherever it stands, and stays; a second run changes nothing."""
    text = (folder / "study.toml").read_text()
    place = made(folder)
    before = tree(place / SNAPSHOT)
    made(folder, GROWN)
    assert tree(place / SNAPSHOT) == before
    grown = snapshots.open_snapshot(place / MORE)
    assert (grown.rows, grown.is_sealed) == ({"repositories": 2, "readmes": 1}, True)
    whole = tree(place)
    made(folder)
    assert tree(place) == whole
    shutil.rmtree(folder / "ws")
    (folder / "study.toml").write_text(text.replace("[[sources]]", f"{GROWN}\n[[sources]]", 1))
    made(folder)
    assert snapshots.open_snapshot(place / MORE).manifest.key == grown.manifest.key


def test_a_grown_study_that_was_interrupted_goes_on(folder: Path) -> None:
    """A draft that extends and holds the first of two imports is completed."""
    place = made(folder)
    extend(place / SNAPSHOT, place / MORE)
    import_readmes([folder / "readmes"], place / MORE)
    issues = f'\n[[sources]]\nsnapshot = "{MORE}"\nkind = "issues"\nfiles = ["issues.csv"]\n'
    made(folder, GROWN + issues)
    rows = snapshots.open_snapshot(place / MORE).rows
    assert rows == {"repositories": 2, "readmes": 1, "issues": 1}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (GROWN.replace(MORE, SNAPSHOT), f"{SNAPSHOT} extends {SNAPSHOT}"),
        (
            GROWN
            + GROWN.replace(MORE, "x").replace(SNAPSHOT, MORE).replace('"x"', f'"{SNAPSHOT}"'),
            f"{MORE} extends {SNAPSHOT} extends {MORE}",
        ),
        (GROWN + GROWN.replace(SNAPSHOT, THIRD), "it can extend one snapshot"),
    ],
)
def test_extensions_in_a_circle_contradict_the_study(folder: Path, more: str, said: str) -> None:
    """A snapshot extends one other, and none extends itself by however many steps."""
    path = folder / "study.toml"
    path.write_text(path.read_text() + more)
    with pytest.raises(ConfigError, match="contradicts itself") as caught:
        read_study(path)
    assert said in str(caught.value)


def test_a_parent_that_is_not_there_is_told(folder: Path) -> None:
    """A study extends what its sources make, or what the workspace has."""
    assert f"There is no snapshot {THIRD} in the workspace" in refused(
        folder, GROWN.replace(SNAPSHOT, THIRD)
    )


def test_what_a_study_names_otherwise_is_told_with_the_ways_on(folder: Path) -> None:
    """What was added, changed or left out; and that a snapshot grows, or is made anew."""
    made(folder)
    added = refused(folder, GROWN.replace(MORE, SNAPSHOT).replace(f'extends = "{SNAPSHOT}"\n', ""))
    assert "the study also names readmes (readmes)" in added
    assert f'a new snapshot id and extends = "{SNAPSHOT}"' in added
    assert f"opsatlas run --rebuild {SNAPSHOT}" in added
    write_study(folder, planted_rows(3))
    changed = refused(folder)
    assert "other content than was imported: tools.jsonl" in changed
    assert "give the study's sources a new snapshot id; or" in changed
    path = folder / "study.toml"
    path.write_text(path.read_text().replace("tools.jsonl", "issues.csv"))
    gone = refused(folder)
    assert "the study also names repositories (issues.csv)" in gone
    assert "the study does not name repositories (tools.jsonl)" in gone


def test_a_snapshot_of_files_is_made_anew_where_that_is_asked_for(folder: Path) -> None:
    """It has the rows of the files as they are now; where nothing is other, nothing is made."""
    place = made(folder)
    write_study(folder, planted_rows(3))
    made(folder, rebuild=(SNAPSHOT,))
    rebuilt = snapshots.open_snapshot(place / SNAPSHOT)
    assert (rebuilt.rows, rebuilt.is_sealed) == ({"repositories": 3}, True)
    assert snapshots.verify(place / SNAPSHOT).problems == ()
    before = tree(place)
    made(folder, rebuild=(SNAPSHOT,))
    assert tree(place) == before
    (place / f".{SNAPSHOT}.building").mkdir()  # as if it was killed between its two moves
    (place / SNAPSHOT).rename(place / f".{SNAPSHOT}.building" / "before")
    made(folder)
    assert [path.name for path in place.iterdir()] == [SNAPSHOT]
    assert snapshots.open_snapshot(place / SNAPSHOT).manifest.files == rebuilt.manifest.files


def test_a_snapshot_that_cannot_be_made_anew_stays(folder: Path) -> None:
    """Where its files are broken, another extends it, or the study has no files for it."""
    place = made(folder)
    extend(place / SNAPSHOT, place / MORE)
    (folder / "tools.jsonl").write_text('{"full_name": "acme/other"}\n')
    assert f"Snapshot {MORE} extends {SNAPSHOT}" in refused(folder, rebuild=(SNAPSHOT,))
    assert f"no files for the snapshot {THIRD}" in refused(folder, rebuild=(THIRD,))
    shutil.rmtree(place / MORE)
    (folder / "tools.jsonl").write_text('{"name": 1}\n')
    assert "No column gives the full name" in refused(folder, rebuild=(SNAPSHOT,))
