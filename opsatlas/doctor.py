"""Checks of this machine: what works, what would fail, and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.checks import CheckResult, CheckState, failed, works
from artifacts.errors import OpsatlasError, StorageError

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from artifacts.progress import Progress
    from embeddings.encoder import EncoderPlan
    from embeddings.settings import VectorSettings

DISTRIBUTION = "opsatlas"
SHOWN = ("torch", "sentence-transformers", "numpy", "pandas")
"""Packages whose versions are always shown."""
GIB = 1 << 30
SCARCE_BYTES, TOO_FEW_BYTES = 2 * GIB, GIB // 4
PROBE_S = 0.5
PROBE_TEXTS = tuple(f"Deploys, versions and watches models of kind {n}." for n in range(32))

Check = Callable[[], Iterable[CheckResult]]


def check_machine(
    folder: Path, settings: VectorSettings, *, progress: Progress, network: bool
) -> Iterator[CheckResult]:
    """Yield what works on this machine and what does not; a failing check does not stop the others.

    Parameters
    ----------
    folder
        Where a workspace is, or would be.
    settings
        Of the encoder that would be used.
    progress
        Where the checks that take longer are announced.
    network
        Whether to ask GitHub whether it answers. Nothing else leaves this machine.
    """
    checks: dict[str, Check] = {
        "Python": _python,
        "packages": _packages,
        "encoder": partial(_encoder, settings, progress),
        "disk": partial(_disk, folder),
        "locks": partial(_locks, folder),
        "token": _token,
        "git": _git,
    }
    if network:
        from mining.github.run import check_github

        checks["way to GitHub"] = partial(check_github, progress)
    for what, check in checks.items():
        try:
            yield from check()
        except OpsatlasError as error:
            yield failed(what, error)
        except (ImportError, OSError, RuntimeError) as error:  # a library that cannot be loaded
            said = " ".join(str(error).split()) or type(error).__name__
            yield CheckResult(what, CheckState.FAILS, said, "install opsatlas again, with its pins")


def package_versions() -> dict[str, str | None]:
    """Return the versions of all that opsatlas needs, by name; None: it is not installed."""
    return {each.name: _version(each.name) for each in _needed()}


def _needed() -> list[Requirement]:
    from packaging.requirements import Requirement

    named = map(Requirement, metadata.requires(DISTRIBUTION) or [])
    return [each for each in named if each.marker is None or each.marker.evaluate({"extra": ""})]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _python() -> Iterator[CheckResult]:
    system = f"{platform.system()} {platform.release()}, {platform.machine()}"
    said = f"{platform.python_version()}; {system}; {os.cpu_count()} processors"
    yield works("Python", said)


def _packages() -> Iterator[CheckResult]:
    """Compare every package with the lowest version that opsatlas requires."""
    versions, needed = package_versions(), _needed()
    bad = [each for each in needed if not _is_met(each, versions[each.name])]
    for each in bad:
        version = versions[each.name]
        said = "not installed" if version is None else f"{version}, and {each.specifier} is needed"
        fix = f'pip install "{each.name}{each.specifier}"'
        yield CheckResult(each.name, CheckState.FAILS, said, fix)
    shown = ", ".join(f"{name} {versions[name]}" for name in SHOWN if versions.get(name))
    said = f"opsatlas {_version(DISTRIBUTION)}; {len(needed) - len(bad)} of {len(needed)} packages"
    state = CheckState.LOOK if bad else CheckState.WORKS
    yield CheckResult("packages", state, f"{said} as needed: {shown}")


def _is_met(needed: Requirement, version: str | None) -> bool:
    return version is not None and needed.specifier.contains(version, prereleases=True)


def _encoder(settings: VectorSettings, progress: Progress) -> Iterator[CheckResult]:
    from embeddings.encoder import plan_encoder
    from embeddings.models import KNOWN_MODELS

    plan = plan_encoder(settings)
    if plan.files is None:
        yield works("encoder", f"{plan.identity.model}: it needs no model")
        return
    is_known = settings.sha256 is not None or plan.files.name in KNOWN_MODELS
    judged = "as expected" if is_known else "not checked: give its sha256 in the study"
    said = f"{plan.identity.model}; SHA-256 of its weights {plan.files.sha256[:12]}…, {judged}"
    yield works("encoder", said)
    progress.say("trying the encoder")
    each_s = _texts_a_second(plan)
    said = f"{plan.device} in {plan.identity.dtype}: about {each_s:,.0f} short texts a second"
    yield works("device", said)


def _texts_a_second(plan: EncoderPlan) -> float:
    """Return how many texts an encoder takes in a second, once it is loaded and warm."""
    plan.encode(PROBE_TEXTS[:8])
    started, n_texts = time.perf_counter(), 0
    while time.perf_counter() < started + PROBE_S:
        plan.encode(PROBE_TEXTS)
        n_texts += len(PROBE_TEXTS)
    return n_texts / (time.perf_counter() - started)


def _disk(folder: Path) -> Iterator[CheckResult]:
    free = shutil.disk_usage(folder).free
    said = f"{free / GIB:,.1f} GiB free in {folder}"
    state = CheckState.LOOK if free < SCARCE_BYTES else CheckState.WORKS
    if free < TOO_FEW_BYTES:
        state = CheckState.FAILS
    fix = None if state is CheckState.WORKS else "free some space, or work on another disk with -w"
    yield CheckResult("disk", state, said, fix)
    try:
        with tempfile.TemporaryFile(dir=folder):
            yield works("writing", "files can be made there")
    except OSError as error:
        said = f"no file can be made there: {error.strerror or error}"
        fix = "correct the folder's owner and mode, or name another with -w; reading works"
        yield CheckResult("writing", CheckState.FAILS, said, fix)


def _locks(folder: Path) -> Iterator[CheckResult]:
    """Check that a lock keeps a second writer out: on some network file systems it does not."""
    from artifacts.locks import keeps_others_out

    if not os.access(folder, os.W_OK):
        return
    try:
        is_kept = keeps_others_out(folder)
        said = f"one {'keeps' if is_kept else 'does not keep'} a second writer out"
    except (OSError, StorageError, NotImplementedError) as error:
        is_kept, said = False, f"there are none on this file system: {error}"
    fix = (
        None if is_kept else "keep workspaces on a local disk, or never start two commands at once"
    )
    yield CheckResult("locks", CheckState.WORKS if is_kept else CheckState.FAILS, said, fix)


def _token() -> Iterator[CheckResult]:
    from mining.github.http import TOKEN_NAMES, account_from

    account = account_from()
    if account.token is None:
        fix = f"to mine GitHub, set {TOKEN_NAMES[0]}; everything else works without"
        yield CheckResult("token", CheckState.LOOK, "not set", fix)
    else:
        yield works("token", f"{account.token_name} is set")


def _git() -> Iterator[CheckResult]:
    if (path := shutil.which("git")) is not None:
        yield works("git", path)
    else:
        fix = "say who decides with --by NAME: by default git is asked"
        yield CheckResult("git", CheckState.LOOK, "not found", fix)
