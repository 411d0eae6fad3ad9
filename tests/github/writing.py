"""Names, sentences and files that look like those of projects: cheap, and the same for a seed."""

from __future__ import annotations

import random

from tests.github.git import FILE, FOLDER, SYMLINK, Blob, Entry, Tree, folder
from tests.github.world import Label

WORDS = [
    "model",
    "training",
    "pipeline",
    "feature",
    "store",
    "drift",
    "monitor",
    "deploy",
    "serving",
    "batch",
    "experiment",
    "tracking",
    "metric",
    "registry",
    "artifact",
    "dataset",
    "version",
    "notebook",
    "cluster",
    "worker",
    "scheduler",
    "endpoint",
    "latency",
    "schema",
    "validation",
    "report",
    "dashboard",
    "alert",
    "config",
    "plugin",
    "cache",
    "storage",
    "client",
    "server",
    "token",
    "python",
    "docker",
    "kubernetes",
    "gpu",
    "queue",
    "stream",
    "table",
    "column",
    "index",
    "vector",
    "agent",
    "prompt",
    "evaluation",
]
OPENINGS = (
    "Please add support for",
    "It would help to have",
    "This fails with",
    "We use it for",
    "There is no way to change",
    "A tool for",
)
LANGUAGES = (
    "Python",
    "Jupyter Notebook",
    "Go",
    "TypeScript",
    "Shell",
    "Rust",
    "Dockerfile",
    "HTML",
)
LICENSES = (
    ("mit", "MIT", "MIT License"),
    ("apache-2.0", "Apache-2.0", "Apache License 2.0"),
    ("gpl-3.0", "GPL-3.0", "GNU General Public License v3.0"),
    ("other", "NOASSERTION", "Other"),
)
FRAMEWORKS = {
    "bentoml/BentoML": ("enhancement", "new feature"),
    "deepchecks/deepchecks": ("feature", "kind/feature"),
    "evidentlyai/evidently": ("enhancement",),
    "kedro-org/kedro": ("Issue: Feature Request",),
    "Netflix/metaflow": ("enhancement",),
    "mlflow/mlflow": ("enhancement",),
    "PrefectHQ/prefect": ("enhancement", "feature"),
    "wandb/wandb": ("enhancement", "feature_request", "ty:feature"),
}
"""Frameworks, with the labels by which they mark requests."""
OTHER_LABELS = ("bug", "question", "documentation", "good first issue", "help wanted", "wontfix")
ASSOCIATIONS = ("NONE",) * 6 + ("CONTRIBUTOR", "CONTRIBUTOR", "MEMBER", "COLLABORATOR", "OWNER")

TOO_LONG = 512 * 1024
"""A text that is longer is cut by GraphQL."""
_SETUP = Entry("setup.py", FILE, Blob(b"from setuptools import setup\n\nsetup()\n"))
_LICENSE = Entry("LICENSE", FILE, Blob(b"Permission is granted.\n"))
_IGNORED = Entry(".gitignore", FILE, Blob(b"*.pyc\n"))
_SOURCE = Entry("src", FOLDER, folder(Entry("main.py", FILE, Blob(b"print('hello')\n"))))
_ELSEWHERE = Entry("README.zh-CN.md", FILE, Blob("# 说明\n".encode()))
COMMON = (_SETUP, _LICENSE, _IGNORED, _SOURCE)
README_KINDS = {
    "README.md": 64,
    "readme.rst": 6,
    "Readme.txt": 3,
    "README": 3,
    "docs/README.md": 3,
    ".github/README.md": 3,
    "several": 3,
    "github and root": 1,
    "symlink": 3,
    "dangling": 1,
    "binary": 1,
    "long": 1,
    "none": 8,
}


def sentence(rng: random.Random) -> str:
    """Return a sentence of few words."""
    return f"{rng.choice(OPENINGS)} {' '.join(rng.choices(WORDS, k=rng.randint(3, 9)))}."


class Writer:
    """Draws texts from a stock of sentences."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._stock = [sentence(rng) for _ in range(400)]

    def text(self, least: int, most: int) -> str:
        """Return so many sentences."""
        return " ".join(self._rng.choices(self._stock, k=self._rng.randint(least, most)))

    def title(self) -> str:
        """Return a line without a full stop."""
        return self._rng.choice(self._stock)[:-1]

    def readme(self, kind: str) -> Tree:
        """Return the files of a project with a README of one of `README_KINDS`."""
        text = f"# {self.title()}\n\n{self.text(3, 20)} é {self._rng.getrandbits(40):x}\n"
        if kind == "long":
            text += "More of it. " * (TOO_LONG // 12 + 100)
        blob = Blob(text.encode() if kind != "binary" else b"\0" + text.encode())
        return folder(*COMMON, *_readmes(kind, blob))


def _readmes(kind: str, blob: Blob) -> list[Entry]:
    """Return what a kind of README adds to the root."""
    if kind == "none":
        return [_ELSEWHERE]
    if kind in ("binary", "long"):
        return [Entry("README.md", FILE, blob)]
    if kind == "several":
        below = folder(Entry("README.md", FILE, Blob(b"# About these documents\n")))
        rst = Entry("README.rst", FILE, Blob(b"Older\n=====\n"))
        return [Entry("README.md", FILE, blob), rst, _ELSEWHERE, Entry("docs", FOLDER, below)]
    if kind == "github and root":
        hidden = folder(Entry("README.md", FILE, Blob(b"# About these workflows\n")))
        return [Entry("README.md", FILE, blob), Entry(".github", FOLDER, hidden)]
    if kind in ("symlink", "dangling"):
        name = "index.md" if kind == "symlink" else "other.md"
        docs = Entry("docs", FOLDER, folder(Entry(name, FILE, blob)))
        return [Entry("README.md", SYMLINK, Blob(b"docs/index.md")), docs]
    place, _, name = kind.rpartition("/")
    entry = Entry(name, FILE, blob)
    return [Entry(place, FOLDER, folder(entry))] if place else [entry]


def labels_of(requests: tuple[str, ...]) -> tuple[Label, ...]:
    """Return the labels of an issue tracker: those for requests, and the usual ones."""
    wanted = [Label(name, "New feature or request", "a2eeef") for name in requests]
    return (*wanted, *(Label(name) for name in OTHER_LABELS))
