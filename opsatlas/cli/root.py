"""What all commands share: how help lists them, examples, and global options."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from artifacts.errors import OpsatlasError
from opsatlas.cli.examples import EXAMPLES

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter, Parameter

_log = logging.getLogger(__name__)

WHOLE = 500
"""Longest description in a list of commands: none is cut off."""
COMPLETION = {
    "install_completion": "Let Tab complete commands and names in bash, zsh, fish or powershell.",
    "show_completion": "Print what that would install.",
}
KINDS_OF_VALUES = {
    **{"str": "TEXT", "Path": "PATH", "path": "PATH", "datetime": "TIME", "%Y-%m-%d": "YYYY-MM-DD"},
    **{"int": "N", "int range": "N", "float": "NUMBER", "float range": "NUMBER"},
}
"""What help calls the values of options, by typer's names for their types."""
WANTED = {
    **{"int": "a whole number", "float": "a number"},
    **{"datetime": "a time, such as 2026-11-29 or 2026-11-29T12:00:00"},
}
"""What a value should have been, by the beginning of pydantic's name for the fault."""
SHARED = ("verbose", "quiet", "log_file")
"""Global options that may also be given after a command; its help does not repeat them."""


class Group(TyperGroup):
    """Commands that are listed by section (typer's ``rich_help_panel``), with whole sentences."""

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the commands, section by section."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name, command in self.commands.items():
            if not command.hidden:
                section = getattr(command, "rich_help_panel", None) or "Commands"
                about = command.get_short_help_str(WHOLE)
                sections.setdefault(section, []).append((name, about))
        widest = max(map(len, self.commands), default=0)
        for section, rows in sections.items():
            with formatter.section(section):
                formatter.write_dl([(name.ljust(widest), about) for name, about in rows])


class PlainArgument(TyperArgument):
    """An argument that help shows by its name alone: no type, no braces."""

    @property
    def display_name_raw(self) -> str:
        """Return what stands for its value."""
        return self.metavar or str(self.name).upper()

    def display_type_rich(self, ctx: Context) -> str | None:
        """Return nothing: its name and help say what it is."""
        return None

    def _usage_display_name(self) -> str:
        name = self.display_name_raw if self.required else f"[{self.display_name_raw}]"
        return name if self.nargs == 1 or name.endswith("…") else f"{name}..."


class PlainOption(TyperOption):
    """An option whose values help calls by words, not by types of Python."""

    def display_type(self, ctx: Context) -> str:
        """Return what a value is: of few values, which they are; else a word in capitals."""
        shown = super().display_type(ctx)
        kind = shown.strip("<>").removeprefix("list[").removesuffix("]")
        return KINDS_OF_VALUES.get(kind, shown)


class Root(Group):
    """The command line: gives every command its examples and the global options."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        shared = [_repeated(each) for each in self.params if each.name in SHARED]
        for path, command in every_command(self):
            if examples := EXAMPLES.get(path):
                command.help = f"{command.help or ''}\n\n{in_help(examples)}"
            if path:
                command.params += shared
            for parameter in command.params:
                _reclass(parameter)

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Return the parameters; those that typer adds in our words."""
        for option in self.params:
            if isinstance(option, TyperOption) and option.name in COMPLETION:
                option.metavar, option.help = "SHELL", COMPLETION[option.name]
        return super().get_params(ctx)

    def make_context(self, *args: Any, **kwargs: Any) -> Context:
        """Read the options of the whole; what is wrong with a value is told in our words."""
        with _plain_words():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Context) -> Any:
        """Run a command; its error is logged before it is printed."""
        try:
            with _plain_words():
                return super().invoke(ctx)
        except OpsatlasError as error:
            _log.debug("error: %s", error)
            raise


def every_command(command: Command, path: str = "") -> Iterator[tuple[str, Command]]:
    """Yield a group and all below it, each with its words after `opsatlas`."""
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from every_command(child, f"{path} {name}".strip())


def in_help(examples: tuple[str, ...]) -> str:
    r"""Return examples as a paragraph of a help text that is not wrapped (click's ``\b``)."""
    lines = [f"  {line}" for example in examples for line in example.splitlines()]
    return "\n".join(["\b", "Examples:", *lines])


def _reclass(parameter: Any) -> None:
    """Let help show a parameter in our way; typer makes all of them of its own classes."""
    if isinstance(parameter, TyperArgument):
        parameter.__class__ = PlainArgument
    elif isinstance(parameter, TyperOption):
        parameter.__class__ = PlainOption


@contextmanager
def _plain_words() -> Iterator[None]:
    """Say what is wrong with the value of an option or argument without the words of pydantic."""
    try:
        yield
    except typer.BadParameter as error:
        if cause := error.__cause__:
            error.message = _in_plain_words(cause) or error.message
        raise


def _in_plain_words(cause: BaseException) -> str | None:
    from pydantic import ValidationError

    from artifacts.explaining import first_fault

    if not isinstance(cause, ValidationError):
        return None
    fault = first_fault(cause)
    if wanted := WANTED.get(fault.kind.removesuffix("_parsing").removesuffix("_from_date")):
        return f"'{fault.given}' is not {wanted}."
    message = fault.message.removesuffix(".").replace("Input", f"'{fault.given}'", 1)
    return f"{message}."


def _repeated(option: Any) -> TyperOption:
    """Return a global option for use after a command: hidden in its help, and not passed to it."""
    again: TyperOption = copy.copy(option)
    again.hidden, again.expose_value, again.envvar = True, False, None
    return again


def _version(value: bool) -> None:
    if value:
        from importlib import metadata

        typer.echo(f"opsatlas {metadata.version('opsatlas')}")
        raise typer.Exit


def _verbose(ctx: typer.Context, value: int) -> None:
    if value and not ctx.resilient_parsing:
        from opsatlas.cli.logs import show_log

        so_far, undo = ctx.meta.get(__name__, (0, None))
        if undo is not None:  # it stands before the command as well
            undo()
        undo = show_log(so_far + value)
        ctx.meta[__name__] = (so_far + value, undo)
        ctx.find_root().call_on_close(undo)


def _quiet(ctx: typer.Context, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from opsatlas.cli.logs import be_quiet

        ctx.find_root().call_on_close(be_quiet())


def _log_file(ctx: typer.Context, value: Path | None) -> None:
    if value is not None and not ctx.resilient_parsing:
        from opsatlas.cli.logs import write_log

        ctx.find_root().call_on_close(write_log(value))


def whole(
    version: Annotated[
        bool,
        typer.Option(
            "--version", "-V", is_eager=True, callback=_version, help="Print the version and exit."
        ),
    ] = False,
    verbose: Annotated[
        int,
        typer.Option(
            "--verbose",
            "-v",
            count=True,
            show_default=False,
            callback=_verbose,
            help="Say on stderr what is done and why, with times (UTC); -vv: also each request. "
            "Like the next two, it may also stand after the command.",
        ),
    ] = 0,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            callback=_quiet,
            help="Print results and errors alone: no progress, no notes.",
        ),
    ] = False,
    log_file: Annotated[
        Path | None,
        typer.Option(
            "--log-file",
            metavar="FILE",
            envvar="OPSATLAS_LOG",
            callback=_log_file,
            help="Append the messages of -vv to a file.",
        ),
    ] = None,
) -> None:
    """Map an open-source tool ecosystem and what its users want."""
