"""Here-documents: cut out before the grammar reads the shell, then read as what they are."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from usage.commands.words import SHELLS, CommandContext
from usage.commands.wrappers import is_python, program, skip_python_options, skip_wrappers
from usage.documents.expressions import show_expressions

_START: Final = re.compile(
    r"(?<![<$(])<<(?P<dash>-?)\s*(?P<quote>['\"\\]?)(?P<name>[A-Za-z_][\w.-]*)(?P=quote)?(?![<\w])"
)
_EXPANDED: Final = re.compile(r"\$?\{\{[^}\n]*\}\}|\$\{[^}\n]*\}|\$\([^)\n]*\)|\$\w+")
_LITERAL_ESCAPE: Final = re.compile(r"\\([$`\\])")


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document.

    Attributes
    ----------
    row, column
        Of its ``<<``: the line from 1, the column from 0 in bytes.
    first
        Line of its first line, from 1.
    literal
        Whether its mark is quoted, so that the shell expands nothing in it.
    """

    row: int
    column: int
    first: int
    body: str
    literal: bool


def cut_heredocs(text: str) -> tuple[str, list[Heredoc]]:
    """Return the text with its here-documents blanked, and these."""
    lines = text.split("\n")
    ends = rows_by_content(lines)
    found: list[Heredoc] = []
    row = 0
    while row < len(lines):
        here, row = row, row + 1
        for start in _starts(lines[here]):
            end = next_row(ends, start.group("name"), row)
            if end is None:
                break
            column = len(lines[here][: start.start()].encode("utf-8", "surrogatepass"))
            body = show_expressions("\n".join(lines[row:end]))
            literal = bool(start.group("quote"))
            found.append(Heredoc(here + 1, column, row + 1, body, literal))
            blank = " " * len(start.group())
            lines[here] = lines[here][: start.start()] + blank + lines[here][start.end() :]
            lines[row : end + 1] = [""] * (end + 1 - row)
            row = end + 1
    return "\n".join(lines), found


def rows_by_content(lines: Sequence[str]) -> dict[str, list[int]]:
    """Return where each line stands, from 0 and in order, by what it says without its margins.

    Nested in YAML or Make the mark of a here-document is indented, with or without a dash.
    """
    found: dict[str, list[int]] = {}
    for row, line in enumerate(lines):
        found.setdefault(line.strip(), []).append(row)
    return found


def next_row(rows: Mapping[str, Sequence[int]], content: str, start: int) -> int | None:
    """Return the first row, from ``start`` on, of a line that says ``content``."""
    there = rows.get(content, ())
    at = bisect_left(there, start)
    return there[at] if at < len(there) else None


def _starts(line: str) -> list[re.Match[str]]:
    comment = re.search(r"(?:^|\s)#", line)
    return [
        match
        for match in _START.finditer(line)
        if comment is None or match.start() < comment.start()
    ]


def read_heredoc(
    heredoc: Heredoc,
    words: Sequence[str],
    target: str | None,
    piped: Sequence[str],
    reading: CommandContext,
) -> None:
    """Record what a here-document uses, by the command that gets it.

    Parameters
    ----------
    words
        Of the command.
    target
        The file that the command writes, if any.
    piped
        Words of the command that reads what the command prints.
    """

    def at(line: int) -> str:
        return reading.at(heredoc.first + line - 1)

    words = words[skip_wrappers(words) :]
    if words and program(words[0]) in ("cat", "tee", "envsubst") and target is None:
        words = piped[skip_wrappers(piped) :]
    name = program(words[0]) if words else ""
    place, around = reading.recorder.place, reading.around
    if name in ("cat", "tee", "envsubst", "echo", "sed", "dd") and target is not None:
        if target.endswith(".py"):
            reading.recorder.join(around.python(_as_python(heredoc), at, place, "heredoc:"))
        else:
            reading.recorder.join(around.texts(target, _plain(heredoc), at, place))
    elif words and is_python(words[0]) and _reads_input(words):
        reading.recorder.join(around.python(_as_python(heredoc), at, place, "heredoc:"))
    elif name in SHELLS or name in ("ssh", "su"):
        reading.shell(heredoc.body, at)
    elif name in ("docker", "podman"):
        file = "compose.yaml" if any("compose" in word for word in words) else "Dockerfile"
        reading.recorder.join(around.texts(file, _plain(heredoc), at, place))
    elif name in ("kubectl", "oc"):
        reading.recorder.join(around.texts("manifest.yaml", _plain(heredoc), at, place))


def _reads_input(words: Sequence[str]) -> bool:
    at = skip_python_options(words)
    return at >= len(words) or words[at] == "-"


def _plain(heredoc: Heredoc) -> str:
    return heredoc.body if heredoc.literal else _LITERAL_ESCAPE.sub(r"\1", heredoc.body)


def _as_python(heredoc: Heredoc) -> str:
    """Return the body as Python: what the shell would put in becomes a name of equal length."""
    lines = heredoc.body.split("\n")
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    cut = min(indents, default=0)
    body = "\n".join(line[cut:] for line in lines)
    if heredoc.literal:
        return re.sub(r"\$\{\{[^}\n]*\}\}", _as_name, body)
    masked = _EXPANDED.sub(_as_name, body)
    return _LITERAL_ESCAPE.sub(r"\1", masked)


def _as_name(match: re.Match[str]) -> str:
    return re.sub(r"\W", "_", match.group())
