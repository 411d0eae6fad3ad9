"""What can safely be told of a file that its grammar does not accept."""

from __future__ import annotations

import re
from typing import Final

from usage.catalog import Catalog
from usage.commands.shell import shell_uses
from usage.commands.variables import record_variables_on_line
from usage.commands.words import record_image
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place

_BLOCK: Final = re.compile(r"^(?P<indent>\s*)(?:-\s+)?[\"']?[\w.-]+[\"']?:\s*[|>][+-]?\d?\s*$")
_COMMAND: Final = re.compile(
    r"^\s*(?:-\s+)?[\"']?(?:run|command|cmd|script|entrypoint|bash)[\"']?:\s+(?P<text>[^\s\[{].*)$"
)
_KEY: Final = re.compile(r"^\s*(?:-\s+)?[\"']?(?P<key>[\w.-]+)[\"']?\s*[:=]")
_NAME: Final = re.compile(r"^\s*(?:-\s+)?[\"']?name[\"']?:\s*[\"']?(?P<key>\w+)[\"']?,?\s*$", re.I)
_IMAGE: Final = re.compile(r"^\s*(?:-\s+)?[\"']?image[\"']?:\s*[\"']?(?P<image>[^\s\"',]+)", re.I)
_USES: Final = re.compile(r"^\s*(?:-\s+)?uses:\s*[\"']?(?P<action>[\w.-]+/[\w./-]+@[\w./-]+)")


def rescued_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what lines of a broken YAML or JSON say on their own."""
    recorder = Recorder(place)
    lines = text.split("\n")
    row = 0
    while row < len(lines):
        line, row = lines[row], row + 1
        if line.lstrip().startswith("#"):
            continue
        if (block := _BLOCK.match(line)) is not None and "description" not in line:
            end = _end(lines, row, len(block.group("indent")))
            _read_shell("\n".join(lines[row:end]), row + 1, at, recorder, catalog, around)
            row = end
            continue
        _read_line(line, row, at, recorder, catalog, around)
    return recorder.found


def _read_line(
    line: str,
    row: int,
    at: LineLabel,
    recorder: Recorder,
    catalog: Catalog,
    around: Surroundings,
) -> None:
    if (command := _COMMAND.match(line)) is not None:
        _read_shell(command.group("text").strip("'\","), row, at, recorder, catalog, around)
    for pattern in (_KEY, _NAME):
        if (key := pattern.match(line)) is not None:
            record_variables_on_line(key.group("key"), at(row), recorder, catalog)
    if (image := _IMAGE.match(line)) is not None:
        record_image(image.group("image"), at(row), recorder, catalog)
    if (used := _USES.match(line)) is not None:
        action = used.group("action")
        framework = catalog.actions.get(action.partition("@")[0].lower())
        if framework is not None:
            recorder.add(framework, "action", at(row), action)


def _read_shell(
    text: str,
    first: int,
    at: LineLabel,
    recorder: Recorder,
    catalog: Catalog,
    around: Surroundings,
) -> None:
    recorder.join(
        shell_uses(
            text,
            at=lambda line: at(first + line - 1),
            place=recorder.place,
            catalog=catalog,
            around=around,
        )
    )


def _end(lines: list[str], start: int, indent: int) -> int:
    """Return where the lines end that are indented more than ``indent``."""
    at = start
    while at < len(lines):
        line = lines[at]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        at += 1
    return at
