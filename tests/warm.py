"""Real processes that start at once: forked from one that has the libraries loaded.

Loading UMAP, HDBSCAN and BERTopic takes longer than all the rest of a small study. One process
does it, runs a small study so that everything is compiled, and then forks a child for each command:
with its own arguments, output, exit code and death. Nothing in the child is replaced, but that the
options of all commands are gathered once, and that nothing is synced: no test cuts off the power.
A Jupyter kernel, or a function of the tests that is to be killed, can be started in the same way.

Where several processes share out the tests, all ask the one warm process, by a socket of its own.
"""

from __future__ import annotations

import atexit
import gc
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any

SHARED = "OPSATLAS_WARM_SOCKET"
"""Names the socket of a warm process that is there already."""
MOST_FILES = 256
"""File descriptors that a forked child closes: the warm process has fewer."""
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("MKL", "NUMBA", "OMP", "OPENBLAS")}
# A process may be forked while it has one thread; of numba's ways to run, only this one knows it.
FORKING = {**ONE_THREAD, "NUMBA_THREADING_LAYER": "workqueue"}


@dataclass(frozen=True)
class Done:
    """A command that has ended: its exit code (negative: the signal), and what it wrote."""

    code: int
    out: str
    err: str


class Running:
    """A process under way, the leader of its own process group."""

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

    def printed(self) -> str:
        """Return what it has written to stdout so far."""
        return (self._folder / "out").read_text(encoding="utf-8")

    def wait(self) -> Done:
        """Wait for its end."""
        status = self._server.ask({"wait": self.pid})
        code = os.waitstatus_to_exitcode(status)
        return Done(code, self.printed(), self.errors())


class Server:
    """A way to the warm process at a socket; where none is named, to one that this starts."""

    def __init__(self, address: str | None = None) -> None:
        self._scratch = tempfile.TemporaryDirectory()
        self._count = 0
        if address is None:
            address = str(Path(self._scratch.name) / "socket")
            self._process: subprocess.Popen[bytes] | None = start_warm(address)
        else:
            self._process = None
        self.address = address
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(address)
        self._answers = self._line.makefile("r", encoding="utf-8")
        atexit.register(self._end)

    def ask(self, what: dict[str, Any]) -> int:
        """Send one request and return its answer, a number."""
        self._line.sendall(f"{json.dumps(what)}\n".encode())
        return int(self._answers.readline())

    def start(
        self, *arguments: object, cwd: Path | None = None, out: Path | None = None
    ) -> Running:
        """Start `opsatlas` with the arguments; its stdout goes to ``out`` if that is given."""
        return self._started({"arguments": [str(each) for each in arguments]}, cwd, out)

    def start_kernel(self, connection: Path, environment: Mapping[str, str]) -> Running:
        """Start a Jupyter kernel, told how it is reached by a connection file."""
        return self._started({"kernel": str(connection), "environment": dict(environment)})

    def start_job(self, job: str, what: Mapping[str, Any]) -> Running:
        """Start what a function of the tests (``module:name``) returns, given ``what``.

        The function is called, and all that it imports is loaded, before the fork.
        """
        return self._started({"job": job, "what": dict(what)})

    def run(self, *arguments: object, cwd: Path | None = None, out: Path | None = None) -> Done:
        """Run `opsatlas` with the arguments to its end."""
        return self.start(*arguments, cwd=cwd, out=out).wait()

    def _started(
        self, request: dict[str, Any], cwd: Path | None = None, out: Path | None = None
    ) -> Running:
        self._count += 1
        folder = Path(self._scratch.name) / str(self._count)
        folder.mkdir()
        (folder / "out").touch()
        (folder / "err").touch()
        places = {"cwd": cwd or folder, "out": out or folder / "out", "err": folder / "err"}
        return Running(self, self.ask(request | {k: str(v) for k, v in places.items()}), folder)

    def _end(self) -> None:
        self._answers.close()
        self._line.close()
        if self._process is not None:
            end_warm(self._process)
        self._scratch.cleanup()


@cache
def warm_opsatlas() -> Server:
    """Return the way to the warm process: that of all, or one of this process alone."""
    return Server(os.environ.get(SHARED))


def start_warm(address: str) -> subprocess.Popen[bytes]:
    """Start a warm process that answers at a socket, until it is ended or its starter has died."""
    process = subprocess.Popen(
        [sys.executable, __file__, address],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parent,
        env={**os.environ, **FORKING},
    )
    while not Path(address).exists():
        if process.poll() is not None:
            raise RuntimeError("the warm process did not start")
        time.sleep(0.01)
    return process


