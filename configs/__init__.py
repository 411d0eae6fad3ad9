"""Studies, codebooks and embedded snapshots: data that travel with the package."""

from __future__ import annotations

from pathlib import Path

STUDY_FILE = "study.toml"
"""What the study file is called in the workspace that remembers it."""
PACKAGE_PREFIX = "package:"
"""In a study file, marks a path below this folder."""


def package_path(name: str) -> Path:
    """Return the path of a file that is shipped in this folder."""
    return Path(__file__).parent / name


def study_names() -> list[str]:
    """Return the names of the studies that are shipped."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


def codebook_names() -> list[str]:
    """Return the names of the codebooks that are shipped."""
    return sorted(path.stem for path in package_path("codebooks").glob("*.toml"))


def shipped_frameworks() -> list[str]:
    """Return the names of the frameworks that are described in what is shipped."""
    return sorted(path.stem for path in package_path("frameworks").glob("*.toml"))


def shipped_families() -> list[str]:
    """Return the names of the files of families that are shipped."""
    return sorted(path.stem for path in package_path("families").glob("*.toml"))
