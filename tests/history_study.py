"""A study of made-up histories: tools with months of commits, some observed, no taxonomy."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from command_line import opsatlas

from insights.history.months import month_from, month_name

SNAPSHOT = "2024-01-01.tools"
OBSERVED = "2024-01-01"
N_TOOLS, N_OBSERVED = 48, 44
HEAD = f"""\
[study]
name = "lives"
title = "Lives of tools"

[[sources]]
snapshot = "{SNAPSHOT}"
kind = "repositories"
files = ["tools.jsonl"]
"""
DAYS = f"""
[[sources]]
snapshot = "{SNAPSHOT}"
kind = "histories"
files = ["days.csv"]
"""
HISTORY = f"""
[history]
snapshots = ["{SNAPSHOT}"]
"""
TOPICS = ("docker", "kubernetes", "data-versioning", "model-serving", "aws", "tensorflow")
LAST = month_from(OBSERVED[:7]) - 1


def made_up_tools(n: int = N_TOOLS) -> list[dict[str, Any]]:
    """Return repositories that begin one after the other; some stop, some are archived.

    The last has the name of the first, with another owner.
    """
    rng = random.Random(16)
    rows = []
    for number in range(n):
        first = LAST - 72 + number
        last = LAST if number % 3 else min(first + 20, LAST)
        months = {month_name(at): rng.randint(1, 9) for at in range(first, last + 1)}
        rows.append(
            {
                "full_name": f"owner{number % 12}/tool-{number if number < n - 1 else 0}",
                "description": f"Track and serve models, part {number}",
                "topics": ["mlops", *rng.sample(TOPICS, 2)],
                "license": ("mit", "apache-2.0", None)[number % 3],
                "language": ("Python", "Go")[number % 2],
                "created_at": f"{month_name(first)}-05",
                "pushed_at": f"{month_name(last)}-20",
                "last_commit_at": f"{month_name(last)}-20" if number % 8 else None,
                "archived": number % 9 == 0,
                "stars": 10 * number,
                "commits_per_month": months,
            }
        )
    return rows


def write_history_study(
    folder: Path,
    rows: Iterable[Mapping[str, Any]] | None = None,
    *,
    days: str | None = None,
    more: str = "",
) -> Path:
    """Write the study with its files beside it into a folder, its workspace; return the folder.

    Parameters
    ----------
    rows
        Repositories; None: those of `made_up_tools`.
    days
        CSV of histories; empty: no day is known; None: of the first `N_OBSERVED`.
    more
        Further lines of [history].
    """
    rows = made_up_tools() if rows is None else list(rows)
    if days is None:
        told = "".join(f"{row['full_name']},{OBSERVED},\n" for row in rows[:N_OBSERVED])
        days = "full_name,observed_at,entered_at\n" + told.replace(",\n", ",2019-06-01\n", 5)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tools.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "days.csv").write_text(days)
    (folder / "study.toml").write_text(HEAD + (DAYS if days else "") + HISTORY + more)
    return folder


def told(workspace: Path, *arguments: object) -> str:
    """Run `opsatlas` on a workspace, which must succeed; return what it printed."""
    done = opsatlas(*arguments, "-w", workspace)
    assert done.code == 0, done.err
    return done.out


def refused(workspace: Path, *arguments: object) -> str:
    """Run `opsatlas` on a workspace, which must be refused; return its one error, in one line."""
    done = opsatlas(*arguments, "-w", workspace)
    assert done.code == 2, done.out + done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1, done.err
    return " ".join(done.err.split())


def building(what: Mapping[str, Any]) -> Callable[[], None]:
    """Return what builds the histories of a workspace, all that it needs loaded, for a kill."""
    from opsatlas.cli.main import main

    for module in ("insights.history.build", "opsatlas.histories", "opsatlas.steps"):
        import_module(module)

    def build() -> None:
        sys.argv = ["opsatlas", "insights", "build", "-w", what["workspace"]]
        main()

    return build
