"""Files with commands that are uses, and as many that only look so: each is read without a fault.

What a file shows stands in ``usage_traps/expected.csv``; one without rows there shows nothing.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import pytest

from configs.framework import read_frameworks
from usage.catalog import Catalog
from usage.scan import scan
from usage.uses import SourceFile

TRAPS = Path(__file__).parent / "usage_traps"
FRAMEWORKS = Path(__file__).parent.parent / "configs" / "frameworks"
FLOW = SourceFile(
    "flows/train_flow.py",
    b"from metaflow import FlowSpec\n\n\nclass TrainFlow(FlowSpec):\n    pass\n",
)
Row = tuple[str, str, str, str, str]


@cache
def catalog() -> Catalog:
    """Return the frameworks that are shipped."""
    return Catalog(tuple(read_frameworks(sorted(FRAMEWORKS.glob("*.toml")))))


@cache
def expected() -> dict[str, set[Row]]:
    """Return what each file shows: line, symbol, framework, channel and kind."""
    rows: dict[str, set[Row]] = {}
    with (TRAPS / "expected.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            shown = (row["line"], row["symbol"], row["framework"], row["channel"], row["kind"])
            rows.setdefault(row["path"], set()).add(shown)
    return rows


def traps() -> list[str]:
    """Return the paths of all files, below the folder."""
    files = (path for path in TRAPS.rglob("*") if path.is_file() and path.name != "expected.csv")
    return sorted(path.relative_to(TRAPS).as_posix() for path in files)


@pytest.mark.parametrize("path", traps())
def test_a_file_shows_its_uses_and_nothing_else(path: str) -> None:
    """Precision and recall are 1 for each file by its name."""
    trap = SourceFile(path, (TRAPS / path).read_bytes())
    found = {
        (use.line, use.symbol, use.framework, use.channel, use.kind)
        for use in scan([trap, FLOW], catalog()).uses
        if use.path == path
    }
    true = expected().get(path, set())
    assert found - true == set(), "precision: what is no use was taken for one"
    assert true - found == set(), "recall: a use was not found"


def test_the_files_are_enough_and_half_of_them_show_nothing() -> None:
    """What looks like a use and is none is tried as often as what is one."""
    paths = traps()
    assert len(paths) >= 60
    silent = [path for path in paths if path not in expected()]
    assert 0.4 <= len(silent) / len(paths) <= 0.6
    assert set(expected()) <= set(paths)
