"""Real `opsatlas` processes that start at once: forked from one that has the libraries loaded.

Loading UMAP, HDBSCAN and BERTopic takes longer than all the rest of a small study. One process
does it, runs a small study so that everything is compiled, and then forks a child for each command:
with its own arguments, output, exit code and death. Nothing in the child is replaced.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# A process may be forked while it has one thread; of numba's ways to run, only this one knows it.
ONE_THREAD = {
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "NUMBA_THREADING_LAYER": "workqueue",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code (negative: the signal), and what it wrote."""

    code: int
    out: str
    err: str


class Running:
    """A command under way, the leader of its own process group."""

    def __init__(self, server: Server, pid: int, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self.pid = pid

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command and all below it."""
        os.killpg(self.pid, number)

    def errors(self) -> str:
        """Return what it has written to stderr so far."""
        return (self._folder / "err").read_text(encoding="utf-8")

    def wait(self) -> Done:
        """Wait for its end."""
        status = self._server.ask({"wait": self.pid})
        code = os.waitstatus_to_exitcode(status)
        return Done(code, (self._folder / "out").read_text(encoding="utf-8"), self.errors())


class Server:
    """The warm process."""

    def __init__(self) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parent,
            env={**os.environ, **ONE_THREAD},
        )
        self._count = 0
        atexit.register(self._end)

    def ask(self, what: dict[str, Any]) -> int:
        """Send one request and return its answer, a number."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the warm process has no pipes")
        print(json.dumps(what), file=self._process.stdin, flush=True)
        return int(self._process.stdout.readline())

    def start(
        self, *arguments: object, cwd: Path | None = None, out: Path | None = None
    ) -> Running:
        """Start `opsatlas` with the arguments; its stdout goes to ``out`` if that is given."""
        self._count += 1
        folder = Path(self._scratch.name) / str(self._count)
        folder.mkdir()
        (folder / "out").touch()
        request = {
            "arguments": [str(argument) for argument in arguments],
            "cwd": str(cwd or folder),
            "out": str(out or folder / "out"),
            "err": str(folder / "err"),
        }
        (folder / "err").touch()
        return Running(self, self.ask(request), folder)

    def run(self, *arguments: object, cwd: Path | None = None, out: Path | None = None) -> Done:
        """Run `opsatlas` with the arguments to its end."""
        return self.start(*arguments, cwd=cwd, out=out).wait()

    def _end(self) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(timeout=60)
        self._scratch.cleanup()


@cache
def warm_opsatlas() -> Server:
    """Return the warm process of this session, started by the first who asks."""
    return Server()


def _serve() -> None:
    """Load and compile everything, then fork a child for each request."""
    with _answers() as answers:
        _warm_up()
        for line in sys.stdin:
            request = json.loads(line)
            if "wait" in request:
                print(os.waitpid(request["wait"], 0)[1], file=answers, flush=True)
                continue
            started = os.fork()
            if started == 0:
                _become(request)
            # Both set the group, so that it is there whoever comes first.
            while os.getpgid(started) != started:
                time.sleep(0.001)
            print(started, file=answers, flush=True)


@contextmanager
def _answers() -> Iterator[Any]:
    """Keep stdout for the answers: whatever else prints goes to stderr."""
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)
        yield answers


def _warm_up() -> None:
    from small_study import write_study

    from artifacts.progress import SilentProgress
    from opsatlas.session import open_study

    with tempfile.TemporaryDirectory() as folder:
        study = write_study(Path(folder))
        open_study(str(study), Path(folder) / "ws", progress=SilentProgress()).run()


def _become(request: dict[str, Any]) -> None:
    """Turn the forked child into the command, and never return."""
    code = 1
    try:
        os.setpgid(0, 0)
        os.chdir(request["cwd"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(request["out"], os.O_WRONLY), 1)
        os.dup2(os.open(request["err"], os.O_WRONLY), 2)
        sys.argv = ["opsatlas", *request["arguments"]]
        from opsatlas.main import main

        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            code = 120  # as the interpreter itself does
        os._exit(code)


if __name__ == "__main__":
    _serve()
