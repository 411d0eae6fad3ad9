"""What a bundle was made with: versions, and what of a machine the bytes of vectors hang on."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from artifacts.machine import processor_name
from artifacts.manifest import Manifest


def environment_of(manifests: Iterable[Manifest]) -> dict[str, Any]:
    """Return what a bundle was made with, as JSON-compatible values.

    Nothing of it tells whose machine it was: no name, no path, no address.

    Parameters
    ----------
    manifests
        Of the artifacts in it: their dtypes and devices, and the versions they were made with.
    """
    made = list(manifests)
    computed = {(m.device, m.dtype) for m in made if m.dtype is not None}
    recorded = {pair for manifest in made for pair in manifest.packages.items()}
    return {
        "opsatlas": metadata.version("opsatlas"),
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "processor": processor_name(),
        "computed": [{"device": device, "dtype": dtype} for device, dtype in sorted(computed)],
        "made_with": [f"{name}=={version}" for name, version in sorted(recorded)],
        "packages": dict(sorted(_installed(), key=lambda pair: pair[0].lower())),
    }


def environment_text(environment: dict[str, Any]) -> str:
    """Return it as a file that pip takes with ``-r`` or ``-c``."""
    computed = ", ".join(f"{c['dtype']} on {c['device']}" for c in environment["computed"])
    head = [
        "What this bundle was made with. To install the same: pip install -r environment.txt",
        f"Python {environment['python']}, {environment['system']}, {environment['machine']}",
        f"processor: {environment['processor'] or 'unknown'}",
        f"vectors: {computed or 'none'}",
    ]
    pins = [f"{name}=={version}" for name, version in environment["packages"].items()]
    return "".join([*(f"# {line}\n" for line in head), *(f"{pin}\n" for pin in pins)])


def _installed() -> Iterable[tuple[str, str]]:
    """Yield the distributions that opsatlas stands on, and their versions."""
    from packaging.requirements import Requirement

    waiting, seen = ["opsatlas"], set[str]()
    while waiting:
        try:
            found = metadata.distribution(waiting.pop())
        except metadata.PackageNotFoundError:
            continue
        name = found.metadata["Name"]
        if name.lower() in seen:
            continue
        seen.add(name.lower())
        # What follows a plus says how a wheel was built, such as 2.13.0+cpu: an index lacks it.
        yield name, found.version.partition("+")[0]
        for line in found.requires or ():
            asked = Requirement(line)
            if asked.marker is None or asked.marker.evaluate({"extra": ""}):
                waiting.append(asked.name)
