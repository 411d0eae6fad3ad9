"""Recipes of Make and just."""

from __future__ import annotations

import re
from typing import Final

from usage.catalog import Catalog
from usage.commands.shell import shell_uses
from usage.commands.variables import record_variables_on_line
from usage.recorder import Recorder
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place

_ASSIGNMENT: Final = re.compile(
    r"^(?:export\s+|override\s+)*(?P<name>[\w.-]+)\s*(?:::?|\?|\+|!)?=\s*(?P<value>.*)$"
)
_RULE: Final = re.compile(r"^[^\s#:=][^#=]*::?(?!=)(?P<rest>[^;#]*)(?:;(?P<recipe>.*))?$")
_VARIABLE: Final = re.compile(r"\$[({](?P<name>[\w.-]+)[)}]")
_DEEPEST: Final = 5
_LONGEST: Final = 4_000


def make_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what a makefile uses."""
    recorder = Recorder(place)
    lines = text.split("\n")
    values = _values(lines)
    recipe: list[str] = []
    goes_on = False
    for row, line in enumerate(lines, 1):
        ruled = _RULE.match(line)
        if line.startswith("\t") or (goes_on and recipe and recipe[-1]):
            recipe.append(_recipe_line(line, values, goes_on and bool(recipe[-1])))
        elif ruled is not None and ruled.group("recipe"):
            recipe.append(_recipe_line(ruled.group("recipe"), values, False))
        else:
            recipe.append("")
            if not line.lstrip().startswith("#") and not line.lstrip().startswith("$("):
                bare = re.split(r"\s#", line)[0]
                record_variables_on_line(bare, at(row), recorder, catalog)
        goes_on = line.rstrip().endswith("\\")
    recorder.join(shell_uses("\n".join(recipe), at=at, place=place, catalog=catalog, around=around))
    return recorder.found


def _values(lines: list[str]) -> dict[str, str]:
    """Return variables with their values on one line; of one that is set again, the last."""
    found: dict[str, str] = {}
    row = 0
    while row < len(lines):
        line, row = lines[row], row + 1
        if line.startswith("\t") or (match := _ASSIGNMENT.match(line.strip())) is None:
            continue
        value = match.group("value")
        while value.endswith("\\") and row < len(lines):
            value, row = f"{value[:-1]} {lines[row].strip()}", row + 1
        found[match.group("name")] = re.split(r"\s#", value)[0].strip()
    return found


def _recipe_line(line: str, values: dict[str, str], goes_on: bool) -> str:
    text = line.lstrip()
    if not goes_on:
        text = text.lstrip("@-+ ")
    for _ in range(_DEEPEST):
        expanded = _VARIABLE.sub(lambda match: _expanded(match, values), text)
        if expanded == text or len(expanded) > _LONGEST:
            break
        text = expanded
    return _VARIABLE.sub(r"${\g<name>}", text).replace("$$", "$")


def _expanded(match: re.Match[str], values: dict[str, str]) -> str:
    value = values.get(match.group("name"))
    return match.group() if value is None or "\n" in value else value


_JUST_HEAD: Final = re.compile(r"^@?[A-Za-z_][\w-]*(?:\s[^:]*)?:(?!=)")
_JUST_EXPRESSION: Final = re.compile(r"\{\{.*?\}\}")


def just_uses(
    text: str, *, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what a justfile uses."""
    recorder = Recorder(place)
    recipes: list[tuple[int, list[str]]] = []
    for row, line in enumerate(text.split("\n"), 1):
        if _JUST_HEAD.match(line):
            recipes.append((row + 1, []))
        elif recipes and (line[:1] in (" ", "\t") or not line.strip()):
            recipes[-1][1].append(line)
        elif not line.startswith("#"):
            record_variables_on_line(line, at(row), recorder, catalog)
            recipes.append((row + 1, []))
    for first, lines in recipes:
        body = [_JUST_EXPRESSION.sub("_", line.strip()) for line in lines]

        def label(line: int, first: int = first) -> str:
            return at(first + line - 1)

        if body and body[0].startswith("#!") and "python" in body[0]:
            recorder.join(around.python(_dedented(lines), label, place, "heredoc:"))
            continue
        shell = "\n".join(line.lstrip("@-") if line[:2] != "#!" else "" for line in body)
        recorder.join(shell_uses(shell, at=label, place=place, catalog=catalog, around=around))
    return recorder.found


def _dedented(lines: list[str]) -> str:
    margins = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    return "\n".join(line[min(margins, default=0) :] for line in lines)
