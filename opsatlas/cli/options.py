"""Arguments and options that several commands take, and the one that all that write have."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from opsatlas.cli import completing
from opsatlas.cli.advice import given_workspace

Writer = TypeVar("Writer", bound=Callable[..., Any])

WorkspaceOption = Annotated[
    Path | None,
    typer.Option(
        "--workspace",
        "-w",
        metavar="DIR",
        callback=given_workspace,
        help="Folder of the study. Default: the nearest parent folder with a study.toml.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ByOption = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="NAME",
        help="Who does it. Default: the name that git knows, else of the user.",
    ),
]
StudyArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="STUDY",
        autocompletion=completing.studies,
        help="Study file, or the name of one that is shipped (mlops). Default: the workspace's "
        "own.",
    ),
]
COLUMN_HELP = "Which column fills which, e.g. body=summary. Repeatable."
ColumnsOption = Annotated[
    list[str] | None, typer.Option("--column", metavar="TARGET=SOURCE", help=COLUMN_HELP)
]
DelimiterOption = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="What separates the columns of delimited text: a character, or tab. Default: found.",
    ),
]
EncodingOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Encoding of text files, e.g. cp1252. Default: UTF-8, -16 or -32, found.",
    ),
]
LargeOption = Annotated[
    bool, typer.Option("--large", help="Read files of more than 2 GiB or 2,000,000 rows, too.")
]
LabelsArgument = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        autocompletion=completing.labels,
        help="Set of labels: its name, or its .sqlite file.",
    ),
]
WaveOption = Annotated[
    list[str] | None, typer.Option("--wave", metavar="WAVE", help="Only this wave. Repeatable.")
]
DaskOption = Annotated[
    str | None,
    typer.Option(
        "--dask",
        metavar="ADDRESS",
        help="Let a Dask cluster share the work: its scheduler's address or file. Default: "
        "[compute] of the study, or this machine.",
    ),
]
UnlikeOption = Annotated[
    bool,
    typer.Option(
        "--allow-unlike", help="Let workers take part whose processor or packages are others."
    ),
]
WaitOption = Annotated[
    bool, typer.Option("--wait", help="Wait for another opsatlas that is at work there.")
]


def writes(command: Writer) -> Writer:
    """Return a command with the option --wait: it waits for locks, and says for whom."""

    @wraps(command)
    def with_wait(*args: Any, wait: bool = False, **kwargs: Any) -> Any:
        if not wait:
            return command(*args, **kwargs)
        from artifacts.locks import waiting
        from opsatlas.cli.console import TerminalProgress

        with waiting(TerminalProgress().say):
            return command(*args, **kwargs)

    wrapped: Writer = _with_options(with_wait, command, {"wait": (WaitOption, False)})
    return wrapped


def computes(command: Writer) -> Writer:
    """Return a command with the options --dask and --allow-unlike: who does what is many."""

    @wraps(command)
    def with_cluster(
        *args: Any, dask: str | None = None, allow_unlike: bool = False, **kwargs: Any
    ) -> Any:
        from artifacts.processes import computing_on

        with computing_on(dask, allow_unlike=allow_unlike):
            return command(*args, **kwargs)

    options: dict[str, tuple[Any, object]] = {
        "dask": (DaskOption, None),
        "allow_unlike": (UnlikeOption, False),
    }
    wrapped: Writer = _with_options(with_cluster, command, options)
    return wrapped


def _with_options(
    wrapper: Any, command: Callable[..., Any], options: Mapping[str, tuple[Any, object]]
) -> Any:
    """Return a wrapper of a command whose signature has some options more."""
    found = inspect.signature(command, eval_str=True)
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=type_)
        for name, (type_, default) in options.items()
    ]
    wrapper.__signature__ = found.replace(parameters=[*found.parameters.values(), *more])
    types = {name: type_ for name, (type_, _) in options.items()}
    wrapper.__annotations__ = {**command.__annotations__, **types}
    return wrapper
