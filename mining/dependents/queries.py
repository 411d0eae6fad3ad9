"""What GitHub's code search is asked for a framework: from the framework's file alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from configs.framework import Framework

DECLARING = ("requirements.txt", "pyproject.toml", "setup.py", "setup.cfg", "environment.yml")
"""Files that declare distributions, by name."""
WORKFLOWS = "path:.github/workflows"


def code_queries(framework: Framework) -> list[str]:
    """Return the queries that find a framework's dependents by their code, each once.

    Imports in Python files and notebooks, distributions in files that declare them, files that
    configure the framework, and its scripts and actions in workflows.
    """
    return list(dict.fromkeys(_queries(framework)))


def _queries(framework: Framework) -> Iterator[str]:
    for module in framework.modules:
        yield f'"import {module}" language:python'
        yield f'"from {module}" language:python'
        yield f'"import {module}" extension:ipynb'
        yield f'"from {module}" extension:ipynb'
    for name in framework.distributions:
        for file in DECLARING:
            yield f'"{name}" filename:{file}'
    for feature in framework.features:
        for pattern in feature.files:
            yield from _file_query(pattern)
    for script in framework.scripts:
        yield f'"{script}" {WORKFLOWS}'
    for feature in framework.features:
        for action in feature.actions:
            yield f'"{action}" {WORKFLOWS}'


def _file_query(pattern: str) -> Iterator[str]:
    """Yield the query for a file by its name, and by the folders before any that is not named."""
    path = PurePosixPath(pattern)
    if "*" in path.name:
        return
    folders = []
    for part in path.parts[:-1]:
        if "*" in part:
            break
        folders.append(part)
    yield f"filename:{path.name}" + (f" path:{'/'.join(folders)}" if folders else "")
