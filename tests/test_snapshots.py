"""Snapshots: ids, drafts, sealing, verifying, and the commands that show them."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
from command_line import command
from hypothesis import given
from hypothesis import strategies as st

from artifacts import tables
from artifacts.errors import ArtifactError, InputError, StorageError
from artifacts.hashing import hash_if_there
from artifacts.manifest import FILE_NAME, Manifest
from mining import commits, snapshots
from mining.drafts import NothingKeptError
from mining.sources.tabular import import_issues, import_repositories
from mining.tables import SCHEMAS, issue_key, repo_key
from opsatlas.cli.main import main


def write_jsonl(path: Path, *rows: dict[str, object]) -> Path:
    """Write rows as JSONL and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Return a file of two repositories."""
    return write_jsonl(
        tmp_path / "tools.jsonl",
        {"full_name": "acme/forge", "former_names": ["acme/anvil"], "description": "Trains."},
        {"full_name": "acme/kiln", "stars": 7},
    )


@pytest.fixture
def draft(tmp_path: Path, tools: Path) -> Path:
    """Return the folder of a draft with two repositories."""
    folder = snapshots.snapshot_folder(tmp_path / "ws", "2024-02-29.tools")
    import_repositories([tools], folder)
    return folder


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    """Run the command line in this process and return its exit code."""
    monkeypatch.setattr("opsatlas.cli.main.app", command())
    monkeypatch.setattr(sys, "argv", ["opsatlas", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    return int(stopped.value.code or 0)


def test_keys_prefer_the_numeric_id() -> None:
    """A repository's key is its id where known, else its name in lower case."""
    assert repo_key("Acme/Forge", 12) == "gh:12"
    assert repo_key("Acme/Forge") == "name:acme/forge"
    assert issue_key("gh:12", 3) == "gh:12#3"


@pytest.mark.parametrize(
    "snapshot_id",
    ["", "topics", "2023-01-18", "2023-02-30.topics", "2023-01-18.Topics", "2023-01-18.a/b", "../x",
     "2023-01-18.topics\n", "2023-01-18.", "２023-01-18.topics"],
)  # fmt: skip
def test_an_id_that_is_not_date_and_source_is_refused(snapshot_id: str) -> None:
    """Only DATE.SOURCE with a real day names a snapshot."""
    with pytest.raises(InputError, match="not a snapshot id"):
        snapshots.check_id(snapshot_id)


@given(st.dates(), st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True))
def test_every_day_and_plain_word_make_an_id(day: object, word: str) -> None:
    """Any real day with a plain word is an id."""
    assert snapshots.check_id(f"{day}.{word}") == f"{day}.{word}"


def test_a_draft_has_typed_tables_and_hashes(draft: Path) -> None:
    """What an import writes has the declared schema, and the manifest holds its hash."""
    table = snapshots.load_table(draft, "repositories")
    assert table.schema.equals(SCHEMAS["repositories"])
    forge, kiln = table.to_pylist()
    assert (forge["stars"], kiln["stars"]) == (None, 7)
    assert (forge["aliases"], kiln["aliases"]) == (["acme/anvil"], None)
    manifest = Manifest.read(draft)
    assert manifest.facts["state"] == "draft"
    assert set(manifest.files) == {"repositories.parquet"}
    assert manifest.counts["repositories"].kept == 2


def test_a_table_that_a_snapshot_lacks_is_empty(draft: Path) -> None:
    """Loading a table that nothing was imported into gives no rows, of the right schema."""
    table = snapshots.load_table(draft, "issues")
    assert table.num_rows == 0
    assert table.schema.equals(SCHEMAS["issues"])
    with pytest.raises(InputError):
        snapshots.load_table(draft, "dreams")


def test_importing_again_changes_no_byte(draft: Path, tools: Path) -> None:
    """The same import a second time leaves the tables and their counts as they were."""
    before = Manifest.read(draft)
    import_repositories([tools], draft)
    after = Manifest.read(draft)
    assert (after.files, after.counts, after.key) == (before.files, before.counts, before.key)


