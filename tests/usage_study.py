"""A study of three tiny repositories: one uses two frameworks, one declares, one has nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clones import clone_of
from command_line import opsatlas

HEAD = """\
[study]
name = "own"
title = "What we use"

[usage]
frameworks = ["mlflow", "wandb"]
"""
FORGE = {
    "train.py": b"import mlflow\nimport wandb\n\nwandb.init()\nmlflow.log_metric('a', 1)\n"
    b"mlflow.register_model('runs:/1/m', 'm')\n",
    "tests/test_train.py": b"import mlflow\n",
    "look.ipynb": b'{"cells": [{"source": "import mlflow',
    "requirements.txt": b"mlflow>=2\nwandb\n",
}
PROJECTS: Mapping[str, Mapping[str, bytes]] = {
    "acme/forge": FORGE,
    "acme/says": {"requirements.txt": b"# tracking\nmlflow==2.1\n"},
    "ben/calm": {"main.py": b'"""Not mlflow.log_metric."""\nprint(1)\n'},
}
USED = [
    ("requirements.txt", "1", "mlflow"),
    ("requirements.txt", "2", "wandb"),
    ("tests/test_train.py", "1", "mlflow"),
    ("train.py", "1", "mlflow"),
    ("train.py", "2", "wandb"),
    ("train.py", "4", "wandb.init"),
    ("train.py", "5", "mlflow.log_metric"),
    ("train.py", "6", "mlflow.register_model"),
]
"""Path, line and symbol of all that acme/forge has."""


def write_clones(folder: Path, projects: Mapping[str, Mapping[str, bytes]] = PROJECTS) -> Path:
    """Make the repositories as bare clones in a folder, which is returned."""
    for name, files in projects.items():
        clone_of(folder / name, files)
    return folder


def usage_study(workspace: Path, more: str = 'code = ["clones"]\n') -> Path:
    """Make a workspace whose study has a section of usage, and these lines in it."""
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "study.toml").write_text(HEAD + more, encoding="utf-8")
    return workspace


def usage(workspace: Path, *arguments: object) -> str:
    """Run `opsatlas usage` on a workspace, which must succeed; return what it printed."""
    done = opsatlas("usage", *arguments, "-w", workspace)
    assert done.code == 0, done.err
    return done.out


def usage_json(workspace: Path, *arguments: object) -> Any:
    """Return what a command prints with --json."""
    return json.loads(usage(workspace, *arguments, "--json"))


def usage_refusal(workspace: Path, *arguments: object) -> str:
    """Run `opsatlas usage`, which must be refused; return its one error, in one line."""
    done = opsatlas("usage", *arguments, "-w", workspace)
    assert done.code == 2, done.out + done.err
    assert done.out == ""
    assert done.err.count("error: ") == 1, done.err
    return " ".join(done.err.split())
