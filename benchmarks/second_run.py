"""How long `opsatlas run` takes when nothing has changed, and whether it loads torch.

Without `--workspace` the study is first run once in a folder of its own, which takes minutes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.common import arguments, publish, table, timed

N_ROUNDS = 5
HEAVY = ("torch", "sentence_transformers", "bertopic", "umap", "hdbscan")
PROBE = f"""
import sys
from opsatlas.cli.main import main
try:
    main()
except SystemExit as end:
    if end.code:
        raise
print("imported:", *(name for name in {HEAVY} if name in sys.modules))
"""


def run_study(study: str, workspace: Path) -> float:
    """Run the study with the console command; return the seconds it took."""
    program = str(Path(sys.executable).with_name("opsatlas"))
    command = [program, "run", study, "-w", str(workspace)]
    return timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))[1]


def heavy_imports(study: str, workspace: Path) -> list[str]:
    """Run the study once more and return which heavy libraries the process imported."""
    command = [sys.executable, "-c", PROBE, "run", study, "-w", str(workspace)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1].split()[1:]


def compare(study: str, workspace: Path) -> dict[str, Any]:
    """Run the study until it is done, then several times with nothing to do."""
    first_s = run_study(study, workspace)
    rounds = [run_study(study, workspace) for _ in range(N_ROUNDS)]
    return {
        "study": study,
        "first_s": first_s,
        "second_s": rounds[0],
        "rounds_s": rounds,
        "median_s": median(rounds),
        "heavy_imports": heavy_imports(study, workspace),
    }


def main() -> None:
    """Run the benchmark."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--study", default="mlops", help="name or file of the study")
    parser.add_argument("--workspace", type=Path, help="a workspace where the study has been run")
    args = parser.parse_args()
    if args.workspace:
        figures = compare(args.study, args.workspace)
    else:
        with tempfile.TemporaryDirectory() as folder:
            figures = compare(args.study, Path(folder) / "workspace")
    rows = [
        ["first run", figures["first_s"]],
        ["second run", figures["second_s"]],
        [f"median of {N_ROUNDS} such runs", figures["median_s"]],
        ["heavy libraries imported", ", ".join(figures["heavy_imports"]) or "none"],
    ]
    publish("second_run", figures, [table("Run again", ["", "seconds"], rows)], args.out)


if __name__ == "__main__":
    main()
