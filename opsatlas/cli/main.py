"""The entry point: gathers the commands, and turns errors and Control-C into exit codes."""

from __future__ import annotations

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Annotated

import typer

from artifacts.errors import OpsatlasError
from opsatlas.cli import (
    bundle,
    codebooks,
    compare,
    doctor,
    export,
    import_,
    init,
    kinds,
    mine,
    replay,
    search,
    snapshot,
    status,
    tool,
)
from opsatlas.cli.advice import in_full, located, work_in
from opsatlas.cli.console import (
    err,
    open_closed_streams,
    say,
    tell,
    write_out_what_cannot_be_printed,
)
from opsatlas.cli.insights import showing as insights
from opsatlas.cli.label import (
    agree,
    codebook,
    coding,
    exchange,
    joining,
    sample,
    saturation,
    sets,
    validate,
)
from opsatlas.cli.options import StudyArgument, WorkspaceOption, computes, writes
from opsatlas.cli.root import Group, Root, whole
from opsatlas.cli.session import open_study
from opsatlas.cli.topics import topics_app
from opsatlas.cli.usage import code, judging, showing

USER_ERROR = 2
INTERRUPTED = 130
COMPILER = "llvmlite"
RETRY_S = 0.02
STUDY, DATA, TOPICS, PEOPLE = "Study", "Data", "Topics", "Labels"
CODE, AGREE, LOOK, FILES = "Code", "Agree and judge", "Look", "Exchange"
"""Sections of the help: of all, and of the labels."""
# typer has no documented way to let --show-completion take the name of a shell: without this
# variable the option is a flag, and the shell is guessed.
os.environ.setdefault("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")


RebuildOption = Annotated[
    list[str] | None,
    typer.Option(
        "--rebuild",
        metavar="SNAPSHOT",
        help="Make this snapshot anew if the study names other files for it; what was made of it "
        "follows. Only where all its rows come from files. Repeatable.",
    ),
]


OpenOption = Annotated[
    bool, typer.Option("--open", help="Open the page in a browser when it is there.")
]


