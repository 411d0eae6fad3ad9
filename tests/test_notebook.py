"""In a real Jupyter kernel: five lines, what they show, and the notebook of the documentation."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from planted import planted_texts
from warm import warm_opsatlas

TEXTS, _ = planted_texts(12)
CELLS = (
    f"import opsatlas\ntexts = {TEXTS!r}",
    "quick = {'runs': 4, 'epochs': 20, 'neighbours': 10}\n"
    "taxonomy = opsatlas.build(texts, encoder='hashed-words', settings=quick)\ntaxonomy",
    "taxonomy.topics",
    "taxonomy.find('serving latency')",
    "opsatlas.build(texts[:3])",
)


@pytest.fixture(scope="module")
def outputs(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[Any]]:
    """Return what each cell shows, in a kernel of its own."""
    notebook = nbformat.v4.new_notebook(cells=list(map(nbformat.v4.new_code_cell, CELLS)))
    home = tmp_path_factory.mktemp("jupyter")
    starter = [sys.executable, str(root / "tests" / "warm_kernel.py"), warm_opsatlas().address]
    kernel = {"argv": [*starter, "{connection_file}"], "display_name": "warm"}
    (home / "kernels" / "warm").mkdir(parents=True)
    (home / "kernels" / "warm" / "kernel.json").write_text(json.dumps(kernel), "utf-8")
    own = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
    changed = {"PYTHONPATH": str(root), **dict.fromkeys(own, str(home))}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in changed.items():
            patch.setenv(name, value)
        client = NotebookClient(
            notebook, timeout=300, allow_errors=True, kernel_name="warm", startup_timeout=300
        )
        client.execute(cwd=str(home), env=dict(os.environ))
    return [cell.outputs for cell in notebook.cells]


def result_of(outputs: list[Any]) -> dict[str, str]:
    """Return what the last line of a cell shows, by kind."""
    shown = [each["data"] for each in outputs if each["output_type"] == "execute_result"]
    assert len(shown) == 1, outputs
    return dict(shown[0])


def test_a_taxonomy_is_a_table_in_a_notebook_and_a_line_elsewhere(outputs: list[list[Any]]) -> None:
    """Both are there, for whoever shows the notebook; the bar is gone."""
    shown = result_of(outputs[1])
    assert re.fullmatch(r"<Taxonomy of 48 documents: .* unplaced>", shown["text/plain"])
    assert "<th" in shown["text/html"]
    assert ">c0<" in shown["text/html"]
    bars = [each for each in outputs[1] if each["output_type"] == "display_data"]
    assert [bar["data"]["text/html"] for bar in bars] == [""]
    assert [each["text"] for each in outputs[1] if each["output_type"] == "stream"] == []


def test_frames_are_shown_as_frames(outputs: list[list[Any]]) -> None:
    """Topics, and what was found, are tables of pandas."""
    assert "stability" in result_of(outputs[2])["text/html"]
    assert "likeness" in result_of(outputs[3])["text/plain"]


def test_an_error_says_what_to_do(outputs: list[list[Any]]) -> None:
    """The last line of the trace is the sentence, with what to do about it."""
    (error,) = outputs[4]
    assert error["ename"] == "TooFewDocumentsError"
    assert "There are 3 documents; topics need at least 10." in error["evalue"]
    assert "to do:" in error["evalue"]


def test_the_notebook_of_the_documentation_was_run_from_top_to_bottom(root: Path) -> None:
    """Its cells were run in their order, none failed, and what they showed is kept and small."""
    path = root / "docs" / "notebook.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert all(each["output_type"] != "error" for cell in code for each in cell["outputs"])
    assert path.stat().st_size < 100_000
