"""Files to import as people have them: what is read, what is told, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from artifacts.errors import InputError
from mining import reading, records
from mining.drafts import NothingKeptError, open_draft
from mining.reading import MAX_ROWS, FileFormat, Rejects, input_files
from mining.snapshots import load_table
from mining.sources.github_search import import_github_search
from mining.sources.importing import FileSource
from mining.sources.readmes import import_readmes
from mining.sources.tabular import import_issues, import_repositories

TABLE = 'repository,number,title,body\no/a,1,Queue,"Let teams\nqueue."\no/b,7,Café,Zürich\n'
GH_LIST = '[{"number": 5, "title": "Queues", "body": "Let us.", "labels": [{"name": "feature"}]}]'


def put(path: Path, data: str | bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def read(path: Path, file_format: FileFormat | None = None) -> tuple[list[Any], Rejects]:
    """Return the rows of a file, and what was rejected and noted."""
    rejects = Rejects()
    (file,) = input_files([path], file_format)
    return [row for _, row in records.records(file, rejects)], rejects


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.txt"])
def test_tables_in_any_encoding_and_dialect_are_issues(
    tmp_path: Path, encoding: str, name: str
) -> None:
    """Excel's exports of every kind give the issues, and how they were read is noted."""
    text = TABLE.replace(",", "\t" if name != "t.csv" else ";").replace("\n", "\r\n")
    summary = import_issues([put(tmp_path / name, text.encode(encoding))], tmp_path / "d")
    issues = load_table(tmp_path / "d", "issues").to_pylist()
    assert [issue["title"] for issue in issues] == ["Queue", "Café"]
    notes = " ".join(summary.source.notes)
    assert ("semicolons" in notes) == (name == "t.csv")
    assert ("read as UTF" in notes) == (encoding != "utf-8-sig")


