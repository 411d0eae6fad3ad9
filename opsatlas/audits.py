"""People looking through a taxonomy: what they are shown, asked, and what is recorded."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, Layer
from embeddings.build import taglines, texts_folder
from mining.snapshots import load_table
from mining.tables import issue_key
from opsatlas.cli.console import out
from opsatlas.cli.views.audits import audit_view, verdicts_table
from opsatlas.decisions import OpenTaxonomy, person
from taxonomy.decisions.audit_table import (
    Looked,
    Verdict,
    add_verdict,
    look,
    read_verdicts,
    waiting,
)
from taxonomy.decisions.auditing import evidence_of
from taxonomy.decisions.deciding import find_node
from taxonomy.decisions.decisions import now
from taxonomy.nodes import Node, called

QUESTION = "[a]ccept, [r]eject, [s]kip or [q]uit? "
ANSWERS: dict[str, Verdict] = {"a": "accepted", "r": "rejected"}

Ask = Callable[[str], str]


class Stop(Exception):  # noqa: N818 - it is no error
    """The person has had enough."""


def verdict_of(*, accept: bool, reject: bool, because: str | None) -> Verdict | None:
    """Return the verdict that the options give, if any.

    Raises
    ------
    InputError
        If they give two, or reject without a reason.
    """
    if accept and reject:
        raise InputError("It cannot be both accepted and rejected.")
    if reject and not (because or "").strip():
        raise InputError("A rejection needs a reason.", fix="--because REASON")
    return "accepted" if accept else "rejected" if reject else None


def give_verdict(
    taxonomy: OpenTaxonomy,
    node: str | None,
    verdict: Verdict,
    *,
    by: str | None,
    because: str | None,
) -> None:
    """Record a verdict on one node."""
    if node is None:
        raise InputError("Which topic is meant?", fix="name it: audit 3")
    layer, found = find_node(taxonomy.decided(), node)
    _record(taxonomy, layer, found, verdict, by=person(by), because=because)


def look_through(taxonomy: OpenTaxonomy, node: str | None, *, by: str | None) -> None:
    """Show one node, or each topic that nobody has looked at; on a terminal, ask for verdicts."""
    asks = sys.stdin.isatty() and out().is_terminal
    shown = taxonomy.decided()
    chosen: Sequence[tuple[Layer, Node]]
    if node is not None:
        chosen = [find_node(shown, node)]
    elif asks:
        chosen = [("topics", each) for each in waiting(shown, read_verdicts(taxonomy.folder))]
    else:
        raise InputError(
            "Which topic is meant?", fix="name it: audit 3; on a terminal all are asked for"
        )
    if not chosen:
        out().print("Every topic has been looked at.")
    walk(taxonomy, chosen, input if asks else None, by=by)


def walk(
    taxonomy: OpenTaxonomy,
    nodes: Sequence[tuple[Layer, Node]],
    ask: Ask | None,
    *,
    by: str | None,
) -> None:
    """Show nodes one after the other, and record what the person answers to each.

    Parameters
    ----------
    ask
        Puts a question to the person and returns the answer; raises `EOFError` where there is
        nobody any more. None: nobody is asked.
    """
    shown = taxonomy.decided()
    about = descriptions(taxonomy)
    for number, (layer, node) in enumerate(nodes, start=1):
        if len(nodes) > 1:
            out().print(f"\n{number} of {len(nodes)}")
        found = evidence_of(taxonomy.decided(), layer, node)
        out().print(audit_view(shown, layer, node, found, taxonomy.titles, about))
        if ask is None:
            continue
        try:
            answer = _asked(ask)
        except (EOFError, Stop):
            return
        if answer is not None:
            verdict, because = answer
            _record(taxonomy, layer, node, verdict, by=person(by), because=because)


def _asked(ask: Ask) -> tuple[Verdict, str | None] | None:
    """Return the verdict that a person gives and why, or None: skipped."""
    while True:
        answer = ask(QUESTION).strip().lower()[:1]
        if answer == "s":
            return None
        if answer == "q":
            raise Stop
        if answer in ANSWERS:
            because = ask("Why? " if answer == "r" else "A note, or nothing: ").strip()
            if answer == "r" and not because:
                out().print("A rejection needs a reason.")
                continue
            return ANSWERS[answer], because or None


def _record(
    taxonomy: OpenTaxonomy,
    layer: Layer,
    node: Node,
    verdict: Verdict,
    *,
    by: str,
    because: str | None,
) -> None:
    shown = taxonomy.decided()
    looked: Looked = look(shown, layer, node, verdict, because=because, by=by, at=now())
    add_verdict(taxonomy.folder, looked)
    why = f": {because}" if because else ""
    out().print(f"{called(layer, node)} is {verdict} by {by}{why}.", soft_wrap=True)


def list_verdicts(taxonomy: OpenTaxonomy) -> None:
    """Print who looked at what, when, and how far it is still what they saw."""
    verdicts = read_verdicts(taxonomy.folder)
    if verdicts:
        out().print(verdicts_table(taxonomy.decided(), verdicts))
    else:
        out().print("Nobody has looked at anything yet.")


def descriptions(taxonomy: OpenTaxonomy) -> dict[str, str]:
    """Return what each document says of itself: its description or tagline, or an issue's words."""
    snapshot = taxonomy.pipeline.snapshot_folder(taxonomy.corpus)
    rows = load_table(snapshot, DOCUMENTS[taxonomy.corpus]).to_pylist()
    if taxonomy.corpus == "tools":
        said = taglines(texts_folder(taxonomy.pipeline.workspace, snapshot.name, "repositories"))
        keyed = ((row["repo_key"], row["description"]) for row in rows)
        return {key: description or said.get(key, "") for key, description in keyed}
    return {
        issue_key(row["repo_key"], row["number"]): " · ".join(
            part for part in (row["title"], row["body"]) if part
        )
        for row in rows
    }
