"""Commands that are told to people, so that they work from where these stand.

Libraries name commands without a workspace: `opsatlas taxonomy build`. Whoever works in a workspace
that is not the nearest one above the current folder is told the command with ``-w``.
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

_used: list[Path] = []
_root: list[Any] = []
_group: list[Any] = []


def work_in(workspace: Path | None) -> Path | None:
    """Remember which workspace the command works in, and return it; None: the nearest one."""
    _used[:] = [] if workspace is None else [workspace]
    return workspace


def given_workspace(context: typer.Context, workspace: Path | None) -> Path | None:
    """Remember the workspace that an option named, and of which command it is; return it."""
    _root[:] = [context.find_root().command]
    _group[:] = [context.parent]
    return work_in(workspace)


def located(text: str) -> str:
    """Return a text whose commands of opsatlas name the workspace, where they have to."""
    if not _used or not _root or "opsatlas " not in text or _is_nearest(_used[0]):
        return text
    option = f" -w {shlex.quote(visible(str(_used[0])))}"
    done, told = 0, ""
    for found in _COMMAND.finditer(text):
        path = _path_of(found[1].split())
        if path is None:
            continue
        end = _end(text, found.start(), found.start() + len(f"opsatlas {path}"))
        if "-w " not in text[found.start() : end]:
            told += text[done:end] + option
            done = end
    return told + text[done:]


def in_full(text: str) -> str:
    """Return a text whose commands of the same group, such as `show`, are named in full."""
    below = getattr(_group[0].command, "commands", {}) if _group and _group[0] else {}

    def named(found: re.Match[str]) -> str:
        return f"`{_group[0].command_path} {found[1]}" if found[2] in below else found[0]

    return _OF_GROUP.sub(named, text)


def _is_nearest(workspace: Path) -> bool:
    try:
        return open_workspace(None).resolve() == workspace.resolve()
    except OpsatlasError:
        return False


def _path_of(words: list[str]) -> str | None:
    """Return the words that name a command which takes a workspace; None where they name none."""
    command = _root[0]
    for n, word in enumerate(words):
        below = getattr(command, "commands", {})
        if word not in below:
            break
        command = below[word]
        if any(parameter.name == "workspace" for parameter in command.params):
            return " ".join(words[: n + 1])
    return None


def _end(text: str, start: int, path_end: int) -> int:
    """Return where a command ends that begins at ``start``; that of its name if nothing tells."""
    before, line = text[:start], text[start:].split("\n", 1)[0]
    if before[-1:] in _CLOSING and (closing := text.find(_CLOSING[before[-1]], start)) > 0:
        return closing
    is_all = not before or before.endswith((": ", "\n"))
    return start + len(line.rstrip(".")) if is_all and not re.search("[,;]", line) else path_end
