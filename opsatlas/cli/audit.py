"""`opsatlas taxonomy audit`: look at a topic, and accept or reject it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from opsatlas.cli.decide import BecauseOption, ByOption
from opsatlas.cli.writers import writes
from opsatlas.workspace import WorkspaceOption

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from taxonomy.decisions.audit_table import Verdict


def add_audit(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command by which people look through one taxonomy."""

    @app.command(
        help="Show what speaks for and against a topic or category, and accept or reject it. On a "
        "terminal it asks; without NODE, for every topic that nobody has looked at yet."
    )
    @writes
    def audit(
        node: Annotated[
            str | None,
            typer.Argument(
                metavar="NODE", help="A topic (3) or category (c1).", show_default=False
            ),
        ] = None,
        accept: Annotated[bool, typer.Option("--accept", help="It is what it says.")] = False,
        reject: Annotated[
            bool, typer.Option("--reject", help="It is not; say why with --because.")
        ] = False,
        list_all: Annotated[
            bool, typer.Option("--list", help="List the verdicts, and which are stale.")
        ] = False,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas import audits
        from opsatlas.decisions import open_taxonomy

        verdict: Verdict | None = audits.verdict_of(accept=accept, reject=reject, because=because)
        taxonomy = open_taxonomy(corpus, workspace)
        if list_all:
            audits.list_verdicts(taxonomy)
        elif verdict is None:
            audits.look_through(taxonomy, node, by=by)
        else:
            audits.give_verdict(taxonomy, node, verdict, by=by, because=because)
