"""Dockerfiles: images, variables, and the commands that build and start them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from usage.catalog import Catalog
from usage.commands.heredocs import next_row, rows_by_content
from usage.commands.shell import argument_uses, on_line, shell_uses
from usage.commands.variables import record_variables
from usage.commands.words import record_image
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place

_INSTRUCTION: Final = re.compile(r"\s*([A-Za-z]+)\s(.*)", re.DOTALL)
_HEREDOC: Final = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_OPTIONS: Final = re.compile(r"^\s*(?:--[\w-]+(?:=\S+)?\s+)+")
_INNER: Final = re.compile(r"^\s*(?:RUN|CMD|ENTRYPOINT)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Instruction:
    name: str
    text: str
    row: int


def docker_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what a Dockerfile uses."""
    recorder = Recorder(place)
    _Dockerfile(at, recorder, catalog, around).read(text)
    return recorder.found


class _Dockerfile:
    def __init__(
        self, at: LineLabel, recorder: Recorder, catalog: Catalog, around: Surroundings
    ) -> None:
        self.at, self.recorder, self.catalog, self.around = at, recorder, catalog, around
        self.start: dict[str, list[tuple[str, LineLabel]]] = {}

    def read(self, text: str) -> None:
        for instruction in _instructions(text):
            self._read(instruction)
        self._read_start()

    def _read(self, instruction: _Instruction) -> None:
        name, body = instruction.name, instruction.text
        if name in ("ONBUILD", "HEALTHCHECK", "RUN", "FROM"):
            body = _blank(_OPTIONS, body)
        if name in ("ONBUILD", "HEALTHCHECK"):
            body = _blank(_INNER, body)

        def label(line: int) -> str:
            return self.at(instruction.row + line - 1)

        if name == "FROM":
            self._read_start()
            record_image(body.split()[0] if body.split() else "", label(1), *self._books)
        elif name in ("ENV", "ARG"):
            self._read_settings(body, label)
        elif name in ("RUN", "CMD", "ENTRYPOINT", "ONBUILD", "HEALTHCHECK"):
            self._read_command(name, body, label)

    @property
    def _books(self) -> tuple[Recorder, Catalog]:
        return self.recorder, self.catalog

    def _read_settings(self, body: str, label: LineLabel) -> None:
        record_variables(body, label, *self._books)
        for line, piece in enumerate(body.split("\n"), 1):
            for word in piece.split():
                value = word.partition("=")[2].strip("'\"")
                record_image(value, label(line), *self._books)

    def _read_command(self, name: str, body: str, label: LineLabel) -> None:
        words = _json_form(body, label)
        if words is not None and name in ("CMD", "ENTRYPOINT"):
            self.start[name] = words
        elif words is not None:
            self._read_words(words)
        else:
            self.recorder.join(
                shell_uses(
                    body,
                    at=label,
                    place=self.recorder.place,
                    catalog=self.catalog,
                    around=self.around,
                )
            )

    def _read_start(self) -> None:
        """Record what a stage starts: its entry point, with the command as its arguments."""
        entry, command = self.start.get("ENTRYPOINT", []), self.start.get("CMD", [])
        self._read_words(entry + command)
        if entry:
            # An entry point of one's own mostly runs what it is given.
            self._read_words(command)
        self.start = {}

    def _read_words(self, words: list[tuple[str, LineLabel]]) -> None:
        if words:
            self.recorder.join(
                argument_uses(
                    words,
                    place=self.recorder.place,
                    catalog=self.catalog,
                    how="text",
                    around=self.around,
                )
            )


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: re.sub(r"[^\n\\]", " ", match.group()), text, count=1)


def _instructions(text: str) -> Iterator[_Instruction]:
    lines = text.split("\n")
    ends = rows_by_content(lines)
    row = 0
    while row < len(lines):
        first, taken, row = row, [lines[row]], row + 1
        if not taken[0].strip() or taken[0].lstrip().startswith("#"):
            continue
        while taken[-1].rstrip().endswith("\\") and row < len(lines):
            # A comment between lines that go on is none of them, yet keeps its line.
            line, row = lines[row], row + 1
            taken.append("\\" if line.lstrip().startswith("#") or not line.strip() else line)
        for mark in _HEREDOC.findall("\n".join(taken)):
            end = next_row(ends, mark, row)
            if end is not None:
                taken, row = taken + lines[row : end + 1], end + 1
        match = _INSTRUCTION.fullmatch("\n".join(taken))
        if match is not None:
            name, body = match.group(1).upper(), match.group(2)
            above = "\n".join(taken)[: match.start(2)].count("\n")
            yield _Instruction(name, _body(name, body), first + 1 + above)


def _body(name: str, body: str) -> str:
    """Return what an instruction says; a here-document of its own is a text of shell."""
    if name == "RUN" and (mark := re.match(r"\s*<<-?\s*['\"]?(\w+)['\"]?[ \t]*\n", body)):
        inner = body[mark.end() :].rstrip()
        return "\n" + inner.removesuffix(mark.group(1))
    return body


def _json_form(body: str, label: LineLabel) -> list[tuple[str, LineLabel]] | None:
    """Return the words of ``["a", "b"]`` with their lines; None if it is no such list."""
    if not body.strip().startswith("["):
        return None
    try:
        words = json.loads(body.replace("\\\n", "\n"))
    except ValueError:
        return None
    if not all(isinstance(word, str) for word in words):
        return None
    rows = [body.count("\n", 0, match.start()) + 1 for match in _STRING.finditer(body)]
    return [(word, on_line(label(row))) for word, row in zip(words, rows, strict=False)]
