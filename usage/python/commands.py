"""Commands that code holds: texts and words that a shell or another program is given."""

from __future__ import annotations

from dataclasses import dataclass, replace

from usage.catalog import Catalog
from usage.commands.shell import argument_uses, on_line, shell_uses
from usage.surroundings import Surroundings
from usage.uses import Found, LineLabel, Place


@dataclass(frozen=True, slots=True)
class Command:
    """A command, or several, that stand in code.

    Attributes
    ----------
    text
        Of shell, or None where the command's words are given.
    words
        The words, each with its line.
    line, last
        The lines of the code that a text begins and ends on.
    how
        In what way it is known to be a command.
    """

    line: int
    last: int
    how: str
    text: str | None = None
    words: tuple[tuple[str, int], ...] = ()

    def moved(self, lines: int) -> Command:
        """Return the same command so many lines further down."""
        words = tuple((word, line + lines) for word, line in self.words)
        return replace(self, line=self.line + lines, last=self.last + lines, words=words)


def command_uses(
    command: Command, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    """Return what a command in code uses.

    What cannot be read of it is not told: a command that is put together has gaps.
    """
    found = _found(command, at, place, catalog, around)
    return Found(found.uses, [])


def _found(
    command: Command, at: LineLabel, place: Place, catalog: Catalog, around: Surroundings
) -> Found:
    if command.text is None:
        words = [(word, on_line(at(line))) for word, line in command.words]
        return argument_uses(words, place=place, catalog=catalog, how=command.how, around=around)

    def label(row: int) -> str:
        return at(min(command.line + row - 1, command.last))

    return shell_uses(
        command.text, at=label, place=place, catalog=catalog, how=command.how, around=around
    )
