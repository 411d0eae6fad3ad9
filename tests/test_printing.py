"""What strangers wrote, and terminals of any kind: all is printed, and nothing in it acts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table as Grid
from rich.text import Text

from artifacts.delimited import csv_text
from artifacts.visible import ESCAPED, restored, storable, visible
from mining.columns import ISSUE_COLUMNS, README_COLUMNS, REPOSITORY_COLUMNS, ImportColumn
from opsatlas.cli.console import out, show
from opsatlas.cli.import_ import ISSUE_TARGETS, README_TARGETS, REPOSITORY_TARGETS
from reports.data import clean
from reports.tables import Column, Table

HOSTILE = "a\x1b]0;PW\x07 \u202egnp.exe\u2066\x9b2J \udcff"


@given(st.text())
def test_a_text_is_written_out_and_read_back(text: str) -> None:
    """Nothing is left that acts or cannot be stored, and JSON strings keep their meaning."""
    shown = visible(text)
    assert not {*shown} & {*"\x1b\x07\x7f\x9b\u202a\u202e\u2066\u2069\udcff"}
    assert visible(shown) == shown
    if "\\u" not in text:
        assert restored(shown) == text
    assert storable(f"{text}\udcff").encode("utf-8").endswith(b"udcff")
    value = json.dumps(text, ensure_ascii=False)
    assert json.loads(visible(value)) == text


@given(st.text())
def test_what_an_encoding_lacks_is_written_out_as_json_does(text: str) -> None:
    """JSON that is printed to a terminal of any encoding is the same JSON."""
    for encoding in ("ascii", "latin-1", "cp1252"):
        printed = json.dumps(text, ensure_ascii=False).encode(encoding, ESCAPED)
        assert json.loads(printed.decode(encoding)) == text


def test_nothing_that_is_printed_acts(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines, texts with a style, and the cells of tables are written out; tables stay straight."""
    out.cache_clear()
    table = Grid("head", HOSTILE)
    table.add_row(Text(HOSTILE), HOSTILE)
    for each in (HOSTILE, Text(HOSTILE, "bold"), table):
        out().print(each, markup=False)
    out().print_json(data={"title": HOSTILE.replace("\udcff", "")})
    printed = capsys.readouterr().out
    out.cache_clear()
    assert not {*printed} & {*"\x1b\x07\x9b\u202e\u2066\udcff"}
    assert "\\u202egnp.exe" in printed


def test_nothing_of_a_cell_is_lost_where_it_is_written_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A cell is laid out as long as it is when what would act is written out."""
    out.cache_clear()
    text = f"{HOSTILE} " * 9
    show(Table.of([Column("mark"), Column("said")], [{"mark": "•", "said": text}]), width=60)
    printed = capsys.readouterr().out
    out.cache_clear()
    assert "".join(printed.split()) == "•" + "".join(visible(text).split())


def test_exports_hold_nothing_that_acts() -> None:
    """Exported tables and the page's data show it; tables that are read again keep it."""
    assert "\\u202egnp.exe\\u2066\\u009b2J" in csv_text(["a"], [[HOSTILE]])
    assert HOSTILE in csv_text(["a"], [[HOSTILE]], exact=True)
    assert "\\u202egnp.exe\\u2066\\u009b2J" in clean(HOSTILE)


@pytest.mark.parametrize(
    "environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}]
)
def test_a_terminal_that_is_not_utf_8_is_printed_to(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """What it has no letters for is written out, in results and in errors."""
    (tmp_path / "r.jsonl").write_text('{"full_name": "no name \\u00e9"}\n')
    code = "from opsatlas.cli.main import main; main()"
    arguments = [
        "import",
        "repositories",
        tmp_path / "r.jsonl",
        "-s",
        "2024-01-01.x",
        "-w",
        tmp_path,
    ]
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False), done.stderr
    assert b"no name \\u00e9" in done.stderr


@pytest.mark.parametrize(
    ("columns", "targets"),
    [
        (REPOSITORY_COLUMNS, REPOSITORY_TARGETS),
        (ISSUE_COLUMNS, ISSUE_TARGETS),
        (README_COLUMNS, README_TARGETS),
    ],
)
def test_the_help_names_every_column_that_can_be_filled(
    columns: tuple[ImportColumn, ...], targets: str
) -> None:
    """What `import … -h` lists is what the import takes."""
    assert sorted(column.target for column in columns) == sorted(targets.split())
