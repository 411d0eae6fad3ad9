"""Uses of frameworks, and files that could not be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

Channel = Literal["api", "cli", "workflow", "config", "requirement"]
"""How a framework is used: in code; by commands; by anything in ``.github/workflows``; by files
and variables that configure it; or only declared as needed."""

CHANNELS: Final[tuple[Channel, ...]] = ("api", "cli", "workflow", "config", "requirement")

Kind = Literal[
    # in code
    "import",
    "call",
    "decorator",
    "base",
    "reference",
    "set",
    "dynamic",
    "magic",
    "indirect",
    "import-indirect",
    # commands
    "command",
    "flow-command",
    "action",
    # configuration
    "env",
    "image",
    "config-file",
    "config-key",
    "config-ref",
    "artifact-dir",
    # declarations
    "declared",
    "pip-install",
]

UNNAMED: Final = frozenset({"import", "declared", "pip-install"})
"""Kinds that need be of no feature: they say that a framework is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use: a symbol or command of a framework on one line of a file.

    Attributes
    ----------
    framework
        Its name.
    line
        From 1; in notebooks ``CELL:LINE``, the cell from 0 over all cells, the line from 1 in the
        cell; ``0`` for folders.
    symbol
        As it is imported, with types named: ``mlflow.MlflowClient.log_metric``; or the command,
        action, variable, image, key or file.
    how
        In what way it is known to be the framework's: ``qualified``, ``direct``, ``instance``, …;
        with ``heredoc:`` or ``template:`` before it where the code stands in another file.
    resolved
        Of an instance: the chain of calls that it came by, ``mlflow.MlflowClient().log_metric``.
    in_test, in_example
        Whether the file is a test, or an example or tutorial.
    """

    framework: str
    channel: Channel
    kind: Kind
    path: str
    line: str
    symbol: str
    how: str
    resolved: str = ""
    in_test: bool = False
    in_example: bool = False


@dataclass(frozen=True, slots=True)
class Unread:
    """A file, or a part of one, that could not be read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a repository: its path in it, with ``/``, and its bytes."""

    path: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where text stands that is scanned.

    Attributes
    ----------
    path
        Of the file in its repository.
    channel
        Of what is found in code or commands there; ``workflow`` under ``.github/workflows``, where
        it is that of everything.
    """

    path: str
    channel: Channel = "api"
    in_test: bool = False
    in_example: bool = False


@dataclass(slots=True)
class Found:
    """What was found in a file, or in a part of one."""

    uses: list[Use]
    unread: list[Unread]


LineLabel = Callable[[int], str]
"""Turns a line of a text, from 1, into the line of the file that it stands on."""

PythonReader = Callable[[str, LineLabel, Place, str], Found]
"""Reads Python that stands in another file: its text, lines, place, and what goes before how."""
