"""A run that is killed at any moment is completed by the next, with the same content."""

from __future__ import annotations

import random
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from small_study import write_study
from warm import warm_opsatlas

from artifacts.manifest import Manifest
from opsatlas.interrupts import safe_interrupts

N_KILLS = 12
SEED = 20


def content(workspace: Path) -> dict[str, str]:
    """Return the content hash of every artifact in a workspace but the vector cache."""
    found = {}
    for path in sorted(workspace.glob("*/*/manifest.json")):
        manifest = Manifest.read(path.parent)
        if manifest.kind != "vectors":
            found[str(path.parent.relative_to(workspace))] = manifest.content_hash
    return found


def leftovers(workspace: Path) -> list[str]:
    """Return what a finished run should have cleared away."""
    hidden = [path for path in workspace.rglob(".*") if path.name != ".gitignore"]
    return [str(path) for path in hidden if path.is_file() or any(path.iterdir())]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study."""
    return write_study(tmp_path_factory.mktemp("study"))


@pytest.fixture(scope="module")
def undisturbed(study: Path) -> tuple[Path, float]:
    """Return a workspace in which the study ran undisturbed, and how many seconds that took."""
    workspace = study.parent / "undisturbed"
    warm_opsatlas().run("--help")  # whose start is no part of a run
    started = time.perf_counter()
    done = warm_opsatlas().run("run", study, "-w", workspace)
    assert done.code == 0, done.err
    return workspace, time.perf_counter() - started


def test_a_killed_run_is_completed_by_the_next(
    study: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    """SIGKILL at a dozen moments spread over a run: afterwards all is as if nothing had been."""
    expected, seconds = undisturbed
    rng = random.Random(SEED)
    n_killed = 0
    for number in range(N_KILLS):
        workspace = tmp_path / str(number)
        running = warm_opsatlas().start("run", study, "-w", workspace)
        time.sleep(seconds * (number + rng.random()) / N_KILLS)
        running.signal(signal.SIGKILL)
        n_killed += running.wait().code == -signal.SIGKILL
        done = warm_opsatlas().run("run", study, "-w", workspace)
        assert done.code == 0, (number, done.err)
        assert content(workspace) == content(expected), number
        assert leftovers(workspace) == [], number
    assert n_killed >= N_KILLS // 2


def test_a_run_killed_again_and_again_gets_there(
    study: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    """In one workspace, killed ever later: what was finished is never lost or damaged."""
    expected, seconds = undisturbed
    for share in (0.2, 0.4, 0.5, 0.6, 0.7, 0.8):
        running = warm_opsatlas().start("run", study, "-w", tmp_path / "ws")
        time.sleep(seconds * share)
        running.signal(signal.SIGKILL)
        running.wait()
    done = warm_opsatlas().run("run", study, "-w", tmp_path / "ws")
    assert done.code == 0, done.err
    assert content(tmp_path / "ws") == content(expected)
    assert leftovers(tmp_path / "ws") == []


def test_an_interrupt_waits_for_the_compiler() -> None:
    """Below the compiler, which loses it, an interrupt is held back; elsewhere it is raised."""
    source = (
        "def compile_something(interrupt, wait):\n"
        "    interrupt()\n    wait(0.2)\n    return 'compiled'\n"
    )
    scope: dict[str, Any] = {}
    exec(compile(source, "site-packages/llvmlite/binding/ffi.py", "exec"), scope)
    results = []
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), safe_interrupts():
        interrupt = partial(signal.raise_signal, signal.SIGINT)
        results.append(scope["compile_something"](interrupt, time.sleep))
        time.sleep(10)
        results.append("too late")
    assert results == ["compiled"]
    with pytest.raises(KeyboardInterrupt), safe_interrupts():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_says_one_thing_and_exits_with_130(
    study: Path, undisturbed: tuple[Path, float], tmp_path: Path
) -> None:
    """Control-C ends a run at once, without a traceback, and the next run goes on."""
    expected, _ = undisturbed
    running = warm_opsatlas().start("run", study, "-w", tmp_path / "ws")
    deadline = time.perf_counter() + 30
    while "runs of the ensemble" not in running.errors():
        assert time.perf_counter() < deadline
        time.sleep(0.005)
    running.signal(signal.SIGINT)
    done = running.wait()
    assert done.code == 130, done.err
    last = done.err.splitlines()[-1]
    assert last == "Interrupted. The same command goes on where it stopped."
    assert "Traceback" not in done.err
    done = warm_opsatlas().run("run", study, "-w", tmp_path / "ws")
    assert done.code == 0, done.err
    assert content(tmp_path / "ws") == content(expected)
