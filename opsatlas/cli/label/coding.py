"""`opsatlas label annotate` and `adjudicate`: code documents, and settle disagreements."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from artifacts.errors import InputError
from artifacts.visible import visible
from opsatlas.cli.console import out, require_terminal
from opsatlas.cli.label.sets import counted, open_labels
from opsatlas.cli.options import LabelsArgument, WaveOption, WorkspaceOption
from opsatlas.cli.session import open_study

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from configs.codebook import Codebook
    from labels.adjudication import Adjudication
    from labels.history.book import Book
    from labels.label_set import LabelSet
    from labels.session import Session, Suggestion
    from taxonomy.guidance.scores import Coding

FEWEST = 2
"""Codes of a variable for which the machine has a guess."""


def annotate(
    name: LabelsArgument,
    coder: Annotated[str, typer.Option(metavar="NAME", help="Who codes.")],
    wave: Annotated[
        str | None,
        typer.Option(metavar="WAVE", help="The wave to code. Default: all that are open."),
    ] = None,
    suggest: Annotated[
        bool,
        typer.Option(
            "--suggest", help="Let the machine's guess be asked for with &; asking is recorded."
        ),
    ] = False,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read decisions as JSON lines from standard input.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Code documents one after another, blind.

    Nothing of other coders or the machine is shown. Each decision is on disk before the next
    document shows. Letters are codes; Backspace takes back, * shows examples, ? all keys.

    With --stdin each line is a JSON object about one document: item (its key or title), variable
    and codes (ids; none of them, or a word for none: no code applies), memo, confidence (low,
    medium, high, null), flag and skip (true, false). {"undo": true}, {"redo": true} and
    {"create": {"variable", "name", "definition", "reason"}} stand alone. Keys, variables and
    codes: opsatlas label codebook show NAME.
    """
    from labels.session import Session

    with open_labels(name, workspace) as labels:
        guesses = _suggestions(labels, workspace) if suggest else None
        session = Session(labels, coder, wave=wave, suggestions=guesses)
        if stdin:
            _from_stdin(session)
        else:
            from labels.annotator.app import annotate as go_through

            require_terminal("code without one with --stdin, or import labels made elsewhere")
            go_through(session)


def _from_stdin(session: Session) -> None:
    from labels.annotator.script import decide_from_lines

    summary = decide_from_lines(session, sys.stdin)
    tally = session.tally()
    out().print(
        f"{counted(summary.n_decisions, 'decision')} from {counted(summary.n_lines, 'line')}; "
        f"{tally.done:,} of {counted(tally.total, 'document')} are done."
    )


def _suggestions(
    labels: LabelSet, workspace: Path | None
) -> Mapping[str, Mapping[str, Suggestion]]:
    """Return a guess by document and variable, for variables with two codes or more.

    Raises
    ------
    InputError
        If the set's documents are of no taxonomy of the study.
    ArtifactError
        If the taxonomy is not built.
    """
    from opsatlas.steps import make_crosswalk
    from taxonomy.guidance.crosswalk import read_crosswalk

    corpus: Corpus | None = labels.state.begin["facts"].get("layer")
    if corpus is None:
        raise InputError(
            "There is nothing to guess from: the documents came with a file, not from a snapshot.",
            where=str(labels.store.path),
        )
    pipeline = open_study(None, workspace)
    found: dict[str, dict[str, Suggestion]] = {}
    for variable in labels.book.variables:
        if len(labels.book.codes_of(variable.id)) < FEWEST:
            continue
        crosswalk = make_crosswalk(pipeline, corpus, _of_one_variable(labels.book, variable.id))
        for key, coding in read_crosswalk(crosswalk).documents.items():
            if key in labels.state.wave_of and coding.best is not None:
                found.setdefault(key, {})[variable.id] = _suggestion(coding.best, coding)
    if not found:
        raise InputError("The machine has no guess for any of these documents.")
    return found


def _of_one_variable(book: Book, variable: str) -> Codebook:
    """Return the codes of one variable as a codebook of their own."""
    from configs.codebook import Codebook

    head = book.codebook().codebook
    codes = tuple(c.model_copy(update={"variable": None}) for c in book.codes_of(variable))
    return Codebook.model_construct(
        codebook=head.model_copy(update={"name": f"{head.name}-{variable}"}),
        variables=(),
        codes=codes,
    )


def _suggestion(code: str, coding: Coding) -> Suggestion:
    from labels.session import Suggestion

    second = f", then {coding.second}" if coding.second else ""
    unsure = "" if coding.code else f"; it would abstain: {coding.reason}"
    text = f"by meaning and words nearest to {code}{second} (lead {coding.margin:.2f}){unsure}"
    return Suggestion(code, text)


def adjudicate(
    name: LabelsArgument,
    by: Annotated[
        list[str], typer.Option("--by", metavar="NAME", help="Who is there. Repeatable.")
    ],
    wave: WaveOption = None,
    stdin: Annotated[
        bool, typer.Option("--stdin", help="Read outcomes as JSON lines from standard input.")
    ] = False,
    list_all: Annotated[
        bool, typer.Option("--list", help="List the disagreements as JSON lines, and end.")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Settle together what coders disagree on.

    Each disagreement is shown with the coders' memos, side by side; a comma takes what the first
    said, a full stop what the second did. The outcome is a coder of its own; what each coder had
    said stays as it was.

    With --stdin each line is a JSON object: item, variable, codes (none: no code applies), memo.
    """
    from labels.adjudication import Adjudication
    from labels.waves import closed_waves

    with open_labels(name, workspace) as labels:
        adjudication = Adjudication(labels, closed_waves(labels, wave), by=by)
        if list_all:
            for line in _dispute_lines(adjudication):
                typer.echo(visible(line))
        elif stdin:
            from labels.annotator.script import settle_from_lines

            n_settled = settle_from_lines(adjudication, sys.stdin)
            out().print(_settled_sentence(adjudication, n_settled))
        else:
            from labels.annotator.adjudicator import adjudicate as go_through

            require_terminal("settle without one with --stdin")
            go_through(adjudication)


def _dispute_lines(adjudication: Adjudication) -> Iterator[str]:
    """Yield every disagreement as a JSON line."""
    for dispute in adjudication.disputes():
        yield json.dumps(
            {
                "item": dispute.item,
                "title": adjudication.document(dispute.item).title,
                "variable": dispute.variable,
                "said": {
                    side.coder: {
                        "codes": None if side.answer is None else list(side.answer.codes),
                        "memo": side.memo,
                        "confidence": side.confidence,
                        "flagged": side.flagged,
                    }
                    for side in dispute.sides
                },
                "outcome": None if dispute.outcome is None else list(dispute.outcome),
            },
            ensure_ascii=False,
        )


def _settled_sentence(adjudication: Adjudication, n_settled: int) -> str:
    """Return how much was settled, and how much is left."""
    disputes = adjudication.disputes()
    left = sum(dispute.outcome is None for dispute in disputes)
    rest = f"{left:,} of {len(disputes):,} are left" if left else f"all {len(disputes):,} are"
    return f"{counted(n_settled, 'disagreement')} settled; {rest}" + ("." if left else " settled.")
