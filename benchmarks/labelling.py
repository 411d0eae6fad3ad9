"""Hand labelling on real double codings: 150 repositories, from import to validation.

Everything is done by the commands that a user would type. The agreement that they print is compared
with statsmodels and with frozen values of irrCAC, and what they say of a taxonomy built on the same
1,007 repositories is shown as it is printed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from statsmodels.stats.inter_rater import cohens_kappa, fleiss_kappa

from benchmarks.common import arguments, publish, table
from configs import package_path

OPSATLAS = Path(sys.executable).with_name("opsatlas")
REFERENCES = Path(__file__).parent.parent / "tests" / "agreement_references.json"
SNAPSHOT = "2023-01-18.topics"
CODERS = ("a", "b")
VARIABLES = ("kind", "category")
TOLERANCE = 1e-9
STUDY = """\
[study]
name = "kinds"
title = "Kinds of repositories"

[ecosystem]
topics = ["mlops", "model-management"]

[[sources]]
snapshot = "{snapshot}"
kind = "github-search"
files = {files}

[taxonomy]
snapshot = "{snapshot}"

[labels]
coefficient = "alpha"
threshold = 0.8
"""


class Workspace:
    """A study in a folder, and the commands that are run in it."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        pages = sorted((data / "github-search-2023-01-18").resolve().glob("*.json.gz"))
        study = folder / "kinds.toml"
        files = json.dumps([str(page) for page in pages])
        study.write_text(STUDY.format(snapshot=SNAPSHOT, files=files), encoding="utf-8")
        self("run", study)

    def __call__(self, *words: object, lines: str = "") -> str:
        """Run a command and return what it prints to stdout."""
        command = [OPSATLAS, *words, "-w", self._folder / "ws"]
        run = subprocess.run(
            list(map(str, command)), input=lines, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise RuntimeError(f"{' '.join(map(str, words))}: {run.stderr}")
        return run.stdout


def code(ws: Workspace) -> dict[str, Any]:
    """Import both coders, close the wave, and return the agreement as the command says it."""
    book = ("--codebook", "repository-kinds")
    for coder in CODERS:
        file = package_path(f"labels/kinds-2023-{coder}.csv")
        print(ws("label", "import", "kinds", file, "--coder", coder, *book).strip())
    ws("label", "wave", "close", "kinds", "w1")
    print(ws("label", "agree", "kinds", "--codes", "--confusion"))
    answer: dict[str, Any] = json.loads(ws("label", "agree", "kinds", "--json"))
    return answer


def settle(ws: Workspace) -> None:
    """Settle every disagreement by script: as the first coder says."""
    listed = ws("label", "adjudicate", "kinds", "--by", "a", "--by", "b", "--list").splitlines()
    outcomes = [
        {"item": each["item"], "variable": each["variable"], "codes": each["said"]["a"]["codes"]}
        for each in map(json.loads, listed)
    ]
    lines = "".join(json.dumps(outcome) + "\n" for outcome in outcomes)
    words = ("label", "adjudicate", "kinds", "--by", "a", "--by", "b", "--stdin")
    print(ws(*words, lines=lines))


def compared(said: dict[str, Any]) -> list[list[Any]]:
    """Return a row for each figure: ours, the peer's, and how far they are apart."""
    frozen = json.loads(REFERENCES.read_text(encoding="utf-8"))
    rows = []
    for variable in VARIABLES:
        ours = coefficients(said, variable)
        known = frozen[f"kinds-2023-{variable}"]
        both = [pair for pair in known["ratings"] if None not in pair]
        square = crossed(both, known["codes"])
        peers = {
            ("percent", "irrCAC, frozen"): known["irrCAC"]["percent"],
            ("alpha", "irrCAC, frozen"): known["irrCAC"]["alpha-nominal"],
            ("gwet", "irrCAC, frozen"): known["irrCAC"]["ac1"],
            ("fleiss", "irrCAC, frozen"): known["irrCAC"]["fleiss"],
            ("cohen", "statsmodels"): cohens_kappa(square).kappa,
        }
        if len(both) == sum(pair != [None, None] for pair in known["ratings"]):
            counts = np.array([[pair.count(c) for c in known["codes"]] for pair in both])
            peers["fleiss", "statsmodels"] = fleiss_kappa(counts)
        rows += [
            [f"{variable}: {key}", peer, ours[key], float(value), abs(ours[key] - float(value))]
            for (key, peer), value in peers.items()
        ]
    return rows


def coefficients(said: dict[str, Any], variable: str) -> dict[str, float]:
    """Return the values of a variable's coefficients, by key; AC1 as ``gwet``."""
    scope = {"kind": "variable", "variable": variable, "part": None}
    result = next(each for each in said["results"] if each["scope"] == scope)
    values = {each["key"]: each["value"] for each in result["coefficients"]}
    return {"gwet": values.get("ac1"), **values}


def crossed(pairs: Sequence[Sequence[str]], codes: Sequence[str]) -> np.ndarray[Any, Any]:
    """Return how often the first coder's code (row) met the second's (column)."""
    square = np.zeros((len(codes), len(codes)))
    for one, other in pairs:
        square[codes.index(one), codes.index(other)] += 1
    return square


def main() -> None:
    """Run the benchmark; fail if a figure differs from a peer's."""
    args = arguments(__doc__ or "").parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ws = Workspace(Path(folder), args.data)
        said = code(ws)
        settle(ws)
        print(ws("label", "validate", "kinds"))
        validated = json.loads(ws("label", "validate", "kinds", "--json"))
    rows = compared(said)
    columns = ["figure", "peer", "ours", "theirs", "difference"]
    shown = [[*row[:2], *(f"{value:.12f}" for value in row[2:4]), f"{row[4]:.1e}"] for row in rows]
    figures = {"agreement": said, "compared": rows, "validation": validated}
    publish("labelling", figures, [table("Agreement, 150 repositories", columns, shown)], args.out)
    if max(row[4] for row in rows) > TOLERANCE:
        sys.exit("A figure differs from a peer's.")


if __name__ == "__main__":
    main()
