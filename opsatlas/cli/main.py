"""The entry point: gathers the commands and turns errors into exit codes."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

import typer

from artifacts.errors import OpsatlasError
from opsatlas.cli import compare, export, import_, kinds, mine, run, snapshot
from opsatlas.cli.console import write_out_what_cannot_be_printed
from opsatlas.cli.interrupts import safe_interrupts
from opsatlas.cli.label.app import app as label_app
from opsatlas.cli.topics import topics_app
from opsatlas.cli.writers import writes

USER_ERROR = 2
INTERRUPTED = 130

app = typer.Typer(
    name="opsatlas",
    help="Map an open-source tool ecosystem and what its users want.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(writes(run.run))
app.command()(writes(mine.mine))
app.command()(writes(export.export))
app.command()(writes(compare.compare))
app.add_typer(import_.app, name="import")
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(kinds.app, name="kinds")
app.add_typer(topics_app("tools", "repositories"), name="taxonomy")
app.add_typer(topics_app("themes", "feature requests"), name="themes")
app.add_typer(label_app, name="label")


def main() -> None:
    """Run the command line; exit with 2 and one clear message when the input is at fault."""
    write_out_what_cannot_be_printed()
    try:
        with safe_interrupts():
            app()
    except OpsatlasError as error:
        _fail(str(error))
    except SystemExit as end:
        if end.code == INTERRUPTED:  # which is what typer makes of a KeyboardInterrupt
            from opsatlas.cli.console import err

            err().print("Interrupted. The same command goes on where it stopped.")
        raise
    except OSError as error:
        place = f"\n  where: {error.filename}" if error.filename else ""
        _drop_output()
        _fail(f"{error.strerror or error}.{place}")


def _drop_output() -> None:
    """Drop what cannot be written: the interpreter would try again at its end, and fail its way."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> None:
    from opsatlas.cli.console import err

    err().print(f"error: {message}", soft_wrap=True)
    sys.exit(USER_ERROR)
