"""`taxonomy place` and `themes place`: new documents from files, their places, and bad input."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from command_line import opsatlas
from small_study import KINDS, SNAPSHOT, planted_rows, write_study
from warm import Done, warm_opsatlas

from artifacts.manifest import Manifest
from taxonomy.store import read_taxonomy

REQUESTS = "2024-01-02.requests"
SERVING = "serve models endpoint inference latency requests server deploy gateway batching"
FOREIGN = "Brown the onions slowly in butter and ladle the soup over toasted bread with cheese."
THEMES = f"""
[[sources]]
snapshot = "{REQUESTS}"
kind = "issues"
files = ["issues.jsonl"]

[themes]
snapshot = "{REQUESTS}"
runs = 6
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with tools and themes; tests must leave its artifacts as they are."""
    folder = tmp_path_factory.mktemp("place")
    path = write_study(folder, runs=6, more=THEMES)
    rows = [
        {"repository": "acme/forge", "number": number, "title": row["description"]}
        for number, row in enumerate(planted_rows(40), start=1)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    (folder / "issues.jsonl").write_text(lines, encoding="utf-8")
    done = warm_opsatlas().run("run", path, "-w", folder / "ws")
    assert done.code == 0, done.err
    return folder / "ws"


def place(workspace: Path, *arguments: object, command: str = "taxonomy") -> Done:
    """Run the command."""
    return opsatlas(command, "place", *arguments, "-w", workspace)


def rows_of(done: Done) -> list[dict[str, Any]]:
    """Return what `--json` printed."""
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def refusal(workspace: Path, *arguments: object, command: str = "taxonomy") -> str:
    """Return the one error of a command that ends with 2."""
    done = place(workspace, *arguments, command=command)
    assert done.code == 2, done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1
    return done.err


def jsonl(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows as JSONL and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def new_tools(path: Path) -> Path:
    """Write a tool of each kind, one of none, one without words, and one that is known."""
    rows = [
        {"full_name": f"new/{kind}", "description": " ".join(words.split()[1:7])}
        for kind, words in KINDS.items()
    ]
    rows.append({"full_name": "new/soup", "description": FOREIGN})
    rows.append({"full_name": "new/silent", "description": ""})
    rows.append({"full_name": "Acme/Serving-0", "description": "renamed since"})
    return jsonl(path, *rows)


def test_new_tools_are_placed_and_strangers_are_not(workspace: Path, tmp_path: Path) -> None:
    """Each kind goes to a topic of that kind; what is like none, or says nothing, to none."""
    rows = rows_of(place(workspace, new_tools(tmp_path / "new.jsonl"), "--json"))
    by_name = {row["document"]: row for row in rows}
    stored = read_taxonomy(workspace / "taxonomies" / f"{SNAPSHOT}.tools").assignments.to_pylist()
    for kind in KINDS:
        row = by_name[f"new/{kind}"]
        assert (row["placed"], row["outcome"], row["known"]) == (True, "placed", False)
        assert row["name"]
        assert row["category"]
        members = [each["key"] for each in stored if each["topic"] == row["topic"]]
        assert {key.split("/")[1].split("-")[0] for key in members} == {kind}
    soup, silent = by_name["new/soup"], by_name["new/silent"]
    assert (soup["placed"], soup["topic"], soup["outcome"]) == (False, None, "foreign")
    assert soup["nearest_name"]
    assert (silent["placed"], silent["nearest_name"], silent["outcome"]) == (
        False,
        None,
        "wordless",
    )


def test_a_document_that_the_taxonomy_has_keeps_its_place(workspace: Path, tmp_path: Path) -> None:
    """By name, however written, or by text: it is said to be there, in the topic it has there."""
    known = planted_rows()[0]
    path = jsonl(tmp_path / "new.jsonl", {"full_name": "ACME/serving-0", "description": FOREIGN})
    (row,) = rows_of(place(workspace, path, "--json"))
    assert row["known"]
    assert row["key"] == f"name:{known['full_name']}"
    done = place(workspace, path)
    assert "already in the taxonomy" in done.out or "unplaced (in the taxonomy)" in done.out
    assert "0 of 0 new documents are placed; 1 more are in the taxonomy already" in done.out


def test_the_table_and_the_csv_say_the_same(workspace: Path, tmp_path: Path) -> None:
    """Beside the table a CSV with a row a document is written; both say why one is unplaced."""
    out = tmp_path / "places.csv"
    done = place(workspace, new_tools(tmp_path / "new.jsonl"), "--out", out)
    assert done.code == 0, done.err
    assert "unplaced (unlike" in done.out
    assert "unplaced (no words)" in done.out
    assert "4 of 6 new documents are placed" in done.out
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["document"] for row in rows][:2] == ["new/serving", "new/tracking"]
    new = [row for row in rows if row["known"] == "False"]
    assert [row["placed"] for row in new].count("True") == 4
    assert {row["outcome"] for row in rows} == {"placed", "foreign", "wordless"}
    again = place(workspace, tmp_path / "new.jsonl", "--out", tmp_path / "again.csv")
    assert again.out == done.out
    assert (tmp_path / "again.csv").read_bytes() == out.read_bytes()


def test_text_files_are_documents(workspace: Path, tmp_path: Path) -> None:
    """Markdown and plain text are one document each, in the order given, beside tables."""
    readme = tmp_path / "gate" / "README.md"
    readme.parent.mkdir()
    readme.write_text(f"# Gate\n\n{SERVING}.\n\n## License\n\nMIT\n", encoding="utf-8")
    soup = tmp_path / "soup.txt"
    soup.write_text(FOREIGN, encoding="utf-8")
    table = tmp_path / "more.csv.gz"
    with gzip.open(table, "wt", encoding="utf-8") as file:
        file.write(f"repo,about\nnew/gate,{SERVING}\n")
    rows = rows_of(place(workspace, readme, table, soup, "--column", "description=about", "--json"))
    assert [row["document"] for row in rows] == ["README.md", "new/gate", "soup.txt"]
    assert [row["placed"] for row in rows] == [True, True, False]
    assert rows[0]["topic"] == rows[1]["topic"]


def test_stdin_is_read_as_jsonl(workspace: Path) -> None:
    """A dash stands for rows that are piped in."""
    line = json.dumps({"full_name": "new/gate", "description": SERVING})
    done = opsatlas("taxonomy", "place", "-", "--json", "-w", workspace, stdin=line + "\n")
    (row,) = rows_of(done)
    assert (row["document"], row["placed"]) == ("new/gate", True)


def test_issues_are_placed_among_themes(workspace: Path, tmp_path: Path) -> None:
    """Requests go to themes by title and body; a number that the file lacks makes none known."""
    path = jsonl(
        tmp_path / "new.jsonl",
        {"repository": "acme/forge", "number": 900, "title": "Serving", "body": SERVING},
        {"repository": "acme/forge", "number": 1, "title": "again"},
        {"repository": "acme/forge", "number": 901, "title": FOREIGN},
    )
    new, known, soup = rows_of(place(workspace, path, "--json", command="themes"))
    assert (new["placed"], new["known"], new["document"]) == (True, False, "acme/forge: Serving")
    assert (known["known"], known["key"]) == (True, "name:acme/forge#1")
    assert (soup["placed"], soup["outcome"]) == (False, "unlike")
    bare = jsonl(tmp_path / "bare.jsonl", {"title": SERVING}, {"title": FOREIGN})
    first, second = rows_of(place(workspace, bare, "--json", command="themes"))
    assert (first["placed"], first["known"], first["key"]) == (True, False, "bare.jsonl:1")
    assert (second["placed"], second["known"]) == (False, False)


def test_rows_that_cannot_be_read_are_told_and_stop_nothing(
    workspace: Path, tmp_path: Path
) -> None:
    """The rest is placed; how many were not, and the first of them, is on stderr."""
    path = tmp_path / "new.jsonl"
    good = json.dumps({"full_name": "new/gate", "description": SERVING})
    path.write_text(f'{{"full_name": "no name"}}\n{good}\n{{"full\n', encoding="utf-8")
    done = place(workspace, path, "--json")
    assert [row["document"] for row in rows_of(done)] == ["new/gate"]
    assert "2 rows could not be read; the first: new.jsonl, row " in done.err


def test_files_that_cannot_be_used_are_refused(workspace: Path, tmp_path: Path) -> None:
    """Missing, empty, a folder, of another format, without the column: which file, and why."""
    good = new_tools(tmp_path / "new.jsonl")
    empty = tmp_path / "empty.csv"
    empty.touch()
    blank = tmp_path / "blank.md"
    blank.touch()
    binary = tmp_path / "binary.txt"
    binary.write_bytes(b"\0\1\2")
    nameless = jsonl(tmp_path / "nameless.jsonl", {"about": "x"})
    for path, said in [
        (tmp_path / "nowhere.csv", "no such file"),
        (empty, "empty"),
        (blank, "empty"),
        (binary, "not text"),
        (tmp_path, "folder"),
        (tmp_path / "ws.pdf", "no such file"),
        (nameless, "No column gives the full name"),
    ]:
        error = refusal(workspace, good, path)
        assert said in error
        assert str(path) in error
    assert "'about'" in refusal(workspace, good, "--column", "description=about")
    assert "no column 'colour' to fill" in refusal(workspace, good, "--column", "colour=x")
    assert "TARGET=VALUE" in refusal(workspace, good, "--column", "description")
    assert "no columns" in refusal(workspace, blank, "--column", "description=about")
    broken = jsonl(tmp_path / "broken.jsonl", {"full_name": "no name"})
    assert "broken.jsonl" in refusal(workspace, broken)
    assert "The file is empty" in refusal(workspace, "-")


def test_without_a_taxonomy_the_command_that_builds_is_named(
    workspace: Path, tmp_path: Path
) -> None:
    """Before the first build, and for a layer that the study lacks."""
    path = new_tools(tmp_path / "new.jsonl")
    (tmp_path / "study.toml").write_bytes((workspace / "study.toml").read_bytes())
    assert "opsatlas taxonomy build" in refusal(tmp_path, path)
    assert "opsatlas themes build" in refusal(tmp_path, path, command="themes")


def test_another_model_is_refused(workspace: Path, tmp_path: Path) -> None:
    """Vectors of two encoders cannot be compared: the study's must be the taxonomy's."""
    ws = tmp_path / "ws"
    shutil.copytree(workspace, ws)
    study = ws / "study.toml"
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("hashed-words", "all-MiniLM-L6-v2"), encoding="utf-8")
    said = refusal(ws, new_tools(tmp_path / "new.jsonl"))
    assert "made with the encoder hashed-words" in said
    assert "all-MiniLM-L6-v2" in said
    assert "[vectors]" in said


def test_places_are_not_half_written(workspace: Path, tmp_path: Path) -> None:
    """A CSV that cannot be written is an error, and the artifacts are as before."""
    path = new_tools(tmp_path / "new.jsonl")
    before = Manifest.read(workspace / "taxonomies" / f"{SNAPSHOT}.tools")
    (tmp_path / "taken").mkdir()
    assert "taken" in refusal(workspace, path, "--out", tmp_path / "taken")
    assert Manifest.read(workspace / "taxonomies" / f"{SNAPSHOT}.tools") == before
    assert {"model/topics.json", "placing/points.parquet"} <= set(before.files)
