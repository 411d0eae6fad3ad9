"""Commands in messages, completed so that they work from the current folder.

Libraries name commands without a workspace: `opsatlas taxonomy build`. Where the workspace is not
the nearest one above the current folder, ``-w`` and the workspace are added.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import typer

from artifacts.errors import OpsatlasError
from artifacts.visible import visible
from opsatlas.workspace import open_workspace

_COMMAND = re.compile(r"\bopsatlas((?: [a-z][a-z-]*)+)")
_OF_GROUP = re.compile(r"`(([a-z]+)(?=[ `]))")
_CLOSING = {"`": "`", "(": ")"}


class _Current:
    """The command line of this process, and the workspace it works in; None: the nearest one.

    Kept here and not in the context of the command, which has ended when its error is printed.
    """

    root: Any = None
    group: Any = None
    workspace: Path | None = None


def work_in(workspace: Path | None) -> None:
    """Remember which workspace the command works in; None: the nearest one."""
    _Current.workspace = workspace


def given_workspace(context: typer.Context, workspace: Path | None) -> Path | None:
    """Remember the workspace that an option named, and the command line it belongs to."""
    _Current.root = context.find_root().command
    _Current.group = context.parent
    work_in(workspace)
    return workspace


def located(text: str) -> str:
    """Return a text in which every command of opsatlas names the workspace, where it has to."""
    workspace, root = _Current.workspace, _Current.root
    if workspace is None or root is None or "opsatlas " not in text or _is_nearest(workspace):
        return text
    option = f" -w {shlex.quote(visible(str(workspace)))}"
    done, told = 0, ""
    for found in _COMMAND.finditer(text):
        path = _path_of(root, found[1].split())
        if path is None:
            continue
        end = _end(text, found.start(), found.start() + len(f"opsatlas {path}"))
        if "-w " not in text[found.start() : end]:
            told += text[done:end] + option
            done = end
    return told + text[done:]


def in_full(text: str) -> str:
    """Return a text whose commands of the same group, such as `show`, are named in full."""
    group = _Current.group
    below = getattr(group.command, "commands", {}) if group else {}

    def named(found: re.Match[str]) -> str:
        return f"`{group.command_path} {found[1]}" if found[2] in below else found[0]

    return _OF_GROUP.sub(named, text)


def _is_nearest(workspace: Path) -> bool:
    try:
        return open_workspace(None).resolve() == workspace.resolve()
    except OpsatlasError:
        return False


def _path_of(command: Any, words: list[str]) -> str | None:
    """Return the words that name a command which takes a workspace; None where they name none."""
    for n, word in enumerate(words):
        below = getattr(command, "commands", {})
        if word not in below:
            break
        command = below[word]
        if any(parameter.name == "workspace" for parameter in command.params):
            return " ".join(words[: n + 1])
    return None


def _end(text: str, start: int, path_end: int) -> int:
    """Return where the command that begins at ``start`` ends; if unclear, the end of its name."""
    before, line = text[:start], text[start:].split("\n", 1)[0]
    if before[-1:] in _CLOSING and (closing := text.find(_CLOSING[before[-1]], start)) > 0:
        return closing
    is_all = not before or before.endswith((": ", "\n"))
    return start + len(line.rstrip(".")) if is_all and not re.search("[,;]", line) else path_end
