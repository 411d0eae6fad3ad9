"""What goes wrong: the errors and the exit codes, from where they are defined."""

from __future__ import annotations

import signal
from collections.abc import Iterator

from docs.inserts.docstrings import first_paragraphs
from docs.inserts.markdown import code, prose, sentence, table


def kinds_of_error() -> Iterator[type[Exception]]:
    """Yield the errors that opsatlas raises on purpose, each after what it is a kind of."""
    from artifacts.errors import OpsatlasError

    def walk(kind: type[Exception]) -> Iterator[type[Exception]]:
        yield kind
        for below in kind.__subclasses__():
            if below.__module__ == OpsatlasError.__module__:
                yield from walk(below)

    return walk(OpsatlasError)


def every_error() -> str:
    """Return a table of the errors."""
    rows = [
        [
            code(kind.__name__),
            code(kind.__bases__[0].__name__),
            prose(first_paragraphs(kind)),
        ]
        for kind in kinds_of_error()
    ]
    return table(["Error", "A kind of", "What it says"], rows)


def exit_codes() -> str:
    """Return a table of the exit codes."""
    from opsatlas.cli.main import INTERRUPTED, USER_ERROR

    stopped = 128 + signal.SIGTERM
    rows = [
        ("0", "done; what is shown is on stdout"),
        ("1", "a defect of opsatlas: Python's traceback is on stderr, and is worth a report"),
        (
            str(USER_ERROR),
            "the input cannot be used, or something is missing, damaged or in use; one message "
            "on stderr says what, where and what to do, and nothing is half-written",
        ),
        (str(INTERRUPTED), "Control-C; the same command goes on where it stopped"),
        (str(stopped), "ended from outside (SIGTERM); the same command goes on where it stopped"),
    ]
    return table(
        ["Code", "What it means"], [[code(number), sentence(said)] for number, said in rows]
    )
