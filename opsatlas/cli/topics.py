"""`opsatlas taxonomy` and `opsatlas themes`: one engine, over repositories and over issues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from artifacts.errors import InputError
from artifacts.words import DOCUMENTS, NOISE
from opsatlas.cli.audits import add_audit
from opsatlas.cli.console import first_words, show
from opsatlas.cli.crosswalk import add_crosswalk
from opsatlas.cli.decisions import add_decisions, tell_lost
from opsatlas.cli.names import add_names
from opsatlas.cli.options import JsonOption, WorkspaceOption, writes
from opsatlas.cli.place import add_place
from opsatlas.cli.root import Group
from opsatlas.cli.session import open_study
from reports.tables import Column, Row, Table, bounded, number, texts
from taxonomy.nodes import BEYOND, BY_PERSON, address

if TYPE_CHECKING:
    from artifacts.words import Corpus
    from opsatlas.pipeline import Pipeline
    from taxonomy.evaluation import Evaluation
    from taxonomy.nodes import Node
    from taxonomy.taxonomy import Taxonomy

EXEMPLARS_SHOWN = 3
WORDS_SHOWN = 100
"""Characters of what a document says of itself."""
NAMED_BY = {
    "documents": "documents",
    "codebook": "codebook",
    "service": "service",
    "person": "a person",
}


def topics_app(corpus: Corpus, documents: str) -> typer.Typer:
    """Return the commands for one corpus."""
    app = typer.Typer(
        cls=Group, no_args_is_help=True, help=f"Topics of {documents}: build, show, judge, decide."
    )

    _add_build(app, corpus, documents)
    _add_show(app, corpus, documents)

    @app.command(help=f"Judge the topics of {documents} by lists that people made.")
    def evaluate(
        gold: Annotated[
            list[Path] | None,
            typer.Option(
                help="CSV with a column of names, one of categories, maybe one of lists; or a list "
                "in Markdown (.md), by its headings. Repeatable. Default: the study's own."
            ),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        _evaluate(open_study(None, workspace), corpus, gold, as_json=as_json)

    add_crosswalk(app, corpus)
    add_place(app, corpus, documents)
    add_names(app, corpus)
    n_looking = len(app.registered_commands)
    add_audit(app, corpus)
    add_decisions(app, corpus)
    for place, command in enumerate(app.registered_commands):
        command.rich_help_panel = "Look and judge" if place < n_looking else "Decide"
    return app


def _add_build(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(help=f"Derive the topics of the study's {documents}.")
    @writes
    def build(
        categories: Annotated[
            int | None,
            typer.Option(
                min=1,
                help="Number of categories over the topics, this once; for good: categories in "
                "the study. Default: four for nine topics.",
            ),
        ] = None,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        from opsatlas.steps import make_snapshots, make_taxonomy

        pipeline = open_study(None, workspace).with_categories(corpus, categories)
        pipeline.settings(corpus)
        pipeline.check()
        make_snapshots(pipeline)
        make_taxonomy(pipeline, corpus)
        _show(pipeline, corpus, None, flat=False, as_json=as_json)
        tell_lost(pipeline, corpus)


def _add_show(app: typer.Typer, corpus: Corpus, documents: str) -> None:
    @app.command(
        "show",
        help=f"Show categories and topics of {documents}, or one of them.",
        context_settings={"ignore_unknown_options": True},  # -1 is the unplaced, not an option
    )
    def show_taxonomy(
        node: Annotated[
            str | None,
            typer.Argument(metavar="NODE", help="A topic (3), a category (c1); -1: the unplaced."),
        ] = None,
        flat: Annotated[
            bool, typer.Option("--flat", help="A line a topic, with keywords and exemplars.")
        ] = False,
        unguided: Annotated[
            bool,
            typer.Option(
                "--unguided", help="What the same runs find without the codebook that guides."
            ),
        ] = False,
        as_json: JsonOption = False,
        workspace: WorkspaceOption = None,
    ) -> None:
        if node and node.startswith("-") and node != str(NOISE):
            raise typer.BadParameter(f"There is no option {node}.")
        pipeline = open_study(None, workspace)
        _show(pipeline, corpus, node, flat=flat, unguided=unguided, as_json=as_json)


def _show(
    pipeline: Pipeline,
    corpus: Corpus,
    node: str | None,
    *,
    flat: bool,
    unguided: bool = False,
    as_json: bool,
) -> None:
    from taxonomy.decisions.deciding import find_node
    from taxonomy.taxonomy import Taxonomy
    from taxonomy.values import node_values, taxonomy_values

    folder = pipeline.built_taxonomy(corpus)
    shown, titles = Taxonomy.open(folder), pipeline.titles(corpus)
    if unguided:
        shown = _alone(shown, folder)
    unplaced = node == str(NOISE)
    values = taxonomy_values(shown, titles)
    parts: list[Table | str]
    if node is not None:
        from embeddings.build import descriptions

        snapshot = pipeline.snapshot_folder(corpus)
        about = descriptions(pipeline.workspace, snapshot, DOCUMENTS[corpus])
        found = None if unplaced else find_node(shown, node)
        if found is None:
            parts = [_unplaced_table(shown, titles, about)]
            values = node_values(values, None, NOISE)
        else:
            parts = _node_parts(shown, found, titles, about)
            values = node_values(values, found.layer, found.number)
        for document in values["documents"]:
            document["about"] = about.get(document["key"], "")
    else:
        parts = [_topics_table(shown, titles) if flat else _tree_table(shown)]
    show(*parts, data=values, json=as_json)


def _alone(shown: Taxonomy, folder: Path) -> Taxonomy:
    """Return what the runs find alone; raise `InputError` where no codebook guides the taxonomy."""
    if shown.unguided is None:
        guidance = shown.guidance
        raise InputError(
            "No codebook guides the taxonomy: it is what the runs find alone.",
            where=str(folder),
            fix=f"show it without --unguided. {guidance.told}" if guidance else "show it without",
        )
    return shown.unguided


def _tree_table(shown: Taxonomy) -> Table:
    """Return the layers as a tree: a line a category, below it a line for each of its topics."""
    columns = (
        Column("node", "node"),
        number("size", "size"),
        *texts("stability", "name"),
        Column("named_by", "named by"),
    )
    rows: list[Row] = []
    for category in sorted(shown.category_nodes, key=_largest):
        rows.append(Row(_tree_cells(category), is_group=True))
        topics = sorted(shown.topics_in(category.number), key=_largest)
        rows += [Row(_tree_cells(topic), is_member=True) for topic in topics]
    return Table.of(columns, rows, notes=_summary(shown))


def _tree_cells(node: Node) -> dict[str, Any]:
    return {
        "node": node.address,
        "size": node.size,
        "stability": node.stability_in_words,
        "name": node.name + (" (hidden)" if node.hidden else ""),
        "named_by": NAMED_BY[node.named_by],
    }


def _largest(node: Node) -> tuple[bool, int, int]:
    return (node.hidden, -node.size, node.number)


def _topics_table(shown: Taxonomy, titles: Mapping[str, str]) -> Table:
    """Return one line a topic, with keywords and exemplars, and a line on what is not placed."""
    columns = (
        number("topic", "topic"),
        Column("category", "in"),
        number("size", "size"),
        *texts("stability", "keywords"),
        *([Column("code", "code")] if shown.is_guided else []),
        Column("exemplars", "such as"),
    )
    rows = [
        {
            "topic": topic.number,
            "code": topic.code_in_words,
            "category": address("categories", topic.category),
            "size": topic.size,
            "stability": topic.stability_in_words,
            "keywords": ", ".join(topic.keywords[:5]) + (" (hidden)" if topic.hidden else ""),
            "exemplars": ", ".join(titles[key] for key in topic.exemplars[:EXEMPLARS_SHOWN]),
        }
        for topic in shown.topic_nodes
    ]
    return Table.of(columns, rows, notes=_summary(shown))


def _summary(shown: Taxonomy) -> list[str]:
    n_docs = len(shown.topic_of)
    unplaced = list(shown.topic_of.values()).count(NOISE)
    share = unplaced / n_docs if n_docs else 0.0
    lines = [
        f"{len(shown.topic_nodes)} topics in {len(shown.category_nodes)} categories; "
        f"{unplaced:,} of {n_docs:,} documents ({share:.0%}) are unplaced; the two halves of the "
        f"ensemble agree with AMI {shown.measured['halves_ami']:.2f}."
    ]
    if shown.guidance is not None:
        lines.append(shown.guidance.told)
    beyond = [topic.address for topic in shown.topic_nodes if topic.code_in_words == BEYOND]
    if shown.is_guided and beyond:
        lines.append(f"Beyond the codebook, as none of its codes covers them: {', '.join(beyond)}.")
    structure = shown.structure
    if structure is not None and structure.is_noise:
        lines.insert(0, structure.told)
    standing = sum(outcome.state != "undone" for outcome in shown.outcomes)
    if standing:
        lines.append(f"Decisions by people: {standing}, of which lost: {len(shown.lost)}.")
    return lines


def _node_parts(
    shown: Taxonomy, node: Node, titles: Mapping[str, str], about: Mapping[str, str]
) -> list[Table | str]:
    """Return all that is known of one node: keywords, exemplars, notes, and its documents."""
    from taxonomy.nodes import Topic

    kind, within = "Category", ""
    if isinstance(node, Topic):
        category = shown.node("categories", node.category)
        kind, within = "Topic", f", in {category.reference}" if category else ""
    hidden = ", hidden" if node.hidden else ""
    topics = shown.topics_in(node.number) if node.layer == "categories" else []
    return [
        f"{kind} {node.reference}{within}{hidden}",
        *([node.description] if node.description else []),
        f"size {node.size:,}; stability {node.stability_in_words}; "
        f"named by {NAMED_BY[node.named_by]}",
        *([f"code: {node.code_in_words}"] if shown.is_guided and node.code_in_words else []),
        f"keywords: {', '.join(node.keywords)}",
        f"exemplars: {', '.join(titles[key] for key in node.exemplars)}",
        *(f"note: {note}" for note in node.notes),
        *(f"topic {t.reference}, {t.size:,}, {t.stability_in_words}" for t in topics),
        "",
        _documents_table(shown, shown.members(node), titles, about, nearest=bool(topics)),
    ]


def _unplaced_table(shown: Taxonomy, titles: Mapping[str, str], about: Mapping[str, str]) -> Table:
    """Return the documents that are in no topic; raise `InputError` where there is none."""
    keys = [key for key, topic in shown.topic_of.items() if topic == NOISE]
    if not keys:
        raise InputError("No document is unplaced.")
    return _documents_table(shown, keys, titles, about, nearest=True)


def _documents_table(
    shown: Taxonomy,
    keys: Sequence[str],
    titles: Mapping[str, str],
    about: Mapping[str, str],
    *,
    nearest: bool,
) -> Table:
    """Return documents with how firmly they are in their topic, or near one, firmest first.

    Parameters
    ----------
    about
        What each says of itself, by key; its first words are shown.
    nearest
        Whether they are of several topics, so that the topic is shown.
    """
    columns = (
        Column("title", "document"),
        Column(
            "strength", "strength", is_number=True,
            form=lambda strength: BY_PERSON if strength is None else f"{strength:.2f}",
        ),
        Column(
            "nearest_topic", "topic", is_number=True, in_print=nearest,
            form=lambda topic: "none" if topic == NOISE else str(topic),
        ),
        Column("about", form=partial(first_words, most=WORDS_SHOWN)),
    )  # fmt: skip
    rows = [
        {
            "title": titles[key],
            "strength": shown.strength(key),
            "nearest_topic": shown.nearest_of[key],
            "about": about.get(key, ""),
        }
        for key in sorted(keys, key=lambda key: (key in shown.moved, -shown.strength_of[key], key))
    ]
    return Table.of(columns, rows)


def _evaluate(
    pipeline: Pipeline, corpus: Corpus, gold: list[Path] | None, *, as_json: bool
) -> None:
    from reports.page.build import as_json as to_json
    from reports.page.build import evaluate_taxonomy

    lists = pipeline.judging(corpus, gold or ())
    if not lists:
        raise InputError("There is no list to judge by.", fix="name one with --gold FILE.csv")
    evaluation = evaluate_taxonomy(
        pipeline.built_taxonomy(corpus), pipeline.snapshot_folder(corpus), corpus, lists
    )
    show(_evaluation_table(evaluation), data=to_json(evaluation), json=as_json)


def _evaluation_table(evaluation: Evaluation) -> Table:
    """Return the figures of an evaluation, with the lists' own agreement as the ceiling.

    Those of guided topics have those of the unguided ones below them, list by list.
    """
    columns = (
        Column("name", "list"),
        number("n_docs", "documents"),
        bounded("ami", "AMI (95 %)", 3),
        number("v_measure", "V", 2),
        number("purity", "purity", 2),
        Column("placed", "placed", is_number=True, form="{:.0%}".format),
    )
    rows: list[dict[str, Any]] = []
    for agreement, alone in zip_longest(evaluation.lists, evaluation.unguided):
        rows.append(vars(agreement))
        if alone is not None:
            rows.append(vars(alone) | {"name": f"{alone.name}, unguided"})
    # Of two lists, every document has its place in both.
    rows += [
        vars(agreement) | {"name": f"ceiling: {agreement.name}", "placed": ""}
        for agreement in evaluation.ceiling
    ]
    unguided = evaluation.mean_ami_unguided
    notes = [
        f"mean AMI over {len(evaluation.lists)} lists: {evaluation.mean_ami:.3f}"
        + ("" if unguided is None else f", unguided {unguided:.3f}"),
        "ceiling: the lists with each other" if evaluation.ceiling else "",
        *evaluation.notes,
    ]
    return Table.of(columns, rows, notes=notes)
