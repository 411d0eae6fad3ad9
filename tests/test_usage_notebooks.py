"""Notebooks: one scope over the cells, magics, and what is broken in them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.usage_sources import scanned
from usage.scan import Scan


def notebook(*cells: str | list[str], **more: object) -> bytes:
    """Return a notebook of code cells; a text that begins with ``#md`` is one of words."""
    found = [
        {"cell_type": "markdown" if str(cell).startswith("#md") else "code", "source": cell}
        for cell in cells
    ]
    return json.dumps({"nbformat": 4, "cells": found, **more}).encode()


def read(*cells: str | list[str]) -> list[tuple[str, str, str]]:
    """Return line, kind and symbol of the uses in a notebook."""
    return [(use.line, use.kind, use.symbol) for use in scanned({"a.ipynb": notebook(*cells)}).uses]


def test_cells_share_one_scope_and_lines_are_those_of_the_cell() -> None:
    """Cells are numbered over all, also those of words."""
    assert read("#md mlflow", ["import mlflow\n", "\n"], "x = 1\nmlflow.log_metric('a', x)") == [
        ("1:1", "import", "mlflow"),
        ("2:2", "call", "mlflow.log_metric"),
    ]


def test_magics_are_taken_out_line_for_line() -> None:
    """A modulo at the beginning of a line is none."""
    source = """%matplotlib inline
import mlflow
!ls {path}
files = !ls
%time mlflow.log_metric('a', 1)
mlflow?
x = (7
 % 2)
mlflow.log_param('a', x)"""
    assert read(source) == [
        ("0:2", "import", "mlflow"),
        ("0:5", "call", "mlflow.log_metric"),
        ("0:9", "call", "mlflow.log_param"),
    ]


def test_what_a_notebook_installs_and_runs_counts() -> None:
    """Also where a command goes on on the next line."""
    assert read(
        "!pip install -q mlflow",
        "%pip install mlflow==2.0 \\\n  pandas\nimport mlflow",
        "%%bash\ncd x\nmlflow ui",
        "%env MLFLOW_RUN_ID=1",
        "%load_ext mlflow.ipython",
    ) == [
        ("0:1", "pip-install", "mlflow"),
        ("1:1", "pip-install", "mlflow"),
        ("1:3", "import", "mlflow"),
        ("2:3", "command", "mlflow ui"),
        ("3:1", "env", "MLFLOW_RUN_ID"),
        ("4:1", "magic", "mlflow.ipython"),
    ]


def test_files_that_a_cell_writes_are_read_as_what_they_are() -> None:
    """The file has a scope of its own."""
    assert read("%%writefile train.py\nx = 1\nimport mlflow", "mlflow.log_metric('a', 1)") == [
        ("0:3", "import", "mlflow")
    ]


@pytest.mark.parametrize("magic", ["%%html", "%%sql", "%%javascript", "%%R", "%%latex"])
def test_cells_of_other_languages_are_no_python(magic: str) -> None:
    """Whatever they name."""
    assert read(f"{magic}\nimport mlflow") == []


def test_one_bad_cell_is_told_and_the_others_are_read() -> None:
    """The reason names the cell and the line."""
    scan = scanned({"a.ipynb": notebook("import mlflow", "def f(:", "mlflow.log_metric('a', 1)")})
    assert [use.line for use in scan.uses] == ["0:1", "2:1"]
    assert ["1:1" in each.reason for each in scan.unread] == [True]


def test_older_notebooks_have_sheets_and_inputs() -> None:
    """Cells are numbered over the sheets."""
    cells = [
        {"cell_type": "heading", "source": "x"},
        {"cell_type": "code", "input": ["import mlflow"]},
    ]
    content = json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode()
    assert [use.line for use in scanned({"a.ipynb": content}).uses] == ["1:1"]


def test_a_notebook_in_another_language_is_not_read() -> None:
    """The notebook says its language."""
    metadata = {"language_info": {"name": "R"}}
    assert scanned({"a.ipynb": notebook("import mlflow", metadata=metadata)}).uses == ()


def test_a_script_that_was_a_notebook_has_its_magics_in_comments() -> None:
    """Cells of shell are read as such."""
    source = "# Databricks notebook source\n# MAGIC %pip install mlflow\n# COMMAND ----------\n"
    source += "# MAGIC %sh\n# MAGIC mlflow ui\n# COMMAND ----------\nimport mlflow\n"
    assert [(use.line, use.kind) for use in scanned({"a.py": source}).uses] == [
        ("2", "pip-install"),
        ("5", "command"),
        ("7", "import"),
    ]


