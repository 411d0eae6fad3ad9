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
CPU_FACTS = Path("/proc/cpuinfo")
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
    facts = {
        "opsatlas": _version("opsatlas"),
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor_name() or platform.machine(),
        "instructions": _instructions(),
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


def processor_name() -> str:
    """Return what the processor is called; empty where the system does not tell."""
    return _told_of_processor("model name") or platform.processor()


def _instructions() -> str:
    """Return the instruction sets that arithmetic is chosen by, as far as the system tells."""
    flags = _told_of_processor("flags") or _told_of_processor("Features")
    return " ".join(sorted(filter(_computes, flags.split()))) if flags else "unknown"


def _told_of_processor(field: str) -> str:
    """Return what Linux tells of the first processor; empty where it does not."""
    try:
        lines = CPU_FACTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    told = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in told if name.strip() == field), "")


def _computes(flag: str) -> bool:
    """Tell whether an instruction set is one that libraries choose their arithmetic by."""
    return flag.startswith(("sse", "ssse", "avx", "amx", "fma", "f16c", "asimd", "neon", "sve"))
