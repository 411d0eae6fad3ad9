"""What people decide about a taxonomy: `rename`, `merge`, `split`, `move`, `hide`, `note`, `undo`.

Each adds an entry to the file beside the taxonomy, which survives every rebuild.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.words import DOCUMENTS
from opsatlas.cli.console import say, show
from opsatlas.cli.options import ByOption, JsonOption, WorkspaceOption, writes
from opsatlas.cli.session import open_study, person
from reports.tables import Column, Table, number

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from taxonomy.decisions.deciding import Done
    from taxonomy.decisions.decisions import AnyDecision
    from taxonomy.decisions.overrides import DecisionOutcome
    from taxonomy.nodes import Node
    from taxonomy.taxonomy import Taxonomy

BecauseOption = Annotated[str | None, typer.Option("--because", help="Why.", metavar="REASON")]
NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="A topic (3), a category (c1), or a whole name.")
]
IntoOption = Annotated[int | None, typer.Option(help="Into how many parts.")]
DocumentsOption = Annotated[
    list[str] | None, typer.Option(help="A document of the new part. Repeatable.")
]
NameOption = Annotated[str | None, typer.Option("--name", help="Its name.")]


@dataclass(frozen=True)
class OpenTaxonomy:
    """A taxonomy that is built, in its study."""

    pipeline: Pipeline
    corpus: Corpus
    folder: Path

    @classmethod
    def of(cls, corpus: Corpus, workspace: Path | None) -> OpenTaxonomy:
        """Open the study's taxonomy of a corpus, which must be built."""
        pipeline = open_study(None, workspace)
        return cls(pipeline, corpus, pipeline.built_taxonomy(corpus))

    @cached_property
    def titles(self) -> dict[str, str]:
        """Return how people know the documents, by key."""
        return self.pipeline.titles(self.corpus)

    def names(self) -> dict[str, set[str]]:
        """Return the keys by every name, in lower case, that a document may go by."""
        from mining.names import document_names

        keys: dict[str, set[str]] = defaultdict(set)
        for key, title in self.titles.items():
            keys[key.lower()].add(key)
            keys[title.lower()].add(key)
        snapshot = self.pipeline.snapshot_folder(self.corpus)
        for name, key in document_names(snapshot, DOCUMENTS[self.corpus]).items():
            keys[name].add(key)
        return keys

    def texts(self) -> dict[str, str]:
        """Return the documents' texts by key."""
        from embeddings.build import read_documents

        return read_documents(self.pipeline.texts_folder(self.corpus))

    def decided(self) -> Taxonomy:
        """Return the taxonomy as it is shown, and what became of people's decisions."""
        from taxonomy.taxonomy import Taxonomy

        return Taxonomy.open(self.folder)

    def node(self, text: str) -> Node:
        """Return the node that is meant."""
        from taxonomy.decisions.deciding import find_node

        return find_node(self.decided(), text)


@dataclass(frozen=True)
class Decider:
    """Who decides about which taxonomy, and why."""

    taxonomy: OpenTaxonomy
    by: str
    because: str | None

    @classmethod
    def of(
        cls, corpus: Corpus, workspace: Path | None, by: str | None, because: str | None
    ) -> Decider:
        """Open the study's taxonomy of a corpus for a person to decide about."""
        return cls(OpenTaxonomy.of(corpus, workspace), person(by), because)

    def record(self, make: Callable[..., AnyDecision], *asked: Any, **more: Any) -> None:
        """Add the entry that ``make`` returns of the taxonomy, the log, a signature and the rest.

        What it did is printed.
        """
        from taxonomy.decisions.deciding import Signature, record
        from taxonomy.decisions.decisions import now

        sign = Signature(by=self.by, at=now(), because=self.because)
        done = record(
            self.taxonomy.folder, lambda shown, log: make(shown, log, sign, *asked, **more)
        )
        _tell(done, self.taxonomy)


def add_decisions(app: typer.Typer, corpus: Corpus) -> None:
    """Add the commands by which people decide about one taxonomy."""
    _add_edits(app, corpus)
    hiding = "Hide a topic or category. Its documents stay in it."
    _add_hiding(app, corpus, "hide", hiding)
    _add_hiding(app, corpus, "unhide", "Show a topic or category again.")
    _add_groupings(app, corpus)
    _add_split(app, corpus)
    _add_log(app, corpus)