def test_a_file_that_a_notebook_runs_binds_its_names_there() -> None:
    """From the line on which it is run, over folders, objects and private names as well."""
    common = "# Databricks notebook source\nimport mlflow\n_client = mlflow.MlflowClient()\n"
    source = "# Databricks notebook source\nmlflow.end_run()\n# COMMAND ----------\n"
    source += "# MAGIC %run ../includes/Common $mode=test\n# COMMAND ----------\n"
    source += "mlflow.log_metric('a', 1)\n_client.get_run(1).info\n"
    files: dict[str, str | bytes] = {
        "flow/includes/Common.py": common,
        "flow/train/Train.py": source,
        "flow/train/Other.py": "import mlflow_tools\nmlflow.log_metric('a', 1)\n",
        "flow/Try.ipynb": notebook("%run -i 'includes/Common.py'", "mlflow.log_param('a', 1)"),
    }
    uses = [use for use in scanned(files).uses if "Common" not in use.path]
    assert [(use.path, use.line, use.symbol) for use in uses] == [
        ("flow/Try.ipynb", "1:1", "mlflow.log_param"),
        ("flow/train/Train.py", "6", "mlflow.log_metric"),
        ("flow/train/Train.py", "7", "mlflow.MlflowClient.get_run"),
        ("flow/train/Train.py", "7", "mlflow.entities.Run.info"),
    ]


def test_files_that_run_each_other_or_none_do_no_harm() -> None:
    """What cannot be found binds nothing."""
    files: dict[str, str | bytes] = {
        "a.py": "# MAGIC %run ./b\nimport mlflow\n",
        "b.py": "# MAGIC %run ./a\n# MAGIC %run ../../none\n# MAGIC %run\nimport mlflow\n",
    }
    assert [(use.path, use.line) for use in scanned(files).uses] == [("a.py", "2"), ("b.py", "4")]


BROKEN: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b"{mlflow",
    "not UTF-8": b'{"cells": "mlflow \xff"}',
    "a list": b'["mlflow"]',
    "a number": b"1 // mlflow",
    "cells are a text": b'{"cells": "mlflow"}',
    "cells are numbers": b'{"cells": [1, "mlflow"]}',
    "no source": b'{"cells": [{"cell_type": "code"}], "x": "mlflow"}',
    "source is null": b'{"cells": [{"cell_type": "code", "source": null}], "x": "mlflow"}',
    "source is a number": b'{"cells": [{"cell_type": "code", "source": 3}], "x": "mlflow"}',
    "source of numbers": b'{"cells": [{"cell_type": "code", "source": [3, null]}], "x": "mlflow"}',
    "metadata is a list": b'{"metadata": ["mlflow"], "cells": []}',
    "a pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:mlflow\n",
    "merge marks": b'{\n<<<<<<< HEAD\n"cells": ["mlflow"]\n=======\n}\n',
    "cut off": notebook("import mlflow")[:-20],
    "deep": b'{"mlflow": ' + b"[" * 100_000,
    "no cells": b'{"mlflow": 1}',
    "sheets are none": b'{"worksheets": null, "x": "mlflow"}',
    "a language that is none": b'{"metadata": {"language_info": 3}, "cells": [], "x": "mlflow"}',
    "NaN": b'{"cells": NaN, "x": "mlflow"}',
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_what_is_no_notebook_is_told_and_nothing_else_fails(content: bytes) -> None:
    """Twenty kinds of files that end in .ipynb."""
    scan = scanned({"a.ipynb": content, "b.py": "import mlflow\n"})
    assert [use.path for use in scan.uses] == ["b.py"]
    assert len(scan.unread) <= 1


def test_a_broken_notebook_has_a_reason() -> None:
    """It is told by its path."""
    scan = scanned({"a.ipynb": b"{mlflow"})
    assert [each.path for each in scan.unread] == ["a.ipynb"]
    assert scan.unread[0].reason.startswith("not a notebook")


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                ["import mlflow", "%%bash", "!pip install mlflow", "%pip", "x = !ls", "f(", "%%"]
            )
            | st.text(max_size=6),
            max_size=5,
        ),
        max_size=4,
    )
)
def test_no_cells_make_it_fail_and_lines_are_within_their_cells(cells: list[list[str]]) -> None:
    """Whatever fragments are put into cells."""
    texts = ["\n".join(cell) for cell in cells]
    scan: Scan = scanned({"a.ipynb": notebook(*texts)})
    for use in scan.uses:
        number, _, line = use.line.partition(":")
        n_lines = len(texts[int(number)].replace("\r\n", "\n").replace("\r", "\n").split("\n"))
        assert 1 <= int(line) <= n_lines
