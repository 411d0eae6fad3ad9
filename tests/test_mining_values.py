"""Single values, names, and the merging of rows, for any input."""

from __future__ import annotations

import gzip
import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifacts.errors import InputError
from artifacts.tables import table_from_rows
from mining import values
from mining.merging import merge_keyed, merge_repositories, name_index
from mining.reading import Rejects, input_files
from mining.records import records
from mining.tables import SCHEMAS, full_name_of, repo_key

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
READERS = [
    values.text,
    values.lower_text,
    values.integer,
    values.boolean,
    values.time,
    values.strings,
    values.full_name,
    values.full_names,
    values.months,
    values.member("login", "name", then=values.text),
]


@given(ANYTHING)
def test_a_reader_answers_or_refuses_but_never_breaks(value: Any) -> None:
    """Whatever a file holds, each reader gives a value or says what is wrong."""
    for read in READERS:
        try:
            read(value)
        except values.BadValueError as error:
            assert str(error)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(12, 12), (12.0, 12), ("12", 12), ("12.0", 12), (True, None), (1.5, None), (-1, None),
     (2**63, None), (float("inf"), None), ("1e3", None), ("", None), ("１２", None)],
)  # fmt: skip
def test_whole_numbers(value: object, expected: int | None) -> None:
    """Only whole numbers that fit a column are numbers."""
    if expected is None:
        with pytest.raises(values.BadValueError):
            values.integer(value)
    else:
        assert values.integer(value) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("a;b", ["a", "b"]), ("a, b", ["a", "b"]), ('["a, b", "c"]', ["a, b", "c"]),
     ("['a', 'b']", ["a", "b"]), ("bug", ["bug"]), ("[bug", ["[bug"]), ("", [])],
)  # fmt: skip
def test_lists_in_a_cell(cell: str, expected: list[str]) -> None:
    """A cell holds a list in JSON, in Python's writing, or set apart by ; , or |."""
    assert values.strings(cell) == expected


@pytest.mark.parametrize(
    "text",
    ["acme/forge", " acme/forge ", "https://github.com/acme/forge", "github.com/acme/forge.git",
     "git@github.com:acme/forge.git", "https://api.github.com/repos/acme/forge/issues/3",
     "http://www.github.com/acme/forge/tree/main"],
)  # fmt: skip
def test_names_and_addresses(text: str) -> None:
    """A repository is named by owner/name or by any of its addresses."""
    assert full_name_of(text) == "acme/forge"


@pytest.mark.parametrize("text", ["", "forge", "a/b/c", "a b/c", "a/..", "/x", "a/b\nc", "a/b#1"])
def test_what_is_no_name_is_refused(text: str) -> None:
    """A text that is no owner/name is refused."""
    with pytest.raises(InputError):
        full_name_of(text)


NAMES = st.sampled_from([f"o/{letter}" for letter in "abcde"])
TIMES = [datetime(2020, month, 1, tzinfo=UTC) for month in (1, 2)]
REPOSITORY = st.fixed_dictionaries(
    {
        "full_name": NAMES,
        "repo_id": st.none() | st.integers(1, 3),
        "aliases": st.none() | st.lists(NAMES, max_size=2),
        "stars": st.none() | st.integers(0, 3),
        "updated_at": st.none()
        | st.sampled_from([datetime(2020, m, 1, tzinfo=UTC) for m in (1, 2)]),
        "source": st.sampled_from(["repositories", "github-search"]),
    }
)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """Return repositories as a table."""
    return table_from_rows(
        ({"repo_key": repo_key(row["full_name"], row.get("repo_id")), **row} for row in rows),
        SCHEMAS["repositories"],
    )


