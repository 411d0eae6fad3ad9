"""What the bits of a result hang on besides its inputs: processor, number formats, packages."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib import metadata
from pathlib import Path

ARITHMETIC = (
    "bertopic",
    "hdbscan",
    "numba",
    "numpy",
    "pynndescent",
    "scikit-learn",
    "scipy",
    "sentence-transformers",
    "tokenizers",
    "torch",
    "transformers",
    "tree-sitter",
    "tree-sitter-bash",
    "tree-sitter-python",
    "umap-learn",
)
"""Packages whose version may change a result."""
SWITCHES = (
    "ATEN_CPU_CAPABILITY",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "NPY_DISABLE_CPU_FEATURES",
    "NPY_ENABLE_CPU_FEATURES",
    "NUMBA_CPU_NAME",
    "ONEDNN_MAX_CPU_ISA",
    "OPENBLAS_CORETYPE",
)
"""Variables of the environment that choose the instructions that libraries compute with."""


@cache
def machine_facts() -> dict[str, str]:
    """Return what two machines must have in common to compute the same bytes, by name.

    Names are ``opsatlas``, ``Python``, ``system``, ``processor``, ``instructions`` (a hash would
    do, but a reader wants to see which), each of `ARITHMETIC`, and those of `SWITCHES` that are
    set. A package that is not there is ``missing``.
    """
    processor, instructions = _processor()
    facts = {
        "opsatlas": _version("opsatlas"),
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor,
        "instructions": instructions,
    }
    facts |= {name: _version(name) for name in ARITHMETIC}
    return facts | {name: os.environ[name] for name in SWITCHES if name in os.environ}


def differing(there: dict[str, str], here: dict[str, str]) -> list[str]:
    """Return in what another machine differs, each as ``name: this there, that here``."""
    names = [*there, *(name for name in here if name not in there)]
    return [
        f"{name}: {_shown(there.get(name))} there, {_shown(here.get(name))} here"
        for name in names
        if there.get(name) != here.get(name)
    ]


_LONG = 60


def _shown(value: str | None) -> str:
    if value is None:
        return "nothing"
    return value if len(value) <= _LONG else f"{value[:_LONG]}…"


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _processor() -> tuple[str, str]:
    """Return the name of the processor and the instructions it has, as far as the system tells."""
    told = Path("/proc/cpuinfo")
    name, flags = platform.processor() or platform.machine(), "unknown"
    if not told.exists():
        return name, flags
    for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
        field, _, value = line.partition(":")
        if field.strip() == "model name":
            name = value.strip()
        elif field.strip() in ("flags", "Features"):
            flags = " ".join(sorted(each for each in value.split() if _computes(each)))
            break
    return name, flags


def _computes(flag: str) -> bool:
    """Tell whether an instruction set is one that libraries choose their arithmetic by."""
    return flag.startswith(("sse", "ssse", "avx", "amx", "fma", "f16c", "asimd", "neon", "sve"))