def test_what_is_told_of_a_file_is_taken_and_part_of_what_an_import_is(tmp_path: Path) -> None:
    """A delimiter and an encoding by option are followed, and another import without them."""
    file = put(tmp_path / "t.csv", TABLE.replace(",", "~").encode("cp1252"))
    told = FileFormat("~", "cp1252")
    summary = import_issues([file], tmp_path / "d", file_format=told)
    assert load_table(tmp_path / "d", "issues")["title"].to_pylist() == ["Queue", "Café"]
    assert (
        summary.source.identity()
        == FileSource(kind="issues", files=[file], file_format=told).identity()
    )
    assert summary.source.identity() != FileSource(kind="issues", files=[file]).identity()
    for wrong in ({"delimiter": "ab"}, {"encoding": "rot13"}, {"encoding": "nonsense"}):
        with pytest.raises(InputError):
            FileFormat(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("place", [0, 9_000])
@pytest.mark.parametrize("name", ["r.csv", "r.jsonl"])
def test_a_row_with_a_zero_byte_is_rejected_wherever_it_is(
    tmp_path: Path, name: str, place: int
) -> None:
    """Early or late in the file, the row alone is rejected, and why is said."""
    filler = "x" * place
    rows = [("o/a", filler), ("o/b", "raw\0nul"), ("o/c", "y")]
    text = "full_name,description\n" + "".join(f"{a},{b}\n" for a, b in rows)
    if name == "r.jsonl":
        text = "".join(f'{{"full_name": "{a}", "description": "{b}"}}\n' for a, b in rows)
    found, rejects = read(put(tmp_path / name, text))
    assert [row["full_name"] for row in found] == ["o/a", "o/c"]
    assert [(item.row, "zero byte" in item.reason) for item in rejects.items] == [(2, True)]


def test_json_documents_that_follow_each_other_are_all_read(tmp_path: Path) -> None:
    """Arrays one after the other, and objects on many lines, lose no row; a break is told."""
    one, two = '[{"a": 1}]', '[{"a": 2}, 3]'
    found, rejects = read(put(tmp_path / "a.json", one + two + "\n" + one))
    assert [row["a"] for row in found] == [1, 2, 1]
    assert [item.row for item in rejects.items] == [3]
    pretty = json.dumps({"a": 1}, indent=1)
    found, rejects = read(put(tmp_path / "b.json", f"{pretty}\n{pretty}\n{{"))
    assert ([row["a"] for row in found], len(rejects.items)) == ([1, 1], 1)


@pytest.mark.parametrize(
    "odd",
    [pa.array([2**62, 0], pa.timestamp("us")), pa.array([0, None], pa.timestamp("us", "No/Where"))],
    ids=["far", "nowhere"],
)
def test_values_that_python_cannot_hold_are_rejected_by_row(tmp_path: Path, odd: pa.Array) -> None:
    """A time beyond all calendars costs its row alone, and nothing where nobody asks for it."""
    table = pa.table({"full_name": ["o/a", "o/b"], "created_at": odd})
    pq.write_table(table, tmp_path / "t.parquet")
    summary = import_repositories([tmp_path / "t.parquet"], tmp_path / "d")
    assert (summary.rows_now["repositories"], summary.source.n_rejected) == (1, 1)
    pq.write_table(table.rename_columns(["full_name", "odd"]), tmp_path / "t.parquet")
    assert import_repositories([tmp_path / "t.parquet"], tmp_path / "e").source.n_rejected == 0


def test_texts_of_parquet_that_are_not_utf_8_are_mended(tmp_path: Path) -> None:
    """Parquet promises UTF-8 and does not check it."""
    ends = pa.py_buffer(bytes([0, 0, 0, 0, 4, 0, 0, 0]))
    texts = pa.StringArray.from_buffers(1, ends, pa.py_buffer(b"caf\xe9"))
    pq.write_table(pa.table({"full_name": ["o/a"], "description": texts}), tmp_path / "t.parquet")
    import_repositories([tmp_path / "t.parquet"], tmp_path / "d")
    table = load_table(tmp_path / "d", "repositories")
    assert table["description"].to_pylist() == ["caf\ufffd"]


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    """Broken at its end, where pyarrow itself names no file."""
    pq.write_table(pa.table({"full_name": ["o/a"]}), tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    put(tmp_path / "t.parquet", whole[:-20] + b"\xff" * 12 + whole[-8:])
    with pytest.raises(InputError) as refused:
        read(tmp_path / "t.parquet")
    assert refused.value.where == str(tmp_path / "t.parquet")


@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet"])
def test_more_rows_than_any_real_file_has_are_refused_unless_asked_for(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good rows and broken ones count; who says that the file is large has it read."""
    monkeypatch.setattr(records, "MAX_ROWS", 3)
    text = "a\n" * 5 if name == "t.csv" else '{"a": 1}\n{\n' * 3
    put(tmp_path / name, text)
    if name == "t.parquet":
        pq.write_table(pa.table({"a": ["a"] * 4}), tmp_path / name)
    with pytest.raises(InputError, match="more than 3 rows"):
        read(tmp_path / name)
    assert len(read(tmp_path / name, FileFormat(large=True))[0]) >= 3


def test_five_million_rows_in_a_few_kilobytes_are_refused_unread(tmp_path: Path) -> None:
    """A Parquet file says how many rows it has before any is made."""
    rows = pa.DictionaryArray.from_arrays(pa.array([0] * (MAX_ROWS + 1), pa.int32()), ["o/a"])
    pq.write_table(pa.table({"full_name": rows}), tmp_path / "t.parquet")
    assert (tmp_path / "t.parquet").stat().st_size < 100_000
    with pytest.raises(InputError, match="more than 2,000,000 rows"):
        read(tmp_path / "t.parquet")


@pytest.mark.parametrize(
    ("cap", "data", "said"),
    [
        ("MAX_CHARACTERS", b"x" * 3_000, "a line of more than"),
        ("MAX_CHARACTERS", b"[\n" + b"1,\n" * 900, "one text of more than"),
        ("MAX_ROWS", b"\n" * 3_000, "blank lines"),
        ("MAX_BYTES", b"{}\n" * 500_000, "unpacks to more than"),
    ],
)
def test_what_unpacks_beyond_the_caps_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cap: str, data: bytes, said: str
) -> None:
    """One line, one document, blank lines or sheer size: each ends with what to do."""
    monkeypatch.setattr(reading, cap, 1_000)
    path = put(tmp_path / "t.jsonl.gz", gzip.compress(data))
    with pytest.raises(InputError, match=said) as refused:
        read(path)
    assert refused.value.where == str(path)
    assert "--large" in (refused.value.fix or "")


def test_the_time_of_one_long_line_grows_with_its_length(tmp_path: Path) -> None:
    """Eight times the line takes no more than sixteen times the time."""

    def cpu_s(n_bytes: int) -> float:
        path = put(tmp_path / "t.jsonl", b'{"a": "' + b"x" * n_bytes + b'"}')
        started = time.process_time()
        assert len(read(path)[0]) == 1
        return time.process_time() - started

    small = min(cpu_s(4 << 20) for _ in range(3))
    assert cpu_s(32 << 20) < 16 * small + 0.1


def test_the_advice_of_a_list_of_issues_works(tmp_path: Path) -> None:
    """`gh issue list` names no repository: a constant does, and no column is advised."""
    file = put(tmp_path / "gh.json", GH_LIST)
    with pytest.raises(InputError, match="full name") as refused:
        import_issues([file], tmp_path / "d")
    assert "--constant full_name=OWNER/NAME" in (refused.value.fix or "")
    assert "--column" not in (refused.value.fix or "")
    import_issues([file], tmp_path / "d", constants={"full_name": "o/a"})
    assert load_table(tmp_path / "d", "issues")["repo_key"].to_pylist() == ["name:o/a"]


def test_a_column_is_advised_only_where_one_can_give_what_is_missed(tmp_path: Path) -> None:
    """The column is named, and naming it works; where there is none, none is advised."""
    file = put(tmp_path / "t.csv", "slug,number,when\no/a,1,x\n")
    with pytest.raises(InputError) as refused:
        import_issues([file], tmp_path / "d")
    assert "--column full_name=slug" in (refused.value.fix or "")
    import_issues([file], tmp_path / "d", columns={"full_name": "slug"})
    for command in (import_repositories, import_issues):
        with pytest.raises(InputError) as refused:
            command([put(tmp_path / "u.csv", "when,what\nx,y\n")], tmp_path / "e")
        assert "--column" not in (refused.value.fix or "")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('[{"nameWithOwner": "o/a", "description": "x"}]', "repositories"),
        ('[{"full_name": "o/a", "text": "# a"}]'.replace("full_name", "repo"), "readmes"),
        (GH_LIST, "issues"),
    ],
)
def test_a_search_that_keeps_nothing_names_the_command(
    tmp_path: Path, text: str, command: str
) -> None:
    """What the file seems to hold is said, and no draft is begun."""
    with pytest.raises(NothingKeptError) as refused:
        import_github_search([put(tmp_path / "r.json", text)], tmp_path / "d")
    assert f"opsatlas import {command}" in (refused.value.fix or "")
    assert not (tmp_path / "d").exists()
    page = put(tmp_path / "p.json", '{"total_count": 1, "items": [{"id": 1}]}')
    with pytest.raises(InputError) as other:
        import_repositories([page], tmp_path / "d")
    assert "opsatlas import github-search" in (other.value.fix or "")


def test_an_import_that_keeps_nothing_leaves_the_draft(tmp_path: Path) -> None:
    """The first reasons are in the error, and the draft is as it was."""
    import_issues([put(tmp_path / "a.csv", TABLE)], tmp_path / "d")
    before = {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()}
    pull = put(tmp_path / "p.jsonl", '{"repo": "o/a", "number": 1, "pull_request": {"url": "u"}}\n')
    with pytest.raises(NothingKeptError, match="a pull request"):
        import_issues([pull], tmp_path / "d")
    assert {path.name: path.read_bytes() for path in (tmp_path / "d").iterdir()} == before


def test_links_that_leave_the_folder_of_readmes_are_not_followed(tmp_path: Path) -> None:
    """Neither a file's link nor a folder's; one that stays within is read, and all are told."""
    text = "full_name\n" + "".join(f"acme/{name}\n" for name in ("in", "out", "own", "dir"))
    import_repositories([put(tmp_path / "r.csv", text)], tmp_path / "d")
    folder, secret = tmp_path / "readmes", tmp_path / "secret"
    for path in (folder / "acme" / "in", folder / "acme" / "out", secret / "dir"):
        path.mkdir(parents=True)
    put(secret / "dir" / "README.md", "secret")
    put(folder / "acme" / "in" / "README.md", "# in")
    (folder / "acme" / "out" / "README.md").symlink_to(secret / "dir" / "README.md")
    (folder / "acme" / "dir").symlink_to(secret / "dir")
    (folder / "acme" / "own").symlink_to(folder / "acme" / "in")
    (folder / "other").symlink_to(secret)
    summary = import_readmes([folder], tmp_path / "d")
    rows = load_table(tmp_path / "d", "readmes").to_pylist()
    assert {row["repo_key"]: row["text"] for row in rows} == {
        "name:acme/in": "# in",
        "name:acme/own": "# in",
    }
    listed = (tmp_path / "d" / "rejects.jsonl").read_text(encoding="utf-8")
    rejects = [json.loads(line) for line in listed.splitlines()]
    assert [entry["file"] for entry in rejects] == ["acme/dir", "acme/out/README.md", "other"]
    assert all("leads out of the folder" in entry["reason"] for entry in rejects)
    assert summary.source.identity() == FileSource(kind="readmes", files=[folder]).identity()


def test_readmes_in_other_encodings_are_decoded_and_zero_bytes_told(tmp_path: Path) -> None:
    """UTF-16 without a mark is read as what it is; a README with a stray zero byte is a reject."""
    import_repositories([put(tmp_path / "r.csv", "full_name\no/a\no/b\n")], tmp_path / "d")
    for name in ("a", "b"):
        (tmp_path / "readmes" / "o" / name).mkdir(parents=True)
    put(tmp_path / "readmes" / "o" / "a" / "README.md", "# Pipewright\n".encode("utf-16-le"))
    put(tmp_path / "readmes" / "o" / "b" / "README.md", b"# A tool that does a lot\0 of things\n")
    summary = import_readmes([tmp_path / "readmes"], tmp_path / "d")
    assert load_table(tmp_path / "d", "readmes")["text"].to_pylist() == ["# Pipewright\n"]
    assert summary.source.n_rejected == 1


def test_names_that_are_not_utf_8_are_written_out(tmp_path: Path) -> None:
    """A file, a folder of READMEs and a draft of such names are read, written and read again."""
    odd = tmp_path / os.fsdecode(b"odd\xff")
    (odd / "readmes" / "o" / "a").mkdir(parents=True)
    put(odd / "readmes" / "o" / "a" / os.fsdecode(b"README.\xff"), "# a")
    file = put(odd / os.fsdecode(b"r\xff.jsonl"), '{"full_name": "o/a", "od\\ud800d": 1}\n{\n')
    folder = odd / "2024-01-01.x"
    summary = import_repositories([file], folder)
    assert summary.source.files[0].name == "r\\udcff.jsonl"
    assert summary.source.ignored_columns == ["od\\ud800d"]
    import_readmes([odd / "readmes"], folder)
    assert load_table(folder, "readmes")["path"].to_pylist() == ["README.\\udcff"]
    assert open_draft(folder).rows_now()["repositories"] == 1


def test_decimal_commas_do_no_harm(tmp_path: Path) -> None:
    """A whole number with a decimal comma is one; thousands are not taken for decimals."""
    rows = "full_name;stars;created\no/a;12,0;2024-01-02\no/b;1,000;2024-01-02\n"
    import_repositories([put(tmp_path / "r.csv", rows)], tmp_path / "d")
    (row,) = load_table(tmp_path / "d", "repositories").to_pylist()
    assert (row["stars"], row["created_at"]) == (12, datetime(2024, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("name", "said", "fix"),
    [
        ("https://github.com/acme/forge/blob/main/list.md", "an address", "download it"),
        ("packed.zip", "a ZIP file", "unpack it"),
        ("pipe.csv", "a pipe", "save what it gives to a file"),
    ],
)
def test_what_is_no_file_of_rows_is_told(tmp_path: Path, name: str, said: str, fix: str) -> None:
    """An address, an archive under its own name, and a pipe are each called what they are."""
    (tmp_path / "packed.zip").write_bytes(b"PK\x03\x04 and more")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.csv")
    path = Path(name) if "://" in name else tmp_path / name
    with pytest.raises(InputError, match=said) as caught:
        import_issues([path], tmp_path / "draft")
    assert fix in (caught.value.fix or "")
