"""`opsatlas taxonomy audit`: look at a topic, and accept or reject it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS
from opsatlas.cli.console import first_words, out, say, show
from opsatlas.cli.decisions import BecauseOption, OpenTaxonomy, tell_page
from opsatlas.cli.options import ByOption, JsonOption, WorkspaceOption, writes
from opsatlas.cli.session import person
from reports.tables import Column, Table, for_data, number

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from taxonomy.decisions.audits import AuditVerdict, StandingVerdict
    from taxonomy.nodes import Node
    from taxonomy.taxonomy import Taxonomy

QUESTION = "[a]ccept, [r]eject, [s]kip or [q]uit? "
ANSWERS: dict[str, AuditVerdict] = {"a": "accepted", "r": "rejected"}

Ask = Callable[[str], str]


class Stop(Exception):  # noqa: N818 - it is no error
    """The person has had enough."""


def add_audit(app: typer.Typer, corpus: Corpus) -> None:
    """Add the command by which people look through one taxonomy."""

    @app.command(
        help="See what speaks for and against a topic; accept or reject it. On a terminal it asks; "
        "without NODE, for every topic that nobody has looked at yet. Categories, too."
    )
    @writes
    def audit(
        node: Annotated[
            str | None, typer.Argument(metavar="NODE", help="A topic (3) or category (c1).")
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
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        verdict = _verdict_of(accept=accept, reject=reject, because=because)
        taxonomy = OpenTaxonomy.of(corpus, workspace)
        if list_all:
            show(_verdicts_table(taxonomy), json=as_json)
        elif verdict is None:
            _look_through(taxonomy, node, by=by, as_json=as_json)
        elif node is None:
            raise InputError("Which topic is meant?", fix="name it: `audit 3`")
        else:
            _record(taxonomy, taxonomy.node(node), verdict, by=by, because=because)
            tell_page(taxonomy.pipeline)


def _verdict_of(*, accept: bool, reject: bool, because: str | None) -> AuditVerdict | None:
    """Return the verdict that the options give, if any; refuse two, or one without a reason."""
    if accept and reject:
        raise InputError("It cannot be both accepted and rejected.")
    if reject and not (because or "").strip():
        raise InputError("A rejection needs a reason.", fix="--because REASON")
    return "accepted" if accept else "rejected" if reject else None


def _look_through(
    taxonomy: OpenTaxonomy, node: str | None, *, by: str | None, as_json: bool
) -> None:
    """Show one node, or each topic that nobody has looked at; on a terminal, ask for verdicts."""
    from taxonomy.decisions.audits import read_verdicts, waiting

    asks = sys.stdin.isatty() and sys.stdout.isatty() and not as_json
    chosen: Sequence[Node]
    if node is not None:
        chosen = [taxonomy.node(node)]
    elif asks:
        shown = taxonomy.decided()
        chosen = waiting(shown, read_verdicts(taxonomy.folder))
    else:
        raise InputError(
            "Which topic is meant?", fix="name it: `audit 3`; on a terminal all are asked for"
        )
    if not chosen:
        out().print("Every topic has been looked at.")
    walk(taxonomy, chosen, input if asks else None, by=by, as_json=as_json)


def walk(
    taxonomy: OpenTaxonomy,
    nodes: Sequence[Node],
    ask: Ask | None,
    *,
    by: str | None,
    as_json: bool = False,
) -> None:
    """Show nodes one after the other, and record what the person answers to each.

    Parameters
    ----------
    ask
        Puts a question to the person and returns the answer; raises `EOFError` where there is
        nobody any more. None: nobody is asked.
    """
    from embeddings.build import descriptions

    pipeline, corpus = taxonomy.pipeline, taxonomy.corpus
    about = descriptions(pipeline.workspace, pipeline.snapshot_folder(corpus), DOCUMENTS[corpus])
    for place, node in enumerate(nodes, start=1):
        if len(nodes) > 1:
            out().print(f"\n{place} of {len(nodes)}")
        evidence = _evidence(taxonomy, node, about)
        values = {"address": node.address, **vars(node), "evidence": evidence}
        show(*_node_parts(node, evidence), data=values, json=as_json)
        if ask is None:
            continue
        try:
            answer = _answer(ask)
        except (EOFError, Stop):
            return
        if answer is not None:
            verdict, because = answer
            _record(taxonomy, node, verdict, by=by, because=because)


def _evidence(
    taxonomy: OpenTaxonomy, node: Node, about: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """Return what speaks for and against a node, described: exemplars, borderline, neighbours."""
    from taxonomy.decisions.audits import evidence_of

    titles = taxonomy.titles
    evidence = evidence_of(taxonomy.decided(), node)

    def documents(keys: Iterable[tuple[str, float | None]]) -> list[dict[str, Any]]:
        return [
            {"figure": strength, "what": titles[key], "about": first_words(about.get(key, ""))}
            for key, strength in keys
        ]

    return {
        "most typical": documents((key, None) for key in node.exemplars),
        "least firmly in it (strength)": documents(evidence.borderline),
        "unplaced, nearest to it (strength)": documents(evidence.outside),
        "next to it (share of the runs that join them)": [
            {
                "figure": share,
                "what": other.reference,
                "about": f"such as {', '.join(titles[key] for key in other.exemplars[:3])}",
            }
            for other, share in evidence.neighbours
        ],
    }


def _node_parts(node: Node, evidence: Mapping[str, list[dict[str, Any]]]) -> list[Table | str]:
    columns = (
        Column("figure", is_number=True, form=lambda n: "" if n is None else f"{n:.2f}"),
        Column("text"),
    )
    none = [{"figure": None, "text": "none"}]
    tables = [
        Table.of(
            columns,
            [row | {"text": f"{row['what']}: {row['about']}"} for row in rows] or none,
            caption=title,
        )
        for title, rows in evidence.items()
    ]
    spaced: list[Table | str] = [part for table in tables for part in ("", table)]
    return [
        node.reference,
        f"{node.size:,} documents; stability {node.stability_in_words}",
        f"keywords: {', '.join(node.keywords)}",
        *(f"note: {note}" for note in node.notes),
        *spaced,
    ]


def _answer(ask: Ask) -> tuple[AuditVerdict, str | None] | None:
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
    node: Node,
    verdict: AuditVerdict,
    *,
    by: str | None,
    because: str | None,
) -> None:
    from taxonomy.decisions.audits import add_verdict, look
    from taxonomy.decisions.decisions import now

    who = person(by)
    shown = taxonomy.decided()
    looked = look(shown, node, verdict, because=because, by=who, at=now())
    add_verdict(taxonomy.folder, looked)
    why = f": {because}" if because else ""
    say(f"{node.reference} is {verdict} by {who}{why}.")


def _verdicts_table(taxonomy: OpenTaxonomy) -> Table:
    """Return who looked at what, oldest first, and how far it is still what they saw."""
    from taxonomy.decisions.audits import read_verdicts, standings

    shown = taxonomy.decided()
    verdicts = standings(shown, read_verdicts(taxonomy.folder))
    columns = (
        Column("at", "when", form="{:%Y-%m-%d}".format),
        Column("by", "who"),
        *for_data("layer"),
        Column("name", "looked at", form='"{}"'.format),
        number("size", "size"),
        number("stability", "stability", 2),
        *for_data("verdict", "because"),
        Column("said", "said", in_data=False),
        Column("now", "now"),
        *for_data("likeness"),
    )
    rows = []
    for standing in verdicts:
        looked = standing.looked
        said = f"{looked.verdict}: {looked.because}" if looked.because else looked.verdict
        now = {"said": said, "now": _standing(standing), "likeness": standing.likeness}
        rows.append(vars(looked) | now)
    notes = _counts(shown, verdicts) if verdicts else ["Nobody has looked at anything yet."]
    return Table.of(columns, rows, notes=notes)


def _standing(standing: StandingVerdict) -> str:
    if standing.node is None:
        return f"stale: at most {standing.likeness:.0%} the same"
    now = standing.node.address
    same = standing.likeness == 1
    return now if same else f"{now}, changed: {standing.likeness:.0%} the same"


def _counts(shown: Taxonomy, verdicts: Sequence[StandingVerdict]) -> Iterator[str]:
    latest = {
        standing.node.number: standing.looked.verdict
        for standing in verdicts
        if standing.node is not None and standing.looked.layer == "topics"
    }
    given = list(latest.values())
    yield (
        f"Of {len(shown.topic_nodes)} topics, {given.count('accepted')} are accepted, "
        f"{given.count('rejected')} rejected, and "
        f"{len(shown.topic_nodes) - len(given)} not looked at."
    )
    if stale := sum(standing.node is None for standing in verdicts):
        yield f"{stale} of {len(verdicts)} verdicts are stale."
