"""Importing repositories and issues from JSONL, CSV and Parquet."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from artifacts.errors import InputError
from artifacts.manifest import Manifest
from mining.snapshots import load_table
from mining.sources.tabular import import_issues, import_repositories
from mining.tables import ACTIVITY

ROWS: list[dict[str, Any]] = [
    {
        "full_name": "acme/forge",
        "topics": ["mlops", "serving"],
        "stars": 12,
        "archived": False,
        "created_at": "2020-05-01T10:00:00+02:00",
        "description": "Serves models.",
    },
    {
        "full_name": "acme/kiln",
        "topics": [],
        "stars": None,
        "archived": None,
        "created_at": None,
        "description": None,
    },
]


def jsonl(path: Path, *rows: Any) -> Path:
    """Write rows as JSONL and return the path."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rejects(folder: Path) -> list[tuple[int | None, str | None]]:
    """Return row and field of each reject of the draft."""
    lines = (folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    return [(entry["row"], entry["field"]) for entry in map(json.loads, lines)]


def all_formats(folder: Path) -> list[Path]:
    """Write the same two repositories in every format."""
    frame = pd.DataFrame(ROWS)
    cells = frame.assign(topics=frame["topics"].map(";".join))
    frame.to_parquet(folder / "p.parquet")
    frame.assign(created_at=pd.to_datetime(frame["created_at"])).to_parquet(folder / "t.parquet")
    cells.to_csv(folder / "c.csv", index=False)
    cells.to_csv(folder / "z.csv.gz", index=False)
    cells.to_csv(folder / "t.tsv", index=False, sep="\t")
    (folder / "a.json").write_text(json.dumps(ROWS, indent=2))
    with gzip.open(folder / "j.jsonl.gz", "wt") as file:
        file.write("\n\n".join(map(json.dumps, ROWS)))
    jsonl(folder / "j.jsonl", *ROWS)
    return sorted(folder.iterdir())


def test_every_format_gives_the_same_rows(tmp_path: Path) -> None:
    """JSONL, JSON, CSV, TSV, gzip and Parquet agree; no NaN and no pandas time comes through."""
    (tmp_path / "in").mkdir()
    for file in all_formats(tmp_path / "in"):
        folder = tmp_path / file.name
        import_repositories([file], folder)
        forge, kiln = load_table(folder, "repositories").to_pylist()
        assert forge["topics"] == ["mlops", "serving"], file
        assert (forge["stars"], forge["archived"]) == (12, False), file
        assert forge["created_at"] == datetime(2020, 5, 1, 8, tzinfo=UTC), file
        assert kiln["topics"] in ([], None), file
        empty = ("stars", "archived", "created_at", "description")
        assert [kiln[column] for column in empty] == [None] * 4, file


def test_columns_are_mapped_by_option_and_the_rest_is_listed(tmp_path: Path) -> None:
    """A chosen column fills its target, a constant fills every row, others are named once."""
    rows = [{"n": 4, "title": "A", "summary": "Sum", "url": "u"}, {"n": 5, "title": "", "odd": 1}]
    summary = import_issues(
        [jsonl(tmp_path / "i.jsonl", *rows)],
        tmp_path / "d",
        columns={"body": "summary", "number": "n"},
        constants={"full_name": "acme/forge"},
    )
    table = load_table(tmp_path / "d", "issues").to_pylist()
    assert [(r["repo_key"], r["number"], r["title"], r["body"]) for r in table] == [
        ("name:acme/forge", 4, "A", "Sum"),
        ("name:acme/forge", 5, None, None),
    ]
    assert summary.source.ignored_columns == ["odd", "url"]
    assert Manifest.read(tmp_path / "d").facts["sources"][0]["options"] == {
        "columns": {"body": "summary", "number": "n"},
        "constants": {"full_name": "acme/forge"},
    }


def test_github_shapes_are_understood(tmp_path: Path) -> None:
    """GitHub's REST and GraphQL answers fill the same columns; pull requests are left out."""
    rest = {
        "node_id": "R_1",
        "id": 1,
        "full_name": "acme/forge",
        "owner": {"login": "acme"},
        "license": {"spdx_id": "MIT"},
        "stargazers_count": 3,
        "watchers": 3,
        "subscribers_count": 1,
    }
    graphql = {
        "id": "R_2",
        "databaseId": 2,
        "nameWithOwner": "acme/kiln",
        "stargazerCount": 4,
        "licenseInfo": None,
        "primaryLanguage": {"name": "Go"},
        "isArchived": True,
    }
    import_repositories([jsonl(tmp_path / "r.jsonl", rest, graphql)], tmp_path / "d")
    one, two = load_table(tmp_path / "d", "repositories").to_pylist()
    assert (one["repo_key"], one["stars"], one["watchers"]) == ("gh:1", 3, 1)
    assert (one["owner"], one["license_spdx"]) == ("acme", "MIT")
    assert (two["repo_key"], two["stars"], two["language"]) == ("gh:2", 4, "Go")
    assert two["archived"] is True
    issue = {
        "repository_url": "https://api.github.com/repos/acme/forge",
        "number": 9,
        "title": "T",
        "state": "OPEN",
        "labels": [{"name": "bug"}, {"name": "help, please"}],
        "reactions": {"total_count": 5, "+1": 4},
    }
    pull = {**issue, "number": 10, "pull_request": {"url": "…"}}
    summary = import_issues([jsonl(tmp_path / "i.jsonl", issue, pull)], tmp_path / "d")
    (row,) = load_table(tmp_path / "d", "issues").to_pylist()
    assert (row["repo_key"], row["state"]) == ("gh:1", "open")
    assert row["labels"] == ["bug", "help, please"]
    assert (row["reactions_total"], row["reactions_plus1"]) == (5, 4)
    assert summary.source.counts["issues"].dropped[0].reason.startswith("a pull request")


def test_a_row_number_column_is_not_taken_for_githubs_id(tmp_path: Path) -> None:
    """A bare `id` column stays unused: it may be anybody's counter."""
    summary = import_repositories(
        [jsonl(tmp_path / "r.jsonl", {"id": 0, "full_name": "acme/forge"})], tmp_path / "d"
    )
    assert load_table(tmp_path / "d", "repositories")["repo_key"].to_pylist() == ["name:acme/forge"]
    assert summary.source.ignored_columns == ["id"]


def test_issues_without_numbers_are_numbered_by_row(tmp_path: Path) -> None:
    """Rows get stable numbers across the files of one import, and the manifest says so."""
    one = jsonl(tmp_path / "a.jsonl", {"repo": "a/b", "title": "1"}, {"repo": "a/b", "title": "2"})
    two = jsonl(tmp_path / "b.jsonl", {"repo": "a/b", "title": "3"})
    for files in ([one, two], [two, one]):
        summary = import_issues(files, tmp_path / "d")
        rows = load_table(tmp_path / "d", "issues").to_pylist()
        assert [(row["number"], row["title"]) for row in rows] == [(1, "1"), (2, "2"), (3, "3")]
    assert any("without a number" in note for note in summary.source.notes)


def test_made_up_numbers_never_meet_real_ones(tmp_path: Path) -> None:
    """A file without numbers is refused where the draft already has issues of its repository."""
    import_issues([jsonl(tmp_path / "a.jsonl", {"repo": "a/b", "number": 1})], tmp_path / "d")
    with pytest.raises(InputError, match="made-up numbers"):
        import_issues([jsonl(tmp_path / "b.jsonl", {"repo": "a/b", "title": "x"})], tmp_path / "d")


def test_an_issue_that_lacks_its_number_among_others_is_a_reject(tmp_path: Path) -> None:
    """Where the file has numbers, a row without one is not numbered by us."""
    rows = [{"repo": "a/b", "number": 1}, {"repo": "a/b", "number": None}]
    import_issues([jsonl(tmp_path / "a.jsonl", *rows)], tmp_path / "d")
    assert rejects(tmp_path / "d") == [(2, "number")]


def test_bad_rows_are_listed_and_the_rest_is_kept(tmp_path: Path) -> None:
    """Broken JSON, wrong types, missing names and shifted CSV rows are rejects with their place."""
    file = tmp_path / "r.jsonl"
    lines = [
        '{"full_name": "acme/forge", "stars": 1}',
        '{"full_name": "acme/for',
        '{"full_name": "acme/kiln", "stars": -4}',
        '["acme/oven"]',
        '{"full_name": "", "stars": 2}',
        '{"full_name": "acme/pan", "created_at": "yesterday"}',
        '{"full_name": "just a name"}',
        '{"full_name": "acme/pot", "stars": NaN}',
    ]
    file.write_text("\n".join(lines))
    summary = import_repositories([file], tmp_path / "d")
    assert summary.rows_now == {"repositories": 2}
    places = [(2, None), (3, "stars"), (4, None), (5, "full_name"), (6, "created_at")]
    assert rejects(tmp_path / "d") == [*places, (7, "full_name")]
    table = tmp_path / "c.csv"
    table.write_text('full_name,stars\nacme/forge,1\nacme/x,1,2\n"acme/kiln","2"\n')
    import_repositories([table], tmp_path / "e")
    assert rejects(tmp_path / "e") == [(2, None)]
    assert load_table(tmp_path / "e", "repositories")["stars"].to_pylist() == [1, 2]


def test_bytes_that_are_not_utf8_are_replaced_and_noted(tmp_path: Path) -> None:
    """A file in another encoding is used, with U+FFFD and a note, not refused."""
    (tmp_path / "c.csv").write_bytes("full_name,description\na/b,caf\xe9\n".encode("latin-1"))
    summary = import_repositories([tmp_path / "c.csv"], tmp_path / "d")
    assert load_table(tmp_path / "d", "repositories")["description"].to_pylist() == ["caf\ufffd"]
    assert any("not UTF-8" in note for note in summary.source.notes)


def test_months_become_the_activity_table(tmp_path: Path) -> None:
    """An object of commits a month becomes one row a month, under the repository's key."""
    row = {"full_name": "a/b", "commits_per_month": {"2020-02": 3, "2020-01": 1}, "commits": 4}
    import_repositories([jsonl(tmp_path / "r.jsonl", row)], tmp_path / "d")
    unknown = dict.fromkeys(set(ACTIVITY.names) - {"repo_key", "month", "commits"})
    assert load_table(tmp_path / "d", "activity").to_pylist() == [
        {"repo_key": "name:a/b", "month": "2020-01", "commits": 1, **unknown},
        {"repo_key": "name:a/b", "month": "2020-02", "commits": 3, **unknown},
    ]


def test_times_are_utc_to_the_microsecond(tmp_path: Path) -> None:
    """Offsets are converted, a day alone is midnight, nanoseconds of a frame do not leak."""
    moment = datetime(2020, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    frame = pd.DataFrame({"repo": ["a/b"], "number": [1.0], "created_at": [pd.Timestamp(moment)]})
    frame["created_at"] = frame["created_at"].astype("datetime64[ns, UTC]")
    frame.to_parquet(tmp_path / "i.parquet")
    import_issues([tmp_path / "i.parquet"], tmp_path / "d")
    day = jsonl(tmp_path / "i.jsonl", {"repo": "a/b", "number": 2, "created_at": "2019-04-03"})
    import_issues([day], tmp_path / "d")
    first, second = load_table(tmp_path / "d", "issues")["created_at"].to_pylist()
    assert first == datetime(2019, 12, 31, 23, tzinfo=UTC)
    assert second == datetime(2019, 4, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("r.jsonl", b"some words\nand more\n"),
        ("r.jsonl", b'{"name": "forge"}\n'),
        ("r.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        ("r.csv", b"name,stars\nforge,1\n"),
        ("r.csv", b"full_name,full_name\na/b,a/b\n"),
        ("r.parquet", b"PAR1 and no more"),
        ("r.parquet", b"no parquet"),
        ("r.png", b'{"full_name": "a/b"}\n'),
        ("r.jsonl", b""),
    ],
)
def test_a_file_that_is_no_table_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    """A file that holds no rows of this kind at all is refused by name; the draft is not begun."""
    good = jsonl(tmp_path / "good.jsonl", {"full_name": "a/b"})
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        import_repositories([good, tmp_path / name], tmp_path / "d")
    assert refused.value.where == str(tmp_path / name)
    assert not (tmp_path / "d").exists()


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    """Two files of the same name in different folders keep their own rows and rejects."""
    for folder, name in (("one", "a/b"), ("two", "c/d")):
        (tmp_path / folder).mkdir()
        jsonl(tmp_path / folder / "r.jsonl", {"full_name": name}, {"full_name": 3})
    summary = import_repositories(sorted(tmp_path.glob("*/r.jsonl")), tmp_path / "d")
    assert [file.name for file in summary.source.files] == ["one/r.jsonl", "two/r.jsonl"]
    assert summary.rows_now == {"repositories": 2}
    assert rejects(tmp_path / "d") == [(2, "full_name"), (2, "full_name")]