def run(
    study: StudyArgument = None,
    rebuild: RebuildOption = None,
    open_page: OpenOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Carry out a whole study, from its sources to the page.

    What has not changed since the last run is skipped; an interrupted run goes on. At its end it
    says in a few sentences what was found.
    """
    from opsatlas.cli.decisions import tell_lost
    from opsatlas.comparing import comparison_of, planned
    from opsatlas.findings import findings
    from opsatlas.steps import run as run_steps

    pipeline = open_study(study, workspace)
    page = run_steps(pipeline, rebuild or ())
    for corpus in pipeline.corpora():
        tell_lost(pipeline, corpus)
    tell(findings(pipeline))
    if page is None:
        asked = (("themes", pipeline.study.themes), ("usage", pipeline.study.usage))
        shown = next((name for name, section in asked if section), "insights")
        say(f"No page is drawn without tools; see opsatlas {shown} show")
    else:
        say(f"The page is at {page.resolve()}")
        if open_page:
            webbrowser.open(page.resolve().as_uri())
    if (compared := planned(pipeline)) is not None:
        alone = comparison_of(pipeline, compared).page
        say(f"The comparison is at {alone.resolve()}")


label_app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="Hand labelling: sample, code blind, agree, adjudicate, validate.",
)
label_app.command(rich_help_panel=CODE)(writes(sample.sample))
label_app.command(rich_help_panel=CODE)(coding.annotate)
label_app.command(rich_help_panel=CODE)(saturation.saturation)
label_app.add_typer(sets.wave_app, name="wave", rich_help_panel=CODE)
label_app.add_typer(codebook.app, name="codebook", rich_help_panel=CODE)
label_app.command(rich_help_panel=AGREE)(agree.agree)
label_app.command(rich_help_panel=AGREE)(coding.adjudicate)
label_app.command(rich_help_panel=AGREE)(validate.validate)
label_app.command("list", rich_help_panel=LOOK)(sets.list_sets)
label_app.command("show", rich_help_panel=LOOK)(sets.show_set)
label_app.command(rich_help_panel=LOOK)(sets.log)
label_app.command(rich_help_panel=LOOK)(joining.check)
label_app.command("import", rich_help_panel=FILES)(writes(exchange.import_labels))
label_app.command("export", rich_help_panel=FILES)(writes(exchange.export_labels))
label_app.command(rich_help_panel=FILES)(writes(joining.merge))
label_app.command(rich_help_panel=FILES)(writes(joining.copy))

usage_app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="How dependents use frameworks, and what users ask for.",
)
usage_app.command(rich_help_panel=CODE)(writes(code.find))
usage_app.command(rich_help_panel=CODE)(writes(code.fetch))
usage_app.command(rich_help_panel=CODE)(computes(writes(code.scan)))
usage_app.command(rich_help_panel=CODE)(code.surface)
usage_app.command("show", rich_help_panel=LOOK)(showing.show_usage)
usage_app.command(rich_help_panel=LOOK)(showing.together)
usage_app.command(rich_help_panel=LOOK)(showing.gap)
usage_app.command(rich_help_panel=LOOK)(judging.evaluate)

insights_app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    help="How the ecosystem grows, which tools last, and what goes together.",
)
insights_app.command()(writes(insights.build))
insights_app.command("show")(insights.show_history)
insights_app.command()(insights.growth)
insights_app.command()(insights.survival)
insights_app.command()(insights.shares)
insights_app.command()(insights.together)
insights_app.command()(insights.stack)

bundle_app = typer.Typer(cls=Group, invoke_without_command=True)
bundle_app.callback()(writes(bundle.bundle))
bundle_app.command()(replay.verify)

app = typer.Typer(
    name="opsatlas",
    cls=Root,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.callback()(whole)
app.command(rich_help_panel=STUDY)(init.init)
app.command(rich_help_panel=STUDY)(computes(writes(run)))
app.command(rich_help_panel=STUDY)(status.status)
app.command(rich_help_panel=STUDY)(writes(export.export))
app.add_typer(bundle_app, name="bundle", rich_help_panel=STUDY)
app.command(rich_help_panel=STUDY)(replay.replay)
app.command(rich_help_panel=STUDY)(doctor.doctor)
app.command(rich_help_panel=DATA)(writes(mine.mine))
app.add_typer(import_.app, name="import", rich_help_panel=DATA)
app.add_typer(snapshot.app, name="snapshot", rich_help_panel=DATA)
app.add_typer(kinds.app, name="kinds", rich_help_panel=DATA)
app.command(rich_help_panel=TOPICS)(tool.tool)
app.add_typer(usage_app, name="usage", rich_help_panel=TOPICS)
app.add_typer(insights_app, name="insights", rich_help_panel=TOPICS)
app.add_typer(topics_app("tools", "repositories"), name="taxonomy", rich_help_panel=TOPICS)
app.add_typer(topics_app("themes", "feature requests"), name="themes", rich_help_panel=TOPICS)
app.add_typer(codebooks.app, name="codebook", rich_help_panel=TOPICS)
app.command(rich_help_panel=TOPICS)(computes(writes(compare.compare)))
app.command(rich_help_panel=TOPICS)(search.search)
app.add_typer(label_app, name="label", rich_help_panel=PEOPLE)


def main() -> None:
    """Run the command line; exit with 2 and one clear message when the input is at fault."""
    open_closed_streams()
    write_out_what_cannot_be_printed()
    work_in(None)
    try:
        with safe_interrupts():
            app(prog_name="opsatlas")
    except OpsatlasError as error:
        _fail(located(in_full(str(error))))
    except SystemExit as end:
        if end.code == INTERRUPTED:  # which is what typer makes of a KeyboardInterrupt
            begin = "\n" if err().is_terminal else ""  # which has shown ^C
            err().print(f"{begin}Interrupted. The same command goes on where it stopped.")
        raise
    except OSError as error:
        place = f"\n  where: {error.filename}" if error.filename else ""
        _drop_output()
        _fail(f"{error.strerror or error}.{place}")


@contextmanager
def safe_interrupts() -> Iterator[None]:
    """Let Control-C raise `KeyboardInterrupt` in the block, but never below the compiler.

    While LLVM compiles, it calls back into Python. An exception cannot cross that border: it is
    printed and forgotten, or the process crashes. So Control-C is held back until it can.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread handles signals
        return
    previous = signal.signal(signal.SIGINT, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    while frame is not None:
        if COMPILER in frame.f_code.co_filename:
            again = threading.Timer(RETRY_S, _interrupt_again, [number])
            again.daemon = True
            again.start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def _interrupt_again(number: int) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)  # `os.kill` would end the process there
    else:
        os.kill(os.getpid(), number)  # wakes the main thread, whatever it waits for


def _drop_output() -> None:
    """Drop what cannot be written: the interpreter would try again at its end, and fail its way."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(message: str) -> None:
    err().print(f"error: {message}", soft_wrap=True)
    sys.exit(USER_ERROR)