def _add_edits(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Give a topic or category a name of yours.")
    @writes
    def rename(
        node: NodeArgument,
        name: Annotated[str, typer.Argument(metavar="NAME", help="The name.")],
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding

        Decider.of(corpus, workspace, by, because).record(deciding.rename, node, name)

    @app.command(help="Write something about a topic or category.")
    @writes
    def note(
        node: NodeArgument,
        text: Annotated[str, typer.Argument(metavar="TEXT", help="One line.")],
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding

        Decider.of(corpus, workspace, by, because).record(deciding.note, node, text)


def _add_hiding(app: typer.Typer, corpus: Corpus, command: str, about: str) -> None:
    @app.command(command, help=about)
    @writes
    def hide(
        node: NodeArgument,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding

        make = deciding.hide if command == "hide" else deciding.unhide
        Decider.of(corpus, workspace, by, because).record(make, node)


def _add_groupings(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Make one of several topics, or of several categories.")
    @writes
    def merge(
        nodes: Annotated[list[str], typer.Argument(metavar="NODE NODE…", help="Two or more.")],
        name: NameOption = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding

        Decider.of(corpus, workspace, by, because).record(deciding.merge, nodes, name)

    @app.command(
        help="Move documents to a topic, or topics to a category. With --to -1 documents are in "
        "no topic; with --to new --name NAME topics get a category of their own."
    )
    @writes
    def move(
        what: Annotated[
            list[str],
            typer.Argument(metavar="WHAT…", help="Documents by title or key; or topics."),
        ],
        to: Annotated[str, typer.Option("--to", help="A topic, -1, a category, or new.")],
        name: NameOption = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding

        decider = Decider.of(corpus, workspace, by, because)
        decider.record(deciding.move, what, to, name, decider.taxonomy.names())


def _add_split(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Split a topic or category. As the runs split it (--into N), or as you say.")
    @writes
    def split(
        node: NodeArgument,
        into: IntoOption = None,
        documents: DocumentsOption = None,
        keys: Annotated[
            list[Path] | None,
            typer.Option(
                help="File that names a new part's documents, one a line. Repeatable: a part each."
            ),
        ] = None,
        topics: Annotated[
            list[str] | None,
            typer.Option(help="Of a category: a topic of the new part. Repeatable."),
        ] = None,
        name: Annotated[
            list[str] | None,
            typer.Option(
                help="Name of a part. Repeatable: the largest part first, or, of parts that you "
                "say, the rest first."
            ),
        ] = None,
        because: BecauseOption = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding
        from taxonomy.decisions.splitting import evidence_in

        lists = [*([documents] if documents else []), *map(_names_in, keys or ())]
        how = deciding.Cut(into, lists, topics or (), name or ())
        decider = Decider.of(corpus, workspace, by, because)
        taxonomy = decider.taxonomy
        decider.record(
            deciding.cut,
            node,
            how,
            evidence_in(taxonomy.decided()),
            known=taxonomy.names(),
            texts=taxonomy.texts(),
            stop_words=taxonomy.pipeline.stop_words(corpus),
        )


def _add_log(app: typer.Typer, corpus: Corpus) -> None:
    @app.command(help="Take a decision back: the last, or the one of that id.")
    @writes
    def undo(
        which: Annotated[int | None, typer.Argument(metavar="ID", help="See `decisions`.")] = None,
        by: ByOption = None,
        workspace: WorkspaceOption = None,
    ) -> None:
        from taxonomy.decisions import deciding
        from taxonomy.decisions.decisions import now

        decider = Decider.of(corpus, workspace, by, None)
        done = deciding.undo(decider.taxonomy.folder, which, by=decider.by, at=now())
        _tell(done, decider.taxonomy)

    @app.command(help="List what people decided, and what of it is followed.")
    def decisions(
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        outcomes = OpenTaxonomy.of(corpus, workspace).decided().outcomes
        show(_log_table(outcomes), data=_values(outcomes), json=as_json)


def _names_in(path: Path) -> list[str]:
    """Return the names that a file lists, one a line."""
    from artifacts.files import decoded, read_input

    lines = decoded(read_input(path, what="list"), what="list", where=str(path)).splitlines()
    return [line for line in lines if line.strip()]


def _tell(done: Done, taxonomy: OpenTaxonomy) -> None:
    for line in _change_lines(done, taxonomy.corpus):
        say(line)
    tell_page(taxonomy.pipeline)


def tell_page(pipeline: Pipeline) -> None:
    """Say that the page, if there is one, does not show yet what was just decided."""
    if (pipeline.page_folder / "index.html").exists():
        say("The page does not show it yet; to redraw it, in seconds: opsatlas run")


def _command(corpus: Corpus) -> str:
    """Return the group of commands that is about a corpus."""
    return "taxonomy" if corpus == "tools" else corpus


def _change_lines(done: Done, corpus: Corpus) -> Iterator[str]:
    """Yield what a change of the log did, in a line or two."""
    from taxonomy.decisions.decisions import Note
    from taxonomy.decisions.words import changes, in_words

    decision = done.outcome.decision
    undone = done.outcome.state == "undone"
    if undone:
        yield f"Undone: {decision.id}, {in_words(decision)}."
    told = list(changes(done.before, done.after))
    if isinstance(decision, Note) and not undone:
        told = [f'Noted on "{decision.called[0]}": {decision.text}']
    for line in told:
        yield line if line.endswith(tuple(".!?")) else f"{line}."
    for notice in done.outcome.notices:
        yield f"Note: {notice}."
    before = {outcome.decision.id for outcome in done.before.lost}
    for outcome in done.after.lost:
        if outcome.decision.id not in before:
            yield f"Lost by this: {_loss(outcome)}."
    if not undone:
        again = f"opsatlas {_command(corpus)} undo {decision.id}"
        yield f"Decision {decision.id}; to take it back: {again}"


def _loss(outcome: DecisionOutcome) -> str:
    from taxonomy.decisions.words import in_words

    return f"{outcome.decision.id}, {in_words(outcome.decision)}: {_reasons(outcome)}"


def _reasons(outcome: DecisionOutcome) -> str:
    return "; ".join(str(loss) for loss in outcome.losses)


def _log_table(outcomes: Sequence[DecisionOutcome]) -> Table:
    """Return the log: an entry a row, then what is lost and why."""
    from taxonomy.decisions.words import in_words

    columns = (
        number("id", "id"),
        Column("at", "when", form="{:%Y-%m-%d}".format),
        Column("by", "who"),
        Column("what", "what"),
        Column("state", ""),
    )
    rows = []
    for outcome in outcomes:
        decision = outcome.decision
        because = f" (because {decision.because})" if decision.because else ""
        what = in_words(decision) + because
        rows.append({**dict(decision), "what": what, "state": outcome.state})
    notes = [line for outcome in outcomes for line in _remarks(outcome)]
    return Table.of(columns, rows, notes=notes if rows else ["Nobody has decided anything yet."])


def _remarks(outcome: DecisionOutcome) -> Iterator[str]:
    from taxonomy.decisions.words import few

    number, undone = outcome.decision.id, outcome.decision.undone
    if undone is not None:
        yield f"{number}: undone by {undone.by}, {undone.at:%Y-%m-%d}"
    if outcome.losses:
        yield f"{number}: {outcome.state}: {_reasons(outcome)}"
    if outcome.gone:
        yield f"{number}: no longer among the documents: {few(outcome.gone)}"
    for notice in outcome.notices:
        yield f"{number}: {notice}"


def _values(outcomes: Sequence[DecisionOutcome]) -> list[dict[str, Any]]:
    """Return the log and what became of each entry as JSON-compatible values."""
    return [
        {
            **outcome.decision.model_dump(mode="json"),
            "state": outcome.state,
            "lost": [vars(loss) for loss in outcome.losses],
            "gone": outcome.gone,
            "notices": outcome.notices,
        }
        for outcome in outcomes
    ]


def tell_lost(pipeline: Pipeline, corpus: Corpus) -> None:
    """Tell, in one paragraph, which decisions the taxonomy as it is now does not follow."""
    from taxonomy.decisions.decision_file import overrides_path
    from taxonomy.taxonomy import Taxonomy

    folder = pipeline.taxonomy_folder(corpus)
    if not overrides_path(folder).exists():
        return
    decided = Taxonomy.open(folder)
    if not decided.lost:
        return
    standing = sum(outcome.state != "undone" for outcome in decided.outcomes)
    n_lost = len(decided.lost)
    some = "1 decision is" if n_lost == 1 else f"{n_lost} decisions are"
    pipeline.progress.say(
        f"Of {standing} that people made about {folder.name}, {some} lost, wholly or partly, as "
        f"the taxonomy is now: {'. '.join(map(_loss, decided.lost))}. They are kept; see "
        f"`opsatlas {_command(corpus)} decisions`."
    )
