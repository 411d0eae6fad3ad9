"""The page of commands, from the command line itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from typing import Any

from typer.main import get_command

from docs.inserts.markdown import code, literal, sections, table

PROGRAM = "opsatlas"
_EXTRAS = re.compile(r"\s*\[([^\[\]]*)\]$")
_CHOICES = re.compile(r" <([^<>]+\|[^<>]+)>$")
_EXAMPLE = re.compile(r"Examples?:[ \n]?")


@dataclass(frozen=True)
class DocumentedCommand:
    """A command or a group of commands.

    Attributes
    ----------
    path
        Its words, from the program's name on.
    context
        What click knows of it.
    """

    path: tuple[str, ...]
    context: Any

    @property
    def command(self) -> Any:
        """Return it as click has it."""
        return self.context.command

    @property
    def name(self) -> str:
        """Return how it is called."""
        return " ".join(self.path)

    @property
    def is_group(self) -> bool:
        """Tell whether there are commands below it."""
        return bool(getattr(self.command, "commands", None))

    @property
    def works_alone(self) -> bool:
        """Tell whether it does something where no command below it is named."""
        return not self.is_group or bool(self.command.invoke_without_command)

    @property
    def options(self) -> set[str]:
        """Return all its options, ``--help`` included."""
        parameters = self.command.get_params(self.context)
        return {
            option
            for each in parameters
            if each.param_type_name == "option"
            for option in (*each.opts, *each.secondary_opts)
        }

    def leftover(self, words: list[str]) -> list[str]:
        """Return which of the words after its name it has no use for.

        Raises click's `UsageError` for an option that it does not have.
        """
        _, left, _ = self.command.make_parser(self.context).parse_args(list(words))
        return list(left)


@cache
def tree() -> tuple[DocumentedCommand, ...]:
    """Return every command and group, groups before what is in them, in the order of the help."""

    def walk(command: Any, path: tuple[str, ...], parent: Any) -> Iterator[DocumentedCommand]:
        settings = command.context_settings
        context = command.context_class(command, parent, info_name=path[-1], **settings)
        yield DocumentedCommand(path, context)
        for name, below in getattr(command, "commands", {}).items():
            if not below.hidden:
                yield from walk(below, (*path, name), context)

    return tuple(walk(get_command(_app()), (PROGRAM,), None))


def _app() -> Any:
    from opsatlas.cli.main import app

    return app


def every_command() -> str:
    """Return a section for each command: usage, what it does, arguments, options, example."""
    whole, *below = tree()
    return sections(_members(whole), _options(whole), *_explained(whole)[1], *map(_section, below))


def _section(documented: DocumentedCommand) -> str:
    level = "#" * min(len(documented.path), 4)
    said, examples = _explained(documented)
    body = [_members(documented)] if documented.is_group else []
    if documented.works_alone:
        usage = documented.command.collect_usage_pieces(documented.context)
        body.append(f"```text\n{' '.join([documented.name, *usage])}\n```")
        body += [_arguments(documented), _options(documented)]
    head = f"{level} {documented.name} {{ #{anchor(documented)} }}"
    return sections(head, *said, *body, *examples)


def _members(group: DocumentedCommand) -> str:
    """Return a table of the commands of a group."""
    members = [each for each in tree() if each.path[:-1] == group.path]
    rows = [[f"[`{each.name}`](#{anchor(each)})", literal(_in_short(each))] for each in members]
    return table(["Command", "What it does"], rows)


def anchor(documented: DocumentedCommand) -> str:
    """Return what a link to a command's section ends with."""
    return "-".join(documented.path)


def _in_short(documented: DocumentedCommand) -> str:
    return str(documented.command.help or "").split("\n\n")[0].replace("\n", " ")


def _explained(documented: DocumentedCommand) -> tuple[list[str], list[str]]:
    """Return the paragraphs of the help, and its examples as blocks of code."""
    said, examples = [], []
    text = f"{documented.command.help or ''}\n\n{documented.command.epilog or ''}".strip()
    for paragraph in re.split(r"\n\s*\n", text):
        is_as_written = paragraph.startswith("\b")  # so click knows what is not to be wrapped
        plain = paragraph.removeprefix("\b").lstrip("\n")
        if found := _EXAMPLE.match(plain):
            example = plain[found.end() :]
            lines = dedent(example) if is_as_written else " ".join(example.split())
            examples.append(f"```bash\n{lines}\n```")
        else:
            said.append(literal(" ".join(plain.split())))
    return said, examples


def _arguments(documented: DocumentedCommand) -> str:
    return _records(documented, "argument", ["Argument", "What it is", "Default, limits"])


def _options(documented: DocumentedCommand) -> str:
    return _records(documented, "option", ["Option", "What it does", "Default, limits"])


def _records(documented: DocumentedCommand, kind: str, heads: list[str]) -> str:
    rows = []
    for each in documented.command.get_params(documented.context):
        record = each.get_help_record(documented.context)
        if each.param_type_name == kind and record is not None and each.name != "help":
            rows.append(_row(*record))
    return table(heads, rows) if rows else ""


def _row(name: str, text: str) -> list[str]:
    """Return a parameter, what its help says, and what click says of its values."""
    limits = []
    if found := _CHOICES.search(name):
        name = name[: found.start()]
        limits.append(" or ".join(map(code, found[1].split("|"))))
    if found := _EXTRAS.search(text):
        text = text[: found.start()]
        limits += [
            code(part.removeprefix("default: ")) if part.startswith("default: ") else part
            for part in found[1].split("; ")
        ]
    return [code(name), literal(" ".join(text.split())), ", ".join(limits)]
