"""What a large snapshot costs: memory and time to import, extend, seal, verify and load it.

    python -m benchmarks.snapshot_size 50000 500000

For each number of repositories it makes files up (repositories as CSV, READMEs of 2 kB as Parquet,
two issues and three months of activity for each), and does with them what a study does, each step
in a process of its own. Nothing is read from outside.
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from artifacts.tables import write_rows
from benchmarks.common import measure
from mining import snapshots
from mining.extending import extend
from mining.sources.readmes import import_readmes
from mining.sources.tabular import import_issues, import_repositories
from mining.tables import SCHEMAS

OLD, NEW = "2024-01-01.made", "2024-02-01.more"
README_CHARACTERS: Final = 2_000
ISSUES: Final = 2
MONTHS: Final = 3
_START: Final = datetime(2020, 1, 1, tzinfo=UTC)
_WORDS: Final = tuple(f"{a}{b}" for a in ("mod", "serv", "train", "dat", "pip") for b in "aeiouxyz")


def _name(number: int) -> str:
    return f"owner-{number % 9973}/tool-{number}"


@lru_cache(maxsize=1)
def _sentences() -> list[str]:
    chance = random.Random(0)
    return [" ".join(chance.choices(_WORDS, k=8)) + f" {number}." for number in range(20_000)]


def _text(chance: random.Random, n_characters: int) -> str:
    """Return a text of about so many characters: sentences that other texts have as well."""
    return " ".join(chance.choices(_sentences(), k=max(1, n_characters // 50)))


def _repositories(n: int, *, later: bool) -> Iterator[dict[str, Any]]:
    """Yield repositories; the later ones are a fifth as many, half of them new."""
    chance = random.Random(n + later)
    first = n - n // 10 if later else 0
    for number in chance.sample(
        range(first, first + (n // 5 if later else n)), n // 5 if later else n
    ):
        months = {f"2023-{month:02}": chance.randrange(50) for month in range(1, MONTHS + 1)}
        yield {
            "full_name": _name(number),
            "repo_id": number + 1,
            "node_id": f"R_{number:09}",
            "description": _text(chance, 80),
            "topics": chance.sample(_WORDS, 3),
            "language": chance.choice(("Python", "Go", "Rust", None)),
            "stars": chance.randrange(9999),
            "created_at": (_START + timedelta(hours=number % 30_000)).isoformat(),
            "updated_at": (_START + timedelta(days=900 + later)).isoformat(),
            "commits_per_month": months,
        }


def _issues(n: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(n)
    for number in range(n):
        for issue in range(ISSUES):
            yield {
                "full_name": _name(number),
                "number": issue + 1,
                "title": _text(chance, 60),
                "body": _text(chance, 300),
            }


def _write_jsonl(path: Path, rows: Iterator[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row) + "\n")


def make_files(folder: Path, n: int) -> None:
    """Write the files of a snapshot of ``n`` repositories."""
    import pyarrow as pa

    chance = random.Random(n)
    _write_jsonl(folder / "repositories.jsonl", _repositories(n, later=False))
    _write_jsonl(folder / "later.jsonl", _repositories(n, later=True))
    _write_jsonl(folder / "issues.jsonl", _issues(n))
    texts = (
        {"full_name": _name(number), "text": _text(chance, README_CHARACTERS)}
        for number in range(n)
    )
    schema = pa.schema([("full_name", pa.string()), ("text", pa.string())])
    write_rows(folder / "readmes.parquet", texts, schema)


def _load(folder: Path) -> None:
    for name in SCHEMAS:
        snapshots.load_table(folder, name)


def steps(folder: Path) -> dict[str, tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Return what is done with the files in a folder, by name, in order."""
    old, new = folder / OLD, folder / NEW
    return {
        "import repositories": (import_repositories, ([folder / "repositories.jsonl"], old)),
        "import READMEs": (import_readmes, ([folder / "readmes.parquet"], old)),
        "import issues": (import_issues, ([folder / "issues.jsonl"], old)),
        "seal": (snapshots.seal, (old,)),
        "extend": (extend, (old, new)),
        "import more": (import_repositories, ([folder / "later.jsonl"], new)),
        "import READMEs again": (import_readmes, ([folder / "readmes.parquet"], new)),
        "verify": (snapshots.verify, (old,)),
        "load": (_load, (old,)),
    }


def timed(step: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[float, float]:
    """Do a step; return the seconds that it took by the clock and of the processor."""
    started, started_cpu = time.perf_counter(), time.process_time()
    step(*arguments)
    return time.perf_counter() - started, time.process_time() - started_cpu


def main() -> None:
    """Print the peak memory and the time of each step, for each number of repositories."""
    parser = ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("sizes", type=int, nargs="+", help="numbers of repositories")
    parser.add_argument("--folder", type=Path, help="where files are made; it must not be there")
    options = parser.parse_args()
    for n in options.sizes:
        with tempfile.TemporaryDirectory(dir=options.folder) as place:
            folder = Path(place)
            measure(make_files, folder, n)
            print(f"{n:,} repositories", flush=True)
            for name, (step, arguments) in steps(folder).items():
                done = measure(timed, step, arguments)
                wall_s, cpu_s = done.value
                print(
                    f"  {name:<22}{done.peak_mib:8,.0f} MiB {wall_s:8.1f} s {cpu_s:8.1f} s CPU",
                    flush=True,
                )


if __name__ == "__main__":
    main()
