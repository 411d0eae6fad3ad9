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
from opsatlas.cli.main import safe_interrupts

SEED = 20
STAGE_S = 0.1
"""About as long as a stage of a small study takes."""

PATIENCE_S = 30.0


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
    return write_study(tmp_path_factory.mktemp("study"), runs=4)


@pytest.fixture(scope="module")
def undisturbed(study: Path) -> tuple[Path, int]:
    """Return a workspace in which the study ran undisturbed, and how many lines that run wrote."""
    workspace = study.parent / "undisturbed"
    done = warm_opsatlas().run("run", study, "-w", workspace)
    assert done.code == 0, done.err
    return workspace, len(done.err.splitlines())


def kill(study: Path, workspace: Path, *, after_lines: int, after_s: float) -> bool:
    """Kill a run some time after it has written so many lines; tell whether it was still alive."""
    running = warm_opsatlas().start("run", study, "-w", workspace)
    deadline = time.perf_counter() + PATIENCE_S
    while running.errors().count("\n") < after_lines and time.perf_counter() < deadline:
        if running.printed():  # it has ended: there was nothing left to do
            break
        time.sleep(0.002)
    time.sleep(after_s)
    running.signal(signal.SIGKILL)
    return running.wait().code == -signal.SIGKILL


def test_a_killed_run_is_completed_by_the_next(
    study: Path, undisturbed: tuple[Path, int], tmp_path: Path
) -> None:
    """SIGKILL at random moments of every stage: afterwards all is as if nothing had been."""
    expected, n_lines = undisturbed
    rng = random.Random(SEED)
    n_killed = 0
    for after_lines in range(n_lines + 1):
        workspace = tmp_path / str(after_lines)
        after_s = rng.random() * STAGE_S
        n_killed += kill(study, workspace, after_lines=after_lines, after_s=after_s)
        done = warm_opsatlas().run("run", study, "-w", workspace)
        assert done.code == 0, (after_lines, done.err)
        assert content(workspace) == content(expected), after_lines
        assert leftovers(workspace) == [], after_lines
    assert n_killed > n_lines // 2


def test_a_run_killed_again_and_again_gets_there(
    study: Path, undisturbed: tuple[Path, int], tmp_path: Path
) -> None:
    """In one workspace, killed in ever later stages: what was finished is not lost or damaged."""
    expected, n_lines = undisturbed
    for after_s in (0.05, 0.1, 0.2, 0.3, 0.1, 0.01):
        kill(study, tmp_path / "ws", after_lines=1, after_s=after_s)
    done = warm_opsatlas().run("run", study, "-w", tmp_path / "ws")
    assert done.code == 0, done.err
    assert len(done.err.splitlines()) <= n_lines
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
    study: Path, undisturbed: tuple[Path, int], tmp_path: Path
) -> None:
    """Control-C ends a run at once, without a traceback, and the next run goes on."""
    expected, _ = undisturbed
    running = warm_opsatlas().start("run", study, "-w", tmp_path / "ws")
    deadline = time.perf_counter() + PATIENCE_S
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
