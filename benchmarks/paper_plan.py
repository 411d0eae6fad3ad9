"""A plan on paper: machines, hours and bytes for an ecosystem of a given size, from measured rates.

Rates of texts and vectors are measured here, on real READMEs and issues. How long topics take, and
how much memory, is carried on from the largest size in the figures that `benchmarks.scale --out`
wrote, by the exponent that they have; their hours are of all processors of one machine together.
What mining takes, and how large raw answers and snapshots are, `opsatlas mine --plan` says.
"""

from __future__ import annotations

import argparse
import gzip
import json
import resource
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.common import arguments, publish, table
from benchmarks.data import nlbse_windows
from benchmarks.ours import load_encoder
from embeddings.documents import repository_document
from embeddings.text.issue_text import issue_text

READMES, ISSUES, ENCODED = 100, 400, 256
N_DIMS, BYTES = 384, 4
HOUR_S = 3_600
GIB = 2**30


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return how many seconds of processors some work takes in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds_a_text(data: Path) -> dict[str, float]:
    """Return the seconds of a processor that preparing and encoding take, for one text."""
    readmes = real_readmes(data)
    bodies = nlbse_windows(data, ISSUES)
    encoder = load_encoder()
    encoder.encode(bodies[:16])
    read = cpu_seconds(lambda: [prepared(name, text) for name, text in readmes])
    issues = cpu_seconds(lambda: [issue_text(body) for body in bodies])
    encoded = cpu_seconds(lambda: encoder.encode(bodies[:ENCODED]))
    return {
        "repositories": read / len(readmes),
        "issues": issues / len(bodies),
        "encoding": encoded / ENCODED,
    }


def real_readmes(data: Path) -> list[tuple[str, str]]:
    """Return the first of the READMEs, each with a name."""
    path = data / "readme-sections-prana2018" / "readmes.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line, _ in zip(lines, range(READMES), strict=False)]
    return [(row["file"].removesuffix(".md").replace(".", "/", 1), row["text"]) for row in rows]


def prepared(name: str, text: str) -> str:
    """Return the text of a repository that has this README."""
    row = {"repo_key": name, "full_name": name}
    return repository_document(row, {"text": text, "path": "README.md"}).text


def topics_at(figures: dict[str, Any], n_docs: int) -> tuple[float, float]:
    """Return seconds of processors and MiB for topics of so many documents, carried on."""
    last = figures["sizes"][-1]
    times = n_docs / last["n_docs"]
    exponent = max(1.0, figures["growth"]["cpu_s"]["all"])
    return last["cpu_s"] * times**exponent, last["peak_mib"] * times


def plan(args: argparse.Namespace, scale: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Return hours on so many cores, and GiB of memory and disk, for each piece of work."""
    rates, figures = seconds_a_text(args.data), scale["windows"]
    found: dict[str, dict[str, float]] = {}
    for what, n in (("repositories", args.repositories), ("issues", args.issues)):
        shared = HOUR_S * args.cores
        found[f"texts of {what}"] = {"hours": n * rates[what] / shared}
        found[f"vectors of {what}"] = {
            "hours": n * rates["encoding"] / shared,
            "disk_gib": n * N_DIMS * BYTES / GIB,
        }
        seconds, mib = topics_at(figures, n)
        found[f"topics of {what}"] = {"hours": seconds / HOUR_S, "memory_gib": mib / 1024}
    return found


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--scale", type=Path, required=True, help="figures of benchmarks.scale")
    parser.add_argument("--repositories", type=int, default=500_000)
    parser.add_argument("--issues", type=int, default=5_000_000)
    parser.add_argument("--cores", type=int, default=64, help="of all machines together")
    return parser.parse_args()


def main() -> None:
    """Print the plan."""
    args = parse()
    found = plan(args, json.loads(args.scale.read_text(encoding="utf-8")))
    columns = ("hours", "memory_gib", "disk_gib")
    rows = [[name, *(figures.get(column) for column in columns)] for name, figures in found.items()]
    title = f"{args.repositories:,} repositories and {args.issues:,} issues, {args.cores} cores"
    heads = ["", "hours", "GiB of memory", "GiB of disk"]
    publish("paper_plan", {"plan": found}, [table(title, heads, rows)], args.out)


if __name__ == "__main__":
    main()
