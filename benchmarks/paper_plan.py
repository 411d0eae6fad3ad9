"""A plan on paper: machines, hours and bytes for an ecosystem of a given size, from measured rates.

Rates of texts and vectors are measured here, on real READMEs and issues. How long topics take, and
how much memory, is carried on from the two largest sizes in the figures that `benchmarks.scale
--out` wrote. Mining is as `opsatlas mine --plan` has it, with one token: repositories under one
topic, issues of one framework. Memory is of the one machine that joins the runs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import resource
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import arguments, publish, table
from benchmarks.data import nlbse_windows
from benchmarks.ours import load_encoder
from embeddings.documents import repository_document
from embeddings.text.issue_text import issue_text
from mining.github.job import FrameworkJob, Job, MiningSettings
from mining.github.planning import expected_counts
from mining.github.planning import plan as requests_of

READMES, ISSUES, ENCODED = 100, 400, 256
N_DIMS, BYTES = 384, 4
HOUR_S = 3_600
GIB = 2**30

Figures = dict[str, Any]


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return how many seconds of processors some work takes in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def seconds_a_text(data: Path, n_texts: int) -> dict[str, float]:
    """Return the seconds of a processor that preparing and encoding take, for one of so many."""
    readmes = real_readmes(data)
    bodies = nlbse_windows(data, ISSUES)
    encoder = load_encoder(n_texts)
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


def mining(repositories: int, issues: int) -> Figures:
    """Return what GitHub's limits allow one token, and what is then on disk."""
    name = "some/framework"
    job = Job(
        snapshot="planned",
        topics=("some-topic",),
        frameworks=(FrameworkJob(name=name, repository=name, labels=("enhancement",)),),
        settings=MiningSettings(expected={"some-topic": repositories, name: issues}),
        started_at_s=0,
        has_token=True,
    )
    counts = expected_counts(job)
    assert counts is not None
    planned = requests_of(job, counts)
    return {"hours": planned.seconds / HOUR_S, "disk_gib": planned.n_bytes / GIB}


def carried_on(rows: Sequence[Figures], what: str, n_docs: int) -> float:
    """Return a figure at so many documents, as it grew between the two largest that were measured.

    It is taken to grow no slower than the documents.
    """
    one, last = rows[-2:]
    grown = math.log(last[what] / one[what]) / math.log(last["n_docs"] / one["n_docs"])
    return last[what] * (n_docs / last["n_docs"]) ** max(1.0, grown)


def topics(rows: Sequence[Figures], n_docs: int, cores: int) -> Figures:
    """Return what topics of so many documents take: the runs on all cores, the rest on one."""
    alone, all_together = (carried_on(rows, what, n_docs) for what in ("own_cpu_s", "cpu_s"))
    return {
        "hours": ((all_together - alone) / cores + alone) / HOUR_S,
        "memory_gib": carried_on(rows, "peak_mib", n_docs) / 1024,
    }


def plan(args: argparse.Namespace, rows: Sequence[Figures]) -> dict[str, Figures]:
    """Return hours, and GiB of memory and disk, for each piece of work."""
    cores = args.machines * args.cores
    rates = seconds_a_text(args.data, args.issues)
    found = {"mining": mining(args.repositories, args.issues)}
    for what, n in (("repositories", args.repositories), ("issues", args.issues)):
        found[f"texts of {what}"] = {"hours": n * rates[what] / cores / HOUR_S}
        found[f"vectors of {what}"] = {
            "hours": n * rates["encoding"] / cores / HOUR_S,
            "disk_gib": n * N_DIMS * BYTES / GIB,
        }
        found[f"topics of {what}"] = topics(rows, n, cores)
    found["in all"] = {
        "hours": sum(each["hours"] for each in found.values()),
        "memory_gib": max(each.get("memory_gib", 0.0) for each in found.values()),
        "disk_gib": sum(each.get("disk_gib", 0.0) for each in found.values()),
    }
    return found


def parse() -> argparse.Namespace:
    """Return the arguments."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--scale", type=Path, required=True, help="figures of benchmarks.scale")
    parser.add_argument("--corpus", choices=("windows", "commits"), default="windows")
    parser.add_argument("--repositories", type=int, default=500_000)
    parser.add_argument("--issues", type=int, default=5_000_000)
    parser.add_argument("--machines", type=int, default=4)
    parser.add_argument("--cores", type=int, default=16, help="of each machine")
    return parser.parse_args()


def main() -> None:
    """Print the plan."""
    args = parse()
    scale = json.loads(args.scale.read_text(encoding="utf-8"))
    found = plan(args, scale[args.corpus]["sizes"])
    columns = ("hours", "memory_gib", "disk_gib")
    rows = [[name, *(figures.get(column) for column in columns)] for name, figures in found.items()]
    title = (
        f"{args.repositories:,} repositories, {args.issues:,} issues: {args.machines} machines of "
        f"{args.cores} cores"
    )
    heads = ["", "hours", "GiB of memory", "GiB of disk"]
    publish("paper_plan", {"plan": found}, [table(title, heads, rows)], args.out)


if __name__ == "__main__":
    main()
