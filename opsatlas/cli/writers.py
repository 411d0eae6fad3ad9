"""The option that every command that writes has: whether to wait for another one at work."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any, TypeVar

import typer

Writer = TypeVar("Writer", bound=Callable[..., Any])
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
        from opsatlas.cli.console import progress

        with waiting(progress().say):
            return command(*args, **kwargs)

    found = inspect.signature(command, eval_str=True)
    option = inspect.Parameter(
        "wait", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=WaitOption
    )
    with_wait.__signature__ = found.replace(  # type: ignore[attr-defined]
        parameters=[*found.parameters.values(), option]
    )
    with_wait.__annotations__ = {**command.__annotations__, "wait": WaitOption}
    return with_wait  # type: ignore[return-value]
