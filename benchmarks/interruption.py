"""Kill -9 at random moments of `opsatlas run`: whether the next run completes, content equal.

Each kill has a workspace of its own. Its moment is drawn from one of as many equal parts of the
time that an undisturbed run takes, so that all of the run is covered.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from artifacts.manifest import Manifest
from benchmarks.common import arguments, publish, table, timed

N_KILLS = 20
VECTORS = "vectors"


@dataclass(frozen=True)
class Kill:
    """One kill, and what the next run made of it.

    Attributes
    ----------
    after_s
        When the kill came.
    stage
        What the run had last said that it was doing; empty before the first word.
    was_running
        Whether the run was still under way: else the kill hit nothing.
    code, next_s
        Exit code and seconds of the next run.
    differing
        Artifacts whose content is not that of the undisturbed run.
    leftovers
        Temporary files and folders that are still there.
    """

    after_s: float
    stage: str
    was_running: bool
    code: int
    next_s: float
    differing: tuple[str, ...]
    leftovers: tuple[str, ...]

    @property
    def is_mended(self) -> bool:
        """Tell whether all is as if nothing had been."""
        return self.code == 0 and not self.differing and not self.leftovers


@contextmanager
def started(study: str, workspace: Path, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start the console command in a process group of its own, which is gone when the block ends.

    Its stderr goes to ``log``.
    """
    program = str(Path(sys.executable).with_name("opsatlas"))
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [program, "run", study, "-w", str(workspace)],
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run_through(study: str, workspace: Path, log: Path) -> tuple[int, float]:
    """Run the study to its end; return the exit code and the seconds it took."""
    with started(study, workspace, log) as process:
        return timed(process.wait)


def content(workspace: Path) -> dict[str, str]:
    """Return the content hash of every artifact but the vector cache, by its place."""
    manifests = {
        path.parent.relative_to(workspace).as_posix(): Manifest.read(path.parent)
        for path in sorted(workspace.glob("*/*/manifest.json"))
    }
    return {name: made.content_hash for name, made in manifests.items() if made.kind != VECTORS}


def leftovers(workspace: Path) -> tuple[str, ...]:
    """Return hidden files, and hidden folders that hold something."""
    hidden = (path for path in workspace.rglob(".*") if path.name != ".gitignore")
    return tuple(str(path) for path in hidden if path.is_file() or any(path.iterdir()))


def kill_once(study: str, folder: Path, after_s: float, expected: dict[str, str]) -> Kill:
    """Kill a run in a new workspace after ``after_s`` seconds, run it again, and compare."""
    workspace, log = folder / "workspace", folder / "log"
    folder.mkdir()
    with started(study, workspace, log) as process:
        time.sleep(after_s)
        was_running = process.poll() is None
    said = log.read_text(encoding="utf-8").splitlines()
    code, next_s = run_through(study, workspace, log)
    found = content(workspace)
    return Kill(
        after_s=after_s,
        stage=said[-1] if said else "",
        was_running=was_running,
        code=code,
        next_s=next_s,
        differing=tuple(n for n in sorted({*expected, *found}) if expected.get(n) != found.get(n)),
        leftovers=leftovers(workspace),
    )


def moments(seconds: float, n_kills: int, seed: int) -> Iterable[float]:
    """Return when to kill: one random moment of each of ``n_kills`` equal parts."""
    rng = random.Random(seed)
    return [seconds * (number + rng.random()) / n_kills for number in range(n_kills)]


def main() -> None:
    """Run the benchmark; exit with 1 if a kill left something behind."""
    parser = arguments(__doc__ or "", needs_data=False)
    parser.add_argument("--study", default="mlops", help="name or file of the study")
    parser.add_argument("--kills", type=int, default=N_KILLS, help="how often to kill")
    parser.add_argument("--seed", type=int, default=0, help="seed of the moments")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = folder / "undisturbed"
        code, seconds = run_through(args.study, whole, folder / "log")
        if code:
            raise SystemExit((folder / "log").read_text(encoding="utf-8"))
        expected = content(whole)
        kills = []
        for number, after_s in enumerate(moments(seconds, args.kills, args.seed)):
            kills.append(kill_once(args.study, folder / str(number), after_s, expected))
            print(f"{number + 1} of {args.kills}: {kills[-1]}", file=sys.stderr, flush=True)
    figures = {
        "study": args.study,
        "undisturbed_s": seconds,
        "n_artifacts": len(expected),
        "n_killed": sum(kill.was_running for kill in kills),
        "n_mended": sum(kill.is_mended for kill in kills),
        "kills": [asdict(kill) for kill in kills],
    }
    rows = [
        [k.stage or "starting", k.after_s, k.next_s, "yes" if k.is_mended else "NO"] for k in kills
    ]
    title = f"Killed at {args.kills} moments of {seconds:,.0f} seconds"
    columns = ["while", "killed after s", "next run took s", "content equal"]
    publish("interruption", figures, [table(title, columns, rows)], args.out)
    if figures["n_mended"] < len(kills):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