def test_a_sealed_snapshot_refuses_every_import(draft: Path, tools: Path) -> None:
    """After sealing nothing can be added, and sealing again is harmless."""
    sealed = snapshots.seal(draft)
    assert sealed.is_sealed
    assert snapshots.seal(draft).manifest == sealed.manifest
    with pytest.raises(ArtifactError, match="sealed"):
        import_repositories([tools], draft)
    with pytest.raises(ArtifactError, match="sealed"):
        import_issues([tools], draft)


def test_a_draft_changed_by_hand_is_not_sealed(draft: Path) -> None:
    """Sealing refuses a draft whose files are not those that the imports wrote."""
    (draft / "notes.txt").write_text("mine")
    with pytest.raises(ArtifactError, match=r"notes\.txt"):
        snapshots.seal(draft)


def test_an_intact_snapshot_verifies(draft: Path) -> None:
    """Neither a draft nor a sealed snapshot that nobody touched has a problem."""
    assert snapshots.verify(draft).problems == ()
    snapshots.seal(draft)
    assert snapshots.verify(draft).problems == ()


def test_any_changed_byte_is_found(draft: Path) -> None:
    """Whichever byte of a sealed snapshot flips, its file is named, or the manifest is refused."""
    snapshots.seal(draft)
    for name in ("repositories.parquet", "manifest.json"):
        path = draft / name
        whole = path.read_bytes()
        for at in range(0, len(whole), 29):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            try:
                problems = snapshots.verify(draft).problems
            except ArtifactError:
                assert name == "manifest.json"
            else:
                assert any(problem.startswith(name) for problem in problems), (name, at)
        path.write_bytes(whole)
    assert snapshots.verify(draft).problems == ()


def test_a_missing_and_an_added_file_are_named(draft: Path) -> None:
    """Verifying says which file is gone and which one is new."""
    snapshots.seal(draft)
    (draft / "repositories.parquet").rename(draft / "other.parquet")
    assert snapshots.verify(draft).problems == (
        "other.parquet was added",
        "repositories.parquet is missing",
    )


