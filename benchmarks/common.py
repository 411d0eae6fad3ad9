"""What the benchmarks share: arguments, the machine's facts, cases in processes of their own."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Generic, TypeVar

from rich.console import Console
from rich.table import Table

from artifacts.machine import processor_name

PACKAGES = (
    "bertopic",
    "hdbscan",
    "numba",
    "numpy",
    "scikit-learn",
    "sentence-transformers",
    "torch",
    "umap-learn",
)
ENDING_S = 5
"""How long a case that has answered may take to end: joblib's workers would keep it minutes."""
SAMPLE_EVERY_S = 0.05
KIB_PER_MIB = 1024

T = TypeVar("T")


@dataclass(frozen=True)
class Measured(Generic[T]):
    """What a case returned, and what it took.

    Attributes
    ----------
    peak_mib
        The most memory that it and its children held at once.
    cpu_s
        Seconds of processors that it and its children used, whatever else the machine did.
    own_cpu_s
        Those of its own process: what more processors would not share.
    """

    value: T
    peak_mib: float
    cpu_s: float
    own_cpu_s: float


def arguments(description: str, *, needs_data: bool = True) -> argparse.ArgumentParser:
    """Return a parser with the options of every benchmark; ``description`` opens its help."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    parser.add_argument("--data", type=Path, required=needs_data, help="folder of outside data")
    parser.add_argument("--out", type=Path, help="write the figures there as JSON")
    return parser


def measure(case: Callable[..., T], *args: Any) -> Measured[T]:
    """Run ``case(*args)`` in a fresh process and watch its memory.

    Memory is the resident set of the process and all below it, pages that they share counted each
    time: it can be too high, never too low, but for peaks shorter than the time between samples
    in the children (the process itself knows its own peak).

    Raises
    ------
    RuntimeError
        If the case raises; the message holds its traceback.
    """
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=_run_case, args=(there, case, args))
    process.start()
    there.close()
    peak_kib = 0
    while process.pid and not here.poll(SAMPLE_EVERY_S):
        peak_kib = max(peak_kib, _tree_kib(process.pid))
    try:
        value, own_kib, (own_s, children_s), error = here.recv()
    except EOFError:
        value, own_kib, (own_s, children_s) = None, 0, (0.0, 0.0)
        error = "The process of the case died."
    process.join(ENDING_S)
    process.kill()
    if error:
        raise RuntimeError(error)
    return Measured(value, max(peak_kib, own_kib) / KIB_PER_MIB, own_s + children_s, own_s)


def _run_case(pipe: Connection, case: Callable[..., Any], args: tuple[Any, ...]) -> None:
    try:
        pipe.send((case(*args), _own_peak_kib(), _cpu_s(), None))
    except BaseException:
        pipe.send((None, 0, (0.0, 0.0), traceback.format_exc()))


def _cpu_s() -> tuple[float, float]:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    own, children = (each.ru_utime + each.ru_stime for each in used)
    return own, children


def _own_peak_kib() -> int:
    # On Linux the resource figure starts at the peak of the process that started this one.
    status = Path("/proc/self/status")
    if status.exists():
        return _field_kib(status, "VmHWM")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def _field_kib(status: Path, field: str) -> int:
    for line in status.read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1])
    return 0


def _tree_kib(pid: int) -> int:
    folder = Path("/proc") / str(pid)
    try:
        own = _field_kib(folder / "status", "VmRSS")
        lists = [path.read_text() for path in folder.glob("task/*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return own + sum(_tree_kib(int(child)) for text in lists for child in text.split())


def machine_facts() -> dict[str, Any]:
    """Return what the figures depend on: processor, cores, memory, versions, date."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": processor_name() or platform.machine(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Table:
    """Return a table to print: names to the left, figures to the right."""
    result = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        result.add_column(column, justify="left" if place == 0 else "right")
    for row in rows:
        result.add_row(*(_cell(value) for value in row))
    return result


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def publish(name: str, figures: dict[str, Any], tables: Sequence[Table], out: Path | None) -> None:
    """Print the tables, and write the figures with the machine's facts to ``out``, if given."""
    console = Console()
    for each in tables:
        console.print(each)
    if out is None:
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    document = {"benchmark": name, "machine": machine_facts(), **figures}
    out.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"written: {out}")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what ``work`` returns, and how many seconds it took."""
    started = time.perf_counter()
    return work(), time.perf_counter() - started
