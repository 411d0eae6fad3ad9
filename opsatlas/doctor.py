"""Checks of this machine: what works, what would fail, and what to do about it."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from artifacts.checks import CheckResult, CheckState, failed, works
from artifacts.errors import OpsatlasError
from artifacts.storage_checks import check_disk, check_locks

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from artifacts.progress import Progress
    from embeddings.settings import VectorSettings

DISTRIBUTION = "opsatlas"
SHOWN = ("torch", "sentence-transformers", "numpy", "pandas")
"""Packages whose versions are always shown."""

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
        "disk": partial(check_disk, folder),
        "locks": partial(check_locks, folder),
        "token": _token,
        "git": _git,
    }
    if network:
        checks["way to GitHub"] = partial(_way_to_github, progress)
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


def _git() -> Iterator[CheckResult]:
    if (path := shutil.which("git")) is not None:
        yield works("git", path)
    else:
        fix = "say who decides with --by NAME: by default git is asked"
        yield CheckResult("git", CheckState.LOOK, "not found", fix)


# These import late: what cannot be imported is then reported as a failed check.


def _encoder(settings: VectorSettings, progress: Progress) -> Iterable[CheckResult]:
    from embeddings.checking import check_encoder

    return check_encoder(settings, progress)


def _token() -> Iterable[CheckResult]:
    from mining.github.checking import check_token

    return check_token()


def _way_to_github(progress: Progress) -> Iterable[CheckResult]:
    from mining.github.run import check_github

    return check_github(progress)
