"""How long `opsatlas --help` and the like take, beside Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.common import arguments, publish, table, timed

N_ROUNDS = 10
SAID_AT_ONCE = ("--help", "--version", "taxonomy --help", "label sample --help")


def seconds_of(command: list[str]) -> list[float]:
    """Return the seconds of each of ten runs of ``command``, after one to warm up."""
    rounds = []
    for _ in range(N_ROUNDS + 1):
        run = timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))
        rounds.append(run[1])
    return rounds[1:]


def main() -> None:
    """Run the benchmark."""
    args = arguments(__doc__ or "", needs_data=False).parse_args()
    opsatlas = str(Path(sys.executable).with_name("opsatlas"))
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    commands |= {f"opsatlas {words}": [opsatlas, *words.split()] for words in SAID_AT_ONCE}
    rounds = {name: seconds_of(command) for name, command in commands.items()}
    medians = {name: median(seconds) for name, seconds in rounds.items()}
    more_s = medians["opsatlas --help"] - medians["python -c pass"]
    rows = [*([name, seconds] for name, seconds in medians.items()), ["difference", more_s]]
    figures = {"median_s": medians, "rounds_s": rounds, "more_than_python_s": more_s}
    title = f"Start of the command line, median of {N_ROUNDS}"
    publish("help_time", figures, [table(title, ["", "seconds"], rows)], args.out)


if __name__ == "__main__":
    main()