def end_warm(process: subprocess.Popen[bytes]) -> None:
    """End a warm process that was started here."""
    process.kill()
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _serve(address: str) -> None:
    """Load and compile everything, then fork a child for each request."""
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"{address}.new")
    listening.listen()
    Path(f"{address}.new").rename(address)  # it is there once it listens
    os.fsync = lambda _: None  # as in conftest.py
    _warm_up()
    gc.collect()
    gc.freeze()  # so that the search for garbage in a child copies no page of what is loaded
    # A child that ends wakes the loop by this pipe.
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    Loop(listening, ended).run()


class Loop:
    """Answers whoever is connected: starts commands, and tells when they have ended."""

    def __init__(self, listening: socket.socket, ended: int) -> None:
        self._listening = listening
        self._ended = ended
        self._asking: dict[int, socket.socket] = {}
        self._waiting: dict[int, socket.socket] = {}

    def run(self) -> None:
        """Go on until the starter closes our stdin, or dies."""
        stdin = sys.stdin.fileno()
        while True:
            ready, _, _ = select.select(
                [stdin, self._ended, self._listening, *self._asking], [], []
            )
            for each in ready:
                if each == stdin:
                    return
                if each == self._ended:
                    os.read(self._ended, 1024)
                    self._reap()
                elif each is self._listening:
                    asking, _ = self._listening.accept()
                    self._asking[asking.fileno()] = asking
                else:
                    self._hear(self._asking[each])

    def _hear(self, asking: socket.socket) -> None:
        """Read one request, which a client sends whole before it waits for the answer."""
        heard = b""
        while not heard.endswith(b"\n"):
            part = b""
            with suppress(ConnectionError):
                part = asking.recv(1 << 16)
            if not part:
                del self._asking[asking.fileno()]
                asking.close()
                return
            heard += part
        request = json.loads(heard)
        if "wait" in request:
            self._waiting[request["wait"]] = asking
            self._reap()
        else:
            asking.sendall(f"{_started(request)}\n".encode())

    def _reap(self) -> None:
        """Tell who waits for a command that it has ended; nobody else's pid is given away."""
        for pid in list(self._waiting):
            ended, code = os.waitpid(pid, os.WNOHANG)
            if ended:
                with suppress(OSError):  # who waited may have been killed
                    self._waiting.pop(pid).sendall(f"{code}\n".encode())


def _started(request: dict[str, Any]) -> int:
    if "job" in request:
        module, _, name = request["job"].partition(":")
        run = getattr(import_module(module), name)(request["what"])
    else:
        run = partial(_kernel if "kernel" in request else _command, request)
    started = os.fork()
    if started == 0:
        _become(request, run)
    # Both set the group, so that it is there whoever comes first.
    with suppress(ProcessLookupError):
        while os.getpgid(started) != started:
            time.sleep(0.001)
    return started


def _warm_up() -> None:
    from small_study import write_study
    from typer.main import get_command

    from opsatlas.cli import main as command_line

    command_line.app = get_command(command_line.app)
    with tempfile.TemporaryDirectory() as folder:
        study, workspace = write_study(Path(folder)), Path(folder) / "ws"
        for arguments in (["run", str(study)], ["taxonomy", "show"]):
            sys.argv = ["opsatlas", *arguments, "-w", str(workspace)]
            with (
                suppress(SystemExit),
                redirect_stdout(io.StringIO()),
                redirect_stderr(io.StringIO()),
            ):
                command_line.main()


def _command(request: dict[str, Any]) -> None:
    from opsatlas.cli.main import main

    sys.argv = ["opsatlas", *request["arguments"]]
    main()


def _kernel(request: dict[str, Any]) -> None:
    from ipykernel.kernelapp import launch_new_instance

    os.environ.update(request["environment"], JPY_PARENT_PID=str(os.getppid()))
    launch_new_instance(argv=["-f", request["kernel"]])


def _become(request: dict[str, Any], run: Callable[[], object]) -> None:
    """Turn the forked child into what runs, and never return."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.closerange(3, MOST_FILES)
        os.chdir(request["cwd"])
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(request["out"], os.O_WRONLY), 1)
        os.dup2(os.open(request["err"], os.O_WRONLY), 2)
        run()
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
    sys.path.append(str(Path(__file__).parent.parent))  # so that jobs in `tests` are found
    _serve(sys.argv[1])
