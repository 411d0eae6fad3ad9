"""Runs the notebook of the documentation from top to bottom, and keeps what its cells show.

It runs in an empty folder, or with ``--folder FOLDER`` in one whose workspace is used.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).resolve().parent.parent / "docs" / "notebook.ipynb"
TIMEOUT_S = 1800


def main() -> None:
    """Run all cells in a kernel of their own; write the notebook only if none fails."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--folder", type=Path, help="where it runs (default: an empty folder)")
    folder = parser.parse_args().folder
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    with tempfile.TemporaryDirectory() as empty:
        run(notebook, Path(empty) if folder is None else folder)
    nbformat.write(notebook, NOTEBOOK)
    print(f"{NOTEBOOK}: {NOTEBOOK.stat().st_size:,} bytes")


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Fill in what every cell shows; clocks and the versions of this machine are left out."""
    NotebookClient(notebook, timeout=TIMEOUT_S, record_timing=False).execute(cwd=str(folder))
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [each for each in cell.outputs if not _is_empty(each)]


def _is_empty(output: nbformat.NotebookNode) -> bool:
    """Tell whether an output is what a bar leaves behind that is gone."""
    return output.output_type == "display_data" and not any(output.data.values())


if __name__ == "__main__":
    main()