@given(st.lists(REPOSITORY, max_size=8), st.randoms(use_true_random=False))
def test_merging_does_not_depend_on_order(
    rows: list[dict[str, Any]], shuffle: random.Random
) -> None:
    """Rows in any order merge into the same rows; no id is lost, none appears twice."""
    merged = merge_repositories(table_of(rows))
    mixed = list(rows)
    shuffle.shuffle(mixed)
    assert merge_repositories(table_of(mixed)) == merged
    keys = merged.table["repo_key"].to_pylist()
    assert len(keys) == len(set(keys))
    ids = {row["repo_id"] for row in rows} - {None}
    assert set(merged.table["repo_id"].to_pylist()) - {None} == ids
    assert merged.n_repeats == len(rows) - len(keys)


@given(st.lists(REPOSITORY, max_size=8))
def test_merging_merged_rows_changes_nothing(rows: list[dict[str, Any]]) -> None:
    """What is merged already stays as it is."""
    once = merge_repositories(table_of(rows)).table
    assert merge_repositories(once).table == once


@given(st.lists(REPOSITORY, max_size=8), st.integers(0, 8), st.integers(1, 4))
def test_rows_are_merged_in_bounds_as_all_at_once(
    rows: list[dict[str, Any]], n_new: int, at_once: int
) -> None:
    """However few rows are looked at together, what they are merged into is the same."""
    new, existing = table_of(rows[:n_new]), merge_repositories(table_of(rows[n_new:])).table
    whole = merge_repositories(new, existing=existing)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("mining.merging.ROWS_AT_ONCE", at_once)
        patched.setattr("artifacts.tables.ROWS_AT_ONCE", at_once)
        assert merge_repositories(new, existing=existing) == whole


MONTH = st.fixed_dictionaries(
    {
        "repo_key": st.sampled_from(["gh:1", "gh:2", "name:o/a"]),
        "month": st.sampled_from(["2024-01", "2024-02"]),
        "commits": st.none() | st.integers(0, 3),
        "human": st.none() | st.integers(0, 3),
        "stars_gained": st.none() | st.integers(0, 3),
    }
)


@given(st.lists(MONTH, max_size=8), st.integers(0, 8))
def test_a_row_of_each_key_is_filled_from_the_others(
    rows: list[dict[str, Any]], n_new: int
) -> None:
    """A month has the stars of the first row that tells them, and no key is there twice."""
    new, old = (table_from_rows(r, SCHEMAS["activity"]) for r in (rows[:n_new], rows[n_new:]))
    merged = merge_keyed("activity", new, existing=merge_keyed("activity", old).table)
    found = {(row["repo_key"], row["month"]): row for row in merged.table.to_pylist()}
    assert list(found) == sorted({(row["repo_key"], row["month"]) for row in rows})
    for row in rows:
        told = found[row["repo_key"], row["month"]]["stars_gained"]
        assert (told is None) <= (row["stars_gained"] is None)


def test_a_current_name_goes_before_a_former_one() -> None:
    """A name finds its present holder; one that two repositories gave up finds none."""
    rows = [
        {"repo_key": "gh:1", "full_name": "o/New", "aliases": ["o/old", "o/both"]},
        {"repo_key": "gh:2", "full_name": "o/old", "aliases": ["o/both"]},
    ]
    assert name_index(table_of(rows)) == {"o/new": "gh:1", "o/old": "gh:2"}


@given(cut=st.integers(0, 400), packed=st.booleans())
def test_a_file_cut_anywhere_gives_its_whole_rows(
    tmp_path_factory: pytest.TempPathFactory, cut: int, packed: bool
) -> None:
    """JSONL cut at any byte gives a prefix of its rows, and the loss is on record."""
    rows = [{"n": n, "text": f"{n * 7919 % 1009:x}"} for n in range(30)]
    whole = "".join(json.dumps(row) + "\n" for row in rows).encode()
    data = gzip.compress(whole, mtime=0) if packed else whole
    part = data[: max(3, min(cut, len(data) - 2))]
    path: Path = tmp_path_factory.mktemp("cut") / "f.jsonl"
    path.write_bytes(part)
    rejects = Rejects()
    found = [row for _, row in records(input_files([path])[0], rejects)]
    assert found == rows[: len(found)]
    is_whole = not packed and part.rstrip().endswith(b"}")
    assert bool(rejects.items) != is_whole