def test_a_commit_that_is_moved_into_place_meanwhile_is_whole(
    draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files that were aside when they were listed are found where they are when they are read."""
    shutil.copytree(draft, draft / commits.STAGING)
    (draft / "repositories.parquet").write_bytes(b"as it was before")

    def settled(path: Path) -> str | None:
        commits.settle(draft)
        return hash_if_there(path)

    monkeypatch.setattr(commits, "hash_if_there", settled)
    assert snapshots.verify(draft).problems == ()


def test_a_commit_that_is_given_up_meanwhile_is_not_looked_into(
    draft: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever checks a draft does not enter the folder in which a writer is at work."""
    staging, scan = draft / commits.STAGING, os.scandir
    shutil.copytree(draft, staging, ignore=shutil.ignore_patterns(FILE_NAME))
    monkeypatch.setattr(
        os, "scandir", lambda path: scan("gone" if str(path) == str(staging) else path)
    )
    assert snapshots.verify(draft).problems == ()


def test_the_content_hash_leaves_out_the_time_of_fetching(tmp_path: Path, tools: Path) -> None:
    """Two snapshots that differ only in when they were fetched have one content hash."""
    from datetime import UTC, datetime

    hashes = set()
    for day in (1, 2):
        folder = tmp_path / f"2024-01-0{day}.tools"
        import_repositories([tools], folder, fetched_at=datetime(2024, 1, day, tzinfo=UTC))
        hashes.add(snapshots.seal(folder).manifest.content_hash)
        assert snapshots.load_table(folder, "repositories")["fetched_at"][0].as_py().day == day
    assert len(hashes) == 1


def test_imports_into_one_draft_meet_by_id_and_former_name(tmp_path: Path, tools: Path) -> None:
    """A row without id joins the repository that bears its name, and issues follow to its key."""
    folder = tmp_path / "2024-01-01.tools"
    issues = write_jsonl(tmp_path / "i.jsonl", {"repo": "acme/Anvil", "number": 4, "title": "T"})
    import_issues([issues], folder)
    assert snapshots.load_table(folder, "issues")["repo_key"].to_pylist() == ["name:acme/anvil"]
    import_repositories([tools], folder)
    assert snapshots.load_table(folder, "issues")["repo_key"].to_pylist() == ["name:acme/forge"]
    known = write_jsonl(
        tmp_path / "g.jsonl", {"repo_id": 99, "full_name": "Acme/Forge", "forks": 3}
    )
    import_repositories([known], folder)
    assert snapshots.load_table(folder, "issues")["repo_key"].to_pylist() == ["gh:99"]
    rows = {r["repo_key"]: r for r in snapshots.load_table(folder, "repositories").to_pylist()}
    assert set(rows) == {"gh:99", "name:acme/kiln"}
    assert rows["gh:99"]["description"] == "Trains."
    assert rows["gh:99"]["forks"] == 3
    assert rows["gh:99"]["aliases"] == ["acme/anvil"]
    counts = Manifest.read(folder).counts["repositories"]
    assert (counts.read, counts.kept, [d.count for d in counts.dropped]) == (3, 2, [1])


def test_a_draft_that_is_put_together_on_disk_has_the_same_bytes(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether tables are large enough to be on disk meanwhile makes no difference to a snapshot."""
    issues = write_jsonl(
        tmp_path / "issues.jsonl",
        *({"full_name": f"ACME/{n % 7}", "number": n, "title": "é" * n} for n in range(40)),
    )
    more = write_jsonl(
        tmp_path / "more.jsonl",
        *({"full_name": f"acme/{n}", "description": f"Tool {n}."} for n in reversed(range(9))),
        {"full_name": "acme/forge", "repo_id": 7, "stars": 1},
    )
    made = []
    for piece_bytes in (tables.PIECE_BYTES, 1):
        monkeypatch.setattr(tables, "PIECE_BYTES", piece_bytes)
        folder = tmp_path / str(piece_bytes) / "2024-02-29.tools"
        import_issues([issues], folder)
        import_repositories([tools], folder)
        import_repositories([more], folder)
        made.append(snapshots.seal(folder).manifest)
        assert snapshots.verify(folder).problems == ()
    assert made[0].files == made[1].files
    assert made[0].content_hash == made[1].content_hash


def test_a_failing_import_leaves_the_draft_as_it_was(
    draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk refuses in the middle of an import, no byte of the draft has changed."""
    before = {path.name: path.read_bytes() for path in draft.iterdir()}
    more = write_jsonl(tmp_path / "more.jsonl", {"full_name": "acme/more"})

    def full(path: Path, text: str) -> None:
        raise StorageError("No space is left on the disk.", where=str(path))

    monkeypatch.setattr(commits, "write_text", full)
    with pytest.raises(StorageError):
        import_repositories([more], draft)
    with pytest.raises(StorageError):
        import_repositories([more], tmp_path / "2024-01-01.new")
    assert {path.name: path.read_bytes() for path in draft.iterdir()} == before
    assert not (tmp_path / "2024-01-01.new").exists()


@pytest.mark.parametrize("n_moved", [0, 1, 2])
def test_a_commit_cut_short_is_seen_by_readers_and_finished_by_the_next_writer(
    draft: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, n_moved: int
) -> None:
    """A process that dies while moving files in leaves what it decided: readers change no byte."""
    issues = write_jsonl(tmp_path / "i.jsonl", {"repo": "acme/kiln", "number": 1, "title": "T"})
    settle = commits.settle
    monkeypatch.setattr(commits, "settle", lambda folder: None)
    import_issues([issues], draft)
    monkeypatch.setattr(commits, "settle", settle)
    staging = draft / ".next"
    for path in sorted(p for p in staging.iterdir() if p.name != "manifest.json")[:n_moved]:
        path.replace(draft / path.name)
    before = {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()}
    assert snapshots.load_table(draft, "issues").num_rows == 1
    assert snapshots.verify(draft).problems == ()
    assert [each.rows["issues"] for each in snapshots.list_snapshots(tmp_path / "ws")] == [1]
    assert {path: path.read_bytes() for path in draft.rglob("*") if path.is_file()} == before
    assert snapshots.seal(draft).rows == {"issues": 1, "repositories": 2}
    assert snapshots.verify(draft).problems == ()
    assert not staging.exists()


def test_a_commit_not_decided_never_was(draft: Path, tools: Path) -> None:
    """Files set aside without their manifest are no part of the draft, and the next import goes."""
    (draft / ".next").mkdir()
    (draft / ".next" / "issues.parquet").write_bytes(b"half")
    assert snapshots.open_snapshot(draft).rows == {"repositories": 2}
    assert snapshots.verify(draft).problems == ()
    import_repositories([tools], draft)
    assert snapshots.verify(draft).problems == ()
    assert not (draft / ".next").exists()


def test_a_newer_schema_version_is_refused(draft: Path, tools: Path) -> None:
    """A snapshot of an unknown schema version is neither read nor written to."""
    path = draft / "manifest.json"
    path.write_text(path.read_text().replace('"schema_version": 1', '"schema_version": 99'))
    with pytest.raises(ArtifactError, match="schema version 99"):
        import_repositories([tools], draft)
    with pytest.raises(ArtifactError, match="schema version 99"):
        snapshots.verify(draft)


def test_an_empty_draft_is_not_sealed(tmp_path: Path) -> None:
    """A draft of which every row was rejected cannot be sealed."""
    folder = tmp_path / "2024-01-01.none"
    with pytest.raises(NothingKeptError) as nothing:
        import_repositories(
            [write_jsonl(tmp_path / "bad.jsonl", {"full_name": "no name", "stars": 1})], folder
        )
    summary = nothing.value.draft.commit(nothing.value.record, nothing.value.rejects)
    assert summary.source.n_rejected == 1
    with pytest.raises(ArtifactError, match="empty"):
        snapshots.seal(folder)


def test_the_commands_import_seal_show_and_verify(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From files to a verified snapshot on the command line, and a changed byte exits with 2."""
    where = ("-w", tmp_path / "ws")
    identity = "2024-01-01.tools"
    assert run(monkeypatch, "import", "repositories", tools, "--snapshot", identity, *where) == 0
    assert run(monkeypatch, "snapshot", "list", *where) == 0
    assert run(monkeypatch, "snapshot", "seal", identity, *where) == 0
    assert run(monkeypatch, "snapshot", "show", identity, *where) == 0
    assert run(monkeypatch, "snapshot", "verify", identity, *where) == 0
    shown = capsys.readouterr().out
    assert "2 rows read, 2 kept" in shown
    assert "is intact (2 files, sealed)" in shown
    table = tmp_path / "ws" / "snapshots" / identity / "repositories.parquet"
    table.write_bytes(table.read_bytes()[:-1] + b"!")
    assert run(monkeypatch, "snapshot", "verify", identity, *where) == 2
    assert "repositories.parquet was changed" in capsys.readouterr().err


def test_unusable_arguments_exit_with_two(
    tmp_path: Path, tools: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong id, a wrong mapping and a missing snapshot each end in one clear error."""
    where = ("-w", tmp_path)
    command = ("import", "repositories", tools, *where, "--snapshot")
    assert run(monkeypatch, *command, "yesterday") == 2
    assert run(monkeypatch, *command, "2024-01-01.t", "--column", "stars") == 2
    assert run(monkeypatch, *command, "2024-01-01.t", "--column", "glory=stars") == 2
    assert run(monkeypatch, *command, "2024-01-01.t", "--column", "stars=glory") == 2
    assert run(monkeypatch, "snapshot", "show", "2024-01-01.t", *where) == 2
    errors = capsys.readouterr().err
    assert errors.count("error: ") == 5
    assert not (tmp_path / "snapshots").exists()
